"""Business time. The demo and the tests set it; production has the real one only.

Signatures, certificates and claims never use it: they live in real time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from gateway.errors import ConfigurationError
from gateway.model import VIETNAM


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FileClock:
    """The time that a file says (ISO 8601 with offset), so that several processes share one business day."""

    path: Path

    def now(self) -> datetime:
        """Raises ConfigurationError ``business-clock-unreadable``."""
        try:
            at = datetime.fromisoformat(self.path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                str(error),
                code="business-clock-unreadable",
                where=str(self.path),
                action="write an ISO 8601 time with offset into the file, or unset GATEWAY_BUSINESS_CLOCK",
            ) from error
        if at.tzinfo is None:
            raise ConfigurationError("the time has no offset", code="business-clock-unreadable", where=str(self.path))
        return at.astimezone(UTC)

    def set(self, at: datetime) -> None:
        """Let it be ``at`` for everybody who reads the file; nobody ever sees half of it."""
        waiting = self.path.with_suffix(".new")
        waiting.write_text(at.isoformat(), encoding="ascii")
        waiting.replace(self.path)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """Always the same time."""

    at: datetime

    def now(self) -> datetime:
        return self.at.astimezone(UTC)


def vietnam_date(at: datetime) -> date:
    """The date in Asia/Ho_Chi_Minh at an aware time."""
    return at.astimezone(VIETNAM).date()
