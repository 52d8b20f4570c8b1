"""The workflow of a business date: ``open -> reconciled -> proposed -> approved``, reopened by a new version only."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from psycopg import Connection

from gateway.partners import Partner
from gateway.reconciliation import grounds, moved_rows, moves, reopening
from gateway.reconciliation.completeness import stop_reason
from gateway.reconciliation.judgement import around, by_this_engine, judge
from gateway.reconciliation.rules import ENGINE, rules_for, rules_of
from gateway.reconciliation.snapshot import Snapshot
from gateway.reconciliation.versions import Version, store, summarise, version_of

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
    pending proposal and reopens an approved day, whose old version stays as it was. That a newer engine judges
    otherwise is no reason to ask people again what they agreed on: then something else must have changed. A day that is
    stopped keeps the version it has. Raises ConfigurationError (rules).
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
    known = moves.standing(conn, partner.id, business_on, around(rules), now)
    was = version_of(conn, partner.id, business_on, version)
    with tempfile.TemporaryDirectory(prefix="gateway-recon-") as folder:
        file = Path(folder) / "rows.csv"
        for way in grounds.ways(conn, partner.id, business_on, version, state):
            judged = judge(conn, partner, business_on, rules, known, now, file, way, was.engine if was else ENGINE)
            if was is not None and _is_unchanged(conn, partner, business_on, was, judged.shot, way):
                _judged(conn, partner.id, business_on, now)
                return _as_it_stands(partner.id, business_on, state, was)
        judged = by_this_engine(judged, file)
        summary, shot = summarise(judged.rows), judged.shot
        store(conn, partner.id, business_on, version + 1, rules, now, judged)
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


def _as_it_stands(partner: str, business_on: date, state: str, was: Version) -> ReconciledDay:
    summary = {outcome: (count, ours, theirs) for outcome, (count, ours, theirs) in was.summary.items()}
    return ReconciledDay(
        partner, business_on, state, was.number, "", False, was.rules, was.engine, was.sha256, summary
    )  # fmt: skip


def _judged(conn: Rows, partner: str, business_on: date, now: datetime) -> None:
    """What was there until now changed nothing: the day is not due again because of it (``due``)."""
    conn.execute(
        "UPDATE gateway.recon_day SET judged_at = %s WHERE partner = %s AND business_on = %s",
        (now, partner, business_on),
    )


def _is_unchanged(
    conn: Rows, partner: Partner, business_on: date, was: Version, shot: Snapshot, way: grounds.Way
) -> bool:
    """Whether the day is as it stands, but for what a newer engine makes of the very same."""
    if was.sha256 == shot.sha256:
        return True
    is_older = was.engine != ENGINE
    return way.agreed and is_older and _judged_then(conn, partner, business_on, was) == shot.sha256


def verify(conn: Rows, partner: Partner, business_on: date, version: int | None = None) -> bool:
    """Judge a version (the current one) again from what is stored, as of when it was judged: are the bytes the same?

    They are, too, where a newer engine says the very same of it. False where there is no such version.
    """
    was = version_of(conn, partner.id, business_on, version)
    return was is not None and _judged_then(conn, partner, business_on, was) == was.sha256


def _judged_then(conn: Rows, partner: Partner, business_on: date, was: Version) -> str:
    """The digest of a version as this engine judges what was known when it was judged."""
    whose = grounds.partner_then(conn, partner, business_on, was.number)
    hold = grounds.hold_of(conn, partner.id, business_on, was.number)
    way = grounds.Way(hold, moved_rows.were_kept(conn, partner.id, business_on, was.number))
    known, rules = moves.known_to(conn, business_on, was.moves, was.as_of), rules_of(partner, was.rules)
    with tempfile.TemporaryDirectory(prefix="gateway-recon-") as folder:
        file = Path(folder) / "rows.csv"
        return judge(conn, whose, business_on, rules, known, was.as_of, file, way, was.engine).shot.sha256


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
