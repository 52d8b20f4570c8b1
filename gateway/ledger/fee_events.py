"""What fee events do: requested, changed, cancelled, and paid at the counter. Checked whole before anything changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.errors import Conflict, Malformed
from gateway.ledger.allocation import (
    UNIDENTIFIED,
    allocate,
    ask_for_payment,
    close_settled_requests,
    confirm,
    partner_of_channel,
    release,
    withdraw_requests,
)
from gateway.ledger.book import Book, Dossier, Fee, FeeChange, Payer, Payment
from gateway.ledger.outbox import business_day
from gateway.ledger.reading import amount_of, moment, only_dong, optional_moment, text_of
from gateway.model import VIETNAM, Applied, Channel, DossierEvent, FeeKind

_KINDS = frozenset(kind.value for kind in FeeKind)
_CHANNELS = frozenset(channel.value for channel in Channel)


@dataclass(frozen=True, slots=True)
class _Line:
    fee_id: str
    kind: str
    name: str
    amount: int


def requested(book: Book, event: DossierEvent, message_pk: int) -> None:
    """Fees become owed and the payer is asked for them by the wanted channel. The same again changes nothing."""
    data, code = event.data, event.dossier_code
    lines, channel = _lines(data), _channel(book, data)
    expires_at, told = optional_moment(data, "expires_at"), _payer_told(data)
    for line in lines:
        known = book.fee(code, line.fee_id)
        if known is not None and not known.cancelled and (known.amount, known.kind) != (line.amount, line.kind):
            raise Conflict(f"fee {line.fee_id} is owed with another amount", code="fee-known-already", where=code)
    dossier = book.dossiers[code]
    fresh = [line for line in lines if (fee := book.fee(code, line.fee_id)) is None or fee.cancelled]
    payer_pk = _name_payer(book, code, told, message_pk) if fresh else None
    fees = [_owe(book, dossier, line, channel, payer_pk, message_pk) for line in fresh]
    ask_for_payment(book, dossier, fees, channel, expires_at, message_pk)


def changed(book: Book, event: DossierEvent, message_pk: int) -> None:
    """Amounts change: open requests are withdrawn, what is owed is asked for anew, what is too much is released."""
    data, code = event.data, event.dossier_code
    lines, reason = _lines(data), text_of(data, "reason")
    wanted = _channel(book, data) if data.get("channel") else ""
    dossier = book.dossiers[code]
    touched: list[tuple[str, Fee]] = []
    for line in lines:
        fee = book.fee(code, line.fee_id)
        if fee is None or fee.cancelled:
            channel = wanted or next((f.channel for f in book.fees_of(code)), Channel.CASH.value)
            touched.append((channel, _owe(book, dossier, line, channel, book.newest_payer(code), message_pk)))
            continue
        _change(book, fee, line, reason, message_pk)
        fee.channel = wanted or fee.channel
        touched.append((fee.channel, fee))
    pks = {fee.pk for _, fee in touched}
    others = withdraw_requests(book, code, pks, reason or "Thay đổi mức thu", message_pk)
    _ask_again(book, dossier, touched + others, message_pk)


def cancelled(book: Book, event: DossierEvent, message_pk: int) -> None:
    """Fees are no longer owed; what was paid on them is released and a refund is requested."""
    data, code = event.data, event.dossier_code
    fees, reason = _known_fees(book, data, code), text_of(data, "reason")
    dossier = book.dossiers[code]
    others = withdraw_requests(book, code, {fee.pk for fee in fees}, reason or "Hủy khoản thu", message_pk)
    for fee in fees:
        if not fee.cancelled:
            book.fee_changes.append(FeeChange(fee.pk, fee.amount, None, reason, book.now, message_pk))
            release(book, fee, fee.paid, reason or "Hủy khoản thu", message_pk)
            fee.cancelled = True
            book.changed_fees.add(fee.pk)
    _ask_again(book, dossier, others, message_pk)


def counter_payment(book: Book, event: DossierEvent, message_pk: int) -> Applied:
    """Money taken at the counter pays the named fees. A receipt number is used once.

    It has moved: what pays nothing stays booked as tiền chưa xác định, by reason ``fee-unknown`` where a named fee was
    never requested, else ``money-unidentified`` (cancelled, paid already, more than is owed).
    """
    data, code = event.data, event.dossier_code
    only_dong(data)
    amount = amount_of(data, "amount")
    moment(data, "paid_at")
    method = data.get("method")
    if method not in ("cash", "pos"):
        raise Malformed(f"{method!r} is neither cash nor pos", code="event-data-invalid", where="data.method")
    receipt = (text_of(data, "receipt_series"), text_of(data, "receipt_number"))
    if not receipt[1] or not text_of(data, "cashier"):
        raise Malformed("cashier or receipt number is missing", code="event-data-invalid", where="data.receipt_number")
    if receipt in book.receipts:
        raise Conflict(f"receipt {receipt[0]} {receipt[1]} was given already", code="receipt-reused", where=code)
    fees, unknown = _named_fees(book, data, code)
    bank = partner_of_channel(book, "pos") if method == "pos" else None
    transaction = text_of(data, "partner_transaction_id") if bank is not None else ""
    payment = _same_money(book, bank.id if bank else "", transaction)
    if payment is None:
        payment = _counter_payment(book, event, message_pk, amount, transaction)
        book.add_payment(payment, new=True)
    book.receipts.add(receipt)
    settled = allocate(book, payment, fees, message_pk, "counter")
    confirm(book, settled, payment, message_pk)
    _withdraw_paid(book, code, settled, message_pk)
    return _what_it_paid(payment, unknown)


def _what_it_paid(payment: Payment, unknown: list[str]) -> Applied:
    if not payment.free:
        return Applied()
    if unknown:
        return Applied(reason="fee-unknown", detail=f"{payment.free} đồng: never requested: {', '.join(unknown)}")
    return Applied(reason=UNIDENTIFIED, detail=f"{payment.free} đồng more than is owed")


def _counter_payment(book: Book, event: DossierEvent, message_pk: int, amount: int, transaction: str) -> Payment:
    data, code = event.data, event.dossier_code
    method, paid_at = str(data["method"]), moment(data, "paid_at")
    bank = partner_of_channel(book, "pos") if method == "pos" else None
    account = bank.accounts.of(book.dossiers[code].procedure_code) if bank is not None and bank.accounts else ""
    request = next((r for r in book.requests_of(code) if r.channel == "pos" and r.state == "open"), None)
    use = request if method == "pos" else None
    return Payment(
        pk=next(book.numbers),
        partner=bank.id if bank is not None else "",
        channel=method,
        source="counter",
        reference=use.reference if use else "",
        request_pk=use.pk if use else None,
        dossier_code=code,
        transaction_id=transaction,
        amount=amount,
        allocated=0,
        refunding=0,
        account=account,
        paid_at=paid_at,
        business_on=business_day(bank, paid_at.astimezone(VIETNAM)),
        message_pk=message_pk,
        cashier=text_of(data, "cashier"),
        receipt_series=text_of(data, "receipt_series"),
        receipt_number=text_of(data, "receipt_number"),
        terminal_id=text_of(data, "terminal_id"),
    )


def _same_money(book: Book, partner: str, transaction: str) -> Payment | None:
    """The bank may have told this card payment before the counter did: it is booked once."""
    if not transaction:
        return None
    return next((p for p in book.payments.values() if (p.partner, p.transaction_id) == (partner, transaction)), None)


def _withdraw_paid(book: Book, code: str, settled: list[Fee], message_pk: int) -> None:
    """Fees paid at the counter are asked for nowhere else any more."""
    close_settled_requests(book, code)
    others = withdraw_requests(book, code, {fee.pk for fee in settled}, "Đã thu tại quầy", message_pk)
    _ask_again(book, book.dossiers[code], others, message_pk)


def _ask_again(book: Book, dossier: Dossier, fees: list[tuple[str, Fee]], message_pk: int) -> None:
    asked: dict[tuple[str, int], dict[int, Fee]] = {}  # a request is of one channel and one payer
    for channel, fee in fees:
        asked.setdefault((channel, fee.payer_pk or 0), {})[fee.pk] = fee
    for (channel, _), wanted in sorted(asked.items()):
        ask_for_payment(book, dossier, [fee for _, fee in sorted(wanted.items())], channel, None, message_pk)


def _change(book: Book, fee: Fee, line: _Line, reason: str, message_pk: int) -> None:
    if fee.paid > line.amount:
        release(book, fee, fee.paid - line.amount, reason or "Giảm mức thu", message_pk)
    if fee.amount != line.amount:
        book.fee_changes.append(FeeChange(fee.pk, fee.amount, line.amount, reason, book.now, message_pk))
    fee.amount, fee.kind, fee.name = line.amount, line.kind, line.name
    book.changed_fees.add(fee.pk)


def _payer_told(data: Mapping[str, object]) -> tuple[str, str, str]:
    """Name, address and identity number of who is to pay. Raises Malformed ``event-data-invalid``."""
    name, address, number = (
        " ".join(text_of(data, f"payer_{part}").split()) for part in ("name", "address", "id_number")
    )
    return name, address, number


def _name_payer(book: Book, code: str, told: tuple[str, str, str], message_pk: int) -> int | None:
    name, address, number = told
    if not name:
        return None
    payer = Payer(next(book.numbers), code, name, address, book.now, message_pk, number)
    book.add_payer(payer)
    return payer.pk


def _owe(book: Book, dossier: Dossier, line: _Line, channel: str, payer_pk: int | None, message_pk: int) -> Fee:
    known = book.fee(dossier.code, line.fee_id)
    if known is not None:  # cancelled earlier, owed again
        book.fee_changes.append(FeeChange(known.pk, known.amount, line.amount, "", book.now, message_pk))
        known.amount, known.kind, known.name = line.amount, line.kind, line.name
        known.channel, known.cancelled, known.payer_pk = channel, False, payer_pk
        book.changed_fees.add(known.pk)
        return known
    fee = Fee(
        next(book.numbers), dossier.code, line.fee_id, line.kind, line.name, line.amount, channel, False, 0, book.now,
        message_pk, payer_pk,
    )  # fmt: skip
    book.add_fee(fee, new=True)
    return fee


def _lines(data: Mapping[str, object]) -> list[_Line]:
    raw = data.get("lines")
    if not isinstance(raw, list) or not raw:
        raise Malformed("there is no fee line", code="event-data-invalid", where="data.lines")
    lines = []
    for item in raw:
        if not isinstance(item, Mapping) or item.get("kind") not in _KINDS or not item.get("fee_id"):
            raise Malformed("a fee line has a fee_id and a known kind", code="event-data-invalid", where="data.lines")
        only_dong(item)
        lines.append(_Line(str(item["fee_id"]), str(item["kind"]), text_of(item, "name"), amount_of(item, "amount")))
    if len({line.fee_id for line in lines}) != len(lines):
        raise Malformed("a fee is named twice", code="event-data-invalid", where="data.lines")
    return lines


def _channel(book: Book, data: Mapping[str, object]) -> str:
    channel = str(data.get("channel"))
    if channel not in _CHANNELS:
        raise Malformed(f"{channel!r} is no channel", code="event-data-invalid", where="data.channel")
    if channel != Channel.CASH and partner_of_channel(book, channel) is None:
        raise Malformed(f"no partner collects by {channel}", code="channel-not-configured", where="data.channel")
    return channel


def _known_fees(book: Book, data: Mapping[str, object], code: str) -> list[Fee]:
    fees, unknown = _named_fees(book, data, code)
    if unknown:
        raise Malformed(f"fee {unknown[0]} was never requested", code="fee-unknown", where=code)
    return fees


def _named_fees(book: Book, data: Mapping[str, object], code: str) -> tuple[list[Fee], list[str]]:
    """The fees that an event names, and the names that nobody requested."""
    names = data.get("fee_ids")
    if not isinstance(names, list) or not names:
        raise Malformed("no fee is named", code="event-data-invalid", where="data.fee_ids")
    found = {str(name): book.fee(code, str(name)) for name in names}
    return [fee for fee in found.values() if fee is not None], [name for name, fee in found.items() if fee is None]
