"""Reads and writes a ``Book``: a handful of set-based statements for any number of events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from psycopg import Connection
from psycopg.types.json import Jsonb

from gateway.ledger.book import Book, Dossier, Fee, Payer, Payment, PostalOrderRow, Request
from gateway.partners import Partner

Rows = Connection[tuple[object, ...]]

_DOSSIER = (
    "dossier_code, procedure_code, procedure_name, field_code, field_name, channel, owner_name, owner_id_number,"
    " owner_type, phone, email, address, summary, unit_code, unit_name, status, status_at, submitted_at, accepted_at,"
    " due_at, finished_at, returned_at, refused_at, returns_by_post, accepted_by, deliver_to,"
    " message_pk"
)
_PAYER = "payer_pk, dossier_code, name, address, told_at, message_pk"
_FEE = (
    "fee_pk, dossier_code, fee_id, kind, name, amount, channel, state = 'cancelled', paid, requested_at, message_pk,"
    " payer_pk"
)
_REQUEST = (
    "request_pk, reference, dossier_code, partner, channel, account, amount, state, last_status, last_status_at,"
    " next_enquiry_at, created_at, expires_at, message_pk, payer_pk"
)
_PAYMENT = (
    "payment_pk, partner, channel, source, reference, request_pk, dossier_code, partner_transaction_id, amount,"
    " allocated, refunding, account, paid_at, business_on, message_pk, cashier, receipt_series, receipt_number,"
    " terminal_id"
)
_ORDER = (
    "order_number, partner, dossier_code, direction, cod_state_fee, cod_postage, request_pk, item_code, state,"
    " state_at, message_pk"
)
_BLOCK = 1000


def _numbers(conn: Rows) -> Iterator[int]:
    while True:
        block = conn.execute(
            "SELECT nextval('gateway.payment_reference_seq')::bigint FROM generate_series(1, %s)", (_BLOCK,)
        ).fetchall()
        for (number,) in block:
            yield int(str(number))


def open_book(conn: Rows, partners: Mapping[str, Partner], now: datetime) -> Book:
    """An empty working set."""
    return Book(partners=partners, now=now, numbers=_numbers(conn))


def load_dossiers(conn: Rows, book: Book, codes: Iterable[str]) -> None:
    """Read and lock dossiers, always in the order of their codes: two batches wait, they do not deadlock."""
    wanted = sorted(set(codes) - book.dossiers.keys())
    if not wanted:
        return
    rows = conn.execute(
        f"SELECT {_DOSSIER} FROM gateway.dossier WHERE dossier_code = ANY(%s) ORDER BY dossier_code FOR UPDATE",  # noqa: S608 - constants
        (wanted,),
    )
    for row in rows:
        dossier = Dossier(*row)  # type: ignore[arg-type]  # the columns above, typed by the schema
        book.dossiers[dossier.code] = dossier


def load_money(conn: Rows, book: Book, codes: Sequence[str]) -> None:
    """Read the payers, fees, requests, payments, allocations and postal orders of dossiers that are locked already."""
    if not codes:
        return
    wanted = (list(codes),)
    for row in conn.execute(
        f"SELECT {_PAYER} FROM gateway.payer WHERE dossier_code = ANY(%s) ORDER BY payer_pk",  # noqa: S608 - constants
        wanted,
    ):
        payer = Payer(*row)  # type: ignore[arg-type]  # the columns above
        book.payers[payer.pk] = payer
    for row in conn.execute(
        f"SELECT {_FEE} FROM gateway.fee WHERE dossier_code = ANY(%s) ORDER BY fee_pk",  # noqa: S608 - constants
        wanted,
    ):
        book.add_fee(Fee(*row), new=False)  # type: ignore[arg-type]  # the columns above
    for row in conn.execute(
        f"SELECT {_REQUEST} FROM gateway.payment_request WHERE dossier_code = ANY(%s) ORDER BY request_pk",  # noqa: S608 - constants
        wanted,
    ):
        book.add_request(Request(*row), new=False)  # type: ignore[arg-type]  # the columns above
    if book.requests:
        for request_pk, fee_pk, amount in conn.execute(
            "SELECT request_pk, fee_pk, amount FROM gateway.payment_request_fee"
            " WHERE request_pk = ANY(%s) ORDER BY fee_pk",
            (list(book.requests),),
        ):
            book.requests[int(str(request_pk))].fees[int(str(fee_pk))] = int(str(amount))
    for row in conn.execute(
        f"SELECT {_PAYMENT} FROM gateway.payment WHERE dossier_code = ANY(%s) ORDER BY payment_pk",  # noqa: S608 - constants
        wanted,
    ):
        book.add_payment(Payment(*row), new=False)  # type: ignore[arg-type]  # the columns above
    if book.fees:
        for payment_pk, fee_pk, amount in conn.execute(
            "SELECT payment_pk, fee_pk, sum(amount)::bigint FROM gateway.payment_allocation WHERE fee_pk = ANY(%s)"
            " GROUP BY 1, 2 ORDER BY 1, 2",
            (list(book.fees),),
        ):
            book.allocated[int(str(payment_pk)), int(str(fee_pk))] = int(str(amount))
    load_orders(conn, book, "dossier_code", list(codes))


def load_orders(conn: Rows, book: Book, column: str, values: list[str]) -> None:
    """Read postal orders by ``dossier_code`` or ``order_number``."""
    for row in conn.execute(
        f"SELECT {_ORDER} FROM gateway.postal_order WHERE {column} = ANY(%s) ORDER BY order_number",  # noqa: S608 - constants
        (values,),
    ):
        order = PostalOrderRow(*row)  # type: ignore[arg-type]  # the columns above
        book.orders.setdefault(order.order_number, order)


def load_receipts(conn: Rows, book: Book, receipts: Sequence[tuple[str, str]]) -> None:
    """Learn which of these counter receipts are used already."""
    if receipts:
        rows = conn.execute(
            "SELECT receipt_series, receipt_number FROM gateway.payment WHERE source = 'counter'"
            " AND (receipt_series, receipt_number) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
            ([series for series, _ in receipts], [number for _, number in receipts]),
        )
        book.receipts.update((str(series), str(number)) for series, number in rows)


def load_transactions(conn: Rows, book: Book, keys: Sequence[tuple[str, str]]) -> None:
    """Read payments by (partner, the partner's transaction number)."""
    if keys:
        for row in conn.execute(
            f"SELECT {_PAYMENT} FROM gateway.payment WHERE partner_transaction_id <> ''"  # noqa: S608 - constants
            " AND (partner, partner_transaction_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
            ([partner for partner, _ in keys], [number for _, number in keys]),
        ):
            payment = Payment(*row)  # type: ignore[arg-type]  # the columns above
            if payment.pk not in book.payments:
                book.add_payment(payment, new=False)


def dossiers_of_references(conn: Rows, references: Sequence[str]) -> dict[str, str]:
    """Which dossier each payment reference belongs to: our own table, never a code rebuilt from text."""
    rows = conn.execute(
        "SELECT reference, dossier_code FROM gateway.payment_request WHERE reference = ANY(%s)", (list(references),)
    )
    return {str(reference): str(code) for reference, code in rows}


def _dossier_row(dossier: Dossier) -> tuple[object, ...]:
    return (
        *(getattr(dossier, name) for name in Dossier.__slots__[:-2]),
        None if dossier.deliver_to is None else Jsonb(dossier.deliver_to),
        dossier.message_pk,
    )


def flush(conn: Rows, book: Book) -> None:
    """Write every change. The order matters: money is taken back before amounts change, and given after."""
    _flush_dossiers(conn, book)
    _copy(conn, "gateway.payer", f"{_PAYER}, mark, is_owner", [
        # The database puts a keyed hash in the number's place, and says who is the owner.
        (p.pk, p.dossier_code, p.name, p.address, p.told_at, p.message_pk, p.id_number.encode(), False)
        for p in (book.payers[pk] for pk in sorted(book.new_payers))
    ])  # fmt: skip
    _copy(conn, "gateway.fee", (
        "fee_pk, dossier_code, fee_id, kind, name, amount, channel, state, paid, requested_at, message_pk, payer_pk"
    ), [
        (f.pk, f.dossier_code, f.fee_id, f.kind, f.name, f.amount, f.channel, "cancelled" if f.cancelled else "due", 0,
         f.requested_at, f.message_pk, f.payer_pk)
        for f in (book.fees[pk] for pk in sorted(book.new_fees))
    ])  # fmt: skip
    _flush_requests(conn, book)
    _copy(conn, "gateway.payment", f"{_PAYMENT}, recorded_at", [
        (p.pk, p.partner, p.channel, p.source, p.reference, p.request_pk, p.dossier_code, p.transaction_id, p.amount,
         0, 0, p.account, p.paid_at, p.business_on, p.message_pk, p.cashier, p.receipt_series, p.receipt_number,
         p.terminal_id, book.now)
        for p in (book.payments[pk] for pk in sorted(book.new_payments))
    ])  # fmt: skip
    _allocate(conn, book, taken=True)
    _flush_fee_changes(conn, book)
    _allocate(conn, book, taken=False)
    _copy(conn, "gateway.refund", (
        "refund_pk, refund_id, payment_pk, dossier_code, partner, amount, reason, requested_at, message_pk"
    ), [
        (r.pk, r.refund_id, r.payment_pk, r.dossier_code, r.partner, r.amount, r.reason, r.requested_at, r.message_pk)
        for r in book.new_refunds
    ])  # fmt: skip
    _flush_orders(conn, book)


def _copy(conn: Rows, table: str, columns: str, rows: Sequence[tuple[object, ...]]) -> None:
    if not rows:
        return
    with conn.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _flush_dossiers(conn: Rows, book: Book) -> None:
    _copy(conn, "gateway.dossier", _DOSSIER, [_dossier_row(book.dossiers[code]) for code in sorted(book.new_dossiers)])
    changed = [book.dossiers[code] for code in sorted(book.changed_dossiers - book.new_dossiers)]
    if changed:
        conn.execute(
            "UPDATE gateway.dossier d SET status = n.status, status_at = n.status_at, accepted_at = n.accepted_at,"
            " due_at = n.due_at, finished_at = n.finished_at, returned_at = n.returned_at, refused_at = n.refused_at,"
            " accepted_by = n.accepted_by"
            " FROM unnest(%s::text[], %s::smallint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[],"
            " %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::text[])"
            " AS n(code, status, status_at, accepted_at, due_at, finished_at, returned_at, refused_at, accepted_by)"
            " WHERE d.dossier_code = n.code",
            tuple(
                [getattr(dossier, name) for dossier in changed]
                for name in (
                    "code", "status", "status_at", "accepted_at", "due_at", "finished_at", "returned_at", "refused_at",
                    "accepted_by",
                )
            ),
        )  # fmt: skip
    again = [book.dossiers[code] for code in sorted(book.resubmitted - book.new_dossiers)]
    if again:
        conn.cursor().executemany(
            "UPDATE gateway.dossier SET owner_name = %s, owner_id_number = %s, phone = %s, email = %s, address = %s,"
            " summary = %s, returns_by_post = %s, deliver_to = %s, owner_at = %s WHERE dossier_code = %s",
            [
                (d.owner_name, d.owner_id_number, d.phone, d.email, d.address, d.summary, d.returns_by_post,
                 None if d.deliver_to is None else Jsonb(d.deliver_to), book.now, d.code)
                for d in again
            ],
        )  # fmt: skip


def _flush_requests(conn: Rows, book: Book) -> None:
    new = [book.requests[pk] for pk in sorted(book.new_requests)]
    _copy(conn, "gateway.payment_request", _REQUEST, [
        (r.pk, r.reference, r.dossier_code, r.partner, r.channel, r.account, r.amount, r.state, r.last_status,
         r.last_status_at, r.next_enquiry_at, r.created_at, r.expires_at, r.message_pk, r.payer_pk)
        for r in new
    ])  # fmt: skip
    lines = [(request.pk, fee_pk, amount) for request in new for fee_pk, amount in sorted(request.fees.items())]
    _copy(conn, "gateway.payment_request_fee", "request_pk, fee_pk, amount", lines)
    _copy(conn, "gateway.payment_request_status", "request_pk, status, partner, noted_at, message_pk", [
        (n.request_pk, n.status, n.partner, book.now, n.message_pk) for n in book.status_notes
    ])  # fmt: skip
    changed = [book.requests[pk] for pk in sorted(book.changed_requests - book.new_requests)]
    if changed:
        conn.execute(
            "UPDATE gateway.payment_request r SET state = n.state, last_status = n.last_status,"
            " last_status_at = n.last_status_at, next_enquiry_at = n.next_enquiry_at,"
            " state_at = CASE WHEN r.state = n.state THEN r.state_at ELSE %s END"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])"
            " AS n(pk, state, last_status, last_status_at, next_enquiry_at) WHERE r.request_pk = n.pk",
            (
                book.now,
                *(
                    [getattr(request, name) for request in changed]
                    for name in ("pk", "state", "last_status", "last_status_at", "next_enquiry_at")
                ),
            ),
        )


