"""Money of a row is moved to another business date, to be judged there: whether it may, and where it stands now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from gateway.application.break_reading import fetch
from gateway.application.desk import Desk
from gateway.application.moved_views import MovedRow
from gateway.errors import Conflict
from gateway.reconciliation.break_decisions import Target
from gateway.reconciliation.months import ITEMS

FARTHEST = timedelta(days=31)
"""How far another business date may be to which a row is moved."""

_COLUMNS = ("payment_pks", "refund_pks", "entry_pks")


def require_movable(desk: Desk, target: Target, row: Mapping[str, Any], to: date) -> None:
    """Raises Conflict ``move-not-possible``. The schema refuses once more what depends on the other day."""
    state = _closed(desk, target.partner, to)
    facts = {"business_on": target.business_on, "other": to, "state": state, "most": FARTHEST.days}
    if to == target.business_on or abs(to - target.business_on) > FARTHEST:
        raise _hindered(target, "far", facts, "name another day, at most a month away", "choose an open day")
    if state:
        raise _hindered(target, "closed", facts, f"that day is {state}", "choose an open day")
    if hindrance := _unmovable(desk, target, row, to):
        raise hindrance


def movable(desk: Desk, target: Target, row: Mapping[str, Any]) -> bool:
    """Whether the row has money that another day could take."""
    return _unmovable(desk, target, row, target.business_on) is None


def _unmovable(desk: Desk, target: Target, row: Mapping[str, Any], to: date) -> Conflict | None:
    facts = {"business_on": target.business_on, "other": to, "most": FARTHEST.days}
    if desk.partner(target.partner).role == "postal":
        why = "collected money is judged by the batch that lists it, not by a date"
        action = "ask the postal service for a corrected remittance, or decide the row otherwise"
        return _hindered(target, "batch", facts, why, action)
    if row["outcome"] not in ITEMS or not any(row[name] for name in _COLUMNS):
        why = "the row has no money that is still to be explained"
        return _hindered(target, "no-money", facts, why, "move the row that has it")
    if settled_in_bulk(row) or fetch(
        desk, _LINKED, {"partner": target.partner, **{name: list(row[name]) for name in _COLUMNS}}
    ):
        why = "money of the row is matched or linked already"
        return _hindered(target, "linked", facts, why, "look at where it stands now")
    return None


def settled_in_bulk(row: Mapping[str, Any]) -> bool:
    """Whether a credit for a whole batch has the money of the row's payment: it stands where the batch does."""
    return bool(row["rule"] == "bulk" and row["payment_pks"] and row["their_amount"])


def _hindered(target: Target, case: str, facts: Mapping[str, object], why: str, action: str) -> Conflict:
    return Conflict(why, code="move-not-possible", where=target.where, action=action, case=case, facts=facts)


def _closed(desk: Desk, partner: str, day: date) -> str:
    """The state of a day that people have agreed on, "" for one that takes money."""
    query = (
        "SELECT state FROM gateway.recon_day WHERE partner = %(partner)s AND business_on = %(day)s"
        " AND state IN ('proposed', 'approved')"
    )
    found = fetch(desk, query, {"partner": partner, "day": day})
    return str(found[0]["state"]) if found else ""


_LINKED = """
SELECT 1 FROM gateway.link_now l WHERE l.partner = %(partner)s
   AND (l.entry_pks && %(entry_pks)s::bigint[] OR l.payment_pks && %(payment_pks)s::bigint[])
UNION ALL
SELECT 1 FROM gateway.moved_here m WHERE m.partner = %(partner)s AND m.here_outcome = 'matched'
   AND (m.entry_pks && %(entry_pks)s::bigint[] OR m.payment_pks && %(payment_pks)s::bigint[]
     OR m.refund_pks && %(refund_pks)s::bigint[]) LIMIT 1"""

_MOVED = """
SELECT m.decision_pk, m.from_on, m.to_on, m.row_key, m.outcome, r.reference, m.our_amount, m.their_amount,
       count(h.row_no) > 0 AS judged, coalesce(bool_and(h.here_outcome = 'matched'), false) AS matched,
       coalesce(array_agg(h.here_key ORDER BY h.row_no) FILTER (WHERE h.here_outcome <> 'matched'), '{}') AS here_keys
  FROM gateway.money_move_now m JOIN gateway.break_decision d USING (decision_pk)
  JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
  JOIN gateway.recon_row r ON (r.version_pk, r.row_key) = (v.version_pk, m.row_key) AND r.outcome <> 'matched'
  LEFT JOIN gateway.moved_here h ON h.decision_pk = m.decision_pk
 WHERE m.partner = %(partner)s AND %(day)s IN (m.from_on, m.to_on)
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY m.decision_pk"""


def moved_rows(desk: Desk, partner: str, day: date) -> Sequence[MovedRow]:
    """The rows that were moved to or from this day, in the order of their decisions."""
    rows = fetch(desk, _MOVED, {"partner": partner, "day": day})
    return [MovedRow(**{**row, "here_keys": tuple(row["here_keys"])}) for row in rows]


def moves_waiting(desk: Desk, partner: str, day: date) -> int:
    """How many moves, or undoings of moves, the day is still to be judged with."""
    query = "SELECT count(*) AS n FROM gateway.day_moves_wait WHERE partner = %(partner)s AND business_on = %(day)s"
    return int(fetch(desk, query, {"partner": partner, "day": day})[0]["n"])
