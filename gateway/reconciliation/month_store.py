"""Months in the database: what they are judged from, and what was frozen when they were closed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from gateway.reconciliation.break_decisions import AT_STAKE
from gateway.reconciliation.month_moves import landings
from gateway.reconciliation.months import COUNTERPART, ITEMS, MOVED, SOLVING, Carried, Item, Month, Roll

Rows = Connection[tuple[object, ...]]
Summary = Mapping[str, tuple[int, int, int]]
"""Outcome -> count, our đồng, their đồng."""


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A day as a month counts it. ``replaces``: of a correction, the version that an older month counted (0: none)."""

    business_on: date
    state: str
    version: int
    summary: Summary
    replaces: int | None = None
    replaced: Summary | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """That a month is closed: by whom, when, and the digest of its minutes."""

    month: date
    by: str
    at: datetime
    minutes_sha256: str


def last_day(month: date) -> date:
    """The last day of the month that begins on ``month``."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_before(month: date) -> date:
    """The first day of the month before."""
    return (month - timedelta(days=1)).replace(day=1)


def closed(conn: Rows, partner: str, month: date) -> Closed | None:
    """The month's closing, None while it is open."""
    row = conn.execute(
        "SELECT month, closed_by, closed_at, minutes_sha256 FROM gateway.recon_month WHERE partner = %s AND month = %s",
        (partner, month),
    ).fetchone()
    return None if row is None else Closed(*row)  # type: ignore[arg-type]  # columns in the order of the fields


def began_on(conn: Rows, partner: str) -> date | None:
    """The first business date on which anything of this partner is on record."""
    row = conn.execute(
        "SELECT least((SELECT min(business_on) FROM gateway.recon_day WHERE partner = %(p)s),"
        " (SELECT min(business_on) FROM gateway.payment WHERE partner = %(p)s),"
        " (SELECT min(booked_on) FROM gateway.statement_entry WHERE partner = %(p)s))",
        {"p": partner},
    ).fetchone()
    return row[0] if row is not None and isinstance(row[0], date) else None


def next_open(conn: Rows, partner: str) -> date | None:
    """The first day of the month that is closed next; None before anything is on record."""
    row = conn.execute("SELECT max(month) FROM gateway.recon_month WHERE partner = %s", (partner,)).fetchone()
    if row is not None and isinstance(row[0], date):
        return last_day(row[0]) + timedelta(days=1)
    began = began_on(conn, partner)
    return None if began is None else began.replace(day=1)


def days_with_money(conn: Rows, partner: str, month: date) -> set[date]:
    """Business dates of the month on which a side has money, whether the day was reconciled or not."""
    rows = conn.execute(
        "SELECT business_on FROM gateway.payment WHERE partner = %(p)s AND business_on BETWEEN %(from)s AND %(to)s"
        " UNION SELECT booked_on FROM gateway.statement_entry"
        "   WHERE partner = %(p)s AND booked_on BETWEEN %(from)s AND %(to)s",
        {"p": partner, "from": month, "to": last_day(month)},
    ).fetchall()
    return {row[0] for row in rows if isinstance(row[0], date)}


def days(conn: Rows, partner: str, month: date) -> list[CountedDay]:
    """The month's days in their current versions, and the corrections of older days that no month counts yet."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT d.business_on, d.state, d.version, coalesce(v.summary, '{}') AS summary,"
            " CASE WHEN d.business_on < %(from)s THEN coalesce(c.version, 0) END AS replaces,"
            " (SELECT o.summary FROM gateway.recon_version o WHERE o.partner = d.partner"
            "     AND o.business_on = d.business_on AND o.version = c.version) AS replaced"
            " FROM gateway.recon_day d LEFT JOIN gateway.recon_version v USING (partner, business_on, version)"
            " LEFT JOIN LATERAL (SELECT m.version FROM gateway.recon_month_day m WHERE m.partner = d.partner"
            "   AND m.business_on = d.business_on AND m.month < %(from)s ORDER BY m.month DESC LIMIT 1) c ON true"
            " WHERE d.partner = %(p)s AND d.business_on <= %(to)s AND (d.business_on >= %(from)s"
            "   OR (c.version IS DISTINCT FROM d.version AND EXISTS (SELECT FROM gateway.recon_month m"
            "     WHERE m.partner = d.partner AND m.month = date_trunc('month', d.business_on)::date)))"
            " ORDER BY d.business_on",
            {"p": partner, "from": month, "to": last_day(month)},
        ).fetchall()
    return [CountedDay(**row) for row in rows]


def counted_days(conn: Rows, partner: str, month: date) -> list[CountedDay]:
    """The days as a closed month counted them."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT m.business_on, 'approved' AS state, m.version, v.summary, m.replaces,"
            " (SELECT o.summary FROM gateway.recon_version o WHERE o.partner = m.partner"
            "     AND o.business_on = m.business_on AND o.version = m.replaces) AS replaced"
            " FROM gateway.recon_month_day m JOIN gateway.recon_version v USING (partner, business_on, version)"
            " WHERE m.partner = %s AND m.month = %s ORDER BY m.business_on",
            (partner, month),
        ).fetchall()
    return [CountedDay(**row) for row in rows]


