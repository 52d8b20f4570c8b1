"""Cash that was brought to a bank, as its reconciled days have it: which counts a deposit is of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import dict_row

Rows = Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Deposit:
    """One credit of class *deposit*: ``amount`` in đồng; ``reason`` says what it was judged by.

    ``books``: the counts that it is of, each as ``series/first-last``, a space between them; "" where no count
    explains it.
    """

    partner: str
    business_on: date
    row_key: str
    outcome: str
    amount: int
    reason: str
    books: str

    def is_of(self, book: str) -> bool:
        """Whether the count ``series/first-last`` is among those that it brought in."""
        return f" {book} " in f" {self.books} "


def deposits(conn: Rows, first: date, last: date) -> list[Deposit]:
    """The deposits of cash in the current versions of these business dates, by day and partner.

    Those that only the bank's wording explains are told, too, without a count; settlements of POS terminals may be
    among them.
    """
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT d.partner, d.business_on, r.row_key, r.outcome, r.their_amount AS amount, r.reason,"
            " CASE WHEN r.rule = 'cash' AND r.outcome <> 'ambiguous' THEN r.reference ELSE '' END"
            "   AS books"
            " FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)"
            " JOIN gateway.recon_row r ON r.version_pk = v.version_pk AND r.class = 'deposit'"
            "  AND r.rule IN ('cash', 'wording')"
            " WHERE d.business_on BETWEEN %s AND %s"
            " AND NOT EXISTS (SELECT FROM gateway.moved_here m WHERE m.partner = d.partner"
            "   AND m.from_on = d.business_on AND m.row_key = r.row_key)"  # the other day has it
            " ORDER BY d.business_on, d.partner, r.row_no",
            (first, last),
        ).fetchall()
    return [Deposit(**row) for row in rows]
