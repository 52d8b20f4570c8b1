"""Applies dossier events: one working set, one set of statements, any number of events, in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from psycopg import Connection

from gateway.errors import Conflict, Malformed
from gateway.ledger import dossier_events, fee_events
from gateway.ledger.book import Book
from gateway.ledger.book_store import flush, load_dossiers, load_money, load_receipts, load_transactions, open_book
from gateway.ledger.references import DOSSIER_CODE
from gateway.model import Applied, Disposition, DossierEvent, EventType, OutboxRow
from gateway.partners import Partner

_Handler = Callable[[Book, DossierEvent, int], Applied | None]
"""Says what became of the event where that is more than *applied*."""

_HANDLERS: Mapping[EventType, _Handler] = MappingProxyType(
    {
        EventType.DOSSIER_SUBMITTED: dossier_events.submitted,
        EventType.DOSSIER_ACCEPTED: dossier_events.accepted,
        EventType.DOSSIER_REFUSED: dossier_events.refused,
        EventType.DOSSIER_WITHDRAWN: dossier_events.withdrawn,
        EventType.DOSSIER_STEP: dossier_events.step,
        EventType.RESULT_READY: dossier_events.result_ready,
        EventType.RESULT_RETURNED: dossier_events.result_returned,
        EventType.FEE_REQUESTED: fee_events.requested,
        EventType.FEE_CHANGED: fee_events.changed,
        EventType.FEE_CANCELLED: fee_events.cancelled,
        EventType.COUNTER_PAYMENT: fee_events.counter_payment,
    }
)

_APPLIED = Applied()


def apply_dossier_events(
    conn: Connection[tuple[object, ...]],
    events: Sequence[tuple[int, DossierEvent]],
    *,
    partners: Mapping[str, Partner],
    now: datetime,
) -> tuple[list[Applied], list[OutboxRow]]:
    """Apply (message_pk, event) pairs in their order, inside the caller's transaction; never commits.

    One ``Applied`` per event: APPLIED; PARKED with the dossier code it waits for; QUARANTINED with a reason code, and
    then nothing of that event was done.
    """
    book = open_book(conn, partners, now)
    _load(conn, book, [event for _, event in events])
    results = [_apply(book, event, message_pk) for message_pk, event in events]
    flush(conn, book)
    return results, book.outbox


def _load(conn: Connection[tuple[object, ...]], book: Book, events: Sequence[DossierEvent]) -> None:
    load_dossiers(conn, book, (event.dossier_code for event in events))
    load_money(
        conn, book, sorted({event.dossier_code for event in events if _touches_money(event)} & book.dossiers.keys())
    )
    counter = [event.data for event in events if event.type is EventType.COUNTER_PAYMENT]
    load_receipts(
        conn, book, [(str(data.get("receipt_series", "")), str(data.get("receipt_number", ""))) for data in counter]
    )
    numbers = sorted({str(data["partner_transaction_id"]) for data in counter if data.get("partner_transaction_id")})
    load_transactions(conn, book, [(partner, number) for partner in sorted(book.partners) for number in numbers])


def _touches_money(event: DossierEvent) -> bool:
    if event.type is EventType.DOSSIER_STEP:
        return event.data.get("status") in dossier_events.ENDS_WITHOUT_RESULT
    return True


def _apply(book: Book, event: DossierEvent, message_pk: int) -> Applied:
    if not DOSSIER_CODE.match(event.dossier_code):
        return Applied(
            Disposition.QUARANTINED, "dossier-code-invalid", f"{event.dossier_code!r} is not shaped like a dossier code"
        )
    handler = _HANDLERS.get(event.type)
    if handler is None:
        return Applied(Disposition.QUARANTINED, "event-unexpected", f"{event.type} is not for us")
    if event.type is not EventType.DOSSIER_SUBMITTED and event.dossier_code not in book.dossiers:
        return Applied(
            Disposition.PARKED, "dossier-unknown", "its dossier is not known yet", waits_for=event.dossier_code
        )
    try:
        return handler(book, event, message_pk) or _APPLIED
    except (Malformed, Conflict) as error:
        return Applied(Disposition.QUARANTINED, error.code, error.explain())
