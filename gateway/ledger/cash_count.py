"""What cashiers counted at the end of a day, by receipt book, and how it fits the counter payments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import psycopg
from psycopg import Connection
from psycopg.rows import dict_row

from gateway.collation import vi_key
from gateway.errors import NotFound
from gateway.ledger.refusals import Words, refusal
from gateway.ledger.second_person import confirmed_already, second_person

Rows = Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Count:
    """One receipt book of one cashier and day: numbers ``first_number`` to ``last_number``, ``amount`` in đồng.

    ``receipt_count`` is less than the range where receipts were spoilt or cancelled.
    """

    cashier: str
    business_on: date
    unit_code: str
    receipt_series: str
    first_number: str
    last_number: str
    receipt_count: int
    amount: int

    @property
    def first(self) -> int:
        return int(self.first_number)

    @property
    def last(self) -> int:
        return int(self.last_number)

    @property
    def book(self) -> str:
        """The receipts of the count, as a judged deposit names them."""
        return f"{self.receipt_series}/{self.first_number}-{self.last_number}"


@dataclass(frozen=True, slots=True)
class Counted(Count):
    """A count on record. Once confirmed it counts, in the place of ``corrects``, which it replaces for ``reason``."""

    count_pk: int
    counted_by: str
    counted_at: datetime
    corrects: int | None
    reason: str
    confirmed_by: str | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class CounterReceipt:
    """One payment at the counter, as the dossier system told it."""

    cashier: str
    business_on: date
    unit_code: str
    receipt_series: str
    receipt_number: str
    amount: int


@dataclass(frozen=True, slots=True)
class Taken:
    """Receipts and their sum in đồng."""

    receipts: int
    amount: int

    def __str__(self) -> str:
        return f"{self.receipts} / {self.amount}"


@dataclass(frozen=True, slots=True)
class Span:
    """Receipt numbers from ``first`` to ``last``; of one receipt both are its number, as it is written."""

    first: str
    last: str

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class CashProblem:
    """What does not fit: a reason code and the book it is about, what the counter payments say and what the count.

    ``taken`` and ``counted``: receipts and money of both. ``numbers``: receipts that are missing, or outside of
    ``claimed``, the range of the count. ``other``: the day and cashier of another count that claims ``claimed``.
    """

    code: str
    cashier: str
    business_on: date
    receipt_series: str
    taken: Taken | None = None
    counted: Taken | None = None
    numbers: tuple[Span, ...] = ()
    claimed: Span | None = None
    other: tuple[date, str] | None = None


_KNOWN = Words(
    "cash-count-known",
    "record a correction of the earlier count, with a reason",
    "this book was counted already",
)
_INVALID = Words(
    "cash-count-invalid",
    "digits for numbers, first before last, no more receipts than numbers, an amount above 0",
)


def record(conn: Rows, count: Count, by: str, now: datetime, *, corrects: int | None = None, reason: str = "") -> int:
    """Store a count, inside the caller's transaction; its number. A correction names the one it replaces, and why.

    Raises Malformed ``cash-count-invalid``, Conflict ``cash-count-known``, NotFound ``cash-count-unknown``.
    """
    if corrects is not None and not _is_newest(conn, corrects):
        raise _unknown(corrects)
    try:
        with conn.transaction():
            row = conn.execute(
                "INSERT INTO gateway.cash_count (cashier, business_on, unit_code, receipt_series, first_number,"
                " last_number, receipt_count, amount, counted_by, counted_at, corrects, reason)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING count_pk",
                (
                    count.cashier, count.business_on, count.unit_code, count.receipt_series, count.first_number,
                    count.last_number, count.receipt_count, count.amount, by, now, corrects, reason,
                ),
            ).fetchone()  # fmt: skip
    except psycopg.errors.IntegrityError as error:
        where = f"{count.business_on} {count.cashier} {count.receipt_series}"
        raise refusal(error, where, by, asdict(count), known=_KNOWN, invalid=_INVALID) from error
    return int(str(row[0])) if row is not None else 0


def confirm(conn: Rows, count_pk: int, by: str, now: datetime) -> None:
    """The second person: from now on the count counts, inside the caller's transaction.

    Raises NotFound ``cash-count-unknown``, Conflict ``confirmed-already``, Forbidden ``same-person`` and
    ``act-not-allowed``.
    """
    where = f"count {count_pk}"
    if not _is_newest(conn, count_pk):
        raise _unknown(count_pk)
    with second_person(where, by), conn.transaction():
        done = conn.execute(
            "UPDATE gateway.cash_count SET confirmed_by = %s, confirmed_at = %s"
            " WHERE count_pk = %s AND confirmed_at IS NULL",
            (by, now, count_pk),
        )
    if done.rowcount == 0:
        raise confirmed_already(where)


def counts(conn: Rows, first: date, last: date) -> list[Counted]:
    """The newest count of each book of these business dates, confirmed or not, by day, cashier and book."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT c.* FROM gateway.cash_count c WHERE c.business_on BETWEEN %s AND %s"
            " AND NOT EXISTS (SELECT FROM gateway.cash_count n WHERE n.corrects = c.count_pk)"
            " ORDER BY c.count_pk",
            (first, last),
        ).fetchall()
    found = [Counted(**row) for row in rows]
    return sorted(found, key=lambda one: (one.business_on, vi_key(one.cashier), one.unit_code, one.receipt_series))


