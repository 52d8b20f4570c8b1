"""Which business dates have inputs, and which of them are to be reconciled (again).

A judged day counts from when it was judged last (``recon_day.judged_at``), whether that changed it or not: what gives
the bytes that it has makes it due once and no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from psycopg import Connection

from gateway.errors import ConfigurationError
from gateway.partners import Partner
from gateway.reconciliation import calendar, rules
from gateway.reconciliation.due_batches import days_of_batches
from gateway.reconciliation.judged_days import JUDGED, LATELY, OVERLAP

Rows = Connection[tuple[object, ...]]

_LOADED = (
    "SELECT business_on, loaded_at FROM gateway.statement WHERE partner = %(partner)s"
    " UNION ALL SELECT e.booked_on, s.loaded_at FROM gateway.statement s"
    "   JOIN gateway.statement_entry_seen n USING (statement_pk) JOIN gateway.statement_entry e USING (entry_pk)"
    "   WHERE s.partner = %(partner)s AND e.booked_on <> s.business_on"
    " UNION ALL SELECT business_on, loaded_at FROM gateway.remittance WHERE partner = %(partner)s"
)
# What a judgement reads of our side, where it was recorded after it: payments and refunds of the date; what became of
# attempts that wait; money that VNPost listed before the tracking feed told of it.
_RECORDED = (
    f"WITH judged AS MATERIALIZED ({JUDGED})"  # noqa: S608 - a constant of this module
    " SELECT j.business_on FROM judged j CROSS JOIN LATERAL (SELECT FROM gateway.payment p"
    "   WHERE p.partner = %(partner)s AND p.business_on = j.business_on AND p.recorded_at >= j.since"
    "    AND p.source NOT IN ('statement', 'cod') LIMIT 1) p"
    " UNION SELECT j.business_on FROM judged j JOIN gateway.refund f ON f.partner = %(partner)s"
    "    AND (f.sent_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date = j.business_on AND f.sent_at >= j.since"
    " UNION SELECT j.business_on FROM judged j JOIN gateway.recon_row r USING (version_pk)"
    "   JOIN gateway.payment_request q ON q.reference = r.reference JOIN gateway.payment_request_status s"
    "     ON s.request_pk = q.request_pk AND s.noted_at >= j.since"
    "   WHERE j.summary ? 'pending' AND r.outcome = 'pending' AND r.reference <> ''"
    " UNION SELECT j.business_on FROM judged j JOIN gateway.recon_row r USING (version_pk)"
    "   JOIN gateway.payment p ON p.reference = r.reference AND p.partner = %(partner)s AND p.recorded_at >= j.since"
    "   WHERE p.channel = 'cod' AND r.outcome <> 'matched' AND r.reference <> '' AND r.entry_pks <> '{}'"
    "    AND EXISTS (SELECT FROM gateway.remittance b WHERE b.partner = %(partner)s AND b.business_on = j.business_on)"
    " ORDER BY 1"
)
# Rows of which another date may have the other half. What is chờ kết luận is looked at again at its deadline.
_HALVED = ("missing_at_partner", "missing_with_us", "wrong_day", "expected_difference", "unidentified", "duplicate")
# From the few references that something came for lately to the other dates on which they stand: of all days, many rows
# differ.
_HALVES = (
    f"WITH judged AS MATERIALIZED ({JUDGED}), fresh AS MATERIALIZED ("  # noqa: S608 - a constant of this module
    " SELECT e.tokens AS reference, e.booked_on AS came_on, max(e.loaded_at) AS at FROM gateway.statement s"
    "   JOIN gateway.statement_entry_seen n USING (statement_pk) JOIN gateway.statement_entry e USING (entry_pk)"
    "   WHERE s.partner = %(partner)s AND s.loaded_at >= %(lately)s AND e.loaded_at >= %(lately)s"
    "    AND e.tokens <> '' AND position(' ' IN e.tokens) = 0 GROUP BY 1, 2"
    " UNION ALL SELECT p.reference, p.business_on, max(p.recorded_at) FROM gateway.payment p"
    "   WHERE p.partner = %(partner)s AND p.business_on >= %(lately)s::date - 62 AND p.recorded_at >= %(lately)s"
    "    AND p.reference <> '' AND p.source <> 'statement' GROUP BY 1, 2),"
    " other AS (SELECT f.*, p.business_on FROM fresh f JOIN gateway.payment p ON p.reference = f.reference"
    "   AND p.reference <> '' AND p.partner = %(partner)s AND p.business_on <> f.came_on"
    "  UNION SELECT f.*, e.booked_on FROM fresh f JOIN gateway.statement_entry e ON e.partner = %(partner)s"
    "   AND string_to_array(e.tokens || ' ' || e.keys, ' ') @> ARRAY[f.reference] AND e.tokens = f.reference"
    "   AND e.booked_on <> f.came_on"
    "  UNION SELECT f.*, d.sent_on FROM fresh f JOIN gateway.refund r ON r.refund_id = f.reference"
    "   CROSS JOIN LATERAL (SELECT (r.sent_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS sent_on) d"
    "   WHERE r.partner = %(partner)s AND d.sent_on <> f.came_on)"
    " SELECT DISTINCT o.business_on, o.came_on FROM other o JOIN judged j ON j.business_on = o.business_on"
    "   AND o.at >= j.since JOIN gateway.recon_row r ON r.version_pk = j.version_pk AND r.outcome <> 'matched'"
    "   AND r.outcome = ANY (%(halved)s) AND r.reference = o.reference ORDER BY 1, 2"
)
_ANNOUNCED_WITHIN = timedelta(minutes=20)
"""The run that loads a file announces its day itself, and the day is judged within minutes."""
_ANNOUNCED_FOR = timedelta(hours=3)
"""A day that cannot be judged is not announced for ever; the partner's next run that loads a file names it, too."""
_LEFT_BEHIND = (
    "WITH loaded AS ("
    " SELECT business_on, loaded_at FROM gateway.statement WHERE partner = %(partner)s AND loaded_at >= %(since)s"
    " UNION ALL SELECT business_on, loaded_at FROM gateway.remittance"
    "   WHERE partner = %(partner)s AND loaded_at >= %(since)s)"
    " SELECT l.business_on FROM loaded l LEFT JOIN gateway.recon_day d"
    "   ON d.partner = %(partner)s AND d.business_on = l.business_on"
    "  LEFT JOIN gateway.recon_version v"
    "   ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)"
    "  WHERE coalesce(d.stopped, '') = ''"
    " GROUP BY l.business_on, d.judged_at, v.as_of HAVING max(l.loaded_at) < %(until)s"
    "   AND coalesce(max(l.loaded_at) > coalesce(d.judged_at, v.as_of), true)"
    " ORDER BY 1"
)


