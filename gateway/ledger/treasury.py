"""Transfers to the treasury: the voucher (C1-02/NS, domain.md 6.3), and the debit of the bank that carried it out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Literal

import psycopg
from psycopg import Connection
from psycopg.rows import dict_row

from gateway.errors import Malformed, NotFound
from gateway.ledger.refusals import Words, refusal

Rows = Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a voucher: ``chapter`` is mã chương (3 digits), ``subitem`` mã NDKT, tiểu mục (4 digits)."""

    kind: Literal["phi", "le_phi"]
    content: str
    amount: int
    chapter: str
    subitem: str
    document: str = ""
    period: str = ""


@dataclass(frozen=True, slots=True)
class Voucher:
    """Giấy nộp tiền vào NSNN. It covers the payments on ``account`` from ``covers_from`` to ``covers_to``."""

    voucher_number: str
    partner: str
    account: str
    paid_on: date
    covers_from: date
    covers_to: date
    payer_name: str
    treasury_name: str
    items: tuple[Item, ...]
    treasury_account: str = "7111"
    form_code: str = "C1-02/NS"
    document_number: str = ""
    reference: str = ""
    method: Literal["transfer", "cash"] = "transfer"
    payer_tax_code: str = ""
    payer_address: str = ""
    collects_as: str = "TK_THU_NSNN"
    authority: str = ""
    unit_code: str = ""

    @property
    def total(self) -> int:
        return sum(item.amount for item in self.items)


@dataclass(frozen=True, slots=True)
class Recorded(Voucher):
    """A voucher on record."""

    voucher_pk: int = 0
    recorded_by: str = ""
    recorded_at: datetime | None = None
    cancelled_by: str | None = None
    cancelled_at: datetime | None = None
    cancelled_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Debit:
    """A bank's debit of class *treasury*, as its reconciled day has it. ``amount`` is what left, in đồng (positive)."""

    entry_pk: int
    partner: str
    account: str
    on: date
    amount: int
    keys: str
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A voucher and the debit that paid it. ``certain`` is False where others of the same amount would fit as well."""

    voucher: Recorded
    debit: Debit
    certain: bool


@dataclass(frozen=True, slots=True)
class Matching:
    """Both sides, each exactly once: paired, or alone."""

    pairs: tuple[Pair, ...]
    vouchers: tuple[Recorded, ...]
    debits: tuple[Debit, ...]


_COLUMNS = tuple(field.name for field in fields(Voucher) if field.name != "items")


_KNOWN = Words(
    "voucher-known",
    "look it up; cancel it with a reason if it was recorded wrong",
    "a voucher of this number and account is recorded already",
)
_INVALID = Words(
    "voucher-invalid",
    "chapter 3 digits, subitem 4, amounts above 0, a period that ends by the day of payment",
)


def record(conn: Rows, voucher: Voucher, by: str, now: datetime) -> int:
    """Store a voucher with its items, inside the caller's transaction; its number in our table.

    Raises Malformed ``voucher-invalid``, Conflict ``voucher-known``.
    """
    where = f"voucher {voucher.voucher_number}"
    if not voucher.items:
        raise Malformed("it has no items", code="voucher-invalid", where=where, action="list what is paid, by subitem")
    names = (*_COLUMNS, "total", "recorded_by", "recorded_at")
    marks = ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO gateway.treasury_voucher ({', '.join(names)}) VALUES ({marks}) RETURNING voucher_pk"  # noqa: S608 - our own names
    values = (*(getattr(voucher, name) for name in _COLUMNS), voucher.total, by, now)
    try:
        with conn.transaction():
            row = conn.execute(statement.encode(), values).fetchone()
            pk = int(str(row[0])) if row is not None else 0
            conn.cursor().executemany(
                "INSERT INTO gateway.treasury_voucher_item (voucher_pk, line_no, kind, document, period, content,"
                " chapter, subitem, amount) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    (pk, number, i.kind, i.document, i.period, i.content, i.chapter, i.subitem, i.amount)
                    for number, i in enumerate(voucher.items, start=1)
                ],
            )
    except psycopg.errors.IntegrityError as error:
        raise refusal(error, where, known=_KNOWN, invalid=_INVALID) from error
    return pk


def cancel(conn: Rows, voucher_pk: int, by: str, reason: str, now: datetime) -> None:
    """A voucher was recorded wrong, or its transfer was not made. Raises NotFound ``voucher-unknown``."""
    done = conn.execute(
        "UPDATE gateway.treasury_voucher SET cancelled_by = %s, cancelled_at = %s, cancelled_reason = %s"
        " WHERE voucher_pk = %s AND cancelled_at IS NULL",
        (by, now, reason, voucher_pk),
    )
    if done.rowcount == 0:
        raise NotFound(
            "there is no such voucher, or it was cancelled",
            code="voucher-unknown",
            where=f"voucher {voucher_pk}",
            action="check its number with `gateway treasury list`",
        )


def vouchers(conn: Rows, first: date, last: date, *, cancelled: bool = False) -> list[Recorded]:
    """The vouchers paid on these days, by day and number; the cancelled ones only where asked for."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT v.*, (SELECT jsonb_agg(to_jsonb(i) - 'voucher_pk' - 'line_no' ORDER BY i.line_no)"
            "   FROM gateway.treasury_voucher_item i WHERE i.voucher_pk = v.voucher_pk) AS items"
            " FROM gateway.treasury_voucher v WHERE paid_on BETWEEN %s AND %s AND (%s OR cancelled_at IS NULL)"
            " ORDER BY paid_on, voucher_number, voucher_pk",
            (first, last, cancelled),
        ).fetchall()
    return [_recorded(row) for row in rows]


