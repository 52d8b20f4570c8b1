"""Which payment pays which fee: the only place where money meets what is owed."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.ledger.book import Book, Dossier, Fee, Payment, RefundRow, Request
from gateway.ledger.event_data import PaymentConfirmed
from gateway.ledger.outbox import cancel_request, create_request, tell_dossier_system
from gateway.ledger.references import PAYMENT, REFUND, make_reference
from gateway.model import EventType
from gateway.partners import Partner

FIRST_ENQUIRY = timedelta(minutes=5)
OPEN_FOR = timedelta(days=30)  # where the dossier system names no end
OPEN = "open"
UNIDENTIFIED = "money-unidentified"  # the reason of an applied message whose money pays nothing


def partner_of_channel(book: Book, channel: str) -> Partner | None:
    """Who collects by this channel: by configuration the first bank that offers it, the platform, or the postman."""
    for _, partner in sorted(book.partners.items()):
        if channel == "cod" and partner.role == "postal":
            return partner
        if channel == "platform" and partner.platform is not None:
            return partner
        offers = partner.collection.channels if partner.collection is not None else ()
        if partner.role == "bank" and channel in (str(offered) for offered in offers):
            return partner
    return None


def allocate(book: Book, payment: Payment, fees: list[Fee], message_pk: int, reason: str) -> list[Fee]:
    """Pay fees in their order as far as the payment reaches. Returns those it settled; a surplus pays nothing else."""
    settled = []
    for fee in fees:
        amount = min(fee.due, payment.free)
        if amount > 0:
            move(book, payment, fee, amount, message_pk, reason)
            if fee.due == 0:
                settled.append(fee)
    return settled


def move(book: Book, payment: Payment, fee: Fee, amount: int, message_pk: int, reason: str) -> None:
    """Give ``amount`` of a payment to a fee (negative: take it back)."""
    key = (payment.pk, fee.pk)
    before = book.allocations.get(key, (0, "", 0))[0]
    book.allocations[key] = (before + amount, reason, message_pk)
    payment.allocated += amount
    fee.paid += amount


def confirm(book: Book, fees: list[Fee], payment: Payment, message_pk: int) -> None:
    """Tell the dossier system that these fees are settled."""
    for fee in fees:
        data = PaymentConfirmed(
            fee_id=fee.fee_id,
            amount=fee.amount,
            channel=payment.channel,  # type: ignore[typeddict-item]  # the schema's CHECK holds it to the six
            reference=payment.reference,
            paid_at=payment.paid_at.isoformat(),
        )
        tell_dossier_system(
            book, EventType.PAYMENT_CONFIRMED, fee.dossier_code, {**data}, message_pk, f"{fee.fee_id} {payment.pk}"
        )


def close_settled_requests(book: Book, code: str) -> None:
    """A request whose fees owe nothing any more is settled, and nobody is asked about it again."""
    for request in book.requests_of(code):
        if request.state == OPEN and all(book.fees[pk].due == 0 for pk in request.fees):
            request.state = "settled"
            request.next_enquiry_at = None
            book.changed_requests.add(request.pk)


def ask_for_payment(
    book: Book,
    dossier: Dossier,
    fees: list[Fee],
    channel: str,
    expires_at: datetime | None,
    message_pk: int,
) -> Request | None:
    """One payment request for what these fees still owe, of their payer; None for cash and where nothing is owed."""
    partner = partner_of_channel(book, channel)
    owed = {fee.pk: fee.due for fee in fees if fee.due > 0}
    if partner is None or partner.accounts is None or not owed:
        return None
    number = next(book.numbers)
    payer = book.payer_of(fee for fee in fees if fee.due > 0)
    polled = partner.platform is not None or partner.collection is not None
    request = Request(
        pk=number,
        reference=make_reference(PAYMENT, book.today(), number),
        dossier_code=dossier.code,
        partner=partner.id,
        channel=channel,
        account=partner.accounts.of(dossier.procedure_code),
        amount=sum(owed.values()),
        state=OPEN,
        last_status="",
        last_status_at=None,
        next_enquiry_at=book.now + FIRST_ENQUIRY if polled else None,
        created_at=book.now,
        expires_at=expires_at or book.now + OPEN_FOR,
        message_pk=message_pk,
        payer_pk=payer.pk if payer is not None else None,
        fees=owed,
    )
    book.add_request(request, new=True)
    create_request(book, request, dossier, payer, message_pk)
    return request


def withdraw_requests(book: Book, code: str, fees: set[int], reason: str, message_pk: int) -> list[tuple[str, Fee]]:
    """Cancel the open requests that ask for any of ``fees``; what else they asked for, with its channel."""
    left: list[tuple[str, Fee]] = []
    for request in book.requests_of(code):
        if request.state == OPEN and fees & request.fees.keys():
            request.state = "cancelled"
            request.next_enquiry_at = None
            book.changed_requests.add(request.pk)
            cancel_request(book, request, reason, message_pk)
            left += [(request.channel, book.fees[pk]) for pk in request.fees if pk not in fees]
    return left


def release(book: Book, fee: Fee, amount: int, reason: str, message_pk: int) -> None:
    """Take ``amount`` back from a fee, newest payment first, and ask people for a refund of it.

    The refund is only *requested*: it leaves under four eyes or not at all.
    """
    if amount == 0:
        return
    payers = [payment for payment in book.payments.values() if payment.dossier_code == fee.dossier_code]
    for payment in sorted(payers, key=lambda p: p.pk, reverse=True):
        key = (payment.pk, fee.pk)
        held = book.allocated.get(key, 0) + book.allocations.get(key, (0, "", 0))[0]
        taken = min(held, amount)
        if taken > 0:
            move(book, payment, fee, -taken, message_pk, reason)
            _request_refund(book, payment, taken, reason, message_pk)
            amount -= taken


def _request_refund(book: Book, payment: Payment, amount: int, reason: str, message_pk: int) -> None:
    for waiting in book.new_refunds:
        if waiting.payment_pk == payment.pk and waiting.message_pk == message_pk:
            waiting.amount += amount
            payment.refunding += amount
            return
    number = next(book.numbers)
    book.new_refunds.append(
        RefundRow(
            pk=number,
            refund_id=make_reference(REFUND, book.today(), number),
            payment_pk=payment.pk,
            dossier_code=payment.dossier_code,
            partner=payment.partner,
            amount=amount,
            reason=reason,
            requested_at=book.now,
            message_pk=message_pk,
        )
    )
    payment.refunding += amount
