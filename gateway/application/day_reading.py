"""Reads the calendar of business dates and one day whole."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from gateway.application.access import Act, Person
from gateway.application.break_moves import moved_rows, moves_waiting
from gateway.application.break_reading import STATES, fetch
from gateway.application.break_views import BreakState
from gateway.application.day_views import (
    BridgeStep,
    DayState,
    DayStep,
    DayView,
    Reopening,
    Seal,
    State,
    SummaryLine,
    Version,
)
from gateway.application.desk import Desk
from gateway.clock import vietnam_date
from gateway.errors import ConfigurationError, NotFound
from gateway.masking import masked_text
from gateway.partners import Partner
from gateway.reconciliation import calendar as calendars
from gateway.reconciliation.completeness import files_of
from gateway.reconciliation.outcomes import BREAKS, CLASS_VI, OUTCOME_VI, Outcome

LOOK_BACK = timedelta(days=62)
"""How long a date that should have a file and has none waits for it: longer than a month stays open."""


def calendar(desk: Desk, person: Person, month: date, *, days_before: int = 0) -> list[DayState]:
    """Every partner that settles money and every date of the month of ``month`` up to today, oldest first.

    ``days_before``: so many dates of the month before as well. Where a partner's calendar is missing or lacks the year,
    nothing of it is late (``due_at`` is None). Raises Forbidden ``act-not-allowed``.
    """
    person.require(Act.SEE)
    last = month.replace(day=monthrange(month.year, month.month)[1])
    first = month.replace(day=1) - timedelta(days=days_before)
    found = {(row["partner"], row["business_on"]): row for row in fetch(desk, _MONTH, {"from": first, "to": last})}
    now = desk.clock.now()
    cells = []
    for partner in _settling(desk):
        days = _working_days(desk, partner)
        cells += [_cell(partner, days, on, found.get((partner.id, on)), now) for on in _dates(first, last, now)]
    return sorted(cells, key=lambda cell: (cell.business_on, cell.partner))


def waiting_days(desk: Desk, person: Person) -> list[DayState]:
    """Every business date of any month that nobody approved yet, and those whose file is late, oldest first.

    Nobody owes a file for a date before the first that was ever judged. Raises as ``calendar``.
    """
    person.require(Act.SEE)
    now = desk.clock.now()
    today = vietnam_date(now)
    rows = {(row["partner"], row["business_on"]): row for row in fetch(desk, _UNAPPROVED, {})}
    since = max(fetch(desk, _BEGAN, {})[0]["began"] or today, today - LOOK_BACK)
    judged = {(row["partner"], row["business_on"]) for row in fetch(desk, _JUDGED, {"since": since})}
    cells = []
    for partner in _settling(desk):
        days = _working_days(desk, partner)
        mine = [on for name, on in rows if name == partner.id]
        mine += [on for on in _dates(since, today, now) if (partner.id, on) not in judged]
        cells += [_cell(partner, days, on, rows.get((partner.id, on)), now) for on in mine]
    waiting = (cell for cell in cells if cell.state is not State.NONE or cell.late)
    return sorted(waiting, key=lambda cell: (cell.business_on, cell.partner))


def day(desk: Desk, person: Person, partner: str, business_on: date) -> DayView:
    """One partner's business date. Raises Forbidden ``act-not-allowed``, NotFound ``day-unknown``."""
    person.require(Act.SEE)
    whose = desk.partner(partner)
    key = {"partner": whose.id, "day": business_on}
    rows = fetch(desk, _DAY, {**key, "files": files_of(desk.connection, whose, business_on)})
    if not rows:
        raise day_unknown(partner, business_on)
    row = rows[0]
    reopenings = tuple(Reopening(**with_masked_reason(one)) for one in fetch(desk, _REOPENINGS, key))
    outcomes = _lines(row["summary"], [*OUTCOME_VI])
    steps = tuple(DayStep(**with_masked_reason(one)) for one in fetch(desk, _STEPS, key))
    decided = fetch(desk, STATES, key)
    states = _states(outcomes, decided)
    moved = moved_rows(desk, partner, business_on)
    return DayView(
        partner=partner,
        business_on=business_on,
        state=_state(row["state"], row["version"], [one.to_version for one in reopenings]),
        version=row["version"],
        stopped=row["stopped"],
        rules=row["rules"],
        engine=row["engine"],
        snapshot_sha256=row["snapshot_sha256"],
        decisions_sha256=next((one.decisions_sha256 for one in reversed(steps) if one.version == row["version"]), ""),
        as_of=row["as_of"],
        outcomes=outcomes,
        classes=_lines(row["classes"], [*CLASS_VI]),
        bridge=_bridge(outcomes),
        states=states,
        open_breaks=states.get(BreakState.OPEN, 0) + sum(one["n"] for one in decided if _keeps_open(one)),
        steps=steps,
        reopenings=reopenings,
        versions=tuple(Version(**one) for one in fetch(desk, _VERSIONS, key)),
        seal=next((Seal(**one) for one in fetch(desk, _SEAL, key)), None),
        moved_here=tuple(one for one in moved if one.to_on == business_on),
        moved_away=tuple(one for one in moved if one.from_on == business_on),
        moves_waiting=moves_waiting(desk, partner, business_on),
        released_by=row["released_by"],
        released_reason=masked_text(row["released_reason"]),
    )


