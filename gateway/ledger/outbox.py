"""Outbox rows of the ledger: business changes told in the words of ``gateway.payloads``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from gateway.ledger.book import Book, Dossier, Fee, Payer, PostalOrderRow, Request
from gateway.ledger.references import message_id_of
from gateway.model import Channel, EventType, Kind, OutboxRow
from gateway.partners import Partner
from gateway.payloads import (
    DossierStep,
    DossierSync,
    Event,
    FeeLine,
    Party,
    PaymentRequestCancel,
    PaymentRequestCreate,
    PostalCancel,
    PostalOrder,
)

_ONLINE = frozenset({Channel.INTERNET_BANKING, Channel.QR, Channel.PLATFORM})


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def fee_line(fee: Fee, amount: int | None = None) -> FeeLine:
    """A fee as partners hear of it, with ``amount`` in place of its whole."""
    return FeeLine(fee_id=fee.fee_id, kind=fee.kind, name=fee.name, amount=amount or fee.amount)  # type: ignore[typeddict-item]  # the schema's CHECK holds kind to the three


def _paid_online(book: Book, code: str, fees: list[Fee]) -> Literal["paid", "unpaid", "not_online"]:
    """What the national statistics count: money taken at a counter or a door was not paid online."""
    if not fees:
        return "not_online"
    if any(fee.due for fee in fees):
        return "unpaid"
    paid_by = {payment.channel for payment in book.payments.values() if payment.dossier_code == code}
    return "paid" if paid_by <= _ONLINE else "not_online"


def sync_dossier(book: Book, dossier: Dossier, message_pk: int) -> None:
    """Tell the national portal how the dossier stands."""
    portal = book.partner_with_role("national_portal")
    if portal is None:
        return
    fees = [fee for fee in book.fees_of(dossier.code) if not fee.cancelled]
    payload = DossierSync(
        dossier_code=dossier.code,
        procedure_code=dossier.procedure_code,
        procedure_name=dossier.procedure_name,
        field_code=dossier.field_code,
        field_name=dossier.field_name,
        channel=dossier.channel,
        owner_name=dossier.owner_name,
        owner_id_number=dossier.owner_id_number,
        owner_type=dossier.owner_type,
        phone=dossier.phone,
        email=dossier.email,
        address=dossier.address,
        summary=dossier.summary,
        status=dossier.status,
        unit_code=dossier.unit_code,
        unit_name=dossier.unit_name,
        submitted_at=dossier.submitted_at.isoformat(),
        accepted_at=_iso(dossier.accepted_at),
        due_at=_iso(dossier.due_at),
        finished_at=_iso(dossier.finished_at),
        returned_at=_iso(dossier.returned_at),
        refused_at=_iso(dossier.refused_at),
        returns_by_post=dossier.returns_by_post,
        paid_online=_paid_online(book, dossier.code, fees),
        fees=[fee_line(fee) for fee in fees],
    )
    _add(book, portal.id, Kind.DOSSIER_SYNC, message_pk, "sync", dossier.code, {**payload})


def sync_step(book: Book, code: str, message_pk: int, step: DossierStep) -> None:
    """Tell the national portal one processing step, with its real status."""
    portal = book.partner_with_role("national_portal")
    if portal is not None:
        _add(book, portal.id, Kind.STEP_SYNC, message_pk, "step", code, {**step})


def create_request(book: Book, request: Request, dossier: Dossier, payer: Payer | None, message_pk: int) -> None:
    """Ask a bank or the platform for a payment request (COD and cash have none to create)."""
    partner = book.partners[request.partner]
    if partner.role not in ("bank", "intermediary") or partner.accounts is None:
        return
    name, id_number, address = _payer(dossier, payer)
    payload = PaymentRequestCreate(
        reference=request.reference,
        channel=request.channel,
        dossier_code=dossier.code,
        procedure_code=dossier.procedure_code,
        procedure_name=dossier.procedure_name,
        unit_code=dossier.unit_code,
        unit_name=dossier.unit_name,
        payer_name=name,
        payer_id_number=id_number,
        payer_address=address,
        amount=request.amount,
        account=request.account,
        account_name=partner.accounts.name,
        description=request.reference,
        expires_at=_iso(request.expires_at) or "",
        fees=[fee_line(book.fees[pk], amount) for pk, amount in sorted(request.fees.items())],
    )
    _add(
        book, request.partner, Kind.PAYMENT_REQUEST_CREATE, message_pk, f"create {request.reference}", dossier.code,
        {**payload}, transaction_id=request.reference,
    )  # fmt: skip


def _payer(dossier: Dossier, payer: Payer | None) -> tuple[str, str, str]:
    """Name, identity number and address. What is not told of the owner is the owner's; of anybody else it is ""."""
    owner = dossier.owner_name, dossier.owner_id_number, dossier.address
    if payer is None:
        return owner
    same = payer.name.casefold() == " ".join(owner[0].split()).casefold()
    return payer.name, payer.id_number or (owner[1] if same else ""), payer.address or (owner[2] if same else "")


