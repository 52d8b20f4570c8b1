"""The account book: opening + collected - refunded - transferred ± other = closing = the next opening, in đồng.

The bank's side is told per account and day, by the class that the day's reconciliation gave each entry; our own side
per unit, phí, lệ phí and cước apart. Of a settlement in bulk the whole batch is collected, and what was kept of it is a
charge: together they are the credit that the bank booked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from psycopg import Connection

from gateway.collation import vi_key
from gateway.errors import DoesNotClose
from gateway.ledger.balances import last_closing, told
from gateway.masking import masked_account

Rows = Connection[tuple[object, ...]]

NOT_JUDGED = ""
"""The class of an entry whose day has no version yet."""

_COLLECTED = ("fee", "deposit")


@dataclass(frozen=True, slots=True)
class AccountDay:
    """One account on the day that a statement closed. ``by_class``: what moved, signed, by class of the entry.

    ``told_opening`` is the statement's own; ``opening`` the last closing before it, where there is one. ``repeats``:
    the file begins before that closing, so that its own opening is an older one.
    """

    partner: str
    account: str
    on: date
    opening: int
    closing: int
    told_opening: int
    repeats: bool
    by_class: Mapping[str, int] = field(default_factory=dict)

    @property
    def collected(self) -> int:
        return sum(self.by_class.get(name, 0) for name in _COLLECTED)

    @property
    def refunded(self) -> int:
        return -self.by_class.get("refund", 0)

    @property
    def transferred(self) -> int:
        return -self.by_class.get("treasury", 0)

    @property
    def other(self) -> int:
        """Charges (kept ones, too), interest, returned and unidentified money, what is not judged yet: signed."""
        apart = (*_COLLECTED, "refund", "treasury")
        return sum(amount for name, amount in self.by_class.items() if name not in apart)

    @property
    def gap(self) -> int:
        """By how much the closing is more than what it should be; 0 where the day closes."""
        return self.closing - (self.opening + self.collected - self.refunded - self.transferred + self.other)

    @property
    def carry_gap(self) -> int:
        """By how much the statement opens with more than the last closing; 0 where it continues."""
        return 0 if self.repeats else self.told_opening - self.opening


@dataclass(frozen=True, slots=True)
class Unit:
    """What payers paid for one unit's dossiers: three kinds of money, never added together on a report.

    ``given_back`` is promised or paid back, ``unidentified`` pays nothing yet. ``unit_code`` "" is money whose dossier
    nobody knows.
    """

    unit_code: str
    unit_name: str
    phi: int = 0
    le_phi: int = 0
    cuoc: int = 0
    given_back: int = 0
    unidentified: int = 0

    @property
    def total(self) -> int:
        return self.phi + self.le_phi + self.cuoc + self.given_back + self.unidentified


@dataclass(frozen=True, slots=True)
class UnitBook:
    """Every unit, and what was received in all. ``gap`` is 0, or đồng vanished."""

    units: tuple[Unit, ...]
    received: int

    @property
    def gap(self) -> int:
        return self.received - sum(unit.total for unit in self.units)


def account_days(conn: Rows, first: date, last: date, *, account: str | None = None) -> list[AccountDay]:
    """Every account and day that a statement with balances closed, by account and day."""
    values = {"first": first, "last": last, "account": account}
    moved: dict[tuple[str, date], dict[str, int]] = defaultdict(dict)
    repeated: set[tuple[str, date]] = set()
    for own, day, known, name, amount in conn.execute(_MOVED_SQL, values).fetchall():
        assert isinstance(day, date)  # a date column
        if known:
            repeated.add((str(own), day))
        else:
            of_day = moved[str(own), day]
            of_day[str(name)] = of_day.get(str(name), 0) + int(str(amount))
    days: list[AccountDay] = []
    for partner, own, day, opens, closing, before in conn.execute(_TOLD_SQL.encode(), values).fetchall():
        assert isinstance(day, date)  # a date column
        last_closing = None if before is None else int(str(before))
        if days and days[-1].account == own:
            last_closing = days[-1].closing
        told_opening = int(str(opens))
        days.append(
            AccountDay(
                str(partner),
                str(own),
                day,
                told_opening if last_closing is None else last_closing,
                int(str(closing)),
                told_opening,
                (str(own), day) in repeated,
                moved.get((str(own), day), {}),
            )
        )
    return days


_ASKED = "f.closing_on BETWEEN %(first)s AND %(last)s AND (%(account)s::text IS NULL OR f.account = %(account)s)"
_TOLD_SQL = f"""
SELECT d.partner, d.account, d.closing_on, d.opening, d.closing, {last_closing("d.account", "d.closing_on")}
  FROM ({told(_ASKED)}) d ORDER BY d.account, d.closing_on"""  # noqa: S608 - our own SQL

# An entry moves the balance of the first closing that lists it; files may overlap, so later ones list it again. One
# that people moved to another day keeps its closing, and has the class that it was judged to be there. What a
# settlement in bulk kept as a charge is a row without an entry, beside the credit that it names.
_MOVED_SQL = """
WITH listed AS MATERIALIZED (
    SELECT DISTINCT s.account, s.closing_on AS day, n.entry_pk
      FROM gateway.statement s JOIN gateway.statement_entry_seen n USING (statement_pk)
     WHERE s.ours AND s.closing_on BETWEEN %(first)s AND %(last)s
       AND (%(account)s::text IS NULL OR s.account = %(account)s)),