def with_masked_reason(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose reason people wrote, as people read it."""
    return {**row, "reason": masked_text(row["reason"])}


def day_unknown(partner: str, business_on: date) -> NotFound:
    """To raise where a day has no record."""
    return NotFound(
        "this day was never reconciled",
        code="day-unknown",
        where=f"{partner} {business_on}",
        action=f"gateway reconcile {partner} {business_on}",
        facts={"partner": partner, "business_on": business_on},
    )


_CELLS = """
SELECT d.partner, d.business_on, d.state, d.version, d.stopped, d.changed_at, v.summary,
       gateway.open_breaks(d.partner, d.business_on) AS open_breaks,
       (SELECT max(to_version) FROM gateway.day_reopening o
         WHERE (o.partner, o.business_on) = (d.partner, d.business_on))
         AS reopened_to,
       coalesce((SELECT by_user FROM gateway.recon_decision p WHERE (p.partner, p.business_on, p.version)
         = (d.partner, d.business_on, d.version) AND p.act = 'propose' ORDER BY decision_pk DESC LIMIT 1), '')
         AS proposed_by
  FROM gateway.recon_day d LEFT JOIN gateway.recon_version v USING (partner, business_on, version)"""
_MONTH = f"{_CELLS} WHERE d.business_on BETWEEN %(from)s AND %(to)s"
_UNAPPROVED = f"{_CELLS} WHERE d.state <> 'approved'"
_BEGAN = "SELECT min(business_on) AS began FROM gateway.recon_day"
_JUDGED = "SELECT partner, business_on FROM gateway.recon_day WHERE business_on >= %(since)s"
_DAY = """
SELECT d.state, d.version, d.stopped,
       CASE WHEN d.released_digest = %(files)s THEN d.released_by ELSE '' END AS released_by,
       CASE WHEN d.released_digest = %(files)s THEN d.released_reason ELSE '' END AS released_reason,
       coalesce(v.rules, '') AS rules,
       coalesce(v.engine, '') AS engine,
       coalesce(v.snapshot_sha256, '') AS snapshot_sha256, v.as_of, v.summary, v.classes
  FROM gateway.recon_day d LEFT JOIN gateway.recon_version v USING (partner, business_on, version)
 WHERE d.partner = %(partner)s AND d.business_on = %(day)s"""
_STEPS = """
SELECT act, by_user, at, version, reason, snapshot_sha256, decisions_sha256 FROM gateway.recon_decision
 WHERE partner = %(partner)s AND business_on = %(day)s ORDER BY decision_pk"""
_REOPENINGS = """
SELECT from_version, to_version, was, reason, by_user, at FROM gateway.day_reopening
 WHERE partner = %(partner)s AND business_on = %(day)s ORDER BY to_version"""
_VERSIONS = """
SELECT version, as_of, rules, engine, snapshot_sha256 FROM gateway.recon_version
 WHERE partner = %(partner)s AND business_on = %(day)s ORDER BY version"""
_SEAL = """
SELECT s.version, s.sealed_at, encode(sha256(s.certificate), 'hex') AS certificate_sha256, s.snapshot_sha256,
       s.decisions_sha256 FROM gateway.day_seal s JOIN gateway.recon_day d USING (partner, business_on, version)
 WHERE s.partner = %(partner)s AND s.business_on = %(day)s"""


def _settling(desk: Desk) -> list[Partner]:
    partners = [one for _, one in sorted(desk.partners.items())]
    return [one for one in partners if one.calendar and (one.statements or one.remittances)]


def _dates(first: date, last: date, now: datetime) -> list[date]:
    until = min(last, vietnam_date(now))
    return [date.fromordinal(number) for number in range(first.toordinal(), until.toordinal() + 1)]


def _working_days(desk: Desk, partner: Partner) -> calendars.WorkingDays | None:
    """None where its calendar cannot be read: one calendar must not take the page of all partners away.

    The DAG ``lateness`` fails on such a calendar, and the page says that nobody knows what is late.
    """
    assert partner.calendar is not None  # those without one settle nothing
    try:
        return calendars.load(desk.settings.config / "calendars", partner.calendar.name)
    except ConfigurationError:
        return None


def _due(partner: Partner, days: calendars.WorkingDays | None, on: date) -> tuple[bool, datetime | None]:
    """Whether the partner works that day, and when its inputs are due; (False, None): its calendar does not say."""
    assert partner.calendar is not None  # those without one settle nothing
    try:
        return (False, None) if days is None else (days.works(on), calendars.inputs_due_at(days, partner.calendar, on))
    except ConfigurationError:
        return False, None


def _cell(
    partner: Partner, days: calendars.WorkingDays | None, on: date, row: Mapping[str, Any] | None, now: datetime
) -> DayState:
    works, due = _due(partner, days, on)
    overdue = works and due is not None and now >= due
    if row is None:
        return DayState(partner.id, on, State.NONE, works, overdue, due)
    outcomes = _lines(row["summary"], [*OUTCOME_VI])
    return DayState(
        partner=partner.id,
        business_on=on,
        state=_state(row["state"], row["version"], [row["reopened_to"] or 0]),
        works=works,
        late=overdue and row["version"] == 0,
        due_at=due,
        version=row["version"],
        stopped=row["stopped"],
        breaks=sum(line.count for line in outcomes if line.name in BREAKS),
        open_breaks=row["open_breaks"],
        ours=sum(line.ours for line in outcomes),
        theirs=sum(line.theirs for line in outcomes),
        proposed_by=row["proposed_by"],
        changed_at=row["changed_at"],
    )


def _state(state: str, version: int, reopened_to: Sequence[int]) -> State:
    if state == State.RECONCILED and version and any(to <= version for to in reopened_to if to):
        return State.REOPENED
    return State(state)


def _lines(summary: Mapping[str, Sequence[int]] | None, order: Sequence[str]) -> tuple[SummaryLine, ...]:
    place = {str(name): number for number, name in enumerate(order)}
    lines = [SummaryLine(name, *counts) for name, counts in (summary or {}).items()]
    return tuple(sorted(lines, key=lambda line: place[line.name]))


def _states(outcomes: Sequence[SummaryLine], decided: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many rows are in each state: what has no decision is known by its outcome."""
    counts: Counter[str] = Counter()
    for line in outcomes:
        if line.name != Outcome.MATCHED:
            counts[_undecided(line.name in BREAKS, line.name == Outcome.PENDING)] += line.count
    for row in decided:
        counts[row["state"]] += row["n"]
        counts[_undecided(row["is_break"], row["pending"])] -= row["n"]
    return {state: count for state, count in counts.items() if count}


def _keeps_open(row: Mapping[str, Any]) -> bool:
    """A decision that is not one yet: ``gateway.open_breaks`` counts it, too."""
    return bool(row["is_break"]) and row["state"] in (BreakState.WAITING, BreakState.PARTLY, BreakState.ANSWERED)


def _undecided(is_break: bool, pending: bool) -> str:
    return BreakState.OPEN if is_break else BreakState.CARRIED if pending else BreakState.EXPLAINED


def _bridge(outcomes: Sequence[SummaryLine]) -> tuple[BridgeStep, ...]:
    between = [BridgeStep(line.name, line.theirs - line.ours) for line in outcomes if line.theirs != line.ours]
    ours, theirs = sum(line.ours for line in outcomes), sum(line.theirs for line in outcomes)
    return (BridgeStep("ours", ours), *between, BridgeStep("theirs", theirs))
