"""Việc đang chờ: everything that waits for a person, of whatever month, with its age and who may do it now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from gateway.application import days, months
from gateway.application.access import WHO_MAY, Act, Person
from gateway.application.break_reading import ENQUIRIES, fetch
from gateway.application.day_views import DayState, State, shown_as
from gateway.application.desk import Desk
from gateway.clock import vietnam_date
from gateway.reconciliation.month_store import last_day
from gateway.reports import signed

DAYS_NAMED = 6
"""How many days of a kind are named, the oldest first."""

ACT_OF: Mapping[str, Act | None] = MappingProxyType(
    {
        "day_late": None,
        "day_stopped": Act.RELEASE_DAY,
        "day_reconciled": Act.DECIDE,
        "day_reopened": Act.DECIDE,
        "day_ready": Act.PROPOSE_DAY,
        "day_proposed": Act.APPROVE_DAY,
        "write_off": Act.CONFIRM_WRITE_OFF,
        "enquiry_overdue": Act.ENQUIRE,
        "enquiry_conclude": Act.DECIDE,
        "enquiry_send_back": Act.REJECT_DAY,
        "enquiry_reopen": Act.REOPEN_DAY,
        "refund_propose": Act.PROPOSE_REFUND,
        "refund_approve": Act.APPROVE_REFUND,
        "refund_document": Act.PROPOSE_REFUND,
        "receipt": Act.PROPOSE_REFUND,
        "cash_count": Act.CONFIRM_RECORD,
        "voucher": Act.CONFIRM_RECORD,
        "month_close": Act.CLOSE_MONTH,
        **{f"minutes_{field}": Act.SIGN_MINUTES for field in signed.ORDER},
    }
)
"""Kind of work -> the act that ends it, in the order of the list; None where the partner is to act."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """All work of one kind. ``mine``: how much of it the person who looks may do now.

    ``owners``: roles, one of which is enough, or ``partner``; of minutes the office that signs next. ``path``: the page
    where it is done, below the console's root, that of the oldest where each has its own. ``days``: of days the oldest.
    """

    kind: str
    count: int
    mine: int
    oldest_on: date
    age_days: int
    owners: tuple[str, ...]
    path: str
    days: tuple[DayState, ...] = ()


@dataclass(frozen=True, slots=True)
class _Some:
    """Some work of a kind, with the oldest of it."""

    kind: str
    count: int
    mine: int
    oldest_on: date
    path: str
    days: tuple[DayState, ...] = ()


def waiting(desk: Desk, person: Person) -> list[Waiting]:
    """What waits, kind by kind. Nobody's own work waits for their own second pair of eyes.

    Raises Forbidden ``act-not-allowed``.
    """
    person.require(Act.SEE)
    today = vietnam_date(desk.clock.now())
    with desk.connection.transaction():
        some = [*_days(desk, person), *_acts(desk, person, today), *_minutes(desk, person), *_months(desk, person)]
    order = list(ACT_OF)
    return [_told(one, today) for one in sorted(some, key=lambda one: order.index(one.kind))]


def _told(one: _Some, today: date) -> Waiting:
    act = ACT_OF[one.kind]
    owners = ("partner",) if act is None else tuple(sorted(WHO_MAY[act]))
    if one.kind.startswith("minutes_"):
        owners = (one.kind.removeprefix("minutes_"),)
    age = max(0, (today - one.oldest_on).days)
    return Waiting(one.kind, one.count, one.mine, one.oldest_on, age, owners, one.path, one.days)


def _days(desk: Desk, person: Person) -> Iterator[_Some]:
    found: dict[str, list[DayState]] = {}
    for state in days.waiting_days(desk, person):
        shown = shown_as(
            state.state.value,
            works=state.works,
            late=state.late,
            stopped=state.stopped,
            open_breaks=state.open_breaks,
        )
        found.setdefault(f"day_{shown}", []).append(state)
    for kind, those in found.items():
        if kind in ACT_OF:
            mine = sum(_may_do(person, kind, other=one.proposed_by if kind == "day_proposed" else "") for one in those)
            yield _Some(kind, len(those), mine, those[0].business_on, _day_path(those[0]), tuple(those[:DAYS_NAMED]))


def _may_do(person: Person, kind: str, other: str = "") -> bool:
    """Whether the person may do it: somebody ``other`` did the first half of it, and that is not the same person."""
    act = ACT_OF[kind]
    return act is not None and person.may(act) and other.lower() != person.user.lower()


def _day_path(state: DayState) -> str:
    """Its page; that of the month for a date that was never judged, which has none."""
    on = state.business_on
    return f"/?month={on:%Y-%m}" if state.state is State.NONE else f"/days/{state.partner}/{on.isoformat()}"


def _acts(desk: Desk, person: Person, today: date) -> Iterator[_Some]:
    for row in fetch(desk, _ACTS, {"me": person.user, "today": today}):
        mine = row["others"] if _may_do(person, row["kind"]) else 0
        yield _Some(row["kind"], row["count"], mine, row["oldest_on"], row["path"])


# Each kind of act: what it is, since when it waits, who did its first half ("" where a second person is not asked for),
# and its page.
_VN = "AT TIME ZONE 'Asia/Ho_Chi_Minh'"
_EACH = f"""
SELECT 'refund_propose', (requested_at {_VN})::date, '', '/refunds?state=requested'
  FROM gateway.refund WHERE state = 'requested'
