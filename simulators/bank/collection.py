"""What the bank answers to each operation of the collection contract: element in, element out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from simulators.bank.books import Books, Entry, PaymentRequest, Refund
from simulators.bank.habits import VIETNAM, Habits

NAMESPACE = "urn:vn:quangninh:collection:v1"
CONTRACT = Path(__file__).resolve().parents[2] / "adapters" / "banking" / "contracts" / "collection.xsd"
Fields = Mapping[str, str]
Reply = dict[str, "str | Mapping[str, str]"]


@dataclass(frozen=True, slots=True)
class Desk:
    """Who answers: the bank's books, its habits, its own time."""

    books: Books
    habits: Habits
    now: Callable[[], datetime]


def fields_of(payload: etree._Element) -> dict[str, str]:
    return {etree.QName(child).localname: (child.text or "").strip() for child in payload}


def element(name: str, fields: Mapping[str, object]) -> etree._Element:
    """``name`` with ``fields`` in order; None leaves one out, a mapping nests."""
    root = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={"c": NAMESPACE})
    for key, value in fields.items():
        if isinstance(value, Mapping):
            root.append(element(key, value))
        elif value is not None:
            etree.SubElement(root, f"{{{NAMESPACE}}}{key}").text = str(value)
    return root


def create(desk: Desk, sent: Fields) -> Reply:
    digest = _digest(sent)
    known = desk.books.request(sent["Reference"])
    if known is not None:
        code = "00" if known.digest == digest else "94"
        return _reply(code, Reference=known.reference, RequestNumber=known.number if code == "00" else None)
    if sent["Account"] not in desk.habits.accounts:
        return _reply("14", "khong co tai khoan nay", Reference=sent["Reference"])
    problem = _qr_problem(sent, desk.habits)
    if problem:
        return _reply("30", problem, Reference=sent["Reference"])
    request = PaymentRequest(
        sent["Reference"], digest, desk.books.next_number("R"), sent["Channel"], int(sent["Amount"]), sent["Account"],
        sent["Description"], sent["ExpiresAt"], "OPEN",
    )  # fmt: skip
    desk.books.add_request(request)
    return _reply("00", Reference=request.reference, RequestNumber=request.number)


def query(desk: Desk, sent: Fields) -> Reply:
    request = desk.books.request(sent["Reference"])
    if request is None:
        return _reply("25", "khong tim thay", Reference=sent["Reference"])
    payments = list(desk.books.payments(request.reference))
    after = sent.get("AfterTransaction")
    if after in [payment.number for payment in payments]:
        payments = payments[[payment.number for payment in payments].index(after) + 1 :]
    state = _state(desk, request, paid=bool(payments))
    payment = _payment(payments[0]) if state == "PAID" else None
    return _reply(
        "68" if state == "PENDING" else "00",
        Reference=request.reference, State=state, RequestNumber=request.number, Payment=payment,
    )  # fmt: skip


def cancel(desk: Desk, sent: Fields) -> Reply:
    request = desk.books.request(sent["Reference"])
    if request is None:
        return _reply("25", "khong tim thay", Reference=sent["Reference"])
    state = _state(desk, request, paid=bool(desk.books.payments(request.reference)))
    if state in ("PAID", "PENDING"):
        return _reply("57", "da thanh toan", Reference=request.reference, State=state)
    desk.books.set_request_state(request.reference, "CANCELLED")
    return _reply("00", Reference=request.reference, State="CANCELLED")


def refund(desk: Desk, sent: Fields, *, pending: bool = False) -> Reply:
    digest, refund_id, amount = _digest(sent), sent["RefundId"], int(sent["Amount"])
    known = desk.books.refund(refund_id)
    if known is not None:
        return _refund_reply(known) if known.digest == digest else _reply("94", RefundId=refund_id)
    payment = desk.books.payment(sent["TransactionNumber"])
    if payment is None or payment.account != sent["Account"]:
        return _reply("25", "khong tim thay giao dich goc", RefundId=refund_id, State="REFUSED")
    if desk.books.refunded(payment.number) + amount > payment.amount:
        return _reply("61", "vuot so tien da nop", RefundId=refund_id, State="REFUSED")
    made = Refund(refund_id, digest, payment.number, sent["Reference"], payment.account, amount, "PENDING", "")
    desk.books.add_refund(made)
    return _refund_reply(made if pending else settle_refund(desk, refund_id, done=True))


