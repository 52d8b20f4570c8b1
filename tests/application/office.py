"""The finance office of the tests: a day's story, and the people who work at it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, cast

import psycopg

from gateway.application import breaks, roles
from gateway.application.access import Person, Role
from gateway.application.breaks import BreakRow
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.ledger.statements import LoadResult
from gateway.model import Applied
from gateway.reconciliation.day import ReconciledDay
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory

PEOPLE = {
    "an": (Role.MAKER,),
    "ba": (Role.MAKER,),
    "binh": (Role.CHECKER,),
    "chi": (Role.MAKER, Role.CHECKER),
    "oanh": (Role.OPS,),
    "minh": (Role.AUDITOR,),
    "vy": (Role.VIEWER,),
}


@dataclass
class Office(DayStory):
    desk: Desk = field(default=cast("Desk", None))  # given by the fixture

    def employ_all(self) -> None:
        """The owner of the database gives everybody their roles."""
        for user, held in PEOPLE.items():
            for role in held:
                self.employ(**{user: role.value})

    def load(self, partner: str = "bank-a", on: date = MONDAY, **more: Any) -> LoadResult:
        with self.conn.transaction():
            return super().load(partner, on, **more)

    def pay(self, reference: str, amount: int, transaction: str = "", **more: Any) -> Applied:
        with self.conn.transaction():
            return super().pay(reference, amount, transaction, **more)

    def tell(self, *args: Any, **more: Any) -> Applied:
        with self.conn.transaction():
            return super().tell(*args, **more)

    def judge(self, *args: Any, **more: Any) -> ReconciledDay:
        with self.conn.transaction():
            return super().judge(*args, **more)

    def person(self, user: str) -> Person:
        return roles.person_of(self.desk, user)

    @property
    def an(self) -> Person:
        return self.person("an")

    @property
    def binh(self) -> Person:
        return self.person("binh")

    def another_desk(self, role: str = "gateway_console") -> Desk:
        """A second connection, as another process of the console has it; the caller closes it."""
        connection = psycopg.connect(self.desk.settings.database_url, autocommit=True)
        connection.execute(f"SET ROLE {role}".encode())
        return replace(self.desk, connection=connection)

    def later(self, **by: int) -> None:
        """The business clock goes on."""
        self.desk = replace(self.desk, clock=FixedClock(self.desk.clock.now() + timedelta(**by)))

    def short(self, owed: int = 100_000, paid: int = 70_000) -> str:
        """Somebody pays less than is owed, and the bank states the same; the payment reference."""
        reference = self.owe(owed)
        self.pay(reference, paid)
        self.line(paid, reference)
        return reference

    def settled(self, amount: int = 100_000) -> str:
        return self.short(amount, amount)

    def rows_of_day(self, partner: str = "bank-a", on: date = MONDAY, **filters: str) -> tuple[BreakRow, ...]:
        return breaks.breaks_of(self.desk, self.an, partner, on, **filters).rows  # type: ignore[arg-type]  # filters are texts

    def only_row(self, partner: str = "bank-a", on: date = MONDAY) -> BreakRow:
        rows = self.rows_of_day(partner, on)
        assert len(rows) == 1, rows
        return rows[0]

    def state(self, partner: str = "bank-a", on: date = MONDAY) -> str:
        return str(self.one("SELECT state FROM gateway.recon_day WHERE partner = %s AND business_on = %s", partner, on))
