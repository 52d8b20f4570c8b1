"""Records what partners say about payments. A notice that money moved is never refused on business grounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from gateway.ledger.allocation import OPEN, UNIDENTIFIED, allocate, close_settled_requests, confirm
from gateway.ledger.book import Book, Payment, Request, StatusNote
from gateway.ledger.book_store import (
    dossiers_of_references,
    flush,
    load_dossiers,
    load_money,
    load_transactions,
    open_book,
)
from gateway.ledger.outbox import business_day
from gateway.ledger.reading import LARGEST
from gateway.model import VIETNAM, Applied, Disposition, OutboxRow, PaymentState, PaymentStatus
from gateway.partners import Partner


def record_statuses(
    conn: Connection[tuple[object, ...]],
    statuses: Sequence[tuple[int, PaymentStatus]],
    *,
    partners: Mapping[str, Partner],
    now: datetime,
) -> tuple[list[Applied], list[OutboxRow]]:
    """Record (message_pk, status) pairs in their order, inside the caller's transaction; never commits.

    Money for an unknown, cancelled or paid request is booked and stays unallocated (tiền chưa xác định), told by
    reason ``money-unidentified`` of an APPLIED result. Only an amount that is no amount is QUARANTINED.
    """
    book = open_book(conn, partners, now)
    owners = dossiers_of_references(conn, [status.reference for _, status in statuses])
    codes = sorted(set(owners.values()))
    load_dossiers(conn, book, codes)
    load_money(conn, book, codes)
    load_transactions(
        conn, book, [(s.partner, s.partner_transaction_id) for _, s in statuses if s.partner_transaction_id]
    )
    index = _Index(book)
    results = [_record(book, index, status, message_pk) for message_pk, status in statuses]
    flush(conn, book)
    return results, book.outbox


class _Index:
    """The requests of a book by reference and its payments by the partner's number."""

    def __init__(self, book: Book) -> None:
        self.requests = {request.reference: request for request in book.requests.values()}
        self.payments: dict[tuple[str, str], list[Payment]] = {}
        for payment in book.payments.values():
            self.add(payment)

    def add(self, payment: Payment) -> None:
        if payment.transaction_id:
            self.payments.setdefault((payment.partner, payment.transaction_id), []).append(payment)

    def same_money(self, status: PaymentStatus) -> Payment | None:
        """A payment that this notice tells again. One transfer may pay several references: each is its own."""
        for payment in self.payments.get((status.partner, status.partner_transaction_id), ()):
            if payment.reference in ("", status.reference) or payment.source == "counter":
                return payment
        return None


def _record(book: Book, index: _Index, status: PaymentStatus, message_pk: int) -> Applied:
    request = index.requests.get(status.reference)
    if request is not None:
        _note(book, request, status, message_pk)
    if status.state is not PaymentState.PAID:
        return Applied()
    if not 0 < status.amount <= LARGEST:
        return Applied(Disposition.QUARANTINED, "amount-not-positive", f"{status.amount} đồng cannot have been paid")
    if index.same_money(status) is not None:
        return Applied(detail="this payment is on record already")
    payment = _payment(book, status, request, message_pk)
    book.add_payment(payment, new=True)
    index.add(payment)
    if request is None:
        return Applied(reason=UNIDENTIFIED, detail=f"no payment request is called {status.reference!r}")
    if request.state != OPEN:
        return Applied(reason=UNIDENTIFIED, detail=f"payment request {status.reference} is {request.state}")
    fees = [book.fees[pk] for pk in sorted(request.fees)]
    confirm(book, allocate(book, payment, fees, message_pk, "notice"), payment, message_pk)
    close_settled_requests(book, request.dossier_code)
    if payment.free:
        return Applied(reason=UNIDENTIFIED, detail=f"{payment.free} đồng more than is owed")
    return Applied()


def _note(book: Book, request: Request, status: PaymentStatus, message_pk: int) -> None:
    """Remember the latest word of the channel, unless it is older than what is known: paid is never unsaid."""
    if request.last_status == PaymentState.PAID:
        return
    if request.last_status != status.state:
        book.status_notes.append(StatusNote(request.pk, status.state.value, request.partner, message_pk))
    request.last_status, request.last_status_at = status.state.value, book.now
    book.changed_requests.add(request.pk)


def _payment(book: Book, status: PaymentStatus, request: Request | None, message_pk: int) -> Payment:
    paid_at = status.paid_at or book.now
    partner = book.partners.get(status.partner)
    return Payment(
        pk=next(book.numbers),
        partner=status.partner,
        channel=status.channel.value,
        source="notice",
        reference=status.reference,
        request_pk=request.pk if request is not None else None,
        dossier_code=request.dossier_code if request is not None else None,
        transaction_id=status.partner_transaction_id,
        amount=status.amount,
        allocated=0,
        refunding=0,
        account=status.account,
        paid_at=paid_at,
        business_on=status.business_on or business_day(partner, paid_at.astimezone(VIETNAM)),
        message_pk=message_pk,
    )
