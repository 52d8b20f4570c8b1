"""The workflow of a business date: ``open -> reconciled -> proposed -> approved``, reopened by a new version only."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import Connection
from pyarrow import csv

from gateway.partners import Partner
from gateway.reconciliation import calendar, engine, grounds, inputs, moved_rows, moves, reopening, snapshot
from gateway.reconciliation.calendar import WorkingDays
from gateway.reconciliation.completeness import stop_reason
from gateway.reconciliation.grounds import Grounds, Hold
from gateway.reconciliation.moved_rows import Place
from gateway.reconciliation.moves import Moves
from gateway.reconciliation.result import RESULT
from gateway.reconciliation.rules import ENGINE, Rules, rules_for, rules_of
from gateway.reconciliation.snapshot import Snapshot

Rows = Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class ReconciledDay:
    """How a day stands. ``stopped`` is a reason code where a person must look first; then nothing was judged.

    ``changed`` is False where the same inputs gave the same bytes. ``summary``: outcome -> (count, ours, theirs).
    """

    partner: str
    business_on: date
    state: str
    version: int
    stopped: str = ""
    changed: bool = False
    rules: str = ""
    engine: str = ENGINE
    snapshot_sha256: str = ""
    summary: Mapping[str, tuple[int, int, int]] | None = None


def reconcile(conn: Rows, partner: Partner, business_on: date, *, now: datetime) -> ReconciledDay:
    """Judge one partner's day as the rules of that date say, inside the caller's transaction.

    The same inputs give the same bytes and no new version. Other bytes than those stored make a new version; it voids a
    pending proposal and reopens an approved day, whose old version stays as it was. A day that is stopped keeps the
    version it has. Raises ConfigurationError (rules).
    """
    state, version, released = _lock(conn, partner, business_on, now)
    stopped = stop_reason(conn, partner, business_on, released=released)
    conn.execute(  # a version that is there stays, and nobody proposes or approves it while it is stopped
        "UPDATE gateway.recon_day SET stopped = %s, changed_at = %s"
        " WHERE partner = %s AND business_on = %s AND stopped <> %s",
        (stopped, now, partner.id, business_on, stopped),
    )
    if stopped:
        return ReconciledDay(partner.id, business_on, state, version, stopped=stopped)
    rules = rules_for(partner, business_on)
    known = moves.standing(conn, partner.id, business_on, _around(rules), now)
    with tempfile.TemporaryDirectory(prefix="gateway-recon-") as folder:
        current = _current_digest(conn, partner.id, business_on, version)
        for hold, keep in grounds.holds(conn, partner.id, business_on, version, state):
            judged = judge(conn, partner, business_on, rules, known, now, Path(folder) / "rows.csv", hold, keep)
            summary, shot = summarise(judged.rows), judged.shot
            if current == shot.sha256:
                _judged(conn, partner.id, business_on, now)
                return ReconciledDay(
                    partner.id, business_on, state, version, "", False, rules.version, ENGINE, shot.sha256, summary
                )
        _store(conn, partner.id, business_on, version + 1, rules, now, judged)
    if state in ("proposed", "approved"):
        reopening.record(conn, partner.id, business_on, version, was=state, now=now)
    conn.execute(
        "UPDATE gateway.recon_day SET state = 'reconciled', version = %s, changed_at = %s, judged_at = %s"
        " WHERE partner = %s AND business_on = %s",
        (version + 1, now, now, partner.id, business_on),
    )
    return ReconciledDay(
        partner.id, business_on, "reconciled", version + 1, "", True, rules.version, ENGINE, shot.sha256, summary
    )


def _judged(conn: Rows, partner: str, business_on: date, now: datetime) -> None:
    """What was there until now changed nothing: the day is not due again because of it (``due``)."""
    conn.execute(
        "UPDATE gateway.recon_day SET judged_at = %s WHERE partner = %s AND business_on = %s",
        (now, partner, business_on),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """The rows of a day, the digests of both sides, their canonical bytes, what else they were judged from.

    ``places``: where the money of the moves ``known`` is.
    """

    rows: pa.Table
    digests: Mapping[str, str]
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
    hold: Hold,
    keep: bool | None,
) -> Judged:
    """Judge, with the moves ``known``, what ``hold`` makes of the inputs that were known at ``now``. Stores nothing.

    What people moved away stays as they saw it: where newer evidence would make another row of it, the day is judged
    without that money, and its row is kept. ``keep``: whether it is so, None to find out.
    """
    with closing(engine.connect()) as duck:
        read = partial(_rows, duck, conn, partner, business_on, rules, now=now, hold=hold)
        kept = bool(keep and known.out)
        if not kept:
            rows, digests, reasons = read(known)
            kept = keep is None and moved_rows.lost(rows, known.out)
        if kept:
            rows, digests, reasons = read(replace(known, away=True), kept=moved_rows.stored(conn, known.out))
        rows = moved_rows.marked(rows, known)
        facts = _facts(partner, business_on, rules, known, digests, rows.num_rows, kept=kept)
        shot = snapshot.write(duck, rows, facts, file)
    return Judged(rows, digests, shot, reasons, known, moved_rows.places(rows, known, kept))


def _facts(
    partner: Partner,
    business_on: date,
    rules: Rules,
    known: Moves,
    digests: Mapping[str, str],
    count: int,
    *,
    kept: bool,
) -> dict[str, object]:
    """What the first line of the canonical bytes says of a judgement."""
    return {
        "partner": partner.id,
        "business_on": business_on.isoformat(),
        "rules": rules.version,
        "rules_sha256": rules.sha256,
        "engine": ENGINE,
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


def _around(rules: Rules) -> timedelta:
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


def verify(conn: Rows, partner: Partner, business_on: date, version: int | None = None) -> bool:
    """Judge a version (the current one) again from what is stored, as of when it was judged: are the bytes the same?

    False where there is no such version.
    """
    row = conn.execute(
        "SELECT v.snapshot_sha256, v.as_of, v.rules, v.version, v.moves FROM gateway.recon_version v"
        " JOIN gateway.recon_day d USING (partner, business_on)"
        " WHERE partner = %s AND business_on = %s AND v.version = coalesce(%s, d.version)",
        (partner.id, business_on, version),
    ).fetchone()
    if row is None or not isinstance(row[1], datetime):
        return False
    number = int(str(row[3]))
    whose = grounds.partner_then(conn, partner, business_on, number)
    hold = grounds.hold_of(conn, partner.id, business_on, number)
    keep = moved_rows.were_kept(conn, partner.id, business_on, number)
    known = moves.known_to(conn, business_on, row[4], row[1])  # type: ignore[arg-type]  # bigint[]
    with tempfile.TemporaryDirectory(prefix="gateway-recon-") as folder:
        rules = rules_of(partner, str(row[2]))
        judged = judge(conn, whose, business_on, rules, known, row[1], Path(folder) / "rows.csv", hold, keep)
    return judged.shot.sha256 == row[0]


def summarise(rows: pa.Table, column: str = "outcome") -> dict[str, tuple[int, int, int]]:
    """Outcome (or class) -> count, our đồng, their đồng."""
    grouped = rows.group_by(column).aggregate([("row_no", "count"), ("our_amount", "sum"), ("their_amount", "sum")])
    return {
        row[column]: (row["row_no_count"], row["our_amount_sum"], row["their_amount_sum"])
        for row in sorted(grouped.to_pylist(), key=lambda item: str(item[column]))
    }


def _lock(conn: Rows, partner: Partner, business_on: date, now: datetime) -> tuple[str, int, str | None]:
    conn.execute(
        "INSERT INTO gateway.recon_day (partner, business_on, changed_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (partner.id, business_on, now),
    )
    row = conn.execute(
        "SELECT state, version, released_digest FROM gateway.recon_day"
        " WHERE partner = %s AND business_on = %s FOR UPDATE",
        (partner.id, business_on),
    ).fetchone()
    state, version, released = row if row is not None else ("open", 0, None)
    return str(state), int(str(version)), None if released is None else str(released)


def _current_digest(conn: Rows, partner: str, business_on: date, version: int) -> str:
    row = conn.execute(
        "SELECT snapshot_sha256 FROM gateway.recon_version WHERE partner = %s AND business_on = %s AND version = %s",
        (partner, business_on, version),
    ).fetchone()
    return "" if row is None else str(row[0])


def _store(
    conn: Rows, partner: str, business_on: date, version: int, rules: Rules, now: datetime, judged: Judged
) -> None:
    rows, shot = judged.rows, judged.shot
    row = conn.execute(
        "INSERT INTO gateway.recon_version (partner, business_on, version, rules, engine, inputs, as_of, summary,"
        " classes, snapshot_sha256, snapshot, moves) VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, %s::jsonb, %s::jsonb,"
        " %s, %b, %s) RETURNING version_pk",
        (
            partner, business_on, version, rules.version, ENGINE, json.dumps(judged.digests), now,
            json.dumps(summarise(rows)), json.dumps(summarise(rows, "class")), shot.sha256, shot.compressed,
            judged.known.pks(),
        ),
    ).fetchone()  # fmt: skip
    version_pk = int(str(row[0])) if row is not None else 0
    conn.execute("SELECT set_config('gateway.recon_version', %s, true)", (str(version_pk),))
    names = ", ".join(f'"{name}"' for name in RESULT.names)
    command = f"COPY gateway.recon_row ({names}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({names}))"
    with conn.cursor().copy(command.encode()) as copy:
        for chunk in snapshot.chunks(shot.body):
            copy.write(chunk)
    _store_entries(conn, rows, shot.body.with_suffix(".entries"))
    grounds.store(conn, version_pk, judged.grounds)
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO gateway.recon_moved (version_pk, decision_pk, row_no, kept) VALUES (%s, %s, %s, %s)",
            [(version_pk, one.decision_pk, one.row_no, one.kept) for one in judged.places],
        )


def _store_entries(conn: Rows, rows: pa.Table, file: Path) -> None:
    entries, places = pc.list_flatten(rows["entry_pks"]), pc.list_parent_indices(rows["entry_pks"])
    found = pa.table({"entry_pk": entries, "row_no": rows["row_no"].take(places)}).sort_by("entry_pk")
    csv.write_csv(found, file, csv.WriteOptions(include_header=False))
    with conn.cursor().copy("COPY gateway.recon_entry (entry_pk, row_no) FROM STDIN (FORMAT csv)") as copy:
        for chunk in snapshot.chunks(file):
            copy.write(chunk)
