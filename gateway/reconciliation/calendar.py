"""Working days of partners, from reviewed files. Payments run every day, settlement does not."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from gateway.errors import ConfigurationError, Problem
from gateway.model import VIETNAM
from gateway.partners import Calendar, Partner


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """One calendar: weekends, days off and weekend days that are worked, by date, with the reason of each."""

    name: str
    weekend: frozenset[int]
    days_off: Mapping[date, str]
    working_days: Mapping[date, str]
    years: frozenset[int]

    def works(self, on: date) -> bool:
        """Whether the partner works that day. Raises ConfigurationError ``calendar-unknown`` for an unlisted year."""
        if on.year not in self.years:
            raise ConfigurationError(
                code="calendar-unknown",
                problems=[Problem(f"{self.name}.toml", str(on.year), "this year is not in the calendar")],
                action="add the year to config/calendars and have it reviewed",
                case="year",
                facts={"file": f"{self.name}.toml", "year": str(on.year)},
            )
        if on in self.working_days:
            return True
        return on.isoweekday() not in self.weekend and on not in self.days_off

    def add(self, on: date, working_days: int) -> date:
        """The ``working_days``-th working day after ``on`` (0: ``on`` itself, or the next one that is worked)."""
        day = on
        while working_days == 0 and not self.works(day):
            day += timedelta(days=1)
        for _ in range(working_days):
            day += timedelta(days=1)
            while not self.works(day):
                day += timedelta(days=1)
        return day

    def together(self, on: date) -> tuple[date, date]:
        """The first and the last of the dates that fall due on one date: a working day and the days off after it.

        After a working day the n-th working day is the same for all of them, for every n. A year that is not in the
        calendar has no days off.
        """
        first = last = on
        while first.year in self.years and not self.works(first):
            first -= timedelta(days=1)
        while (after := last + timedelta(days=1)).year in self.years and not self.works(after):
            last = after
        return first, last


def load(folder: Path, name: str) -> WorkingDays:
    """The calendar ``name`` of ``folder``. Raises ConfigurationError ``calendar-unknown`` with every problem in it."""
    file = folder / f"{name}.toml"
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            code="calendar-unknown",
            problems=[Problem(file.name, "(whole file)", f"cannot be read: {error}")],
            action="write the calendar and have it reviewed",
            facts={"file": file.name},
        ) from error
    problems: list[Problem] = []
    off = _days(raw, "days_off", file.name, problems)
    worked = _days(raw, "working_days", file.name, problems)
    weekend = frozenset(raw.get("weekend", (6, 7)))
    problems += [
        Problem(file.name, f"working_days.{day}", "this is no day off, so it need not be worked instead")
        for day in worked
        if day.isoweekday() not in weekend and day not in off
    ]
    if problems:
        raise ConfigurationError(
            code="calendar-unknown", problems=problems, action="correct these keys", facts={"file": file.name}
        )
    years = frozenset(int(year) for year in raw.get("days_off", {}))
    return WorkingDays(name, weekend, off, worked, years)


def unknown(name: str) -> WorkingDays:
    """A calendar that lists no year: stands in for one that cannot be read where not everything asks it."""
    return WorkingDays(name, frozenset(), {}, {}, frozenset())


def _days(raw: Mapping[str, object], section: str, file: str, problems: list[Problem]) -> dict[date, str]:
    days: dict[date, str] = {}
    years = raw.get(section, {})
    for year, listed in years.items() if isinstance(years, dict) else ():
        for text, why in listed.items():
            try:
                day = date.fromisoformat(text)
            except ValueError:
                problems.append(Problem(file, f"{section}.{year}.{text}", "this is no date YYYY-MM-DD"))
                continue
            if str(day.year) != year:
                problems.append(Problem(file, f"{section}.{year}.{text}", "this day stands under another year"))
            days[day] = str(why)
    return days


def inputs_due_at(days: WorkingDays, calendar: Calendar, business_on: date) -> datetime:
    """When the inputs of a business date must be here: ``inputs_due`` on the n-th working day after it (UTC)."""
    day = days.add(business_on, calendar.settles_after_days)
    return datetime.combine(day, calendar.inputs_due, VIETNAM).astimezone(UTC)


def waits_until(partner: Partner, days: WorkingDays, business_on: date, working_days: int) -> dict[int, datetime]:
    """For each lag of the partner (in working days) when a difference of the date that waits for it waits no longer.

    That is when the last statement that may bring it is due (UTC); ``working_days`` is the window of the rules. Empty
    where the partner has no calendar.
    """
    if partner.calendar is None:
        return {}
    lags = {0, *partner.matching.settles_after.values()}
    lasts = {lag: days.add(business_on, max(lag, working_days)) for lag in lags}
    return {lag: inputs_due_at(days, partner.calendar, last) for lag, last in lasts.items()}
