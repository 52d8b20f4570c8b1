"""HTTP, TLS, sessions and SOAP."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
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
        "Read its answer. 403, 404, 405, 407: mend address or access; what waits then leaves. Else correct and replay.",
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
)