def _allocate(conn: Rows, book: Book, *, taken: bool) -> None:
    rows = [
        (payment_pk, fee_pk, amount, reason, book.now, message_pk)
        for (payment_pk, fee_pk), (amount, reason, message_pk) in sorted(book.allocations.items())
        if amount and (amount < 0) == taken
    ]
    _copy(conn, "gateway.payment_allocation", "payment_pk, fee_pk, amount, reason, at, message_pk", rows)


def _flush_fee_changes(conn: Rows, book: Book) -> None:
    changed = [book.fees[pk] for pk in sorted(book.changed_fees - book.new_fees)]
    if changed:
        conn.execute(
            "UPDATE gateway.fee f SET amount = n.amount, kind = n.kind, name = n.name, channel = n.channel,"
            " state = CASE WHEN n.cancelled THEN 'cancelled' WHEN f.paid = n.amount THEN 'settled' ELSE 'due' END,"
            " payer_pk = n.payer_pk"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::bigint[])"
            " AS n(pk, amount, kind, name, channel, cancelled, payer_pk) WHERE f.fee_pk = n.pk",
            tuple(
                [getattr(fee, name) for fee in changed]
                for name in ("pk", "amount", "kind", "name", "channel", "cancelled", "payer_pk")
            ),
        )
    _copy(conn, "gateway.fee_history", "fee_pk, old_amount, new_amount, reason, at, message_pk", [
        (c.fee_pk, c.old_amount, c.new_amount, c.reason, c.at, c.message_pk) for c in book.fee_changes
    ])  # fmt: skip


def _flush_orders(conn: Rows, book: Book) -> None:
    changed = [book.orders[number] for number in sorted(book.changed_orders)]
    if changed:
        conn.cursor().executemany(
            f"INSERT INTO gateway.postal_order ({_ORDER}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608 - constants
            " ON CONFLICT (order_number) DO UPDATE SET state = excluded.state, state_at = excluded.state_at,"
            " cod_state_fee = excluded.cod_state_fee, cod_postage = excluded.cod_postage,"
            " request_pk = excluded.request_pk, item_code = excluded.item_code",
            [
                (o.order_number, o.partner, o.dossier_code, o.direction, o.cod_state_fee, o.cod_postage, o.request_pk,
                 o.item_code, o.state, o.state_at, o.message_pk)
                for o in changed
            ],
        )  # fmt: skip