def cancel_request(book: Book, request: Request, reason: str, message_pk: int) -> None:
    """Withdraw a payment request; it follows its creation (same order key). The platform knows no cancelling."""
    if book.partners[request.partner].role == "bank":
        payload = PaymentRequestCancel(reference=request.reference, reason=reason)
        _add(
            book, request.partner, Kind.PAYMENT_REQUEST_CANCEL, message_pk, f"cancel {request.reference}",
            request.dossier_code, {**payload}, transaction_id=request.reference,
        )  # fmt: skip


def order_post(book: Book, order: PostalOrderRow, citizen: Mapping[str, object], partner: Partner, text: str) -> None:
    """Ask VNPost to collect papers from, or deliver a result to, a citizen."""
    centre = _party(partner.postal_api.centre if partner.postal_api else {})
    other = _party(citizen)
    collect = order.direction == "collect"
    payload = PostalOrder(
        order_number=order.order_number,
        dossier_code=order.dossier_code,
        direction="collect" if collect else "deliver",
        cod_amount=order.cod_state_fee + order.cod_postage,
        sender=other if collect else centre,
        receiver=centre if collect else other,
        description=text,
    )
    _add(
        book, partner.id, Kind.POSTAL_ORDER, order.message_pk, f"order {order.order_number}", order.dossier_code,
        {**payload}, transaction_id=order.order_number,
    )  # fmt: skip


def cancel_post(book: Book, order: PostalOrderRow, reason: str, message_pk: int) -> None:
    """Ask VNPost to forget an order."""
    payload = PostalCancel(order_number=order.order_number, reason=reason)
    _add(
        book, order.partner, Kind.POSTAL_CANCEL, message_pk, f"cancel {order.order_number}", order.dossier_code,
        {**payload}, transaction_id=order.order_number,
    )  # fmt: skip


def tell_dossier_system(
    book: Book, type_: EventType, code: str, data: Mapping[str, object], message_pk: int, subject: str
) -> None:
    """Publish one event for the dossier system; ``subject`` keeps events of one message apart."""
    row = event_row(book.partners, type_, code, data, message_pk, subject, book.now)
    if row is not None:
        book.outbox.append(row)


def event_row(
    partners: Mapping[str, Partner],
    type_: EventType,
    code: str,
    data: Mapping[str, object],
    message_pk: int,
    subject: str,
    now: datetime,
) -> OutboxRow | None:
    """An EVENT row, or None where no dossier system is configured."""
    dossier_system = next((p.id for _, p in sorted(partners.items()) if p.role == "dossier"), None)
    if dossier_system is None:
        return None
    payload = Event(type=type_.value, subject=code, occurred_at=now.isoformat(), data=dict(data))
    return OutboxRow(
        partner=dossier_system,
        kind=Kind.EVENT,
        message_id=message_id_of(message_pk, f"{type_.value} {subject}"),
        payload={**payload},
        dossier_code=code,
        order_key=code,
    )


def _add(
    book: Book,
    partner: str,
    kind: Kind,
    message_pk: int,
    what: str,
    code: str,
    payload: Mapping[str, object],
    transaction_id: str | None = None,
) -> None:
    book.outbox.append(
        OutboxRow(
            partner=partner,
            kind=kind,
            message_id=message_id_of(message_pk, what),
            payload=payload,
            transaction_id=transaction_id,
            dossier_code=code,
            order_key=code,
        )
    )


def _party(source: Mapping[str, object]) -> Party:
    return Party(
        name=str(source.get("name", "")),
        phone=str(source.get("phone", "")),
        address=str(source.get("address", "")),
        commune=str(source.get("commune", "")),
        province=str(source.get("province", "")),
    )


def business_day(partner: Partner | None, local: datetime) -> date:
    """The partner's business date of a local time: after its cut-off the next day. Payments run every day."""
    day = local.date()
    if partner is not None and partner.calendar is not None and local.time() > partner.calendar.cutoff:
        return date.fromordinal(day.toordinal() + 1)
    return day