def settle_refund(desk: Desk, refund_id: str, *, done: bool) -> Refund:
    """A pending refund is booked, or refused."""
    found = desk.books.refund(refund_id)
    if found is None or found.state != "PENDING":
        raise ValueError(f"{refund_id} is no pending refund")
    number = ""
    if done:
        now, number = desk.now(), desk.books.next_number("H")
        on = desk.habits.business_date(now)
        text = f"HOAN PHI {found.reference} GD GOC {found.number}"
        desk.books.add_entry(
            Entry(number, found.account, -found.amount, on, on, now, "refund", "", refund_id, text, True, True)
        )
    desk.books.set_refund(refund_id, "DONE" if done else "REFUSED", number)
    settled = desk.books.refund(refund_id)
    assert settled is not None
    return settled


def query_refund(desk: Desk, sent: Fields) -> Reply:
    found = desk.books.refund(sent["RefundId"])
    return _reply("25", RefundId=sent["RefundId"]) if found is None else _refund_reply(found)


OPERATIONS: Mapping[str, Callable[[Desk, Fields], Reply]] = {
    "CreatePaymentRequest": create,
    "QueryPaymentRequest": query,
    "CancelPaymentRequest": cancel,
    "RefundPayment": refund,
    "QueryRefund": query_refund,
}


def _reply(code: str, message: str = "", **fields: object) -> Reply:
    found: dict[str, object] = {"ResponseCode": code, "Message": message or None, **fields}
    return {key: value for key, value in found.items() if value is not None}  # type: ignore[misc]  # None is gone


def _refund_reply(found: Refund) -> Reply:
    code = {"DONE": "00", "PENDING": "68", "REFUSED": "57"}[found.state]
    return _reply(
        code, RefundId=found.refund_id, State=found.state, RefundTransactionNumber=found.refund_number or None
    )


def _state(desk: Desk, request: PaymentRequest, *, paid: bool) -> str:
    if paid:
        return "PAID"
    if request.state == "OPEN" and desk.now() > datetime.fromisoformat(request.expires_at).astimezone(UTC):
        return "EXPIRED"
    return request.state


def _payment(entry: Entry) -> dict[str, str]:
    return {
        "TransactionNumber": entry.number,
        "Amount": str(entry.amount),
        "Currency": "VND",
        "Account": entry.account,
        "Channel": entry.channel,
        "PaidAt": entry.at.astimezone(VIETNAM).isoformat(timespec="seconds"),
        "BusinessDate": entry.booked_on.isoformat(),
    }


def _digest(sent: Fields) -> str:
    told = "\n".join(f"{key}={value}" for key, value in sorted(sent.items()))
    return hashlib.sha256(told.encode("utf-8")).hexdigest()


def _qr_problem(sent: Fields, habits: Habits) -> str:
    """What a teller's scanner would say of the VietQR payload: checksum, account, amount, reference (domain.md 4.1)."""
    payload = sent["QrPayload"]
    if f"{crc16(payload[:-4].encode('ascii')):04X}" != payload[-4:]:
        return "ma QR sai CRC"
    tags = _tlv(payload)
    beneficiary = _tlv(_tlv(tags.get("38", "")).get("01", ""))
    if beneficiary.get("00") != habits.bin or beneficiary.get("01") != sent["Account"]:
        return "ma QR sai tai khoan"
    if tags.get("54") != sent["Amount"]:
        return "ma QR sai so tien"
    if sent["Reference"] not in tags.get("62", ""):
        return "ma QR thieu ma tham chieu"
    return ""


def _tlv(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    while len(text) >= 4 and text[2:4].isdigit():
        length = int(text[2:4])
        found[text[:2]] = text[4 : 4 + length]
        text = text[4 + length :]
    return found


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return crc