numbered AS (
    SELECT account, day, entry_pk, day > min(day) OVER (PARTITION BY entry_pk)
           OR EXISTS (SELECT FROM gateway.statement_entry_seen n JOIN gateway.statement s USING (statement_pk)
                       WHERE n.entry_pk = listed.entry_pk AND s.closing_on < %(first)s) AS known
      FROM listed),
moved AS MATERIALIZED (
    SELECT DISTINCT ON (entry_pk) entry_pk, version_pk, r.class, r.rule
      FROM gateway.moved_here h CROSS JOIN LATERAL unnest(h.entry_pks) e(entry_pk)
      JOIN gateway.recon_entry x USING (version_pk, entry_pk, row_no)
      JOIN gateway.recon_row r USING (version_pk, row_no)
     ORDER BY entry_pk, h.decision_pk DESC),
judged AS (
    SELECT l.account, l.day, l.known, e.entry_pk, e.amount,
           CASE WHEN w.entry_pk IS NULL THEN r.version_pk ELSE w.version_pk END AS version_pk,
           CASE WHEN w.entry_pk IS NULL THEN r.class ELSE w.class END AS class,
           CASE WHEN w.entry_pk IS NULL THEN r.rule ELSE w.rule END AS rule
      FROM numbered l JOIN gateway.statement_entry e USING (entry_pk) LEFT JOIN moved w USING (entry_pk)
      LEFT JOIN gateway.recon_day d ON d.partner = e.partner AND d.business_on = e.booked_on
      LEFT JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
      LEFT JOIN gateway.recon_entry x ON x.version_pk = v.version_pk AND x.entry_pk = e.entry_pk
      LEFT JOIN gateway.recon_row r ON r.version_pk = x.version_pk AND r.row_no = x.row_no),
told AS MATERIALIZED (
    SELECT j.*, CASE WHEN j.rule = 'bulk' THEN
           (SELECT sum(c.their_amount)::bigint FROM gateway.recon_row c
             WHERE c.version_pk = j.version_pk AND (c.outcome, c.rule, c.entry_pks) = ('bank_charge', 'bulk', '{}')
               AND c.candidates @> jsonb_build_array(jsonb_build_object('pk', j.entry_pk))) END AS charge
      FROM judged j)
SELECT account, day, known, coalesce(class, ''), sum(amount - coalesce(charge, 0))::bigint FROM told GROUP BY 1, 2, 3, 4
UNION ALL
SELECT account, day, known, 'bank_charge', sum(charge)::bigint FROM told WHERE charge <> 0 GROUP BY 1, 2, 3"""


def units(conn: Rows, first: date, last: date) -> UnitBook:
    """What was paid on these business dates, by the unit of the dossier, in the alphabet's order of their names."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    names: dict[str, str] = {}
    for code, name, kind, amount in conn.execute(_UNITS_SQL, {"first": first, "last": last}).fetchall():
        names[str(code)] = max(names.get(str(code), ""), str(name))
        found[str(code)][str(kind)] = found[str(code)].get(str(kind), 0) + int(str(amount))
    row = conn.execute(
        "SELECT coalesce(sum(amount), 0) FROM gateway.payment WHERE business_on BETWEEN %s AND %s", (first, last)
    ).fetchone()
    order = sorted(found, key=lambda code: (vi_key(names[code]), code))
    listed = tuple(Unit(code, names[code], **found[code]) for code in order)
    return UnitBook(listed, int(str(row[0])) if row is not None else 0)


_UNITS_SQL = """
WITH mine AS MATERIALIZED (
    SELECT p.payment_pk, p.amount, p.allocated, p.refunding, coalesce(d.unit_code, '') AS unit_code,
           coalesce(d.unit_name, '') AS unit_name
      FROM gateway.payment p LEFT JOIN gateway.dossier d USING (dossier_code)
     WHERE p.business_on BETWEEN %(first)s AND %(last)s)
SELECT d.unit_code, d.unit_name, f.kind, sum(a.amount)::bigint
  FROM mine JOIN gateway.payment_allocation a USING (payment_pk) JOIN gateway.fee f USING (fee_pk)
  JOIN gateway.dossier d ON d.dossier_code = f.dossier_code GROUP BY 1, 2, 3
UNION ALL
SELECT unit_code, unit_name, 'given_back', sum(refunding)::bigint FROM mine WHERE refunding > 0 GROUP BY 1, 2
UNION ALL
SELECT unit_code, unit_name, 'unidentified', sum(amount - allocated - refunding)::bigint FROM mine
 WHERE amount > allocated + refunding GROUP BY 1, 2"""


def broken(days: Iterable[AccountDay]) -> list[str]:
    """One line for every day that does not close or does not continue: which account and day, and by how much."""
    lines = []
    for day in days:
        where = f"{day.partner} {masked_account(day.account)} {day.on.isoformat()}"
        if day.gap:
            lines.append(f"{where}: closing differs by {day.gap}")
        if day.carry_gap:
            lines.append(f"{where}: opening differs from the last closing by {day.carry_gap}")
    return lines


def require_closed(days: Sequence[AccountDay]) -> None:
    """Raises DoesNotClose ``account-does-not-close``, naming every account, day and amount that is off."""
    lines = broken(days)
    if lines:
        raise DoesNotClose(
            "; ".join(lines),
            code="account-does-not-close",
            where="account book",
            action="ask the bank for the missing statement; look at the entries of that day",
        )
