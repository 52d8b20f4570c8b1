"""Messages: quarantine, parking, doubt, giving up."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason("circuit-open", "tạm ngừng gọi đối tác", "calls to the partner are paused", "Nothing: it closes by itself."),
    Reason("in-doubt", "chưa rõ kết quả", "sent, but no usable answer came", "Nothing: the partner is asked."),
    Reason(
        "id-reused",
        "định danh thông điệp dùng lại với nội dung khác",
        "a known message id with other content",
        "Ask the sender which of the two is right; it must send the other under a new id.",
    ),
    Reason(
        "transaction-conflict",
        "cùng giao dịch nhưng khác số tiền hoặc tài khoản",
        "a known transaction, told with another amount or account",
        "Ask the partner which is right; decide on the money by hand.",
    ),
    Reason(
        "breaks-a-constraint",
        "vi phạm ràng buộc của lược đồ",
        "the schema refuses what the message wants",
        "Read the constraint's name in the detail; correct the data at their source, then release.",
    ),
    Reason(
        "claim-expired",
        "tiến trình gửi đã mất",
        "the worker that was sending it is gone",
        "Nothing: it is asked for if it may have left, and sent again if not.",
    ),
    Reason(
        "too-many-attempts",
        "đã hết số lần thử gửi",
        "the limit of attempts is reached",
        "Find why the partner fails on this one, then `gateway messages replay`.",
    ),
    Reason(
        "money-out-needs-a-person",
        "lệnh chuyển tiền đi cần người quyết định",
        "the bank has no trace of a refund that was in doubt",
        "Confirm with the bank in writing that it was not paid, then `gateway messages replay`.",
    ),
    Reason(
        "partner-refused",
        "đối tác từ chối",
        "the partner understood and said no",
        "Read its words in the attempt; correct, then replay.",
    ),
    Reason(
        "released", "đã mở lại để xét", "a person had it judged again", "Nothing: the next run of its flow judges it."
    ),
    Reason(
        "replayed",
        "đã cho gửi lại",
        "a person had it sent again",
        "Nothing: the next run of its flow sends it, with the same id.",
    ),
    Reason(
        "dead-lettered",
        "bị loại sau nhiều lần giao",
        "the broker gave up delivering it, or it was rejected",
        "Read its detail; when the cause is gone, `gateway messages release`.",
    ),
    Reason(
        "first-rejected",
        "bản đầu bị từ chối, xét lại",
        "it was called a duplicate of a message that was rejected later",
        "Nothing: it is judged again on its own.",
    ),
    Reason(
        "message-unknown",
        "không có thông điệp này",
        "no message has this number",
        "Look for it with `gateway messages list`.",
        details={"": "Không có thông điệp số {message}."},
    ),
    Reason(
        "message-not-releasable",
        "không thể mở lại thông điệp ở trạng thái này",
        "only quarantined, dead-lettered and parked messages are released",
        "Look at its state; an outgoing one is replayed instead.",
    ),
    Reason(
        "message-not-replayable",
        "không thể gửi lại thông điệp ở trạng thái này",
        "only given-up messages are sent again",
        "Look at its state; an incoming one is released, one in doubt is settled by asking.",
    ),
    Reason(
        "message-awaits-nobody",
        "thông điệp không chờ ai xử lý",
        "only messages that wait for people are set aside: quarantined, dead-lettered, given up, parked",
        "Look at its state; what is in doubt or waits is settled by the gateway.",
        details={"": "Thông điệp số {message} đang ở trạng thái: {state:message}."},
    ),
    Reason(
        "message-money-open",
        "thông điệp còn tiền chưa rõ, không gác lại được",
        "a parked counter payment, or the order of a refund of which nobody knows whether it was paid",
        "Get the dossier from the dossier system, or the bank's word about the refund.",
        details={
            "booked": "Thông điệp số {message} báo khoản thu chưa được ghi vì chưa có hồ sơ của nó.",
            "paid": "Thông điệp số {message} là lệnh hoàn phí chưa rõ ngân hàng đã chi chưa.",
        },
    ),
    Reason(
        "message-set-aside-already",
        "thông điệp đã được gác lại",
        "somebody set it aside already and it has taken no step since",
        "Nothing; `gateway messages show` says by whom and why.",
        details={"": "{user} đã gác lại thông điệp số {message} lúc {at}."},
    ),
    Reason(
        "message-body-expired",
        "nội dung thông điệp đã hết hạn lưu",
        "its bytes have expired; the record remains",
        "Ask the partner to send it again.",
    ),
)
