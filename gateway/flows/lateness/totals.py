"""Totals of a day that move more than usual: the partner's day against the median of its own comparable days.

Compared are what the partner lists as collected (classes fee, deposit, unidentified): how many entries and how much.
Comparable are working days with as many weekend days before them (a Monday with Mondays), away from holidays. The
measure of what is usual is the median absolute deviation, scaled as a standard deviation; whole numbers throughout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_low

from gateway.flows.lateness.limits import Totals
from gateway.flows.lateness.watch import Watch, day_path
from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert
from gateway.reconciliation.calendar import WorkingDays
from gateway.reconciliation.outcomes import dong

_COLLECTED = ("fee", "deposit", "unidentified")
_MEMORY = timedelta(days=200)
"""Long enough for eight Mondays between holidays."""
_PER_MILLE_OF_A_DEVIATION = 1483
"""1.4826: the factor that makes the median absolute deviation of a normal distribution its standard deviation."""
_DAYS = """
SELECT d.partner, d.business_on, d.state, v.classes FROM gateway.recon_day d
  JOIN gateway.recon_version v USING (partner, business_on, version)
 WHERE d.business_on >= %(since)s AND d.business_on < %(today)s ORDER BY 1, 2"""


@dataclass(frozen=True, slots=True)
class Day:
    """What a partner listed as collected on a business date. ``settled``: approved, so people have agreed to it."""

    on: date
    settled: bool
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Usual:
    """The median of comparable days, and the distance from it that is still usual."""

    median: int
    within: int

    def is_left_by(self, value: int) -> bool:
        """Whether ``value`` lies farther away than that."""
        return abs(value - self.median) > self.within


def unusual_totals(watch: Watch) -> Iterator[Alert]:
    """One alert per partner and business date that nobody has approved yet."""
    rules = watch.limits.totals
    for partner, those in _days_of_partners(watch).items():
        if partner in watch.without_calendar:
            continue
        days = watch.days_of(partner)
        for day in those:
            if day.settled or day.on < watch.today - timedelta(days=rules.look_back):
                continue
            before = comparable(days, day.on, those, rules)
            words = _differences(day, before, rules) if len(before) >= rules.at_least else {}
            if words:
                yield Alert(
                    f"totals-unusual:{partner}:{day.on}",
                    "totals-unusual",
                    partner,
                    f"Ngày {day.on:%d/%m/%Y} của {watch.name_of(partner)} khác thường: {'; '.join(words.values())}"
                    f" (so với {len(before)} ngày tương tự gần nhất).",
                    ACTION_VI["totals-unusual"],
                    day_path(partner, day.on),
                    gist=" ".join(words),
                )


def _days_of_partners(watch: Watch) -> dict[str, list[Day]]:
    found: dict[str, list[Day]] = {}
    values = {"since": watch.today - _MEMORY, "today": watch.today}
    for partner, on, state, classes in watch.connection.execute(_DAYS, values).fetchall():
        assert isinstance(on, date)
        assert isinstance(classes, Mapping)
        sums = [classes[name] for name in _COLLECTED if name in classes]
        day = Day(on, state == "approved", sum(one[0] for one in sums), sum(one[2] for one in sums))
        found.setdefault(str(partner), []).append(day)
    return found


def comparable(days: WorkingDays, on: date, those: Sequence[Day], rules: Totals) -> list[Day]:
    """The last days before ``on`` that are like it; none where ``on`` is no working day or near a holiday."""
    kind = _kind(days, on, rules.after_holiday)
    if kind is None:
        return []
    return [day for day in those if day.on < on and _kind(days, day.on, rules.after_holiday) == kind][-rules.days :]


def _kind(days: WorkingDays, on: date, after_holiday: int) -> int | None:
    """How many days of rest lie before a working day; None where it is none, or a holiday lies shortly before it."""
    if on.year not in days.years or not days.works(on):
        return None
    rest, worked, day = 0, 0, on - timedelta(days=1)
    while worked < max(after_holiday, 1):
        if day.year not in days.years:
            return None
        if days.works(day):
            worked += 1
        elif day in days.days_off and after_holiday:
            return None
        elif not worked:
            rest += 1
        day -= timedelta(days=1)
    return rest


def usual(values: Sequence[int], deviations: int, percent: int, floor: int) -> Usual:
    """What is usual of at least one value; each of the three bounds must be exceeded to leave it."""
    median = median_low(values)
    spread = median_low([abs(value - median) for value in values])
    bounds = (deviations * spread * _PER_MILLE_OF_A_DEVIATION // 1000, percent * abs(median) // 100, floor)
    return Usual(median, max(bounds))


def _differences(day: Day, before: Sequence[Day], rules: Totals) -> dict[str, str]:
    """``count+`` or ``amount-`` … -> how the day differs, in words."""
    counts = usual([one.count for one in before], rules.deviations, rules.percent, rules.count)
    amounts = usual([one.amount for one in before], rules.deviations, rules.percent, rules.amount)
    found = {}
    if counts.is_left_by(day.count):
        low, high = min(one.count for one in before), max(one.count for one in before)
        key = f"count{_sign(day.count, counts)}"
        found[key] = f"{day.count} giao dịch, thường {counts.median} (từ {low} đến {high})"
    if amounts.is_left_by(day.amount):
        low, high = min(one.amount for one in before), max(one.amount for one in before)
        key = f"amount{_sign(day.amount, amounts)}"
        found[key] = f"{dong(day.amount)}, thường {dong(amounts.median)} (từ {dong(low)} đến {dong(high)})"
    return found


def _sign(value: int, than: Usual) -> str:
    return "+" if value > than.median else "-"