def inputs(conn: Rows, partner: str, month: date, counted: Sequence[CountedDay]) -> Month:
    """What the items of an open month are judged from."""
    brought = items(conn, partner, month_before(month), "AND fate = 'carried'")
    moved = landings(conn, partner, last_day(month))
    dates = sorted(
        {day.business_on for day in counted}
        | {one.item.business_on for one in brought}
        | {on for landing in moved.values() for on, _ in landing.rows}
    )
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_ROWS_SQL, {"p": partner, "days": dates, "solving": sorted(SOLVING)}).fetchall()
    decided = {(row["business_on"], row["row_key"]): str(row.pop("kind")) for row in rows if row["kind"] is not None}
    known = _known(conn, partner, [day.business_on for day in counted if day.replaces is not None])
    mine = {day.business_on for day in counted}
    found = [Item(**{name: value for name, value in row.items() if name != "kind"}) for row in rows]
    return Month(
        brought=[one.item for one in brought],
        rows=[
            item
            for item in found
            if item.business_on in mine and _is_new(known.get(item.key), item, item.key in {*decided, *moved})
        ],
        standing={item.key for item in found},
        decided=decided,
        earlier=_unpaired(conn, partner, month, sorted({item.reference for item in found if item.reference})),
        moved=moved,
    )


def _is_new(before: tuple[str, str] | None, item: Item, ended: bool) -> bool:
    """Counted by no earlier month; or solved there by a decision that was taken back since."""
    if before is None:
        return True
    fate, how = before
    return item.outcome in ITEMS and fate == "solved" and how in {*SOLVING, MOVED} and not ended


_ROWS_SQL = f"""
SELECT d.business_on, r.row_key, r.outcome, r.reference, r.our_amount, r.their_amount, {AT_STAKE} AS at_stake,
       (SELECT n.kind FROM gateway.break_decision_now n WHERE n.partner = d.partner AND n.business_on = d.business_on
           AND n.row_key = r.row_key AND n.effective AND n.kind = ANY(%(solving)s)
           AND NOT (n.kind = 'accept' AND gateway.is_unidentified_money(d.partner, r.class, r.payment_pks, r.entry_pks))
         ORDER BY n.decision_pk DESC LIMIT 1)
       AS kind
  FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)
  JOIN gateway.recon_row r USING (version_pk)
 WHERE d.partner = %(p)s AND d.business_on = ANY(%(days)s) AND r.outcome <> 'matched' ORDER BY 1, 2"""  # noqa: S608 - our own words


def _known(conn: Rows, partner: str, corrected: Sequence[date]) -> dict[tuple[date, str], tuple[str, str]]:
    """Items of corrected days that earlier months counted, with the fate of the last of them."""
    rows = conn.execute(
        "SELECT DISTINCT ON (business_on, row_key) business_on, row_key, fate, how FROM gateway.recon_month_item"
        " WHERE partner = %s AND business_on = ANY(%s) ORDER BY business_on, row_key, month DESC",
        (partner, list(corrected)),
    ).fetchall()
    return {(row[0], str(row[1])): (str(row[2]), str(row[3])) for row in rows if isinstance(row[0], date)}


def _unpaired(conn: Rows, partner: str, month: date, references: Sequence[str]) -> list[Item]:
    """Items that older months solved by a decision and whose other half no month has seen."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT i.business_on, i.row_key, i.outcome, i.reference, i.our_amount, i.their_amount, i.at_stake"
            " FROM gateway.recon_month_item i WHERE i.partner = %(p)s AND i.month < %(from)s AND i.fate = 'solved'"
            " AND i.how <> %(counterpart)s AND i.reference = ANY(%(references)s)"
            " AND NOT EXISTS (SELECT FROM gateway.recon_month_item h WHERE h.partner = i.partner AND h.fate = 'half'"
            "   AND (h.other_on, h.other_key) = (i.business_on, i.row_key))",
            {"p": partner, "from": month, "counterpart": COUNTERPART, "references": list(references)},
        ).fetchall()
    return [Item(**row) for row in rows]


def items(conn: Rows, partner: str, month: date, more: str = "") -> list[Carried]:
    """The items of a closed month, by day and key. ``more`` narrows them and is a literal of this package."""
    rows = conn.execute(
        "SELECT business_on, row_key, outcome, reference, our_amount, their_amount, at_stake, origin,"  # noqa: S608 - our own words
        " fate, how, other_on, other_key FROM gateway.recon_month_item"
        f" WHERE partner = %s AND month = %s {more} ORDER BY 1, 2".encode(),
        (partner, month),
    ).fetchall()
    return [_carried(*row) for row in rows]


def _carried(*row: Any) -> Carried:
    other = None if row[10] is None else (row[10], str(row[11]))
    return Carried(Item(*row[:7]), row[7], row[8], row[9], other)


def freeze(
    conn: Rows,
    partner: str,
    month: date,
    by: str,
    now: datetime,
    minutes: Mapping[str, object],
    counted: Sequence[CountedDay],
    rolled: Roll,
) -> str:
    """Write the closed month, inside the caller's transaction; the digest of its minutes.

    Raises psycopg's CheckViolation where the schema finds a day that is not approved, UniqueViolation where the month
    is closed already.
    """
    text = json.dumps(minutes, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(text).hexdigest()
    conn.execute(
        "INSERT INTO gateway.recon_month (partner, month, closed_by, closed_at, minutes, minutes_sha256)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (partner, month, by, now, text, digest),
    )
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO gateway.recon_month_day (partner, month, business_on, version, replaces)"
            " VALUES (%s, %s, %s, %s, %s)",
            [(partner, month, day.business_on, day.version, day.replaces) for day in counted],
        )
        cursor.executemany(
            "INSERT INTO gateway.recon_month_item (partner, month, business_on, row_key, outcome, reference,"
            " our_amount, their_amount, at_stake, origin, fate, how, other_on, other_key)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [_row(partner, month, one) for one in rolled.items],
        )
    return digest


def _row(partner: str, month: date, one: Carried) -> tuple[object, ...]:
    item, other = one.item, one.other or (None, None)
    told = (
        item.business_on, item.row_key, item.outcome, item.reference, item.our_amount, item.their_amount, item.amount,
    )  # fmt: skip
    return (partner, month, *told, one.origin, one.fate, one.how, *other)
