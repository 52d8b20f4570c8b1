"""Tuổi lệch: breaks that nobody has concluded, by partner, class and age, in count and amount."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.clock import vietnam_date
from gateway.reconciliation.break_decisions import AT_STAKE

BUCKETS: tuple[tuple[int, int | None], ...] = ((0, 1), (2, 5), (6, 10), (11, 30), (31, None))
"""Ages in calendar days since the business date, both ends counted."""

# The word that counts about row r of day d, as n; a question to the partner only where there is no other.
DECISION_OF_ROW = """
  LEFT JOIN LATERAL (
    SELECT n.kind, n.by_user, n.effective, EXISTS (
           SELECT FROM gateway.enquiry_answer a WHERE a.decision_pk = n.decision_pk) AS answered
      FROM gateway.break_decision_now n
     WHERE n.partner = d.partner AND n.business_on = d.business_on AND n.row_key = r.row_key
     ORDER BY n.kind = 'enquire', n.decision_pk DESC LIMIT 1) n ON true"""

# A row is concluded by a decision in force; a question to the partner concludes nothing. Of an approved day only what
# the partner was asked about is open: few days have such rows, and the others are left out before their rows are read.
OPEN_ROWS = f"""
  FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)
  JOIN gateway.recon_row r USING (version_pk) {DECISION_OF_ROW}
 WHERE (d.state <> 'approved' OR (d.partner, d.business_on) IN (
        SELECT b.partner, b.business_on FROM gateway.enquiry q JOIN gateway.break_decision b USING (decision_pk)))
   AND (d.state <> 'approved' OR n.kind = 'enquire') AND r.outcome <> 'matched' AND gateway.is_break(r.outcome)
   AND (n.kind IS NULL OR n.kind = 'enquire' OR NOT n.effective)"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Count:
    """How many, and the money in question in đồng."""

    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """One partner and class; ``buckets`` in the order of ``BUCKETS``. ``oldest_on``: the oldest business date in it."""

    partner: str
    entry_class: str
    buckets: tuple[Count, ...]
    total: Count
    oldest_on: date


@dataclass(frozen=True, slots=True)
class Ageing:
    """All open breaks at a date of Asia/Ho_Chi_Minh.

    ``asked``: those of them that wait for a partner's answer; ``answered``: those whose answer came, to be concluded.
    """

    on: date
    rows: tuple[AgeingRow, ...]
    buckets: tuple[Count, ...]
    total: Count
    asked: Count
    answered: Count


def ageing(desk: Desk, person: Person, *, partner: str = "") -> Ageing:
    """The open breaks of all partners, or of one. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    today = vietnam_date(desk.clock.now())
    found: dict[tuple[str, str], dict[date, Count]] = {}
    rows = desk.connection.execute(
        "SELECT d.partner, r.class, d.business_on,"
        " CASE WHEN n.kind = 'enquire' THEN CASE WHEN n.answered THEN 'answered' ELSE 'asked' END ELSE '' END,"
        " count(*),"
        f" sum({AT_STAKE})::bigint"
        f"{OPEN_ROWS} AND (%(partner)s = '' OR d.partner = %(partner)s) GROUP BY 1, 2, 3, 4".encode(),
        {"partner": partner},
    )
    enquired: dict[str, list[Count]] = {"": [], "asked": [], "answered": []}
    for name, entry_class, on, enquiry, count, amount in rows:
        assert isinstance(on, date)
        one = Count(int(str(count)), int(str(amount)))
        dates = found.setdefault((str(name), str(entry_class)), {})
        dates[on] = _sum([dates.get(on, Count(0, 0)), one])
        enquired[str(enquiry)].append(one)
    lines = tuple(_row(name, entry_class, days, today) for (name, entry_class), days in sorted(found.items()))
    buckets = tuple(_sum([line.buckets[index] for line in lines]) for index in range(len(BUCKETS)))
    return Ageing(today, lines, buckets, _sum(list(buckets)), _sum(enquired["asked"]), _sum(enquired["answered"]))


def _row(partner: str, entry_class: str, days: dict[date, Count], today: date) -> AgeingRow:
    buckets = tuple(
        _sum([count for on, count in days.items() if bucket_of((today - on).days) == index])
        for index in range(len(BUCKETS))
    )
    return AgeingRow(partner, entry_class, buckets, _sum(list(buckets)), min(days))


def bucket_of(age: int) -> int:
    """The index in ``BUCKETS`` of an age in days; a business date of the future counts as today."""
    return next(index for index, (_, most) in enumerate(BUCKETS) if most is None or age <= most)


def _sum(counts: list[Count]) -> Count:
    return Count(sum(one.count for one in counts), sum(one.amount for one in counts))
