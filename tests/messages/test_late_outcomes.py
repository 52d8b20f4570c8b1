"""A worker that stood still (a suspended machine, a call longer than its claim) wakes up after others went on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg
import pytest

from gateway.messages import dispatch, doubt, outbox
from gateway.messages.store import Connection
from gateway.model import Enquiry, Kind, Knowledge, OutboundMessage, OutboxRow, SendOutcome, SendVerdict
from tests.messages.partner_double import NOON, Partner, order
from tests.messages.test_dispatch import route, states

pytestmark = pytest.mark.services


@dataclass
class StandsStill(Partner):
    """Its answer to a sender or an asker is told only after ``meanwhile``."""

    meanwhile: Callable[[], object] = field(default=lambda: None)

    def send(self, batch: Sequence[tuple[OutboundMessage, bytes]]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        for outcome in super().send(batch):
            self.meanwhile()
            yield outcome

    def enquire(self, message: OutboundMessage) -> Enquiry:
        answer = super().enquire(message)
        self.meanwhile()
        return answer


@dataclass
class Ledger:
    """Keeps what it was told of, in order."""

    told: list[str] = field(default_factory=list)

    def delivered(self, connection: Connection, message: OutboundMessage, facts: object) -> list[OutboxRow]:
        self.told.append("delivered")
        return []

    def in_doubt(self, connection: Connection, message: OutboundMessage) -> None:
        self.told.append("in_doubt")

    def given_up(self, connection: Connection, message: OutboundMessage, code: str, detail: str) -> list[OutboxRow]:
        self.told.append("given_up")
        return []


def others_go_on(database_url: str, ledger: Ledger, *, knows: Knowledge, at: timedelta) -> None:
    """The claim ends; another worker takes it up: asks, sends again what the partner has not got."""
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("UPDATE gateway.message SET claimed_until = clock_timestamp() - interval '1 second'")
        way = route(Partner(knows=knows), effects=ledger, at=at)
        doubt.settle(other, way)
        dispatch.dispatch(other, way)


@pytest.mark.parametrize("late", list(SendVerdict))
def test_the_outcome_of_a_claim_that_ended_changes_nothing_that_others_did(
    database_url: str, connection: Connection, late: SendVerdict
) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    ledger = Ledger()

    def meanwhile() -> None:
        others_go_on(database_url, ledger, knows=Knowledge.HAS_IT_NOT, at=timedelta(minutes=20))

    report = dispatch.dispatch(connection, route(StandsStill(answers=[late], meanwhile=meanwhile), effects=ledger))
    assert states(connection) == [("delivered", "")]
    assert ledger.told == ["delivered"], "told once, and never that it was refused"
    assert report.counts["late"] == 1
    attempts = connection.execute("SELECT attempt_no, verdict FROM gateway.attempt WHERE act = 'send' ORDER BY 1")
    assert attempts.fetchall() == [(1, str(late)), (2, "delivered")], "what the partner said late is kept"
    assert connection.execute("SELECT attempts FROM gateway.message").fetchone() == (0,)


def test_the_late_answer_to_a_question_changes_nothing_that_others_learnt(
    database_url: str, connection: Connection
) -> None:
    outbox.enqueue(connection, [order(1, kind=Kind.REFUND)], now=NOON)
    dispatch.dispatch(connection, route(Partner(answers=[SendVerdict.IN_DOUBT])))
    ledger = Ledger()

    def meanwhile() -> None:
        others_go_on(database_url, ledger, knows=Knowledge.HAS_IT, at=timedelta(hours=1))

    asks = StandsStill(knows=Knowledge.HAS_IT_NOT, meanwhile=meanwhile)
    report = doubt.settle(connection, route(asks, effects=ledger, at=timedelta(hours=1)))
    assert states(connection) == [("delivered", "")]
    assert ledger.told == ["delivered"], "a refund that the bank has is not given up for a person"
    assert report.counts["late"] == 1
