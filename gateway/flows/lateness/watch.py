"""What every look for alerts is given, and the deadlines of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from gateway.clock import vietnam_date
from gateway.errors import ConfigurationError, GatewayError
from gateway.flows.lateness.limits import Limits
from gateway.messages.store import Connection
from gateway.model import VIETNAM
from gateway.partners import Partner
from gateway.reconciliation import calendar
from gateway.reconciliation.calendar import WorkingDays

AROUND = timedelta(days=31)
"""How far from today the looks ask a calendar: longer than the longest holiday and what follows it."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One look at everything, at one moment. ``office``: the days on which the province's people work.

    ``without_calendar``: partners whose calendar cannot be read, and why; nothing can be said of their deadlines.
    """

    connection: Connection = field(repr=False)
    partners: Mapping[str, Partner]
    now: datetime
    limits: Limits
    config: Path
    office: WorkingDays
    without_calendar: Mapping[str, GatewayError] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The date in Vietnam."""
        return vietnam_date(self.now)

    def days_of(self, partner: str) -> WorkingDays:
        """The partner's calendar; the office's where it has none. Raises ConfigurationError ``calendar-unknown``."""
        found = self.partners.get(partner)
        if found is None or found.calendar is None:
            return self.office
        return calendar.load(self.config / "calendars", found.calendar.name)

    def name_of(self, partner: str) -> str:
        """The partner as people call it."""
        found = self.partners.get(partner)
        return partner if found is None else found.name

    def hour_after(self, at: datetime) -> datetime:
        """The first hour of a working day, by which things should be done, after ``at``. Raises as ``days_of``."""
        return first_hour_after(self.office, self.limits.office.approve_by, at)


def unreadable_calendars(partners: Mapping[str, Partner], config: Path, today: date) -> dict[str, GatewayError]:
    """The partners whose calendar is not there, is broken, or lacks a year within a month of today."""
    found: dict[str, GatewayError] = {}
    for partner in partners.values():
        if partner.calendar is None:
            continue
        try:
            days = calendar.load(config / "calendars", partner.calendar.name)
            for on in (today - AROUND, today, today + AROUND):
                days.works(on)
        except ConfigurationError as error:
            found[partner.id] = error
    return found


def first_hour_after(days: WorkingDays, hour: time, at: datetime) -> datetime:
    """The first time after ``at`` (UTC) that is ``hour`` in Vietnam of a day that is worked."""
    on = vietnam_date(at)
    while not days.works(on) or local(on, hour) <= at:
        on += timedelta(days=1)
    return local(on, hour)


def local(on: date, hour: time) -> datetime:
    """That hour in Vietnam, in UTC."""
    return datetime.combine(on, hour, VIETNAM).astimezone(UTC)


def told(at: datetime) -> str:
    """A time as people read it: ``12:00 24/11/2026``."""
    return f"{at.astimezone(VIETNAM):%H:%M %d/%m/%Y}"


def day_path(partner: str, on: date) -> str:
    """The page of a partner's business date."""
    return f"/days/{partner}/{on.isoformat()}"


def month_path(on: date) -> str:
    """The page of all partners and dates of a month."""
    return f"/?month={on:%Y-%m}"
