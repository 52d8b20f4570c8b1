"""Signatures, certificates, trust and XML."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
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
        "wrong-partner",
        "thông điệp của đối tác khác",
        "it speaks for another partner than the one that signed it",
        "Ask the partner for its own file.",
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
)