UNION ALL SELECT 'refund_approve', (proposed_at {_VN})::date, proposed_by, '/refunds?state=proposed'
  FROM gateway.refund WHERE state = 'proposed'
UNION ALL SELECT 'refund_document', (approved_at {_VN})::date, '', '/refunds?state=approved'
  FROM gateway.refund WHERE state = 'approved' AND route <> 'bank'
UNION ALL SELECT 'receipt', (approved_at {_VN})::date, '', '/refunds/' || refund_id
  FROM gateway.refund WHERE receipt_mark <> '' AND receipt_done_at IS NULL
UNION ALL SELECT 'write_off', (n.at {_VN})::date, n.by_user,
       format('/days/%%s/%%s/breaks/%%s', n.partner, n.business_on, n.row_key)
  FROM gateway.break_decision_now n JOIN gateway.recon_day d USING (partner, business_on)
  JOIN gateway.recon_version v ON (v.partner, v.business_on, v.version) = (d.partner, d.business_on, d.version)
  JOIN gateway.recon_row r ON r.version_pk = v.version_pk AND r.row_key = n.row_key AND r.outcome <> 'matched'
 WHERE n.needs_second AND NOT n.effective AND d.state = 'reconciled'
UNION ALL SELECT 'cash_count', (counted_at {_VN})::date, counted_by, '/cash/' || count_pk
  FROM gateway.cash_count c WHERE confirmed_at IS NULL
   AND NOT EXISTS (SELECT FROM gateway.cash_count n WHERE n.corrects = c.count_pk)
UNION ALL SELECT 'voucher', (recorded_at {_VN})::date, recorded_by, '/treasury/' || voucher_pk
  FROM gateway.treasury_voucher WHERE confirmed_at IS NULL AND cancelled_at IS NULL
UNION ALL SELECT CASE WHEN answer = '' THEN 'enquiry_overdue' WHEN day_state = 'approved' THEN 'enquiry_reopen'
         WHEN day_state = 'proposed' THEN 'enquiry_send_back' ELSE 'enquiry_conclude' END,
       CASE WHEN answer = '' THEN answer_due_on ELSE (answered_at {_VN})::date END, '',
       '/enquiries?state=' || CASE WHEN answer = '' THEN 'overdue' ELSE 'unconcluded' END
  FROM ({ENQUIRIES}) e WHERE overdue OR answer <> '' AND NOT concluded"""  # noqa: S608 - constants
_ACTS = f"""
SELECT kind, count(*) AS count, count(*) FILTER (WHERE lower(other) <> lower(%(me)s)) AS others,
       min(waits_since) AS oldest_on, (array_agg(path ORDER BY waits_since, path))[1] AS path
  FROM ({_EACH}) w(kind, waits_since, other, path) GROUP BY kind"""  # noqa: S608 - constants


def _minutes(desk: Desk, person: Person) -> Iterator[_Some]:
    """Minutes that were prepared and lack a signature: of the day's approved version, or of a month."""
    offices = set[str]()
    if person.may(Act.SIGN_MINUTES):
        offices = {one for one in signed.ORDER if signed.certificates_of(desk.connection, person.user, one)}
        offices.add(signed.PARTNER_FIELD)  # whoever may sign hands in the partner's copy
    for row in fetch(desk, _UNSIGNED, {"me": person.user, "order": list(signed.ORDER)}):
        mine = row["others"] if row["field"] in offices else 0
        yield _Some(f"minutes_{row['field']}", row["count"], mine, row["oldest_on"], row["path"])


_UNSIGNED = f"""
SELECT field, count(*) AS count, count(*) FILTER (WHERE NOT by_me OR field = 'doi_tac') AS others,
       min(waits_since) AS oldest_on, (array_agg(path ORDER BY waits_since, path))[1] AS path
  FROM (SELECT (%(order)s::text[])[n.signed + 1] AS field, n.by_me,
               (coalesce(n.last_at, p.made_at) {_VN})::date AS waits_since,
               CASE p.kind WHEN 'day_minutes' THEN '/days/' ELSE '/months/' END || p.partner || '/' || p.period AS path
          FROM gateway.report_document p CROSS JOIN LATERAL (
               SELECT count(*)::int AS signed, max(accepted_at) AS last_at,
                      coalesce(bool_or(lower(person) = lower(%(me)s)), false) AS by_me
                 FROM gateway.report_signature s WHERE s.document_pk = p.document_pk) n
         WHERE n.signed < cardinality(%(order)s::text[]) AND (p.kind = 'month_minutes' OR EXISTS (
               SELECT FROM gateway.recon_day d WHERE d.partner = p.partner AND d.business_on::text = p.period
                  AND d.version = p.version AND d.state = 'approved'))) u
 GROUP BY field"""  # noqa: S608 - constants


def _months(desk: Desk, person: Person) -> Iterator[_Some]:
    ready = sorted(months.ready_to_close(desk, person), key=lambda one: (one[1], one[0]))
    if ready:
        partner, month = ready[0]
        mine = len(ready) if _may_do(person, "month_close") else 0
        over_on = last_day(month) + timedelta(days=1)
        yield _Some("month_close", len(ready), mine, over_on, f"/months/{partner}/{month:%Y-%m}")