def has_inputs(connection: Rows, partner: str, business_on: date) -> bool:
    """Whether a statement or remittance of that business date was ever loaded."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM gateway.statement WHERE partner = %(partner)s AND business_on = %(day)s)"
        " OR EXISTS (SELECT FROM gateway.remittance WHERE partner = %(partner)s AND business_on = %(day)s)",
        {"partner": partner, "day": business_on},
    ).fetchone()
    return row is not None and row[0] is True


def days_to_reconcile(connection: Rows, partner: Partner, now: datetime) -> list[date]:
    """Business dates with inputs that nobody has judged yet or that came after (or with) the last judgement.

    And those that are due again without a file (``days_due_again``).
    """
    return sorted({*_days_loaded(connection, partner.id), *days_due_again(connection, partner, now)})


def days_due_again(connection: Rows, partner: Partner, now: datetime) -> list[date]:
    """Judged business dates that are to be judged again though no file of theirs came.

    People moved money to them or took it back; a payment or refund of theirs was recorded late; what waited in them
    waits no longer; the other half of a row of theirs came on another date, or went to another one; a later credit may
    settle in bulk what nothing settled in time, or a card payment was told late that such a credit is of. A day that is
    stopped is not among them: the file or the release that ends the stop has it judged.
    """
    found = {*days_moved(connection, partner.id), *_days_recorded(connection, partner.id)}
    elsewhere = {*_days_of_halves(connection, partner, now), *days_of_batches(connection, partner, now)}
    return sorted({*found, *elsewhere, *_days_waited(connection, partner, now)})


def days_left_behind(connection: Rows, partner: str, now: datetime) -> list[date]:
    """Business dates of a file that was loaded a while ago and that nobody looked at since.

    The run that loaded it failed afterwards (another file of the partner stayed away, or broke off) and announced
    nothing. A day that was looked at and is stopped is not among them.
    """
    values = {"partner": partner, "since": now - _ANNOUNCED_FOR, "until": now - _ANNOUNCED_WITHIN}
    rows = connection.execute(_LEFT_BEHIND.encode(), values).fetchall()
    return [row[0] for row in rows if isinstance(row[0], date)]


def days_moved(connection: Rows, partner: str) -> list[date]:
    """Judged business dates that people moved money to, or took it back from, since; none that is stopped."""
    rows = connection.execute(
        "SELECT DISTINCT business_on FROM gateway.day_moves_wait JOIN gateway.recon_day USING (partner, business_on)"
        " WHERE partner = %s AND stopped = '' ORDER BY 1",
        (partner,),
    ).fetchall()
    return [row[0] for row in rows if isinstance(row[0], date)]


def _days_recorded(connection: Rows, partner: str) -> list[date]:
    """Judged business dates of which our own side was told more since."""
    rows = connection.execute(_RECORDED.encode(), {"partner": partner, "overlap": OVERLAP}).fetchall()
    return [row[0] for row in rows if isinstance(row[0], date)]


def _days_waited(connection: Rows, partner: Partner, now: datetime) -> Iterator[date]:
    """Judged business dates with rows *chờ kết luận* of which a deadline has passed since."""
    if partner.calendar is None:
        return
    query = f"SELECT business_on, at FROM ({JUDGED}) judged WHERE summary ? 'pending' ORDER BY 1"  # noqa: S608 - a constant
    waiting = connection.execute(query.encode(), {"partner": partner.id, "overlap": OVERLAP}).fetchall()
    if not waiting:
        return
    known = rules.load(partner.config / "rules")
    for on, judged_at in waiting:
        version = known.get(rules.version_for(partner, on)) if isinstance(on, date) else None
        if version is None or not isinstance(on, date) or not isinstance(judged_at, datetime):
            continue  # rules that are not there are told where the day is judged
        until = _deadlines(partner, on, version.window.working_days)
        if any(judged_at < ends_at <= now for ends_at in until):
            yield on


def _days_of_halves(connection: Rows, partner: Partner, now: datetime) -> Iterator[date]:
    """Judged business dates of which another date, within the window of the rules, got or took a half since.

    An approved day is among them: what it says of the other half is no longer so.
    """
    values = {"partner": partner.id, "overlap": OVERLAP, "lately": now - LATELY, "halved": list(_HALVED)}
    found = connection.execute(_HALVES.encode(), values).fetchall()
    known = rules.load(partner.config / "rules") if found else {}
    for on, other in found:
        version = known.get(rules.version_for(partner, on)) if isinstance(on, date) else None
        if version is None or not isinstance(on, date) or not isinstance(other, date):
            continue  # rules that are not there are told where the day is judged
        if abs((other - on).days) <= version.window.days:
            yield on


def _deadlines(partner: Partner, on: date, working_days: int) -> Collection[datetime]:
    """None where the calendar does not say: `lateness` tells that, and no other partner's days wait for it."""
    if partner.calendar is None:
        return ()
    try:
        days = calendar.load(partner.config / "calendars", partner.calendar.name)
        return calendar.waits_until(partner, days, on, working_days).values()
    except ConfigurationError:
        return ()


def _days_loaded(connection: Rows, partner: str) -> list[date]:
    rows = connection.execute(
        "WITH loaded AS (" + _LOADED + ")"  # noqa: S608 - a constant of this module
        " SELECT l.business_on FROM loaded l LEFT JOIN gateway.recon_day d"
        "   ON d.partner = %(partner)s AND d.business_on = l.business_on"
        "  LEFT JOIN gateway.recon_version v"
        "   ON v.partner = %(partner)s AND v.business_on = l.business_on AND v.version = d.version"
        " GROUP BY l.business_on, d.judged_at, v.as_of HAVING coalesce(d.judged_at, v.as_of) IS NULL"
        "  OR max(l.loaded_at) >= coalesce(d.judged_at, v.as_of) - %(overlap)s"
        " ORDER BY l.business_on",
        {"partner": partner, "overlap": OVERLAP},
    ).fetchall()
    return [row[0] for row in rows if isinstance(row[0], date)]
