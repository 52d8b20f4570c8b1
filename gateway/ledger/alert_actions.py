"""What a person does about each kind of alert, in the words that pages and mails use."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ACTION_VI: Mapping[str, str] = MappingProxyType(
    {
        "statement-late": "Gọi đối tác hỏi tệp. Khi tệp đến, hệ thống tự nạp và đối soát.",
        "day-not-closed": "Mở ngày, xử lý từng khoản lệch rồi trình duyệt.",
        "day-does-not-close": "Chưa trình, chưa duyệt ngày này. Xem tổng nào không khép; hỏi đối tác sao kê còn thiếu,"
        " hoặc báo bộ phận vận hành tìm thông điệp.",
        "approval-waiting": "Người duyệt (không phải người trình) mở trang, xem rồi duyệt hoặc trả lại kèm lý do.",
        "totals-unusual": "So tổng của ngày với sao kê và với thực tế tiếp nhận trước khi trình; nếu đúng thì không"
        " phải làm gì, cảnh báo hết khi ngày được duyệt.",
        "break-too-old": "Mở ngày cũ nhất, kết luận từng khoản lệch hoặc gửi tra soát cho đối tác; ngày đã duyệt thì mở"
        " lại trước.",
        "enquiry-overdue": "Gọi đối tác hỏi kết quả tra soát; có trả lời thì ghi vào khoản lệch rồi kết luận.",
        "enquiry-unconcluded": "Kết luận khoản lệch theo trả lời của đối tác; ngày đã duyệt thì người duyệt mở lại"
        " trước, kết luận xong lại trình và duyệt.",
        "refund-in-doubt-long": "Hỏi ngân hàng bằng văn bản lệnh hoàn đã chi chưa. Chưa có trả lời thì không lập lệnh"
        " khác.",
        "remittance-not-credited": "Hỏi bưu điện và ngân hàng tiền của bảng kê đã chuyển chưa. Ngân hàng đã báo có mà"
        " không ghi số bảng kê thì chấp nhận dòng báo có đó, ghi số bảng kê vào lý do.",
        "settlement-not-credited": "Hỏi trung gian và ngân hàng tiền của ngày đó đã chuyển chưa. Ngân hàng đã báo có mà"
        " không khớp thì chấp nhận dòng báo có đó, ghi mã đối tác và ngày (dd/mm/yyyy) vào lý do.",
        "cash-not-deposited": "Hỏi thủ quỹ giấy nộp tiền. Tiền đã nộp (ví dụ gộp nhiều ngày) mà không khớp kiểm đếm thì"
        " chấp nhận dòng nộp tiền của ngân hàng, ghi ký hiệu và số biên lai như ở đây vào lý do.",
        "treasury-debit-unvouched": "Ghi chứng từ C1-02/NS của khoản trích rồi nhờ người thứ hai xác nhận; không phải"
        " nộp Kho bạc thì hỏi ngân hàng.",
        "treasury-voucher-unpaid": "Hỏi ngân hàng đã trích tiền chưa; chứng từ ghi sai hoặc không nộp thì hủy kèm lý"
        " do. Ngân hàng đã trích mà dòng đó không được nhận ra thì chấp nhận dòng đó, ghi số chứng từ vào lý do.",
        "messages-waiting-long": "Kiểm tra đường truyền với đối tác; khi đối tác trả lời, hệ thống tự gửi tiếp.",
        "messages-quarantined": "Xem lý do của từng thông điệp; đề nghị đối tác gửi lại bản đúng, hoặc cho xét lại sau"
        " khi sửa cấu hình (gateway messages release). Việc đã xong thì gác lại, kèm lý do (gateway messages aside).",
        "messages-given-up": "Tìm nguyên nhân cùng đối tác, sửa rồi gửi lại (gateway messages replay). Không cần gửi"
        " nữa thì gác lại, kèm lý do (gateway messages aside).",
        "messages-dead-lettered": "Xem từng thông điệp và nhật ký của lượt chạy đã dừng; sửa nguyên nhân rồi cho xét"
        " lại (gateway messages release). Trong đó có thể có khoản thu tại quầy chưa được ghi. Chắc chắn không cần nữa"
        " thì gác lại, kèm lý do (gateway messages aside).",
        "messages-parked-long": "Hỏi hệ thống một cửa vì sao hồ sơ chưa đến, đề nghị gửi hồ sơ hoặc gửi lại bản đúng."
        " Trong đó có thể có khoản thu tại quầy chưa được ghi. Không phải khoản thu và hồ sơ không đến nữa thì gác"
        " lại, kèm lý do (gateway messages aside).",
        "messages-stored-long": "Xem luồng nhận thông điệp của đối tác này trong Airflow có chạy không; khi luồng chạy,"
        " hệ thống tự xử lý.",
        "circuit-open-long": "Kiểm tra đường truyền với đối tác; hệ thống tự nối lại.",
        "postal-status-unknown": "Hỏi bưu điện ý nghĩa của mã, rồi thêm vào bảng statuses của tệp cấu hình đối tác.",
        "postal-order-untracked": "Gọi bưu điện hỏi từng đơn (trang hồ sơ có số đơn). Bưu điện không có đơn thì đề nghị"
        " nhập lại đơn cùng số này. Cảnh báo hết khi đơn có bản ghi theo dõi, khi kết quả đã trả tại quầy, hoặc khi hồ"
        " sơ đã tiếp nhận trực tiếp hay đã rút.",
        "postal-order-stalled": "Gọi bưu điện hỏi từng đơn đang ở đâu (trang hồ sơ có số đơn và các bản ghi đã có)."
        " Nếu thất lạc thì báo đơn vị giải quyết hồ sơ để cấp lại giấy tờ. Nhiều đơn cùng đứng thì xem luồng"
        " postal_tracking còn nhận được bản ghi mới không. Cảnh báo hết khi đơn có bản ghi mới, khi kết quả đã trả tại"
        " quầy, hoặc khi hồ sơ đã tiếp nhận trực tiếp hay đã rút.",
    }
)
"""Code -> what to do. Every alert has one of these codes; ``gateway/reasons.py`` says what each means."""
