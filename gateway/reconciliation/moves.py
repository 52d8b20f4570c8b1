"""Money that people moved to another business date: whose day it is now, as known at a time.

The day that money comes from keeps its row; the day that it goes to has it as if it were its own; every other day finds
it where it was moved last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg import Connection
from psycopg.rows import class_row

Rows = Connection[tuple[object, ...]]
Money = tuple[str, int]
"""Which table and which row of it: ``("payment", 7)``."""

_KINDS = ("payment", "refund", "statement_entry")


@dataclass(frozen=True, slots=True)
class Move:
    """One decision: the money of a row of ``from_on`` belongs to ``to_on``."""

    decision_pk: int
    from_on: date
    to_on: date
    row_key: str
    payment_pks: Sequence[int]
    refund_pks: Sequence[int]
    entry_pks: Sequence[int]

    def money(self) -> list[Money]:
        pks = (self.payment_pks, self.refund_pks, self.entry_pks)
        return [(kind, pk) for kind, some in zip(_KINDS, pks, strict=True) for pk in some]


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves that one day's judgement knows of, in the order of their decisions.

    ``away``: what was moved from this day is read where it is now; else the day has it still.
    """

    day: date
    known: tuple[Move, ...] = ()
    away: bool = False

    @property
    def into(self) -> list[Move]:
        return [one for one in self.known if one.to_on == self.day]

    @property
    def out(self) -> list[Move]:
        return [one for one in self.known if one.from_on == self.day]

    def pks(self) -> list[int]:
        return [one.decision_pk for one in self.known]

    def dates(self) -> dict[Money, date]:
        """The date of every piece of money that this day does not find on the date it was booked on."""
        ways: dict[Money, list[date]] = {}
        for one in self.known:
            for money in one.money():
                ways.setdefault(money, [one.from_on]).append(one.to_on)
        stays = {money: self._stop(stops) for money, stops in ways.items()}
        return {money: on for money, on in stays.items() if on != ways[money][0]}

    def _stop(self, stops: Sequence[date]) -> date:
        return stops[-1] if self.away or self.day not in stops else self.day

    def values(self) -> dict[str, object]:
        """What ``redated`` queries are given: ``moved_payment`` and ``payment_on``, and so on."""
        dates = self.dates()
        if not dates:
            return {}
        found: dict[str, object] = {}
        for kind in _KINDS:
            of_kind = sorted((pk, on) for (name, pk), on in dates.items() if name == kind)
            found[f"moved_{kind}"], found[f"{kind}_on"] = [pk for pk, _ in of_kind], [on for _, on in of_kind]
        return found


_COLUMNS = "decision_pk, from_on, to_on, row_key, payment_pks, refund_pks, entry_pks"
_STANDING = f"""
SELECT {_COLUMNS} FROM gateway.money_move_step
 WHERE partner = %(partner)s AND moved_at <= %(now)s AND (undone_at IS NULL OR undone_at > %(now)s)
   AND least(from_on, to_on) <= %(last)s AND greatest(from_on, to_on) >= %(first)s
   AND to_on BETWEEN %(first)s::date - 31 AND %(last)s::date + 31 ORDER BY decision_pk"""  # noqa: S608 - constants
_KNOWN = f"""
SELECT {_COLUMNS} FROM gateway.money_move_step
 WHERE decision_pk = ANY(%(known)s) AND moved_at <= %(now)s AND (undone_at IS NULL OR undone_at >= %(now)s)
 ORDER BY decision_pk"""  # noqa: S608 - constants


def standing(conn: Rows, partner: str, day: date, around: timedelta, now: datetime) -> Moves:
    """The moves in force at ``now`` that change whose money ``day`` has, or what it finds within ``around``."""
    values = {"partner": partner, "now": now, "first": day - around, "last": day + around}
    return _read(conn, day, _STANDING, values)


def known_to(conn: Rows, day: date, known: Sequence[int], now: datetime) -> Moves:
    """The moves that a version of ``day`` says it knew of. One that was not in force at ``now`` is left out."""
    return _read(conn, day, _KNOWN, {"known": list(known), "now": now}) if known else Moves(day)


def _read(conn: Rows, day: date, query: str, values: Mapping[str, object]) -> Moves:
    with conn.cursor(row_factory=class_row(Move)) as cursor:
        return Moves(day, tuple(cursor.execute(query.encode(), values).fetchall()))


# What queries read of the tables, beside the date. Money that was not moved is read as before, by the same indexes.
_TABLES: Mapping[str, tuple[str, str, str]] = {
    "payment": (
        "payment_pk, partner, channel, source, reference, request_pk, dossier_code, partner_transaction_id, amount,"
        " account, paid_at, cashier, receipt_series, receipt_number, terminal_id, recorded_at, {} AS business_on",
        "business_on",
        "m.moved_on",
    ),
    "refund": (
        "refund_pk, refund_id, payment_pk, dossier_code, partner, amount, refund_transaction_id, {} AS sent_at",
        "sent_at",
        "m.moved_on::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'",
    ),
    "statement_entry": (
        "entry_pk, partner, account, amount, tokens, keys, type_code, response_code, text, loaded_at, {} AS booked_on",
        "booked_on",
        "m.moved_on",
    ),
}
# The payment of a refund is looked up by its number, whatever its date.
_TABLE = re.compile(r"gateway\.(payment|refund|statement_entry)\b(?! p USING \(payment_pk\))(?: ([pfe])\b)?")


def redated(query: str, values: Mapping[str, object]) -> str:
    """The query reading moved money on the date that it was moved to; as it is where nothing was moved."""
    return _TABLE.sub(_with_moved, query) if "moved_payment" in values else query


def _with_moved(found: re.Match[str]) -> str:
    table, alias = found[1], found[2] or found[1]
    columns, own, moved = _TABLES[table]
    pk = "entry_pk" if table == "statement_entry" else f"{table}_pk"
    pks = f"%(moved_{table})s::bigint[]"
    return (
        f"(SELECT {columns.format(own)} FROM gateway.{table} WHERE {pk} <> ALL({pks})"  # noqa: S608 - our own words
        f" UNION ALL SELECT {columns.format(moved)} FROM gateway.{table} t JOIN unnest({pks}, %({table}_on)s::date[])"
        f" m(pk, moved_on) ON t.{pk} = m.pk WHERE t.{pk} = ANY({pks})) {alias}"
    )
