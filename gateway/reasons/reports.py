"""Reports, their signatures and their delivery."""

from __future__ import annotations

from gateway.reasons.reason import TITLE_SAYS_ALL, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "report-form-unknown",
        "không có dạng báo cáo này",
        "reports are written as pdf, xlsx or csv",
        "Name one of them, or none for all.",
        details={"": "Không có dạng tệp “{form}”; có {forms}."},
    ),
    Reason(
        "month-open",
        "tháng chưa khóa sổ",
        "minutes are signed for a closed month only",
        "Approve all its days, then `gateway month close`.",
        details={"": "Tháng {month:month} của {partner:partner} chưa khóa sổ."},
    ),
    Reason(
        "mail-unavailable",
        "máy chủ thư không nhận lúc này",
        "the mail server does not take it now",
        "Nothing: the run is tried again. Look after the mail server if it lasts.",
    ),
    Reason(
        "mail-refused",
        "máy chủ thư từ chối",
        "the mail server refuses the account, the sender, a recipient, or offers no TLS",
        "Correct the connection `gateway_smtp` or config/reports.toml.",
    ),
    Reason(
        "mail-in-doubt",
        "không rõ thư đã đi chưa",
        "the connection broke after the message left",
        "Nothing: it is sent again with the same Message-ID, which mailboxes show once.",
    ),
    Reason(
        "report-not-drawn",
        "không dựng được biên bản PDF",
        "the PDF cannot be drawn from the figures",
        "Report it; the figures are in the Excel file.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "report-differs",
        "biên bản đã lập với nội dung khác",
        "the minutes of this version were prepared with other bytes",
        "What was prepared stands; report it.",
        details={"": "Biên bản {partner:partner} kỳ {period:value} phiên bản {version} đã lập với nội dung khác."},
    ),
    Reason(
        "report-bytes-differ",
        "lập lại báo cáo hoặc biên bản không ra đúng tệp đã lập",
        "the stored version no longer gives the bytes of a report, of minutes or of what was sent",
        "What was signed and sent stands; report it with the lines of `gateway reconcile … --verify` that differ.",
        details={
            "": "Ngày {business_on} của {partner:partner}, phiên bản {version}: lập lại không ra đúng tệp đã lập."
        },
    ),
    Reason(
        "day-not-approved",
        "ngày chưa được duyệt",
        "minutes are signed for an approved day only",
        "Propose the day and let another person approve it.",
        details={"": "Ngày {business_on} của {partner:partner} đang ở trạng thái “{state:state}”."},
    ),
    Reason(
        "delivery-unknown",
        "không có lần gửi này",
        "nothing of this number was sent",
        "Take a number from the section Đã gửi of the day's page, or `gateway sent list`.",
    ),
    Reason(
        "document-unknown",
        "không có biên bản này",
        "there is no such document",
        "Prepare the minutes of the day first.",
        details={"": "Không có biên bản số {document}."},
    ),
    Reason(
        "signature-out-of-turn",
        "chưa đến lượt ký",
        "it is not this office's turn to sign, or everybody has signed",
        "Download the document again and sign that.",
        details={
            "all": "Biên bản này đã đủ chữ ký.",
            "raced": "Có người vừa ký trước bạn.",
            "turn": "Chưa đến lượt chữ ký này.",
        },
    ),
    Reason(
        "signature-second-office",
        "một người không ký hai chức danh",
        "one person signs for one office",
        "Let the person of that office sign.",
        details={"": "{user} đã ký biên bản này với chức danh khác; ba chức danh do ba người ký."},
    ),
    Reason(
        "certificate-of-oneself",
        "không tự đăng ký chứng thư của mình",
        "nobody registers a certificate of their own",
        "Let another person of operations register it.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "certificate-unreadable",
        "không đọc được chứng thư",
        "the uploaded file is no certificate",
        "Export the certificate, not the key, from the token as .cer or .crt.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "office-unknown",
        "không có chức danh ký này",
        "this is no office that signs minutes",
        "One of lap_bieu, ke_toan_truong, thu_truong.",
        details={"": "Không có chức danh ký “{typed}”."},
    ),
    Reason(
        "pdf-unreadable",
        "không đọc được tệp PDF đã ký",
        "the signed PDF cannot be read",
        "Sign the downloaded file again and upload what the signing tool saved.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "pdf-prepared-bytes-changed",
        "tệp đã ký không bắt đầu bằng tệp đã lập",
        "the file does not begin with the bytes that were to be signed",
        "Sign the file that was downloaded here; never print it to PDF or save it anew.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "pdf-signature-missing",
        "tệp chưa có chữ ký mới",
        "the file holds no new signature",
        "Sign it, save it, and upload the saved file.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "pdf-wrong-field",
        "ký sai ô chữ ký",
        "the new signature is in another field than the next one",
        "Sign in the field of your office, in the order lập biểu, kế toán trưởng, thủ trưởng, đối tác.",
        details={"": "Chữ ký mới ở ô “{found:office}”; ô cần ký là “{wanted:office}”."},
    ),
    Reason(
        "pdf-content-changed",
        "tệp bị thêm nội dung ngoài chữ ký",
        "more than the signature was added to the file",
        "Sign the downloaded file, changing nothing else; if you changed nothing, report it: somebody else did.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "pdf-signature-partial",
        "chữ ký không phủ toàn bộ tệp",
        "the signature is over a part of the file only",
        "Sign with another tool or its default settings.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "pdf-signature-invalid",
        "chữ ký không hợp lệ",
        "the signature is not over these bytes, or by a weak algorithm",
        "Sign the downloaded file again with SHA-256 or stronger.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "pdf-signature-locks",
        "chữ ký khóa tệp, người sau không ký được",
        "the signature forbids the signatures that follow",
        "Sign without certifying or locking the document.",
        details=TITLE_SAYS_ALL,
    ),
)
