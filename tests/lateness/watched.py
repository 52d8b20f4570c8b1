"""A province that is watched: a story of days, a clock that is set, and the alerts as the lateness run leaves them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg

from gateway.application import days
from gateway.application.access import Person, Role
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.flows.lateness import check
from gateway.flows.wiring import Work
from gateway.model import VIETNAM, Summary
from gateway.settings import Settings
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory

CONFIG = Path(__file__).resolve().parents[2] / "config"
AN = Person("an", frozenset({Role.MAKER}))
BINH = Person("binh", frozenset({Role.CHECKER}))
CULTURE_DAY = date(2026, 11, 24)
"""A day off: what concerns Monday the 23rd is due on Wednesday."""
WEDNESDAY = date(2026, 11, 25)


def at(hour: str, on: date = WEDNESDAY) -> datetime:
    """An hour in Vietnam, ``12:00``."""
    return datetime.combine(on, datetime.strptime(hour, "%H:%M").time(), VIETNAM).astimezone(UTC)  # noqa: DTZ007 - an hour


@dataclass
class Province(DayStory):
    """``worker`` is a connection with the rights that the run has, ``console`` one with those of people."""

    worker: psycopg.Connection[Any] = field(default=None)  # type: ignore[assignment]  # these are given by the fixture
    console: psycopg.Connection[Any] = field(default=None)  # type: ignore[assignment]
    certs: Path = Path("certs")
    config: Path = CONFIG

    def work(self, now: datetime) -> Work:
        self.take_up()
        self.conn.commit()
        return Work(self.worker, FixedClock(now), self.partners)

    def take_up(self) -> None:
        """The messages that the story hangs its changes on were applied, as those of partners are."""
        self.conn.execute(
            "WITH done AS (UPDATE gateway.message SET state = 'applied' WHERE state = 'stored' AND reason = ''"
            " RETURNING message_pk, body_sha256)"
            " INSERT INTO gateway.message_key SELECT 'test', message_pk::text, message_pk, body_sha256 FROM done"
        )

    def look(self, now: datetime) -> Summary:
        """One lateness run."""
        return check.check(self.work(now), self.config)

    def standing(self, now: datetime, code: str = "") -> dict[str, str]:
        """Cause -> text, after a run at that time."""
        self.look(now)
        return {
            str(cause): str(text)
            for cause, text in self.rows(
                "SELECT cause, text_vi FROM gateway.alert WHERE cleared_at IS NULL AND %s IN ('', code)", code
            )
        }

    def changes(self, cause: str) -> list[tuple[Any, ...]]:
        """Every time that the cause stood: when it was raised, changed and cleared."""
        return self.rows(
            "SELECT raised_at, changed_at, cleared_at FROM gateway.alert WHERE cause = %s ORDER BY alert_pk", cause
        )

    def short(self, on: date, owed: int = 100_000, paid: int = 70_000) -> None:
        """Somebody pays less than is owed that day, and the bank states the same."""
        reference = self.owe(owed)
        self.pay(reference, paid, paid_at=at("09:00", on))
        self.line(paid, reference, on=on)

    def judged(self, on: date, now: datetime, partner: str = "bank-a") -> None:
        """The day's file is here and was judged."""
        self.load(partner, on)
        done = self.judge(partner, on, now)
        assert done.stopped == "", done

    def keys(self, on: date = MONDAY) -> list[str]:
        """The rows of the bank's day that are not matched."""
        return [str(row["row_key"]) for row in self.found(on=on) if row["outcome"] != "matched"]

    def desk(self, now: datetime) -> Desk:
        self.conn.commit()
        settings = Settings("test", "", "", self.config, self.certs, Path("var"))
        return Desk(self.console, FixedClock(now), self.partners, settings)

    def propose(self, now: datetime, on: date = MONDAY) -> None:
        days.propose(self.desk(now), AN, "bank-a", on)

    def approve(self, now: datetime, on: date = MONDAY) -> None:
        days.approve(self.desk(now), BINH, "bank-a", on)

    def reject(self, now: datetime, on: date = MONDAY) -> None:
        days.reject(self.desk(now), BINH, "bank-a", on, reason="xem lại khoản đầu")
