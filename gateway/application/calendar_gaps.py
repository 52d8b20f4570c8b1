"""Which calendar file must be completed before anybody knows on which days a partner works.

One partner's calendar takes no page of all partners away: what does not need it is shown, and this beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gateway.application.desk import Desk
from gateway.errors import ConfigurationError
from gateway.partners import Partner
from gateway.reconciliation import calendar


@dataclass(frozen=True, slots=True)
class CalendarGap:
    """A ``file`` of ``config/calendars`` that lacks ``year``; 0: it is not there, or cannot be read."""

    file: str
    year: int


def gap_of(error: ConfigurationError) -> CalendarGap:
    """What an error ``calendar-unknown`` is about."""
    return CalendarGap(str(error.facts["file"]), int(str(error.facts.get("year", 0))))


def gap_at(desk: Desk, partner: Partner, on: date) -> CalendarGap | None:
    """What keeps anybody from knowing when the partner's inputs of a date are due; None where nothing does."""
    if partner.calendar is None:
        return None
    try:
        days = calendar.load(desk.settings.config / "calendars", partner.calendar.name)
        days.works(on)
        calendar.inputs_due_at(days, partner.calendar, on)
    except ConfigurationError as error:
        return gap_of(error)
    return None


def worked_days(desk: Desk, partner: Partner, first: date, last: date) -> dict[date, bool]:
    """Every date from ``first`` to ``last`` -> whether the partner works; empty where it has no calendar.

    Raises ConfigurationError ``calendar-unknown``.
    """
    if partner.calendar is None:
        return {}
    days = calendar.load(desk.settings.config / "calendars", partner.calendar.name)
    dates = (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
    return {on: days.works(on) for on in dates}
