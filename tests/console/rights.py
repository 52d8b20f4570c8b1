"""Every route of the console with the right it asks for: a route that is not here fails the matrix test.

A page of another part adds its routes here, with a body that is valid in form (its acts may well be refused).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.application.access import Act

ANY_KEY = "0" * 32
VALUES = {
    "partner": "bank-a", "business_on": "2026-11-23", "row_key": ANY_KEY, "language": "en", "form": "csv",
    "document_pk": "1", "delivery_pk": "1", "kind": "statement", "count_pk": "1", "voucher_pk": "1", "month": "2026-11",
    "pk": "1", "dossier_code": "H49.12-20261123-0000001", "refund_id": "HT2611230000001",
}  # fmt: skip
"""What stands for each part of an address."""


@dataclass(frozen=True, slots=True)
class Right:
    """``act`` None: open to everybody. ``body`` is sent as a form, or as JSON below ``/api``."""

    act: Act | None
    body: Mapping[str, object] = field(default_factory=dict)


REASON = {"reason": "kiểm tra quyền"}
SEEN = {"snapshot_sha256": "0" * 64, **REASON}
DECIDE = {"kind": "accept", "version": 1, **REASON}
MANY = {**DECIDE, "row_key": [ANY_KEY], "count": 1, "frozen_amount": 1}
DAY, BREAK = "/days/{partner}/{business_on}", "/days/{partner}/{business_on}/breaks/{row_key}"

_ACTS: Mapping[str, Right] = {
    f"{DAY}/propose": Right(Act.PROPOSE_DAY, SEEN),
    f"{DAY}/approve": Right(Act.APPROVE_DAY, SEEN),
    f"{DAY}/reject": Right(Act.REJECT_DAY, SEEN),
    f"{DAY}/release": Right(Act.RELEASE_DAY, REASON),
    f"{DAY}/reopen": Right(Act.REOPEN_DAY, REASON),
    f"{DAY}/decide": Right(Act.DECIDE, MANY),
    f"{BREAK}/decide": Right(Act.DECIDE, DECIDE),
    f"{BREAK}/undo": Right(Act.DECIDE, {"decision": 1, **REASON}),
    f"{BREAK}/confirm": Right(Act.CONFIRM_WRITE_OFF, {"decision": 1, **REASON}),
    f"{BREAK}/answer": Right(Act.ENQUIRE, {"enquiry_id": "TS1", "answer": "đúng", "reference": "CV 1"}),
}

REFUND = "/refunds/{refund_id}"
_MONEY_AND_PEOPLE: Mapping[tuple[str, str], Right] = {
    ("GET", "/dossiers"): Right(Act.SEE),
    ("GET", "/dossiers/{dossier_code}"): Right(Act.SEE),
    ("GET", "/threads/{partner}/{business_on}/{row_key}"): Right(Act.SEE),
    ("GET", "/statements"): Right(Act.SEE),
    ("GET", "/statements/{kind}/{pk}"): Right(Act.SEE),
    ("POST", "/statements/{kind}/{pk}/original"): Right(Act.EXPORT),
    ("GET", "/unidentified"): Right(Act.SEE),
    ("GET", "/enquiries"): Right(Act.SEE),
    ("GET", "/ageing"): Right(Act.SEE),
    ("GET", "/indicators"): Right(Act.SEE),
    ("GET", "/refunds"): Right(Act.SEE),
    ("GET", REFUND): Right(Act.SEE),
    ("POST", f"{REFUND}/propose"): Right(Act.PROPOSE_REFUND),
    ("POST", f"{REFUND}/approve"): Right(Act.APPROVE_REFUND),
    ("POST", f"{REFUND}/reject"): Right(Act.SIGN_MINUTES, REASON),  # either of the two people of a refund
    ("POST", f"{REFUND}/paid"): Right(Act.PROPOSE_REFUND, {"number": "PC-1", "on": "2026-11-23"}),
    ("POST", f"{REFUND}/not-paid"): Right(Act.APPROVE_REFUND, REASON),
    ("POST", f"{REFUND}/receipt"): Right(Act.PROPOSE_REFUND, {"document": "BB-1"}),
    ("GET", "/personal"): Right(Act.REVEAL),
    ("POST", "/personal/reveal"): Right(
        Act.REVEAL, {"subject": "dossier:H49.12-20261123-0000001", "field": "phone", **REASON}
    ),
    ("POST", "/personal/subject"): Right(Act.ANSWER_SUBJECT, {"cccd": "022190000001", **REASON}),
    ("POST", "/personal/erase"): Right(Act.ANSWER_SUBJECT, {"cccd": "022190000001", **REASON}),
    ("POST", "/personal/retention"): Right(Act.ANSWER_SUBJECT),
}

COUNT = {
    "cashier": "Trần Thu", "business_on": "2026-11-23", "unit_code": "H49.12", "receipt_series": "AA/26",
    "first_number": "101", "last_number": "103", "receipt_count": "3", "amount": "150000",
}  # fmt: skip
ITEM = {"kind": "phi", "content": "Phí", "amount": "1000", "chapter": "426", "subitem": "2716"}
VOUCHER = {
    "voucher_number": "GNT-1", "paid_on": "2026-11-23", "covers_from": "2026-11-16", "covers_to": "2026-11-20",
    "payer_name": "Trung tâm", "treasury_name": "KBNN Quảng Ninh",
}  # fmt: skip
MONTH = "/months/{partner}/{month}"
_FINANCE_BOTH: Mapping[tuple[str, str], Right] = {
    ("GET", "/cash"): Right(Act.SEE),
    ("GET", "/cash/{count_pk}"): Right(Act.SEE),
    ("POST", "/cash/{count_pk}/confirm"): Right(Act.CONFIRM_RECORD),
    ("GET", "/treasury"): Right(Act.SEE),
    ("GET", "/treasury/{voucher_pk}"): Right(Act.SEE),
    ("POST", "/treasury/{voucher_pk}/confirm"): Right(Act.CONFIRM_RECORD),
    ("POST", "/treasury/{voucher_pk}/cancel"): Right(Act.CANCEL_VOUCHER, REASON),
    ("GET", "/accounts"): Right(Act.SEE),
    ("GET", "/months"): Right(Act.SEE),
    ("GET", "/months/{month}.xlsx"): Right(Act.EXPORT),
    ("GET", MONTH): Right(Act.SEE),
    ("POST", f"{MONTH}/close"): Right(Act.CLOSE_MONTH),
    ("POST", f"{MONTH}/minutes"): Right(Act.SIGN_MINUTES),
    ("GET", "/sent/{delivery_pk}"): Right(Act.EXPORT),
    ("GET", f"{MONTH}/minutes/{{document_pk}}.pdf"): Right(Act.EXPORT),
    ("POST", f"{MONTH}/minutes/{{document_pk}}"): Right(Act.SIGN_MINUTES, {"signed": "%PDF-"}),
}
"""The same on a page and in REST."""

_FINANCE_PAGES: Mapping[tuple[str, str], Right] = {
    ("GET", "/cash/new"): Right(Act.RECORD_CASH),
    ("POST", "/cash/new"): Right(Act.RECORD_CASH, COUNT),
    ("POST", "/cash/{count_pk}/correct"): Right(Act.RECORD_CASH, {**COUNT, **REASON}),
    ("GET", "/treasury/new"): Right(Act.RECORD_VOUCHER),
    ("POST", "/treasury/new"): Right(Act.RECORD_VOUCHER, {**VOUCHER, **ITEM, "account": "bank-a:•••0101"}),
}

_FINANCE_REST: Mapping[tuple[str, str], Right] = {
    ("POST", "/cash"): Right(Act.RECORD_CASH, COUNT),
    ("POST", "/cash/{count_pk}/correct"): Right(Act.RECORD_CASH, {"count": COUNT, **REASON}),
    ("POST", "/treasury"): Right(
        Act.RECORD_VOUCHER, {**VOUCHER, "partner": "bank-a", "account": "1120000000101", "items": [ITEM]}
    ),
    ("GET", "/units"): Right(Act.SEE),
    ("GET", "/sent"): Right(Act.SEE),
    ("GET", "/waiting"): Right(Act.SEE),
    ("GET", f"{MONTH}/minutes"): Right(Act.SEE),
    ("POST", "/refunds"): Right(Act.PROPOSE_REFUND, {"payment_pk": 1, "amount": 1, **REASON}),
    ("GET", "/receipts-to-correct"): Right(Act.SEE),
    ("GET", "/statements/{kind}/{pk}/lines"): Right(Act.SEE),
    ("GET", f"{DAY}/export.{{form}}"): Right(Act.EXPORT),
    ("GET", f"{DAY}/minutes"): Right(Act.SEE),
    ("POST", f"{DAY}/minutes"): Right(Act.SIGN_MINUTES),
    ("GET", f"{DAY}/minutes/{{document_pk}}.pdf"): Right(Act.EXPORT),
    ("POST", f"{DAY}/minutes/{{document_pk}}"): Right(Act.SIGN_MINUTES, {"signed": "%PDF-"}),
    ("GET", "/openapi.json"): Right(Act.SEE),
    **{key: right for key, right in _MONEY_AND_PEOPLE.items() if not key[1].startswith("/personal")},
    **_FINANCE_BOTH,
}

RIGHTS: Mapping[tuple[str, str], Right] = {
    **_MONEY_AND_PEOPLE,
    **_FINANCE_BOTH,
    **_FINANCE_PAGES,
    **{(method, f"/api{path}"): right for (method, path), right in _FINANCE_REST.items()},
    ("GET", "/about"): Right(None),
    ("GET", "/language/{language}"): Right(None),
    ("GET", "/"): Right(Act.SEE),
    ("GET", DAY): Right(Act.SEE),
    ("GET", BREAK): Right(Act.SEE),
    ("POST", f"{DAY}/frozen"): Right(Act.DECIDE, {"version": 1, "row_key": [ANY_KEY]}),
    ("GET", f"{DAY}/export.{{form}}"): Right(Act.EXPORT),
    ("POST", f"{DAY}/minutes"): Right(Act.SIGN_MINUTES),
    ("GET", f"{DAY}/minutes/{{document_pk}}.pdf"): Right(Act.EXPORT),
    ("POST", f"{DAY}/minutes/{{document_pk}}"): Right(Act.SIGN_MINUTES, {"signed": "%PDF-"}),
    ("GET", "/api/alerts"): Right(Act.SEE),
    ("GET", "/api/days"): Right(Act.SEE),
    ("GET", f"/api{DAY}"): Right(Act.SEE),
    ("GET", f"/api{DAY}/breaks"): Right(Act.SEE),
    ("GET", f"/api{BREAK}"): Right(Act.SEE),
    **{("POST", path): right for path, right in _ACTS.items()},
    **{("POST", f"/api{path}"): right for path, right in _ACTS.items()},
}
