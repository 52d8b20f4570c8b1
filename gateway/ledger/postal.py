"""Applies VNPost's tracking feed: where papers are, and what the postman collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert, raise_alerts
from gateway.ledger.allocation import allocate, close_settled_requests, confirm
from gateway.ledger.book import Book, Payment, PostalOrderRow
from gateway.ledger.book_store import flush, load_dossiers, load_money, load_orders, load_transactions, open_book
from gateway.ledger.event_data import PostalStatus
from gateway.ledger.outbox import business_day, tell_dossier_system
from gateway.model import VIETNAM, Applied, EventType, OutboxRow, PostalEvent
from gateway.partners import Partner

_STATES = frozenset({"collecting", "collected", "delivering", "delivered", "returned", "cancelled"})


def apply_tracking(
    conn: Connection[tuple[object, ...]],
    events: Sequence[tuple[int, PostalEvent]],
    *,
    partner: str,
    partners: Mapping[str, Partner],
    now: datetime,
) -> tuple[list[Applied], list[OutboxRow]]:
    """Apply (message_pk, record) pairs in their order, inside the caller's transaction; never commits.

    A record seen before changes nothing. An unknown code is kept raw and alerted, never guessed (domain.md 3.2), told
    by reason ``postal-status-unknown`` of an APPLIED result. Money collected becomes a payment by channel COD.
    """
    book = open_book(conn, partners, now)
    load_orders(conn, book, "order_number", sorted({event.order_number for _, event in events}))
    codes = sorted({order.dossier_code for order in book.orders.values()})
    load_dossiers(conn, book, codes)
    load_money(conn, book, codes)
    load_transactions(conn, book, [(partner, _transaction(event)) for _, event in events if event.collected])
    fresh = _store(conn, partner, events)
    known = {(payment.partner, payment.transaction_id) for payment in book.payments.values()}
    results = []
    for message_pk, event in events:
        if event.record_id in fresh:
            fresh.discard(event.record_id)
            results.append(_apply(book, partner, event, message_pk, known))
        else:
            results.append(Applied(detail="this record is on file already"))
    flush(conn, book)
    raise_alerts(conn, _alerts(partner, [event for _, event in events]), now)
    return results, book.outbox


def _transaction(event: PostalEvent) -> str:
    """The identity of collected money: one item is paid for once."""
    return f"COD {event.item_code or event.order_number}"


def _store(conn: Connection[tuple[object, ...]], partner: str, events: Sequence[tuple[int, PostalEvent]]) -> set[str]:
    rows = conn.execute(
        "INSERT INTO gateway.postal_event (partner, record_id, order_number, item_code, status_code, status_text,"
        " meaning, occurred_at, collected, message_pk) SELECT DISTINCT ON (n.record_id) %s, n.* FROM"
        " unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],"
        " %s::bigint[], %s::bigint[]) AS n(record_id, order_number, item_code, status_code, status_text, meaning,"
        " occurred_at, collected, message_pk) ON CONFLICT DO NOTHING RETURNING record_id",
        (
            partner,
            [e.record_id for _, e in events],
            [e.order_number for _, e in events],
            [e.item_code for _, e in events],
            [e.status_code for _, e in events],
            [e.status_text for _, e in events],
            [e.meaning for _, e in events],
            [e.occurred_at for _, e in events],
            [e.collected for _, e in events],
            [pk for pk, _ in events],
        ),
    )
    return {str(record_id) for (record_id,) in rows}


def _apply(book: Book, partner: str, event: PostalEvent, message_pk: int, known: set[tuple[str, str]]) -> Applied:
    order = book.orders.get(event.order_number)
    if event.collected > 0 and (partner, _transaction(event)) not in known:
        known.add((partner, _transaction(event)))
        _collect(book, partner, order, event, message_pk)
    if order is None:
        return Applied(reason="postal-order-unknown", detail=f"order {event.order_number} is not ours")
    if event.meaning is None or event.meaning not in _STATES:
        return Applied(reason="postal-status-unknown", detail=f"code {event.status_code}: {event.status_text}")
    if event.occurred_at >= order.state_at or order.state in ("ordered", "accepted"):
        order.state, order.state_at = event.meaning, event.occurred_at
    order.item_code = event.item_code or order.item_code
    book.changed_orders.add(order.order_number)
    data = PostalStatus(
        order_number=order.order_number,
        item_code=order.item_code,
        direction="collect" if order.direction == "collect" else "deliver",
        meaning=event.meaning,
        occurred_at=event.occurred_at.isoformat(),
    )
    tell_dossier_system(book, EventType.POSTAL_STATUS, order.dossier_code, {**data}, message_pk, event.record_id)
    return Applied()


def _collect(book: Book, partner: str, order: PostalOrderRow | None, event: PostalEvent, message_pk: int) -> None:
    """Postage is VNPost's; what is left of the collected sum pays the fees of the order's request, and nothing else."""
    postman = book.partners.get(partner)
    request = book.requests.get(order.request_pk) if order is not None and order.request_pk else None
    postage = _own_postage(book, order)
    amount = event.collected - postage
    if amount <= 0:
        return
    payment = Payment(
        pk=next(book.numbers),
        partner=partner,
        channel="cod",
        source="cod",
        reference=event.order_number,
        request_pk=request.pk if request is not None else None,
        dossier_code=order.dossier_code if order is not None else None,
        transaction_id=_transaction(event),
        amount=amount,
        allocated=0,
        refunding=0,
        account=postman.accounts.default if postman is not None and postman.accounts is not None else "",
        paid_at=event.occurred_at,
        business_on=business_day(postman, event.occurred_at.astimezone(VIETNAM)),
        message_pk=message_pk,
    )
    book.add_payment(payment, new=True)
    if request is not None and request.state == "open":
        fees = [book.fees[pk] for pk in sorted(request.fees)]
        confirm(book, allocate(book, payment, fees, message_pk, "cod"), payment, message_pk)
        close_settled_requests(book, request.dossier_code)


def _own_postage(book: Book, order: PostalOrderRow | None) -> int:
    """Postage of the order that is no fee of ours: it stays with VNPost and is never booked as state money."""
    if order is None:
        return 0
    request = book.requests.get(order.request_pk) if order.request_pk else None
    fees = [book.fees[pk] for pk in request.fees] if request is not None else []
    return order.cod_postage - sum(fee.amount for fee in fees if fee.kind == "cuoc")


def _alerts(partner: str, events: Sequence[PostalEvent]) -> list[Alert]:
    unknown = {event.status_code for event in events if event.meaning is None}
    return [unknown_status(partner, code) for code in sorted(unknown)]


def unknown_status(partner: str, code: str) -> Alert:
    """The alert about a tracking code without a configured meaning.

    It says the code alone: what the partner calls it may name somebody, and alerts are mailed.
    """
    return Alert(
        f"postal-status:{partner}:{code}",
        "postal-status-unknown",
        partner,
        f"Mã trạng thái bưu chính {code} chưa có trong bảng cấu hình; giữ nguyên, không suy đoán.",
        ACTION_VI["postal-status-unknown"],
    )
