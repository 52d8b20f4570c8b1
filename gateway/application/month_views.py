"""What a page, a command or the minutes read of a month: plain rows, amounts in đồng."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from gateway.application.calendar_gaps import CalendarGap
from gateway.reconciliation.month_store import Summary
from gateway.reconciliation.months import Carried, Tally


@dataclass(frozen=True, slots=True)
class MonthDay:
    """One line of the minutes. ``state`` is *missing* where the day was never looked at; ``summary`` by outcome.

    ``works``: None where the calendar does not say. ``corrects``: the version that an earlier, closed month counted;
    then ``summary`` is the difference to it.
    """

    business_on: date
    works: bool | None
    state: str
    version: int
    summary: Summary
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class MonthView:
    """A month: ``brought_in + new - solved = carried_out``, in count and amount.

    ``outcomes``: outcome -> count, our đồng, their đồng, over the days, the corrections and ``moved``: rows of other
    days (negative) whose money a day of this month counts, because people moved it there. ``blocking``: days that are
    to be approved before it can be closed. ``calendar_gap``: an open month whose partner has no calendar for it shows
    the days that are on record, and cannot be closed; nobody knows which other days were owed.
    """

    partner: str
    month: date
    state: str
    closed_by: str
    closed_at: datetime | None
    minutes_sha256: str
    days: tuple[MonthDay, ...]
    corrections: tuple[MonthDay, ...]
    moved: tuple[MonthDay, ...]
    outcomes: Summary
    brought_in: Tally
    new: Tally
    solved: Tally
    carried_out: Tally
    items: tuple[Carried, ...]
    blocking: tuple[date, ...]
    calendar_gap: CalendarGap | None = None