def history(conn: Rows, count_pk: int) -> list[Counted]:
    """A count and what it replaced, newest first; empty where there is no such count."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "WITH RECURSIVE chain AS (SELECT * FROM gateway.cash_count WHERE count_pk = %s"
            " UNION ALL SELECT c.* FROM gateway.cash_count c JOIN chain ON c.count_pk = chain.corrects)"
            " SELECT * FROM chain ORDER BY count_pk DESC",
            (count_pk,),
        ).fetchall()
    return [Counted(**row) for row in rows]


def counter_receipts(conn: Rows, first: date, last: date) -> list[CounterReceipt]:
    """The cash payments at counters of these business dates, by book and number."""
    rows = conn.execute(
        "SELECT p.cashier, p.business_on, coalesce(d.unit_code, ''), p.receipt_series, p.receipt_number, p.amount"
        " FROM gateway.payment p LEFT JOIN gateway.dossier d USING (dossier_code)"
        " WHERE p.source = 'counter' AND p.channel = 'cash' AND p.business_on BETWEEN %s AND %s ORDER BY 2, 1, 4, 5",
        (first, last),
    ).fetchall()
    return [CounterReceipt(*row) for row in rows]  # type: ignore[arg-type]  # columns in the order of the fields


def problems(counted: Sequence[Count], receipts: Iterable[CounterReceipt]) -> list[CashProblem]:
    """Everything that does not fit between the counts of some days and their counter payments, in a fixed order."""
    books: dict[tuple[date, str, str], list[CounterReceipt]] = {}
    for receipt in receipts:
        books.setdefault((receipt.business_on, receipt.cashier, receipt.receipt_series), []).append(receipt)
    found: list[CashProblem] = []
    for count in counted:
        mine = books.pop((count.business_on, count.cashier, count.receipt_series), [])
        others = [one for one in mine if one.unit_code not in ("", count.unit_code)]
        if others:  # the same cashier and book may serve two units: each count has its own receipts
            books[count.business_on, count.cashier, count.receipt_series] = others
        found += _of_count(count, [one for one in mine if one not in others])
    found += [
        CashProblem("cash-not-counted", cashier, on, series, taken=_taken(left))
        for (on, cashier, series), left in books.items()
    ]
    found += _overlaps(counted)
    return sorted(found, key=lambda one: (one.business_on, vi_key(one.cashier), one.receipt_series, one.code))


def _of_count(count: Count, receipts: Sequence[CounterReceipt]) -> list[CashProblem]:
    book = (count.cashier, count.business_on, count.receipt_series)
    claimed, taken, counted = _claimed(count), _taken(receipts), Taken(count.receipt_count, count.amount)
    numbers = {int(one.receipt_number) for one in receipts if one.receipt_number.isdecimal()}
    odd = [one.receipt_number for one in receipts if not one.receipt_number.isdecimal()]
    outside = sorted(number for number in numbers if not count.first <= number <= count.last)
    found = []
    if taken != counted:
        found.append(CashProblem("cash-differs", *book, taken=taken, counted=counted))
    if outside or odd:
        strange = tuple(Span(one, one) for one in (*map(str, outside), *odd))
        found.append(CashProblem("cash-receipt-outside", *book, numbers=strange, claimed=claimed))
    missing = tuple(Span(str(since), str(to)) for since, to in gaps(numbers, count.first, count.last))
    if missing:  # also where the count says that some were spoilt: each of them has a story
        found.append(CashProblem("cash-receipt-gap", *book, numbers=missing, claimed=claimed))
    return found


def gaps(numbers: Iterable[int], first: int, last: int) -> list[tuple[int, int]]:
    """The ranges inside ``first..last`` that ``numbers`` leave out."""
    found, at = [], first
    for number in sorted(number for number in set(numbers) if first <= number <= last):
        if number > at:
            found.append((at, number - 1))
        at = number + 1
    if at <= last:
        found.append((at, last))
    return found


def _overlaps(counted: Sequence[Count]) -> list[CashProblem]:
    found = []
    ordered = sorted(counted, key=lambda one: (one.receipt_series, one.first, one.last, one.business_on, one.cashier))
    furthest: Count | None = None
    for one in ordered:
        if furthest is not None and furthest.receipt_series == one.receipt_series and one.first <= furthest.last:
            other = (furthest.business_on, furthest.cashier)
            book = (one.cashier, one.business_on, one.receipt_series)
            found.append(
                CashProblem(
                    "cash-receipt-overlap", *book, numbers=(_claimed(one),), claimed=_claimed(furthest), other=other
                )
            )
        if furthest is None or furthest.receipt_series != one.receipt_series or one.last > furthest.last:
            furthest = one
    return found


def _claimed(count: Count) -> Span:
    return Span(count.first_number, count.last_number)


def _taken(receipts: Sequence[CounterReceipt]) -> Taken:
    return Taken(len(receipts), sum(one.amount for one in receipts))


def _is_newest(conn: Rows, count_pk: int) -> bool:
    row = conn.execute(
        "SELECT 1 FROM gateway.cash_count c WHERE count_pk = %s"
        " AND NOT EXISTS (SELECT FROM gateway.cash_count n WHERE n.corrects = c.count_pk)",
        (count_pk,),
    ).fetchone()
    return row is not None


def _unknown(count_pk: int) -> NotFound:
    return NotFound(
        "there is no such count, or it was corrected already",
        code="cash-count-unknown",
        where=f"count {count_pk}",
        action="look at the one that is in force: `gateway cash list`",
        facts={"count": count_pk},
    )
