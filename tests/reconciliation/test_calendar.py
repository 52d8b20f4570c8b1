"""Working days as the reviewed files say."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import holidays
import pytest

from gateway.errors import ConfigurationError
from gateway.partners import Calendar
from gateway.reconciliation.calendar import inputs_due_at, load

pytestmark = pytest.mark.unit
FOLDER = Path(__file__).resolve().parents[2] / "config" / "calendars"


@pytest.mark.parametrize("name", ["vn-banking", "vn-office"])
def test_tet_and_swapped_days_are_as_announced(name: str) -> None:
    days = load(FOLDER, name)
    assert not days.works(date(2026, 1, 2))  # swapped with
    assert days.works(date(2026, 1, 10))  # this Saturday
    assert not any(days.works(date(2026, 2, day)) for day in range(14, 23))  # Tết
    assert days.works(date(2026, 2, 23))
    assert days.works(date(2025, 4, 26))


@pytest.mark.parametrize("name", ["vn-banking", "vn-office"])
def test_the_file_holds_every_day_off_that_the_library_proposes(name: str) -> None:
    days = load(FOLDER, name)
    proposed = holidays.country_holidays("VN", years=sorted(days.years))
    assert set(proposed) <= set(days.days_off)


def test_a_friday_is_due_on_monday_and_the_day_before_tet_after_it() -> None:
    days = load(FOLDER, "vn-banking")
    calendar = Calendar(name="vn-banking", inputs_due=time(9, 0))
    assert inputs_due_at(days, calendar, date(2026, 11, 20)) == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert inputs_due_at(days, calendar, date(2026, 2, 13)) == datetime(2026, 2, 23, 2, 0, tzinfo=UTC)


def test_a_year_nobody_reviewed_is_an_error() -> None:
    with pytest.raises(ConfigurationError) as unknown:
        load(FOLDER, "vn-banking").works(date(2031, 1, 1))
    assert unknown.value.code == "calendar-unknown"


def test_all_problems_of_a_calendar_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(
        '[days_off.2026]\n"2026-13-01" = "a"\n"2025-01-01" = "b"\n[working_days.2026]\n"2026-11-25" = "c"\n'
    )
    with pytest.raises(ConfigurationError) as bad:
        load(tmp_path, "x")
    assert len(bad.value.problems) == 3


@pytest.mark.parametrize(
    ("on", "first", "last"),
    [
        (date(2026, 11, 20), date(2026, 11, 20), date(2026, 11, 22)),
        (date(2026, 11, 22), date(2026, 11, 20), date(2026, 11, 22)),
        (date(2026, 11, 18), date(2026, 11, 18), date(2026, 11, 18)),
        (date(2026, 2, 18), date(2026, 2, 13), date(2026, 2, 22)),
        (date(2026, 1, 10), date(2026, 1, 10), date(2026, 1, 11)),
        (date(2025, 1, 1), date(2024, 12, 31), date(2025, 1, 1)),
        (date(2027, 12, 31), date(2027, 12, 31), date(2027, 12, 31)),
    ],
    ids=["friday", "sunday", "wednesday", "tet", "saturday-that-is-worked", "before-the-calendar", "after-it"],
)
def test_a_working_day_and_the_days_off_after_it_are_settled_together(on: date, first: date, last: date) -> None:
    days = load(FOLDER, "vn-banking")
    assert days.together(on) == (first, last)
    for lag in (1, 2, 3) if on.year == 2026 else ():
        assert days.add(first, lag) == days.add(last, lag) != days.add(last + timedelta(days=1), lag)
        assert days.add(first - timedelta(days=1), lag) != days.add(first, lag)
