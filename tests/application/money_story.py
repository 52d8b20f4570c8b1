"""People at a desk with the console's rights, beside a story that machines tell to the same database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from gateway import settings
from gateway.application.access import Person, Role
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.partners import Partner, load_partners
from tests.reconciliation.day_story import DayStory

REPOSITORY = Path(__file__).resolve().parents[2]
AN = Person("an", frozenset({Role.MAKER}))
BINH = Person("binh", frozenset({Role.CHECKER}))
GUEST = Person("khach", frozenset({Role.VIEWER}))
STRANGER = Person("la", frozenset())


@dataclass
class MoneyStory(DayStory):
    """What is told is committed before somebody looks at it from the desk."""

    def desk(self, connection: psycopg.Connection[Any]) -> Desk:
        self.conn.commit()
        return Desk(connection, FixedClock(self.now), self.partners, settings.load({}))


@contextmanager
def at_a_desk(database_url: str) -> Iterator[tuple[MoneyStory, Desk]]:
    """A story and a desk over one database."""
    partners: Mapping[str, Partner] = load_partners(REPOSITORY / "config" / "partners", {})
    with (
        psycopg.connect(database_url) as machines,
        psycopg.connect(database_url, autocommit=True) as people,
    ):
        people.execute("SET ROLE gateway_console")
        story = MoneyStory(machines, partners)
        story.employ(an="finance_maker", binh="finance_checker")
        yield story, story.desk(people)
        machines.rollback()
