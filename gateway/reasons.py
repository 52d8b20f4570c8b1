"""The reason codes: why a message is quarantined, refused, parked, in doubt or given up, or a file has a problem.

One table, so that the docs, the receipts and the console say the same thing. A test holds ``docs/operations.md`` to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Reason:
    """What a reason code means and what a person does about it."""

    code: str
    vi: str
    en: str
    action: str


def _table(*reasons: Reason) -> Mapping[str, Reason]:
    table = {reason.code: reason for reason in reasons}
    if len(table) != len(reasons):
        raise ValueError("a reason code is declared twice")
    return MappingProxyType(table)


REASONS: Mapping[str, Reason] = _table(
    # everywhere
    Reason(
        "configuration-invalid",
        "cấu hình sai",
        "a setting is wrong",
        "Correct the keys that the message names, then run `gateway partners check`.",
    ),
    Reason(
        "migration-changed",
        "tệp lược đồ đã bị sửa",
        "an applied schema file was edited",
        "Restore the file; put the change into a new numbered file.",
    ),
    Reason(
        "gateway-error",
        "lỗi của cổng tích hợp",
        "a fault that has no code of its own",
        "Read the task's log; report it, its cause needs a code.",
    ),
    Reason(
        "conflict",
        "mâu thuẫn với dữ liệu đã ghi",
        "it contradicts what is on record",
        "Compare both; correct the one that is wrong.",
    ),
    Reason("not-found", "không tìm thấy", "what was named does not exist", "Check the name or the number."),
    Reason(
        "forbidden",
        "không được phép",
        "this person, role or environment may not do this",
        "Let somebody do it who may.",
    ),
    Reason(
        "does-not-close",
        "số liệu không khép",
        "a proof failed: messages or money do not add up",
        "Stop; look at the sums that the message names.",
    ),
    Reason(
        "database-unavailable",
        "không kết nối được cơ sở dữ liệu",
        "PostgreSQL does not answer",
        "Nothing: the run is tried again. Look after PostgreSQL if it lasts.",
    ),
    Reason(
        "production-refuses",
        "môi trường thật từ chối",
        "production refuses what only a demo may have",
        "Mount real certificates; name real partners.",
    ),
    Reason(
        "business-clock-unreadable",
        "không đọc được đồng hồ nghiệp vụ",
        "the file of the business clock holds no time with offset",
        "Write an ISO 8601 time with offset into it, or unset GATEWAY_BUSINESS_CLOCK.",
    ),
    Reason(
        "partner-unknown", "không có đối tác này", "no partner has this id", "Use an id of `gateway partners check`."
    ),
    # security
    Reason("untrusted", "không tin cậy", "a peer must not be believed", "Ask the partner; never release by hand."),
    Reason(
        "unsigned-message",
        "thông điệp không có chữ ký",
        "the message carries no signature",
        "Ask the partner to sign; never release by hand.",
    ),
    Reason(
        "wrong-signature",
        "chữ ký không hợp lệ",
        "the signature does not verify",
        "Ask the partner to send it again; never release by hand.",
    ),
    Reason(
        "digest-mismatch",
        "nội dung đã bị sửa sau khi ký",
        "what was signed was changed",
        "Treat it as tampering; ask the partner for the original.",
    ),
    Reason(
        "weak-algorithm",
        "thuật toán ký không được chấp nhận",
        "an algorithm is not on the list",
        "Ask the partner to sign with SHA-256 (docs/security.md lists what is accepted).",
    ),
    Reason(
        "wrong-environment",
        "thông điệp của môi trường khác",
        "it was made for another environment",
        "Find out why a test message reached production, or the reverse; never release it.",
    ),
    Reason(
        "ambiguous-id",
        "định danh trong XML bị trùng",
        "an XML id occurs twice",
        "Treat it as an attack; tell the partner.",
    ),
    Reason(
        "signature-wrapping",
        "chữ ký không bao trùm nội dung thông điệp",
        "the signature does not cover what would be read",
        "Treat it as an attack; tell the partner.",
    ),
    Reason(
        "timestamp-not-signed",
        "dấu thời gian không được ký",
        "the timestamp is missing or not signed",
        "Ask the partner to sign its Timestamp.",
    ),
    Reason(
        "header-not-signed",
        "tiêu đề định tuyến không được ký",
        "an addressing header is missing or not signed",
        "Ask the partner to sign MessageID, To and Action.",
    ),
    Reason(
        "stale-timestamp",
        "thông điệp đã quá hạn",
        "an unknown message is too old",
        "Ask the partner to send it anew with a fresh timestamp.",
    ),
    Reason(
        "future-timestamp",
        "thời điểm ký ở tương lai",
        "it was signed in the future",
        "Compare the clocks (NTP) here and at the partner.",
    ),
    Reason(
        "unknown-signer",
        "chứng thư không thuộc đối tác này",
        "the certificate is not one of the partner's",
        "If the partner renewed it, verify by phone and add the file to its [trust] certificates.",
    ),
    Reason(
        "certificate-expired",
        "chứng thư đã hết hạn",
        "the certificate has expired",
        "Ask the partner to renew its certificate and to send again.",
    ),
    Reason(
        "certificate-not-yet-valid",
        "chứng thư chưa đến ngày hiệu lực",
        "the certificate is not valid yet",
        "Compare the clocks; ask the partner to sign with its current certificate.",
    ),
    Reason(
        "certificate-revoked",
        "chứng thư đã bị thu hồi",
        "the certificate was revoked",
        "Call the partner: its key may be stolen. Never release by hand.",
    ),
    Reason(
        "certificate-wrong-ca",
        "chứng thư không do cơ quan chứng thực tin cậy cấp",
        "no trusted CA vouches for the certificate",
        "Check who issued it; never add a CA because a message failed.",
    ),
    Reason(
        "certificate-wrong-purpose",
        "chứng thư không dùng để ký",
        "the certificate was not made for signing",
        "Ask the partner to sign with its signing certificate.",
    ),
    Reason(
        "crl-missing",
        "thiếu danh sách chứng thư thu hồi",
        "no revocation list of a CA is at hand",
        "Fetch the CA's list into the folder of CRLs.",
    ),
    Reason(
        "crl-stale",
        "danh sách chứng thư thu hồi đã quá hạn",
        "a revocation list is past its next update",
        "Fetch the CA's current list into the folder of CRLs.",
    ),
    Reason(
        "weak-key",
        "khóa hoặc chứng thư quá yếu",
        "a key or a certificate's signature is too weak",
        "The partner needs RSA of 2048 bits or more, or EC P-256, signed with SHA-256.",
    ),
    Reason(
        "malformed-xml",
        "XML sai cú pháp",
        "it is not well-formed XML, or nested too deep",
        "Ask the sender for well-formed XML.",
    ),
    Reason(
        "dtd-forbidden",
        "XML chứa DTD bị cấm",
        "it has a document type declaration",
        "Ask the sender to leave out <!DOCTYPE>; entity tricks are attacks.",
    ),
    Reason(
        "message-too-large",
        "thông điệp vượt quá kích thước cho phép",
        "it is larger than allowed",
        "Ask the sender to split it.",
    ),
    Reason(
        "not-a-soap-envelope",
        "không phải phong bì SOAP 1.1 hoặc 1.2",
        "it is not a SOAP 1.1 or 1.2 envelope",
        "Ask the partner for a message that fits the contract.",
    ),
    Reason(
        "malformed-signature",
        "cấu trúc chữ ký XML sai",
        "the XML signature is badly built",
        "Ask the partner for a signature by XML-DSig and the X.509 token profile.",
    ),
    Reason(
        "malformed-timestamp",
        "dấu thời gian sai định dạng",
        "the timestamp cannot be read",
        "Ask the partner for Created and Expires with a time zone.",
    ),
    Reason(
        "malformed-cms",
        "chữ ký CMS sai cấu trúc",
        "it is not a detached CMS signature",
        "Ask the partner for a detached CMS signature (DER, SHA-256) beside the file.",
    ),
    Reason(
        "malformed-jws", "JWS sai cấu trúc", "it is not a compact JWS", "Ask the sender for a compact JWS (RFC 7515)."
    ),
    Reason(
        "signing-key-unusable",
        "khóa ký của cổng không dùng được",
        "one of our signing keys cannot be used",
        "Mount the right key and certificate, or run `gateway certs init` in development.",
    ),
    Reason(
        "certificate-unusable",
        "tệp chứng thư không dùng được",
        "a certificate file cannot be used",
        "Mount the right file that the message names.",
    ),
    Reason(
        "crl-unusable",
        "tệp danh sách thu hồi không dùng được",
        "a revocation list file cannot be used",
        "Fetch the CA's list again.",
    ),
    Reason(
        "secret-unusable",
        "không đọc được khóa bí mật dùng chung",
        "a shared secret cannot be read",
        "Set the environment variable or the file that the message names.",
    ),
    Reason(
        "certificates-exist",
        "đã có bộ chứng thư",
        "there are certificates already",
        "Keep them, or run `gateway certs init --force`.",
    ),
    # wires
    Reason(
        "partner-unavailable", "đối tác không trả lời", "the partner does not answer", "Nothing: it is tried again."
    ),
    Reason(
        "http-unreachable",
        "không kết nối được",
        "no HTTP connection could be made",
        "Nothing: it is tried again. Check address and firewall if it lasts.",
    ),
    Reason(
        "http-pool-exhausted",
        "hết kết nối rảnh",
        "no connection became free in time",
        "Nothing: it is tried again.",
    ),
    Reason("http-proxy-failed", "máy chủ trung gian không kết nối", "the proxy made no connection", "Check the proxy."),
    Reason(
        "http-no-answer-in-time",
        "quá thời gian chờ trả lời",
        "no answer came in time",
        "Nothing: the partner is asked.",
    ),
    Reason(
        "http-connection-lost",
        "mất kết nối khi chờ trả lời",
        "the connection broke before the answer",
        "Nothing: the partner is asked.",
    ),
    Reason(
        "http-answer-unreadable",
        "trả lời không đọc được",
        "the answer is no HTTP",
        "Nothing: the partner is asked.",
    ),
    Reason(
        "http-answer-too-large",
        "trả lời quá lớn",
        "the answer is too long",
        "Ask the partner; raise the limit if it is right.",
    ),
    Reason(
        "http-answer-not-json",
        "trả lời không phải JSON",
        "the answer is no JSON",
        "Read the stored answer; ask the partner.",
    ),
    Reason(
        "http-answer-not-text",
        "trả lời không phải UTF-8",
        "the answer is no UTF-8 text",
        "Read the stored answer; ask the partner.",
    ),
    Reason(
        "http-request-impossible",
        "không gửi được yêu cầu",
        "the request cannot be sent as configured",
        "Correct the endpoint of the partner.",
    ),
    Reason("http-not-now", "đối tác đang bận", "the partner says: not now", "Nothing: it is tried again."),
    Reason(
        "http-refused",
        "đối tác từ chối",
        "the partner refused with a 4xx status",
        "Read its answer; correct and replay.",
    ),
    Reason(
        "http-server-failed",
        "hệ thống đối tác lỗi",
        "the partner failed while it worked",
        "Nothing: the partner is asked.",
    ),
    Reason(
        "http-status-unexpected",
        "mã trạng thái lạ",
        "a status that the contract does not know",
        "Check the endpoint; ask the partner.",
    ),
    Reason(
        "tls-peer-untrusted",
        "chứng thư máy chủ không tin cậy",
        "the server's certificate is not believed",
        "Compare it with the partner's CA; never switch the check off.",
    ),
    Reason(
        "tls-handshake-failed",
        "không thiết lập được TLS",
        "no TLS connection was agreed on",
        "Check our client certificate and the TLS versions.",
    ),
    Reason(
        "tls-files-unusable",
        "tệp chứng thư TLS không đọc được",
        "a TLS file cannot be read",
        "Correct the path or the file that the message names.",
    ),
    Reason(
        "login-refused",
        "đối tác không nhận đăng nhập",
        "our credentials were not accepted",
        "Check the partner's user and secret.",
    ),
    Reason(
        "login-answer-incomplete",
        "trả lời đăng nhập thiếu mã phiên",
        "the login answer holds no session",
        "Ask the partner.",
    ),
    Reason(
        "session-not-accepted",
        "phiên mới không được chấp nhận",
        "a fresh session is not accepted",
        "Ask the partner.",
    ),
    Reason(
        "soap-contract-unusable",
        "không dùng được tệp WSDL",
        "a WSDL or schema cannot be used",
        "Restore the committed contract.",
    ),
    Reason(
        "soap-operation-unknown",
        "hợp đồng không có nghiệp vụ này",
        "the contract has no such operation",
        "Compare the adapter with the contract.",
    ),
    Reason(
        "soap-operation-not-offered",
        "nghiệp vụ không được cung cấp",
        "no operation has this request",
        "Ask the sender for a request of the contract.",
    ),
    Reason(
        "soap-request-invalid",
        "yêu cầu sai lược đồ",
        "our request breaks the contract",
        "Correct the data, then replay.",
    ),
    Reason(
        "soap-answer-invalid",
        "trả lời sai lược đồ",
        "the message breaks the contract",
        "Read the stored bytes; ask the partner.",
    ),
    Reason("soap-version-mismatch", "sai phiên bản SOAP", "another SOAP version than agreed", "Ask the partner."),
    Reason("soap-envelope-missing", "không có phong bì SOAP", "no SOAP envelope with one Body", "Ask the partner."),
    Reason(
        "soap-fault-refused",
        "đối tác trả lỗi SOAP",
        "the partner refused with a fault",
        "Read its code; correct and replay.",
    ),
    Reason(
        "soap-fault-receiver",
        "hệ thống đối tác báo lỗi SOAP",
        "the partner failed while it worked",
        "Nothing: the partner is asked.",
    ),
    Reason(
        "sftp-unreachable",
        "không kết nối được SFTP",
        "no SFTP connection could be made",
        "Nothing: it is tried again.",
    ),
    Reason(
        "sftp-connection-lost",
        "mất kết nối SFTP",
        "the SFTP connection broke",
        "Nothing: it goes on where it was, or asks.",
    ),
    Reason(
        "sftp-no-answer-in-time",
        "SFTP không trả lời kịp",
        "no SFTP answer came in time",
        "Nothing: it is tried again, or asked.",
    ),
    Reason(
        "sftp-sign-in-refused",
        "SFTP không nhận khóa của ta",
        "the server did not accept our user and key",
        "Give the partner our public key.",
    ),
    Reason(
        "sftp-host-key-unknown",
        "khóa máy chủ SFTP không khớp",
        "the host key is not the known one",
        "Ask the partner by another way before changing known_hosts.",
    ),
    Reason(
        "sftp-no-common-algorithm",
        "không có thuật toán SSH chung",
        "no SSH algorithm in common",
        "Ask the partner to update its server.",
    ),
    Reason("sftp-not-offered", "máy chủ không mở SFTP", "the server opened no SFTP session", "Ask the partner."),
    Reason(
        "sftp-answer-unreadable",
        "trả lời SFTP không đọc được",
        "the answer is not SFTP",
        "Nothing: it is tried again, or asked.",
    ),
    Reason(
        "sftp-key-unusable",
        "không đọc được khóa riêng SFTP",
        "the private key cannot be read",
        "Correct its path, form or passphrase.",
    ),
    Reason(
        "sftp-setting-invalid",
        "cấu hình SFTP sai",
        "an SSH setting cannot be used",
        "Correct known_hosts or the pinned key.",
    ),
    Reason(
        "sftp-refused",
        "máy chủ SFTP từ chối",
        "the server refused the operation",
        "Ask the partner for the folder's rights.",
    ),
    Reason(
        "sftp-file-not-found",
        "không có tệp trên máy chủ",
        "the server has no such file",
        "Check the folder; the file may be moved already.",
    ),
    Reason(
        "sftp-file-changed",
        "tệp thay đổi khi đang tải",
        "the file changed while it was fetched",
        "Nothing: it is fetched again when it is whole.",
    ),
    Reason(
        "sftp-target-exists",
        "tên tệp đích đã có",
        "the target name is taken",
        "Compare both files; move one by hand.",
    ),
    Reason(
        "local-disk-failed",
        "không ghi được tệp của ta",
        "a file of ours cannot be read or written",
        "Free space; check the folder's rights.",
    ),
    Reason(
        "path-outside-folder",
        "tên tệp vượt ra ngoài thư mục",
        "a file name that leaves its folder",
        "Never process it by hand; ask the sender.",
    ),
    Reason(
        "upload-not-found",
        "đã gửi nhưng không thấy tệp",
        "the server said OK and the file is not there",
        "Nothing: the folder is asked.",
    ),
    Reason(
        "upload-differs",
        "tệp trên máy chủ khác tệp đã gửi",
        "the uploaded file has other content",
        "Nothing: the folder is asked. Tell the partner if it lasts.",
    ),
    Reason(
        "amqp-unreachable",
        "không kết nối được RabbitMQ",
        "no connection to the broker",
        "Nothing: it is tried again.",
    ),
    Reason(
        "amqp-connection-lost",
        "mất kết nối RabbitMQ",
        "the connection to the broker broke",
        "Nothing: it is tried again with the same id.",
    ),
    Reason("amqp-channel-closed", "kênh RabbitMQ bị đóng", "the broker closed the channel", "Read the broker's log."),
    Reason(
        "amqp-sign-in-refused",
        "RabbitMQ không nhận đăng nhập",
        "user or virtual host not accepted",
        "Check GATEWAY_AMQP_URL.",
    ),
    Reason(
        "amqp-answer-unreadable",
        "trả lời không phải AMQP",
        "the answer is not AMQP",
        "Check that the address is a broker.",
    ),
    Reason("amqp-setting-invalid", "cấu hình AMQP sai", "an AMQP setting cannot be used", "Correct GATEWAY_AMQP_URL."),
    Reason(
        "amqp-broker-blocked",
        "RabbitMQ tạm ngừng nhận",
        "the broker takes no more messages",
        "Free the broker's memory or disk.",
    ),
    Reason(
        "amqp-consumer-cancelled",
        "RabbitMQ ngừng giao thông điệp",
        "the broker ended our subscription",
        "Check that the queue is still there.",
    ),
    Reason(
        "amqp-no-answer-in-time",
        "RabbitMQ không trả lời kịp",
        "the broker did not answer in time",
        "Nothing: it is tried again.",
    ),
    Reason(
        "amqp-not-accepted",
        "RabbitMQ không nhận thông điệp",
        "the broker did not take the message",
        "Nothing: it is tried again. Check the queue's limits.",
    ),
    Reason(
        "amqp-not-found",
        "không có exchange hoặc hàng đợi",
        "no such exchange or queue",
        "Declare the topology again.",
    ),
    Reason(
        "amqp-declared-otherwise",
        "hàng đợi đã có với thuộc tính khác",
        "it exists with other properties",
        "Remove it when it is empty, then declare again.",
    ),
    Reason(
        "amqp-message-impossible",
        "thông điệp không thể gửi qua AMQP",
        "the message cannot be told in AMQP",
        "Correct its headers or names.",
    ),
    Reason(
        "unroutable",
        "không hàng đợi nào nhận",
        "no queue takes this message",
        "Bind a queue to its routing key, then replay.",
    ),
    # statements
    Reason("malformed", "sai định dạng", "the bytes break their contract", "Ask the sender for a correct file."),
    Reason("empty-file", "tệp rỗng", "the file has no content", "Fetch it again; if still empty, ask the sender."),
    Reason("file-unreadable", "không mở được tệp", "the file cannot be opened", "Check its name and its permissions."),
    Reason("unknown-format", "không nhận ra định dạng", "no known statement format", "Ask the sender what it is."),
    Reason("wrong-schema", "sai lược đồ XML", "XML of another schema or version", "Ask the sender for camt v02-v13."),
    Reason("wrong-layout", "sai cấu trúc bản ghi", "a record breaks its layout", "Ask the sender for a correct file."),
    Reason("truncated-file", "tệp bị cắt cụt", "the file ends in the middle", "Fetch it again; ask the sender."),
    Reason("doctype-refused", "XML chứa DTD bị từ chối", "XML with a DTD", "Never process it by hand; ask the sender."),
    Reason("xml-not-well-formed", "XML hỏng", "the XML is broken", "Ask the sender for a correct file."),
    Reason(
        "not-text-in-encoding", "sai bảng mã", "bytes that are no text in the encoding", "Compare the encoding set."
    ),
    Reason("unknown-encoding", "bảng mã không hỗ trợ", "an encoding not known here", "Correct the partner's encoding."),
    Reason("bad-amount", "số tiền không hợp lệ", "an amount that is no plain number", "Ask the sender to correct it."),
    Reason("bad-balance", "số dư không đọc được", "an unreadable balance", "Ask the bank for a correct statement."),
    Reason("bad-entry", "dòng giao dịch không đọc được", "an unreadable entry", "Ask the bank; the day must wait."),
    Reason("bad-total", "tổng cộng không đọc được", "an unreadable total", "Ask the bank for a correct statement."),
    Reason("account-missing", "thiếu số tài khoản", "a statement without an account", "Ask the bank which one it is."),
    Reason("currency-missing", "thiếu loại tiền", "no currency is named", "Ask the bank; two decimals are assumed."),
    Reason("unknown-currency", "loại tiền lạ", "no currency of ISO 4217", "Ask the bank what it means."),
    Reason("mixed-currencies", "lẫn nhiều loại tiền", "currencies that cannot be added", "Ask the bank."),
    Reason("balance-missing", "thiếu số dư", "no opening or closing balance", "Ask the bank; nothing proves the sum."),
    Reason(
        "balance-does-not-add-up",
        "số dư không khớp phát sinh",
        "opening + entries is not closing",
        "Ask the bank for the missing or doubled entries; the day must wait.",
    ),
    Reason(
        "balances-do-not-continue",
        "số dư không liên tục",
        "the opening is not the closing before it",
        "Look for a missing statement or page and fetch it.",
    ),
    Reason("totals-do-not-add-up", "tổng phát sinh không khớp", "stated totals differ", "Ask the bank for the rest."),
    Reason("empty-statement", "sao kê không có dòng nào", "a statement without entries", "Check that nothing was due."),
    Reason("duplicate-statement", "sao kê bị lặp", "the same statement twice in one file", "Nothing: it counts once."),
    Reason("field-repeated", "trường bị lặp", "a field twice in one statement", "Compare with the bank's copy."),
    Reason("entry-after-end", "dòng sau khi kết thúc sao kê", "an entry after the end", "Ask where it belongs."),
    Reason("entry-without-date", "giao dịch không có ngày", "an entry without a date", "Ask the bank for its date."),
    Reason("unbooked-entry", "chưa hạch toán", "announced, not booked: no money yet", "Nothing: wait for the booking."),
    Reason(
        "outcome-pending", "chưa rõ kết quả (mã 68)", "a time-out counted as paid", "Nothing: the partner is asked."
    ),
    Reason("partner-reports-difference", "đối tác báo lệch (31/35)", "the partner reports a break", "Compare both."),
    Reason("trailer-count-differs", "sai số dòng ở cuối tệp", "the trailer counts otherwise", "Fetch it again; ask."),
    Reason("trailer-total-differs", "sai tổng tiền ở cuối tệp", "the trailer adds up otherwise", "Fetch again; ask."),
    Reason("trailer-total-missing", "thiếu tổng tiền ở cuối tệp", "an agreed total is missing", "Ask the sender."),
    Reason("field-too-long", "vượt độ dài trường", "a value does not fit its field", "Shorten it where it comes from."),
    # spine
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
        "message-unknown",
        "không có thông điệp này",
        "no message has this number",
        "Look for it with `gateway messages list`.",
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
        "message-body-expired",
        "nội dung thông điệp đã hết hạn lưu",
        "its bytes have expired; the record remains",
        "Ask the partner to send it again.",
    ),
    # files
    Reason(
        "file-not-here",
        "chưa có tệp của ngày này",
        "the partner works that day and its file is not here",
        "Nothing: it is looked for again; past its hour an alert says so.",
    ),
    Reason(
        "file-name-unknown",
        "tên tệp không cho biết ngày",
        "the file's name says no business date",
        "Ask the partner, or correct `name_pattern`.",
    ),
    Reason(
        "file-unknown",
        "không có tệp này",
        "there is no such file here",
        "Check the path, and that its .p7s lies beside it.",
    ),
    Reason(
        "partner-sends-no-files",
        "đối tác không gửi tệp",
        "this partner has neither statements nor remittances",
        "Name another partner, or add the section to its file.",
    ),
    # watching and proof
    Reason(
        "statement-late",
        "chưa nhận được tệp đúng hạn",
        "a statement or remittance is not here past its hour",
        "Call the partner; when it comes it is loaded and reconciled by itself.",
    ),
    Reason(
        "day-not-closed",
        "ngày chưa được duyệt",
        "yesterday or earlier is not approved at noon",
        "`gateway day show` says what it waits for.",
    ),
    Reason(
        "messages-waiting-long",
        "thông điệp chờ quá lâu",
        "messages wait, or are in doubt, for over four hours",
        "Is the partner away? Otherwise read their reasons with `gateway messages list`.",
    ),
    Reason(
        "messages-quarantined",
        "có thông điệp bị cách ly hoặc không gửi được",
        "messages are in quarantine or given up",
        "Look at each: `gateway messages list --state quarantined`, or `given_up`.",
    ),
    Reason(
        "circuit-open-long",
        "đối tác không trả lời đã lâu",
        "the circuit stays open after many probes",
        "Check the line to the partner; it closes by itself.",
    ),
    Reason(
        "day-does-not-close",
        "ngày không khép",
        "a sum of the daily proof is off",
        "See the runbook of `conservation`; approve nothing before it closes.",
    ),
    Reason(
        "snapshot-differs",
        "kết quả tính lại khác bản đã lưu",
        "the stored inputs no longer give the stored snapshot",
        "Approve nothing on it; compare the digests of rules, engine and inputs; report it.",
    ),
    Reason(
        "demo-run-failed",
        "lượt chạy của bản trình diễn thất bại",
        "a run of the demonstration failed or is not over in time",
        "Open the run in Airflow, or the log below var/demo.",
    ),
    # banking
    Reason("bad-vietqr", "mã VietQR sai", "no correct VietQR payload", "Make the code again from correct data."),
    Reason(
        "answer-to-another-message",
        "trả lời không khớp với câu hỏi",
        "a signed answer to another message (a replay, or mixed up)",
        "Nothing: it is asked again; if it repeats, ask the partner.",
    ),
    Reason(
        "bank-answered-fault",
        "ngân hàng trả lời bằng lỗi SOAP",
        "the bank answered a query with a fault",
        "Read the fault in the stored answer; ask the bank.",
    ),
    Reason(
        "bank-closed",
        "ngân hàng tạm ngừng phục vụ",
        "the bank cannot do it now, nothing was done",
        "Nothing: it is tried again.",
    ),
    Reason(
        "bank-code-unlisted",
        "mã trả lời không có trong thỏa thuận",
        "a response code that the contract does not list",
        "Ask the bank; add it to the contract.",
    ),
    Reason(
        "bank-does-not-know-it",
        "ngân hàng không tìm thấy",
        "the bank does not know what was named (RC 25)",
        "Compare reference and transaction number.",
    ),
    Reason(
        "bank-knows-it-otherwise",
        "ngân hàng đã có với nội dung khác",
        "the bank knows this id with other contents (RC 94)",
        "Find which side changed it; make a new request.",
    ),
    Reason(
        "bank-outcome-unknown",
        "ngân hàng chưa rõ kết quả",
        "the bank does not know the outcome yet (RC 68, 96)",
        "Nothing: the bank is asked.",
    ),
    Reason(
        "bank-refused-account",
        "ngân hàng từ chối tài khoản",
        "the bank refused the account (RC 14)",
        "Correct the account in the partner's configuration.",
    ),
    Reason(
        "bank-refused-amount",
        "ngân hàng từ chối số tiền",
        "the bank refused the amount (RC 13)",
        "Compare the fee with the bank's limits.",
    ),
    Reason(
        "bank-refused-contents",
        "ngân hàng từ chối nội dung",
        "the contents do not fit together (RC 30)",
        "Compare BIN, account, amount and VietQR.",
    ),
    Reason(
        "bank-refused-in-this-state",
        "ngân hàng từ chối ở trạng thái này",
        "not possible in this state (RC 57): paid already, say",
        "Look at the payment; decide on a refund.",
    ),
    Reason(
        "bank-refused-more-than-paid",
        "hoàn phí vượt số đã nộp",
        "the refund is more than was paid (RC 61)",
        "Correct the amount of the refund.",
    ),
    Reason(
        "bank-refused-our-environment",
        "ngân hàng từ chối môi trường",
        "the bank is of another environment",
        "Correct GATEWAY_ENV or the endpoint.",
    ),
    Reason(
        "bank-refused-our-message",
        "ngân hàng từ chối thông điệp",
        "our message breaks the bank's contract",
        "Compare our contract with the bank's.",
    ),
    Reason(
        "bank-refused-our-signature",
        "ngân hàng từ chối chữ ký của ta",
        "the bank does not believe our signature",
        "Give the bank our certificate; check its validity.",
    ),
    Reason(
        "bank-refused-our-timestamp",
        "ngân hàng từ chối dấu thời gian",
        "the bank finds our timestamp stale or in the future",
        "Set the clock (NTP), then replay.",
    ),
    Reason(
        "not-in-bank-contract",
        "không có trong hợp đồng kết nối",
        "the bank's contract cannot say this",
        "Choose another channel or partner.",
    ),
    Reason(
        "paid-without-payment",
        "báo đã nộp nhưng thiếu giao dịch",
        "the bank says PAID and names no payment",
        "Ask the bank.",
    ),
    Reason(
        "payload-incomplete",
        "thiếu dữ liệu",
        "an outbox row lacks a field that its kind needs",
        "Correct whoever made the request.",
    ),
    Reason(
        "signature-not-there-yet",
        "chưa có tệp chữ ký",
        "a file is offered without its signature",
        "Nothing: it is waited for; ask when it stays away.",
    ),
    Reason(
        "statement-format-unexpected",
        "định dạng sao kê khác thỏa thuận",
        "the file is of another format than agreed",
        "Ask the bank, or correct `format`.",
    ),
    Reason(
        "statement-of-another-account",
        "sao kê của tài khoản khác",
        "a statement of an account that is not agreed",
        "Ask the bank; correct `accounts`.",
    ),
    # postal
    Reason(
        "postal-order-incomplete",
        "đơn bưu chính thiếu thông tin",
        "a postal order lacks a mandatory field",
        "Complete the name, phone and address in the dossier system, then release the message.",
    ),
    Reason(
        "unknown-province",
        "chưa có mã tỉnh của bưu điện",
        "VNPost's code of a province is not configured",
        "Add it to postal_api.province_codes of the partner's file, then release the message.",
    ),
    Reason(
        "postal-refused",
        "bưu điện từ chối",
        "VNPost refused an order or a cancellation",
        "Read VNPost's code and words, correct the order, then send it again.",
    ),
    Reason(
        "postal-order-exists",
        "bưu điện đã có đơn này",
        "VNPost says that the order exists already",
        "Nothing while it is delivered; in doubt, ask VNPost whose order it is.",
    ),
    Reason(
        "bad-postal-reply",
        "bưu điện trả lời sai định dạng",
        "VNPost's reply cannot be read",
        "Nothing: the order is asked for; tell VNPost if it goes on.",
    ),
    Reason(
        "bad-tracking-page",
        "trang theo dõi bưu gửi sai định dạng",
        "a page of VNPost's tracking feed cannot be walked",
        "Ask VNPost for a correct page; the cursor stays where it is.",
    ),
    Reason(
        "remittance-layout",
        "bảng kê tiền thu hộ sai cấu trúc",
        "a COD remittance file breaks its layout",
        "Ask VNPost for a correct file; the message names the line.",
    ),
    # national portal
    Reason(
        "dossier-code-not-conforming",
        "mã hồ sơ không đúng quy cách quốc gia",
        "a dossier code does not fit the national grammar and has no mapping",
        "Add its national code to dossier_api.dossier_codes, then release the message.",
    ),
    Reason(
        "unknown-status",
        "trạng thái không có trong bảng mã",
        "a status is not in the agreed table",
        "Ask who sent it what it means; correct the table or the status. It is never guessed.",
    ),
    Reason(
        "bad-time",
        "thời gian sai định dạng",
        "a time cannot be read or has no offset",
        "Ask the sender for a correct message.",
    ),
    Reason(
        "portal-refused",
        "Cổng Dịch vụ công quốc gia từ chối",
        "the national portal refused a dossier or a step",
        "Correct what the portal names in the dossier system, then send it again.",
    ),
    Reason(
        "bad-portal-reply",
        "Cổng Dịch vụ công quốc gia trả lời sai định dạng",
        "the national portal's reply cannot be read",
        "Nothing: the portal is asked; tell its support if it goes on.",
    ),
    Reason(
        "platform-refused",
        "nền tảng thanh toán từ chối",
        "the payment platform refused a payment request",
        "Read its code and words, correct the request, then send it again.",
    ),
    Reason(
        "bad-platform-reply",
        "nền tảng thanh toán trả lời sai định dạng",
        "the payment platform's reply cannot be read",
        "Nothing: the platform is asked again; tell it if it goes on.",
    ),
    # local services and Airflow
    Reason(
        "local-service-did-not-start",
        "dịch vụ cục bộ không khởi động được",
        "a private service did not start",
        "Read the log that the message names.",
    ),
    Reason(
        "local-service-survived",
        "tiến trình không chịu dừng",
        "a private service is alive after KILL",
        "End the processes that the message names by hand.",
    ),
    Reason(
        "system-package-missing",
        "thiếu gói phần mềm hệ thống",
        "a package of the distribution is not installed",
        "Install it in one of the ways that the message names.",
    ),
    Reason(
        "postgres-cannot-be-made",
        "không tạo được máy chủ PostgreSQL cục bộ",
        "no private PostgreSQL server can be made here",
        "Name a server in GATEWAY_DATABASE_URL.",
    ),
    Reason(
        "airflow-does-not-answer",
        "Airflow không trả lời",
        "Airflow's API does not answer",
        "Look at the log of the API server.",
    ),
    Reason("airflow-refused", "Airflow từ chối yêu cầu", "Airflow's API refused a request", "Do what its answer says."),
    Reason(
        "airflow-run-not-over",
        "lượt chạy chưa kết thúc",
        "a DAG run is not over in time",
        "Look at the run in Airflow: which task is it waiting for?",
    ),
    Reason(
        "demonstration-sign-in",
        "Airflow dùng cách đăng nhập chỉ dành cho bản trình diễn",
        "production runs under a sign-in for demonstrations",
        "Name an auth manager that knows your people in AIRFLOW__CORE__AUTH_MANAGER.",
    ),
    Reason(
        "partition-key-missing",
        "thiếu khóa ngày đối soát",
        "a run has no business date",
        "Trigger the DAG with the partition key that its page shows.",
    ),
    # dossier
    Reason(
        "not-json", "không phải JSON", "the signed payload is not JSON", "Ask the dossier system for a correct event."
    ),
    Reason(
        "duplicate-key",
        "một khóa JSON xuất hiện hai lần",
        "a JSON key is there twice, so it says two things",
        "Ask the dossier system; nobody chooses one of the two.",
    ),
    Reason(
        "demo-day-out-of-order",
        "ngày thử nghiệm chạy sai thứ tự",
        "a step of the demo day came before what it needs",
        "Let the DAGs of the step before finish first.",
    ),
    Reason(
        "simulator-refused",
        "hệ thống mô phỏng không làm được",
        "a simulator could not do what the script asked",
        "Look at the simulator's log.",
    ),
    Reason("simulator-away", "hệ thống mô phỏng không trả lời", "a simulator does not answer", "Start it again."),
    # ledger and reconciliation
    Reason(
        "dossier-code-invalid",
        "mã hồ sơ sai cấu trúc",
        "not shaped like a dossier code",
        "Ask the dossier system; a code is never guessed (domain.md 1.7).",
    ),
    Reason(
        "dossier-unknown",
        "chưa biết hồ sơ",
        "its dossier is not known yet",
        "Nothing: it is applied when the dossier arrives.",
    ),
    Reason(
        "dossier-status-unknown",
        "trạng thái hồ sơ không có trong danh mục",
        "no status of the national list, 1 to 10",
        "Ask the dossier system for the real status.",
    ),
    Reason(
        "event-unexpected",
        "loại sự kiện không dành cho cổng tích hợp",
        "an event type that is not for us",
        "Ask the dossier system what it meant.",
    ),
    Reason(
        "event-data-invalid",
        "dữ liệu sự kiện sai",
        "the event's data break their contract",
        "Ask the dossier system for a correct event.",
    ),
    Reason(
        "amount-not-whole",
        "số tiền không phải số nguyên đồng",
        "an amount with decimals, an exponent, or as text",
        "Ask the sender for whole đồng.",
    ),
    Reason(
        "amount-not-positive",
        "số tiền bằng không, âm hoặc quá lớn",
        "an amount that cannot be owed or paid",
        "Ask the sender for the right amount.",
    ),
    Reason("currency-foreign", "ngoại tệ", "another currency than VND", "Ask the sender; fees are owed in đồng only."),
    Reason(
        "channel-not-configured",
        "chưa cấu hình đối tác cho kênh thanh toán",
        "no partner collects by this channel",
        "Add the channel to a partner file, then replay the message.",
    ),
    Reason(
        "fee-known-already",
        "khoản thu đã có với số tiền khác",
        "the fee is owed already, with another amount",
        "Ask the dossier system for a fee-changed event instead.",
    ),
    Reason(
        "fee-unknown",
        "khoản thu không tồn tại",
        "the fee was never requested",
        "Ask the dossier system; replay after the fee is known.",
    ),
    Reason(
        "receipt-reused",
        "số biên lai đã dùng",
        "a receipt number is used twice",
        "Ask the cashier which of the two receipts is right.",
    ),
    Reason(
        "money-unidentified",
        "tiền chưa xác định",
        "money that pays nothing that is owed",
        "Attribute it or refund it, under four eyes.",
    ),
    Reason(
        "postal-order-unknown",
        "không có đơn bưu chính này",
        "a tracking record of an order we never made",
        "Ask VNPost whose order it is.",
    ),
    Reason(
        "postal-status-unknown",
        "mã trạng thái bưu chính chưa có trong bảng",
        "a tracking code without a configured meaning",
        "Ask VNPost what it means; add it to the partner file.",
    ),
    Reason(
        "statement-account-foreign",
        "sao kê của tài khoản không phải của ta",
        "a statement of an account that is not ours",
        "Ask the bank; add the account to the partner file if it is ours.",
    ),
    Reason(
        "statement-missing",
        "chưa có sao kê",
        "a statement that the day needs is not here",
        "Fetch it or ask the bank; then reconcile again.",
    ),
    Reason(
        "statement-empty",
        "sao kê trống",
        "the statement is empty although payments are on record",
        "Ask the bank; if it is right, release the day with a reason.",
    ),
    Reason(
        "statement-tiny",
        "sao kê ít bất thường",
        "the statement has far fewer entries than usual",
        "Ask the bank; if it is right, release the day with a reason.",
    ),
    Reason(
        "remittance-missing",
        "chưa có bảng kê chuyển tiền thu hộ",
        "the COD remittance file is not here",
        "Fetch it or ask VNPost; then reconcile again.",
    ),
    Reason(
        "remittance-known",
        "bảng kê đã có",
        "a remittance batch of this number is loaded with other content",
        "Ask VNPost which of the two files is right.",
    ),
    Reason(
        "remittance-count",
        "bảng kê sai số dòng",
        "the remittance has another number of lines than it declares",
        "Ask VNPost for a correct file.",
    ),
    Reason(
        "remittance-total",
        "bảng kê sai tổng tiền",
        "the lines of the remittance do not add up to its total",
        "Ask VNPost for a correct file.",
    ),
    Reason(
        "same-person",
        "người duyệt trùng người lập",
        "the person who proposed cannot approve",
        "Let another person approve.",
    ),
    Reason(
        "step-not-allowed",
        "không thể thực hiện ở trạng thái này",
        "this state does not allow that act",
        "Look at the state; do what is next for it.",
    ),
    Reason(
        "snapshot-changed",
        "kết quả đối soát đã thay đổi",
        "the day was reconciled anew after it was looked at",
        "Look at the new version and decide again.",
    ),
    Reason("refund-unknown", "không có yêu cầu hoàn tiền này", "no such refund", "Check the refund's number."),
    Reason("day-unknown", "chưa đối soát ngày này", "this partner's day was never reconciled", "Reconcile it first."),
    Reason(
        "calendar-unknown",
        "thiếu lịch làm việc",
        "a calendar file or a year of it is missing",
        "Add the year to config/calendars and have it reviewed.",
    ),
    Reason(
        "match-not-complete",
        "đối soát không khép kín",
        "a row of a side is in no class or in two",
        "A fault of ours: stop, report it, approve nothing.",
    ),
    # rights of people (application layer)
    Reason(
        "act-not-allowed",
        "không có quyền làm việc này",
        "none of the person's roles allows this act",
        "Ask somebody who has one of the roles that the message names, or have the role granted.",
    ),
    # rules of matching
    #
    # the day's workflow: decisions, enquiries
    Reason(
        "decision-stale",
        "ngày đã được đối soát lại",
        "the decision is about an older version of the day; nothing was saved",
        "Look at what changed, field by field, and decide again.",
    ),
    Reason(
        "decision-day-closed",
        "ngày đã trình hoặc đã duyệt",
        "a proposed or approved day takes no decisions about its breaks",
        "Have the proposal rejected, or the day reopened.",
    ),
    Reason(
        "break-unknown",
        "không có khoản lệch này",
        "the day's current version has no such row",
        "Look at the day again.",
    ),
    Reason(
        "break-decided-already",
        "khoản lệch đã có quyết định",
        "somebody has decided about this row already",
        "Look at that decision; undo it first where it is wrong.",
    ),
    Reason(
        "decision-not-in-force",
        "quyết định không còn hiệu lực",
        "the decision is undone or confirmed already",
        "Look at the history of the break.",
    ),
    Reason("decision-unknown", "không có quyết định này", "there is no such decision", "Check its number."),
    Reason(
        "undo-not-possible",
        "không thể hủy quyết định này",
        "the effect of the decision cannot be taken back",
        "Do what the message says instead; the decision stays in the history.",
    ),
    Reason(
        "write-off-limit",
        "vượt hạn mức xử lý chênh lệch",
        "nobody may write off so much",
        "Accept it with a reason, request a refund, or ask the partner.",
    ),
    Reason(
        "amount-does-not-fit",
        "số tiền không khớp",
        "the amounts of the decision do not add up",
        "Look at the fee, the payment and the entries, and decide about what fits.",
    ),
    Reason(
        "decision-incomplete",
        "quyết định thiếu hoặc sai thông tin",
        "the decision lacks something or says what cannot be read",
        "Say what the message names.",
    ),
    Reason("reason-missing", "thiếu lý do", "a decision needs a reason", "Say why."),
    Reason(
        "batch-changed",
        "danh sách đã thay đổi",
        "the list is not the one that was frozen; nothing was saved",
        "Look at the list and decide again.",
    ),
    Reason("not-in-bulk", "không làm hàng loạt được", "this decision is about one break", "Decide them one by one."),
    Reason(
        "breaks-open",
        "còn khoản lệch chưa xử lý",
        "a day with undecided breaks cannot be proposed",
        "Decide every break, then propose.",
    ),
    Reason(
        "no-payment-on-record",
        "không có khoản nộp để gán hoặc hoàn",
        "the row has neither a payment nor one credit of a statement",
        "Link it, accept it with a reason, or ask the partner.",
    ),
    Reason(
        "entry-unknown",
        "không có dòng hoặc khoản nộp này",
        "a payment or an entry of the link is not this partner's",
        "Look at the candidates of the row.",
    ),
    Reason(
        "link-not-possible",
        "dòng đã được ghép",
        "an entry or payment of the link is matched or linked already",
        "Look at where it stands now.",
    ),
    Reason(
        "move-not-possible",
        "không thể chuyển sang ngày đó",
        "the other day is closed, the same, or too far away",
        "Choose an open day, at most a month away.",
    ),
    Reason(
        "partner-takes-no-files",
        "đối tác không nhận tệp",
        "the partner has no folder for our files",
        "Ask by letter or telephone, and decide the break otherwise.",
    ),
    Reason("enquiry-unknown", "không có tra soát này", "there is no such enquiry", "Check its number."),
    Reason("enquiry-answered", "tra soát đã có trả lời", "the enquiry is answered already", "Look at its answer."),
    Reason(
        "own-role",
        "không tự đổi quyền của mình",
        "nobody changes the roles of oneself",
        "Ask another person who is ops.",
    ),
    Reason(
        "roles-begun",
        "đã có người vận hành",
        "the first roles are given already",
        "Ask somebody who is ops to grant more.",
    ),
    Reason("role-unknown", "không có quyền này trong hệ thống", "there is no such role", "Use a role that is named."),
    Reason("role-held-already", "đã có quyền này", "the person has that role", "Look at `gateway role list`."),
    Reason("role-not-held", "không có quyền này", "the person has no such role", "Look at `gateway role list`."),
    Reason(
        "seal-unknown", "phiên bản chưa được ký", "that version is not sealed", "Only approved versions are sealed."
    ),
    Reason(
        "seal-differs",
        "dữ liệu khác với bản đã ký",
        "what is stored is not what was sealed",
        "Evidence was changed: stop, keep the database as it is, find out who could write to it.",
    ),
    # refunds, treasury, cash count, months
    #
    # pages
    Reason(
        "sign-in-needed",
        "cần đăng nhập",
        "nobody is signed in",
        "Sign in to Airflow, or send its bearer token.",
    ),
    Reason(
        "csrf-invalid",
        "trang đã mở quá lâu hoặc không phải của bạn",
        "the form's token is missing, too old or another person's",
        "Open the page again and repeat; nothing was saved.",
    ),
    Reason(
        "foreign-origin",
        "yêu cầu đến từ một trang web khác",
        "the request was made by a page of another origin",
        "Open the gateway's own page and do it there; nothing was saved.",
    ),
    Reason(
        "request-invalid",
        "thông tin gửi lên không hợp lệ",
        "a field or an address is not what was asked for",
        "Correct the fields that are named; nothing was saved.",
    ),
    Reason("page-unknown", "không có trang này", "there is no such page", "Go back to the start page."),
    Reason(
        "unexpected",
        "lỗi không mong đợi",
        "a fault that nobody foresaw",
        "Tell operations the number that is shown; what you did may not be saved: look before repeating.",
    ),
    #
    # dossiers, personal data
    #
    # reports, signatures, delivery
    #
)
