"""What the current versions of other days say is settled: no second credit, on any day, explains the same money again.

Each row of a credit says which money it is (``Row.settles``), in the words of this module: a remittance by its batch, a
count by its receipts, a batch by its name and date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from psycopg import Connection

from gateway.reconciliation.cases import day_text, iso
from gateway.reconciliation.outcomes import Candidate, Outcome, Row
from gateway.reconciliation.sides import CashCount, Settled

COD, CASH, BULK = "cod", "cash", "bulk"
_ELSEWHERE = """
SELECT r.settles, d.business_on - DATE '1970-01-01', r.entry_pks[1], r.their_amount
  FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)
  JOIN gateway.recon_row r USING (version_pk)
 WHERE (d.partner, d.business_on) <> (%(partner)s, %(day)s::date)
   AND d.business_on BETWEEN %(day)s::date - 31 AND %(day)s::date + 31
   AND v.summary ?| ARRAY['deposit', 'remittance_credit'] AND r.outcome <> 'matched'
   AND r.outcome IN ('deposit', 'remittance_credit') AND r.settles <> '[]'
 ORDER BY d.business_on DESC, d.partner, r.row_no"""


def elsewhere(conn: Connection[tuple[object, ...]], values: Mapping[str, object]) -> dict[str, Settled]:
    """What other days took, the earliest of each; days within a month of this one, as their versions are now."""
    found: dict[str, Settled] = {}
    for settles, on, entry, amount in conn.execute(_ELSEWHERE.encode(), values):
        told = Settled(int(str(on)), int(str(entry)), int(str(amount)))
        found.update((str(what), told) for what in settles)  # type: ignore[attr-defined]  # a list of texts
    return found


def of_remittance(batch: str) -> str:
    """A remittance, by its batch."""
    return f"{COD} {batch}"


def of_count(count: CashCount) -> str:
    """Cash of the counter, by its receipts."""
    return f"{CASH} {count.series}/{count.first}-{count.last}"


def of_date(key: str, day: str) -> str:
    """A batch, by its terminal (``pos:…``) or partner and its date (dd/MM/yyyy)."""
    return f"{BULK} {key} {day}"


def words_of(what: str) -> list[str]:
    """The words by which a person names it: all of them."""
    kind, _, named = what.partition(" ")
    return named.rsplit(" ", 1) if kind == BULK else [named]


def again(row: Row, before: Settled, side: str, what: str) -> Row:
    """The row of a credit whose money another day has: a duplicate that names that day and its entry."""
    return replace(
        row, outcome=Outcome.DUPLICATE, side=side, field="số lần", our_value="1", their_value="2",
        reason=f"{what} ngày {day_text(before.on)}", candidates=(first(row, before),),
    )  # fmt: skip


def first(row: Row, before: Settled) -> Candidate:
    """The credit of the other day, as a row shows it."""
    return Candidate("theirs", before.entry, iso(before.on), before.amount, row.reference, (), "Dòng báo có lần trước")
