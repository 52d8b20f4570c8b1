"""Days as a command tells them: the list of all, one whole, and the proof that nothing vanished on a date."""

from __future__ import annotations

from datetime import date

from gateway import conservation
from gateway.application.access import Act, Person
from gateway.application.break_reading import fetch
from gateway.application.day_reading import day_unknown, with_masked_reason
from gateway.application.desk import Desk
from gateway.masking import as_shown
from gateway.messages.proof import Line


def list_days(desk: Desk, person: Person) -> list[dict[str, object]]:
    """Every business date, newest first, with its counts. Raises Forbidden ``act-not-allowed``.

    ``breaks`` are what a person must decide about, as on the pages; ``pending`` waits for its deadline and is none yet.
    """
    person.require(Act.SEE)
    return [dict(row) for row in fetch(desk, _DAYS, {})]


def show_day(desk: Desk, person: Person, partner: str, business_on: date) -> dict[str, object]:
    """The day's record, its decisions, and every row that is not matched.

    Raises Forbidden ``act-not-allowed``; NotFound ``partner-unknown``, ``day-unknown``.
    """
    person.require(Act.SEE)
    key = {"partner": desk.partner(partner).id, "day": business_on}
    rows = fetch(desk, _DAY, key)
    if not rows:
        raise day_unknown(partner, business_on)
    found = dict(rows[0])
    found["decisions"] = [with_masked_reason(row) for row in fetch(desk, _DECISIONS, key)]
    found["rows"] = [
        {**row, **{name: as_shown(row[name]) for name in ("our_value", "their_value", "reason", "suggestion")}}
        for row in fetch(desk, _ROWS, {"version": found.pop("version_pk")})
    ]
    return found


def proof(desk: Desk, person: Person, business_on: date) -> list[Line]:
    """The lines of the proof of a date, closed or not. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    return conservation.lines(desk.connection, business_on)


_DAYS = """
SELECT d.partner, d.business_on, d.state, d.version, d.stopped,
       coalesce((v.summary -> 'matched' ->> 0)::int, 0) AS matched,
       (SELECT count(*) FROM gateway.recon_row r WHERE r.version_pk = v.version_pk AND r.outcome = 'pending')
         AS pending,
       (SELECT count(*) FROM gateway.recon_row r WHERE r.version_pk = v.version_pk AND gateway.is_break(r.outcome))
         AS breaks,
       gateway.open_breaks(d.partner, d.business_on) AS open_breaks
  FROM gateway.recon_day d LEFT JOIN gateway.recon_version v USING (partner, business_on, version)
 ORDER BY d.business_on DESC, d.partner"""
_DAY = """
SELECT d.partner, d.business_on, d.state, d.version, d.stopped, v.rules, v.engine, v.snapshot_sha256, v.as_of, v.inputs,
       v.summary, v.version_pk
  FROM gateway.recon_day d LEFT JOIN gateway.recon_version v USING (partner, business_on, version)
 WHERE d.partner = %(partner)s AND d.business_on = %(day)s"""
_DECISIONS = """
SELECT act, by_user, at, version, reason FROM gateway.recon_decision
 WHERE partner = %(partner)s AND business_on = %(day)s ORDER BY decision_pk"""
_ROWS = """
SELECT row_no, outcome, class, side, reference, dossier_codes, our_amount AS ours, their_amount AS theirs, field,
       our_value, their_value, reason, suggestion FROM gateway.recon_row
 WHERE version_pk = %(version)s AND outcome <> 'matched' ORDER BY row_no"""
