"""A day told to a real database, and a desk at it with the rights of the console."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from gateway import settings
from gateway.application.access import Person, Role
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.partners import load_partners
from tests.reconciliation.day_story import TUESDAY_MORNING, DayStory

REPOSITORY = Path(__file__).resolve().parents[2]
AN = Person("an", frozenset({Role.MAKER}))
BINH = Person("binh", frozenset({Role.CHECKER}))
CHI = Person("chi", frozenset({Role.VIEWER}))
DUNG = Person("dung", frozenset({Role.AUDITOR}))
OPS = Person("ops", frozenset({Role.OPS}))
STRANGER = Person("khach", frozenset())


@dataclass
class Office:
    """``story`` tells what happened; ``desk`` sees it once ``open`` was called."""

    story: DayStory
    url: str
    desk: Desk

    def open(self, at: datetime = TUESDAY_MORNING) -> Desk:
        """Commit what was told and sit down at the desk at a business time."""
        self.story.conn.commit()
        return Desk(self.desk.connection, FixedClock(at), self.desk.partners, self.desk.settings)


@contextmanager
def office_at(url: str) -> Iterator[Office]:
    """An office over the database ``url``."""
    partners = load_partners(REPOSITORY / "config" / "partners", {})
    environ = {"GATEWAY_ENV": "test", "GATEWAY_DATABASE_URL": url, "GATEWAY_CONFIG": str(REPOSITORY / "config")}
    with psycopg.connect(url) as telling, psycopg.connect(url, autocommit=True) as sitting:
        sitting.execute("SET ROLE gateway_console")
        desk = Desk(sitting, FixedClock(TUESDAY_MORNING), partners, settings.load(environ))
        story = DayStory(telling, partners)
        for person in (AN, BINH, CHI, DUNG, OPS):
            for role in person.roles:
                story.employ(**{person.user: role.value})
        telling.commit()
        yield Office(story, url, desk)
        telling.rollback()
