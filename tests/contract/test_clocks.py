"""Every clock keeps the promises of its port."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.clock import FileClock, FixedClock, SystemClock
from gateway.errors import ConfigurationError
from gateway.ports import Clock
from tests.contract.further_ports import ClockContract

pytestmark = [pytest.mark.contract, pytest.mark.unit]
IN_VIETNAM = datetime(2026, 11, 23, 10, 0, tzinfo=timezone(timedelta(hours=7)))


class TestSystemClock(ClockContract):
    of = (SystemClock,)

    @pytest.fixture
    def clock(self) -> Clock:
        return SystemClock()

    def test_it_is_the_real_time(self, clock: Clock) -> None:
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


class TestFileClock(ClockContract):
    of = (FileClock,)

    @pytest.fixture
    def clock(self, tmp_path: Path) -> Clock:
        found = FileClock(tmp_path / "clock")
        found.set(IN_VIETNAM)
        return found

    def test_it_is_what_the_file_says(self, clock: Clock) -> None:
        assert clock.now() == IN_VIETNAM

    @pytest.mark.parametrize("text", ["", "tomorrow", "2026-11-23T10:00:00"])
    def test_a_file_that_says_no_time_is_told(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "clock").write_text(text)
        with pytest.raises(ConfigurationError) as raised:
            FileClock(tmp_path / "clock").now()
        assert raised.value.code == "business-clock-unreadable"


class TestFixedClock(ClockContract):
    of = (FixedClock,)

    @pytest.fixture
    def clock(self) -> Clock:
        return FixedClock(IN_VIETNAM)

    def test_it_stands(self, clock: Clock) -> None:
        assert clock.now() == IN_VIETNAM
