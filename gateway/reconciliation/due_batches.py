"""Judged days that are due again because of settlements in bulk: of a credit that came, of a payment that it is of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from psycopg import Connection

from gateway.errors import ConfigurationError
from gateway.model import Channel
from gateway.partners import Partner
from gateway.reconciliation import calendar, rules
from gateway.reconciliation.judged_days import JUDGED, LATELY, OVERLAP
from gateway.reconciliation.rules import Rules

Rows = Connection[tuple[object, ...]]

_MISSING = (
    "j.summary ? 'missing_at_partner' AND EXISTS (SELECT FROM gateway.recon_row r"
    "     JOIN gateway.payment p ON p.payment_pk = ANY (r.payment_pks) AND p.channel = ANY (%(lagging)s)"
    "     WHERE r.version_pk = j.version_pk AND r.outcome = 'missing_at_partner')"
)
# Card payments that nothing settled until their T+n had passed, and the credits without a reference that came since.
_SETTLED = (
    f"WITH judged AS MATERIALIZED ({JUDGED}), fresh AS MATERIALIZED ("  # noqa: S608 - constants
    " SELECT e.booked_on, e.type_code, e.text, max(e.loaded_at) AS at FROM gateway.statement s"
    "   JOIN gateway.statement_entry_seen n USING (statement_pk) JOIN gateway.statement_entry e USING (entry_pk)"
    "   WHERE s.partner = %(partner)s AND s.loaded_at >= %(lately)s AND e.loaded_at >= %(lately)s"
    "    AND e.tokens = '' AND e.amount > 0 GROUP BY 1, 2, 3)"
    " SELECT j.business_on, f.booked_on, f.type_code, f.text FROM judged j"
    f"   JOIN fresh f ON f.booked_on > j.business_on AND f.at >= j.since WHERE {_MISSING} ORDER BY 1, 2"
)
_TOLD = (
    f"WITH judged AS MATERIALIZED ({JUDGED}), fresh AS MATERIALIZED ("  # noqa: S608 - constants
    " SELECT p.business_on AS paid_on, max(p.recorded_at) AS at FROM gateway.payment p"
    "   WHERE p.partner = %(partner)s AND p.business_on >= %(lately)s::date - 62 AND p.recorded_at >= %(lately)s"
    "    AND p.channel = 'pos' AND p.source <> 'statement' GROUP BY 1)"
)
# Days whose card payments are missing, and those of other dates that were told since.
_TOLD_BESIDE = (
    f"{_TOLD} SELECT j.business_on, f.paid_on FROM judged j JOIN fresh f ON f.at >= j.since"  # noqa: S608 - constants
    f"   AND abs(j.business_on - f.paid_on) BETWEEN 1 AND 31 WHERE {_MISSING} ORDER BY 1, 2"
)
# Days with a credit that was of no batch or of several, and the card payments of dates before it that were told since.
_TOLD_BEFORE = (
    f"{_TOLD} SELECT DISTINCT j.business_on, f.paid_on, e.type_code, e.text FROM judged j"  # noqa: S608 - constants
    " JOIN fresh f ON f.at >= j.since AND f.paid_on < j.business_on AND f.paid_on >= j.business_on - 31"
    " JOIN gateway.recon_row r ON r.version_pk = j.version_pk AND r.outcome <> 'matched'"
    "   AND (r.rule, r.outcome) IN (('wording', 'deposit'), ('bulk', 'ambiguous'), ('rest', 'unidentified'))"
    " JOIN gateway.statement_entry e ON e.entry_pk = ANY (r.entry_pks)"
    " WHERE j.summary ?| ARRAY['deposit', 'ambiguous', 'unidentified'] AND e.amount > 0 AND e.tokens = '' ORDER BY 1, 2"
)


def days_of_batches(connection: Rows, partner: Partner, now: datetime) -> Iterator[date]:
    """Judged business dates of which a settlement in bulk, or a payment that it may be of, came since.

    Whether it settles them the judgement says.
    """
    lagging = [name.value for name, lag in partner.matching.settles_after.items() if lag]
    if not lagging:
        return
    values = {"partner": partner.id, "overlap": OVERLAP, "lately": now - LATELY, "lagging": lagging}
    known: dict[str, Rules] = {}
    yield from _days_of_credits(connection, partner, values, known)
    if Channel.POS.value in lagging:
        yield from _days_beside(connection, partner, values)
        yield from _days_after(connection, partner, values, known)


def _days_of_credits(
    connection: Rows, partner: Partner, values: Mapping[str, object], known: dict[str, Rules]
) -> Iterator[date]:
    """Card payments are missing, and a credit worded as a settlement came within the window of the rules."""
    for on, booked_on, version in _settlements(connection, _SETTLED, partner, values, known):
        if (booked_on - on).days <= version.window.days:
            yield on


def _days_beside(connection: Rows, partner: Partner, values: Mapping[str, object]) -> Iterator[date]:
    """Card payments are missing, and one of a date that falls due together with theirs was told."""
    for on, paid_on in connection.execute(_TOLD_BESIDE.encode(), values).fetchall():
        assert isinstance(on, date)
        assert isinstance(paid_on, date)
        first, last = _due_together(partner, on)
        if first <= paid_on <= last:
            yield on


def _days_after(
    connection: Rows, partner: Partner, values: Mapping[str, object], known: dict[str, Rules]
) -> Iterator[date]:
    """A credit worded as a settlement is of no batch for certain, and a payment that it may be of was told."""
    for on, paid_on, version in _settlements(connection, _TOLD_BEFORE, partner, values, known):
        if (on - paid_on).days <= version.bulk.days:
            yield on


def _settlements(
    connection: Rows, query: str, partner: Partner, values: Mapping[str, object], known: dict[str, Rules]
) -> Iterator[tuple[date, date, Rules]]:
    """What a query finds (a day, another date, words of an entry) that is worded as a settlement, and the rules."""
    for on, other, type_code, text in connection.execute(query.encode(), values).fetchall():
        assert isinstance(on, date)
        assert isinstance(other, date)
        version = _bulk_rules(partner, on, known)
        if version and version.bulk.pattern.search(rules.folded(f"{type_code} {text}")):
            yield on, other, version


def _bulk_rules(partner: Partner, on: date, known: dict[str, Rules]) -> Rules | None:
    """The rules of the day, where they take the step; those that are not there are told where the day is judged."""
    if not known:
        known.update(rules.load(partner.config / "rules"))
    version = known.get(rules.version_for(partner, on))
    return version if version and version.uses("bulk") else None


def _due_together(partner: Partner, on: date) -> tuple[date, date]:
    """The date alone where its calendar cannot be read: `lateness` tells that, and no other partner's days wait."""
    if partner.calendar is None:
        return on, on
    try:
        return calendar.load(partner.config / "calendars", partner.calendar.name).together(on)
    except ConfigurationError:
        return on, on
