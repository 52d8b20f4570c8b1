"""A day as the engine judges it from what is known of it, with the bytes that say so. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
from psycopg import Connection

from gateway.partners import Partner
from gateway.reconciliation import calendar, engine, inputs, moved_rows, snapshot
from gateway.reconciliation.calendar import WorkingDays
from gateway.reconciliation.grounds import Grounds, Hold, Way
from gateway.reconciliation.moved_rows import Place
from gateway.reconciliation.moves import Moves
from gateway.reconciliation.rules import ENGINE, Rules
from gateway.reconciliation.snapshot import Snapshot

Rows = Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Judged:
    """The rows of a day, the digests of both sides, their canonical bytes, what else they were judged from.

    ``facts``: what the bytes say of the judgement; ``places``: where the money of the moves ``known`` is.
    """

    rows: pa.Table
    digests: Mapping[str, str]
    facts: Mapping[str, object]
    shot: Snapshot
    grounds: Grounds
    known: Moves
    places: Sequence[Place]


def judge(
    conn: Rows,
    partner: Partner,
    business_on: date,
    rules: Rules,
    known: Moves,
    now: datetime,
    file: Path,
    way: Way,
    named: str = ENGINE,
) -> Judged:
    """Judge, with the moves ``known``, what ``way`` makes of the inputs that were known at ``now``. Stores nothing.

    What people moved away stays as they saw it: where newer evidence would make another row of it, the day is judged
    without that money, and its row is kept. ``named``: the engine that the bytes name, so that they can be held against
    those of an older one.
    """
    with closing(engine.connect()) as duck:
        read = partial(_rows, duck, conn, partner, business_on, rules, now=now, hold=way.hold)
        kept = bool(way.keep and known.out)
        if not kept:
            rows, digests, reasons = read(known)
            kept = way.keep is None and moved_rows.lost(rows, known.out)
        if kept:
            rows, digests, reasons = read(replace(known, away=True), kept=moved_rows.stored(conn, known.out))
        rows = moved_rows.marked(rows, known)
        facts = _facts(partner, business_on, rules, known, digests, rows.num_rows, kept=kept, named=named)
        shot = snapshot.write(duck, rows, facts, file)
    return Judged(rows, digests, facts, shot, reasons, known, moved_rows.places(rows, known, kept))


def by_this_engine(judged: Judged, file: Path) -> Judged:
    """The same rows under the name of the engine that really judged them."""
    if judged.facts["engine"] == ENGINE:
        return judged
    facts = {**judged.facts, "engine": ENGINE}
    return replace(judged, facts=facts, shot=snapshot.of(facts, file))


def _facts(
    partner: Partner,
    business_on: date,
    rules: Rules,
    known: Moves,
    digests: Mapping[str, str],
    count: int,
    *,
    kept: bool,
    named: str,
) -> dict[str, object]:
    """What the first line of the canonical bytes says of a judgement."""
    return {
        "partner": partner.id,
        "business_on": business_on.isoformat(),
        "rules": rules.version,
        "rules_sha256": rules.sha256,
        "engine": named,
        "inputs": digests,
        "rows": count,
        # only where there are any: other days have the bytes that they always had
        **({"moved_here": [one.decision_pk for one in known.into]} if known.into else {}),
        **({"kept": [one.decision_pk for one in known.out]} if kept else {}),
    }


def _rows(
    duck: duckdb.DuckDBPyConnection,
    conn: Rows,
    partner: Partner,
    business_on: date,
    rules: Rules,
    known: Moves,
    *,
    now: datetime,
    hold: Hold,
    kept: pa.Table | None = None,
) -> tuple[pa.Table, dict[str, str], Grounds]:
    days = calendar.load(partner.config / "calendars", partner.calendar.name) if partner.calendar else None
    waiting = _waiting(partner, business_on, rules, days, now)
    sides = hold(inputs.read(conn, partner, business_on, rules, known, now=now, waiting=waiting, days=days))
    reasons = Grounds.of(sides, partner, business_on)
    digests = snapshot.digests_of(duck, sides)
    holder = [sides if kept is None else replace(sides, kept=kept)]
    del sides  # a million rows need not stay in memory while they are written
    return engine.reconcile(duck, holder.pop(), partner.role, rules), digests, reasons


def around(rules: Rules) -> timedelta:
    """How far from a day its judgement looks at the money of other days."""
    return timedelta(days=max(rules.window.days, rules.bulk.days))


def _waiting(
    partner: Partner, business_on: date, rules: Rules, days: WorkingDays | None, now: datetime
) -> frozenset[int]:
    """The lags (in working days) whose deadline has not passed: the last statement that may bring it is not due."""
    if days is None:
        return frozenset()
    until = calendar.waits_until(partner, days, business_on, rules.window.working_days)
    return frozenset(lag for lag, ends_at in until.items() if now < ends_at)