def _recorded(row: dict[str, object]) -> Recorded:
    row.pop("total")
    listed = row.pop("items") or []
    assert isinstance(listed, list)  # jsonb_agg
    return Recorded(items=tuple(Item(**item) for item in listed), **row)  # type: ignore[arg-type]  # columns are the fields


def debits(conn: Rows, first: date, last: date) -> list[Debit]:
    """The debits of class *treasury* in the current versions of these business dates, by day."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            'SELECT e.entry_pk, e.partner, e.account, e.booked_on AS "on", -e.amount AS amount, e.keys, e.text'
            " FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)"
            " JOIN gateway.recon_row r ON r.version_pk = v.version_pk AND r.class = 'treasury'"
            " JOIN gateway.statement_entry e ON e.entry_pk = ANY (r.entry_pks)"
            " WHERE d.business_on BETWEEN %s AND %s AND e.amount < 0 ORDER BY e.booked_on, e.entry_pk",
            (first, last),
        ).fetchall()
    return [Debit(**row) for row in rows]


def pair(recorded: Iterable[Recorded], paid: Iterable[Debit], window_days: int) -> Matching:
    """Match vouchers to debits: same account, same amount, booked from ``paid_on`` to ``window_days`` after it.

    A debit that names the voucher's number or reference goes first; then equals are paired in the order of their days.
    The order of the inputs does not matter, and each side stands in the answer exactly once.
    """
    left = sorted(recorded, key=lambda one: (one.paid_on, one.voucher_number, one.voucher_pk))
    right = sorted(paid, key=lambda one: (one.on, one.entry_pk))
    found: list[Pair] = []
    groups: dict[tuple[str, int], tuple[list[Recorded], list[Debit]]] = defaultdict(lambda: ([], []))
    for voucher in left:
        groups[voucher.account, voucher.total][0].append(voucher)
    for debit in right:
        groups[debit.account, debit.amount][1].append(debit)
    alone_left, alone_right = [], []
    for mine, theirs in groups.values():
        pairs, mine, theirs = _within(mine, theirs, timedelta(days=window_days))
        found += pairs
        alone_left += mine
        alone_right += theirs
    found.sort(key=lambda one: (one.voucher.paid_on, one.voucher.voucher_number, one.voucher.voucher_pk))
    alone_left.sort(key=left.index)
    alone_right.sort(key=right.index)
    return Matching(tuple(found), tuple(alone_left), tuple(alone_right))


def _within(
    mine: Sequence[Recorded], theirs: Sequence[Debit], window: timedelta
) -> tuple[list[Pair], list[Recorded], list[Debit]]:
    """Pairs among vouchers and debits of one account and amount, both in the order of their days."""

    def fits(voucher: Recorded, debit: Debit) -> bool:
        return voucher.paid_on <= debit.on <= voucher.paid_on + window

    pairs: list[Pair] = []
    debits_left = list(theirs)
    waiting: list[Recorded] = []
    for voucher in mine:
        named = next((one for one in debits_left if fits(voucher, one) and _names(one, voucher)), None)
        if named is None:
            waiting.append(voucher)
        else:
            debits_left.remove(named)
            pairs.append(Pair(voucher, named, True))
    alone = []
    for voucher in waiting:
        # All windows are equally long, so the earliest debit for the earliest voucher never costs a later one its own.
        choices = [one for one in debits_left if fits(voucher, one)]
        if not choices:
            alone.append(voucher)
            continue
        rivals = [other for other in waiting if other is not voucher and any(fits(other, one) for one in choices)]
        debits_left.remove(choices[0])
        pairs.append(Pair(voucher, choices[0], len(choices) == 1 and not rivals))
    return pairs, alone, debits_left


def _names(debit: Debit, voucher: Recorded) -> bool:
    words = set(debit.keys.split()) | set(debit.text.replace(",", " ").replace(".", " ").split())
    return any(name and name in words for name in (voucher.voucher_number, voucher.reference, voucher.document_number))
