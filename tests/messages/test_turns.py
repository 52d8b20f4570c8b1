"""A partner that answers everything, slowly, takes its turn and no more: the others' messages leave in the same run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from gateway.clock import FixedClock
from gateway.flows.turns import Pace
from gateway.flows.wiring import Work, send_due
from gateway.messages import outbox
from gateway.messages.store import Connection
from gateway.model import Enquiry, Kind, OutboundMessage, SendOutcome, SendVerdict
from tests.messages.partner_double import NOON, Partner, order

pytestmark = pytest.mark.services

CALL = 29.0  # a second short of the time-out of a bank
TASK = 600.0  # the time-out of a task of ``payment_requests``


class TaskTimedOut(BaseException):
    """What Airflow raises in a task that takes too long."""


@dataclass
class Watch:
    """Real time as far as this test goes: it passes only where a partner thinks."""

    seconds: float = 0.0

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds
        if self.seconds > TASK:
            raise TaskTimedOut


@dataclass
class Slow(Partner):
    """Answers every call as it should, after ``CALL`` seconds."""

    watch: Watch = field(default_factory=Watch)

    def send(self, batch: Sequence[tuple[OutboundMessage, bytes]]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        for number, outcome in enumerate(super().send(batch)):
            if number % 4 == 0:  # four calls side by side
                self.watch.pass_(CALL)
            yield outcome

    def enquire(self, message: OutboundMessage) -> Enquiry:
        self.watch.pass_(CALL)
        return super().enquire(message)


def work_of(connection: Connection, *, at: timedelta = timedelta(0)) -> Work:
    return Work(connection, FixedClock(NOON + at), {})


def pace(watch: Watch) -> Pace:
    return Pace(now=lambda: watch.seconds)


def left(connection: Connection, partner: str) -> int:
    row = connection.execute(
        "SELECT count(*) FROM gateway.message WHERE partner = %s AND state <> 'delivered'", (partner,)
    ).fetchone()
    return int(str(row[0])) if row else 0


def test_a_bank_that_answers_after_half_a_minute_starves_no_other_bank(connection: Connection) -> None:
    outbox.enqueue(connection, [order(number) for number in range(300)], now=NOON)
    outbox.enqueue(connection, [order(1000 + number, partner="bank-b") for number in range(60)], now=NOON)
    watch = Watch()
    senders = [Slow(watch=watch), Partner(partner="bank-b")]
    done = send_due(work_of(connection), senders, pace=pace(watch))
    assert left(connection, "bank-b") == 0
    assert 0 < left(connection, "bank-a") < 300, "it had its turns, and goes on in the next run"
    assert done.more, "the run ends by itself, before Airflow ends it in the middle of a call"


def test_refunds_do_not_wait_for_every_payment_request_of_a_slow_bank(connection: Connection) -> None:
    outbox.enqueue(connection, [order(number) for number in range(300)], now=NOON)
    outbox.enqueue(connection, [order(1000, kind=Kind.REFUND)], now=NOON)
    watch, bank = Watch(), Slow()
    bank.watch = watch
    send_due(work_of(connection), [bank], pace=pace(watch))
    assert "m-1000" in bank.received


def test_many_questions_to_a_slow_bank_do_not_keep_its_new_messages(connection: Connection) -> None:
    outbox.enqueue(connection, [order(number) for number in range(100)], now=NOON)
    send_due(work_of(connection), [Partner(answers=[SendVerdict.IN_DOUBT, SendVerdict.DELIVERED] * 50)])
    outbox.enqueue(connection, [order(1000)], now=NOON)
    watch, bank = Watch(), Slow()
    bank.watch = watch
    done = send_due(work_of(connection, at=timedelta(hours=1)), [bank], pace=pace(watch))
    assert len(bank.asked) > 1
    assert "m-1000" in bank.received
    assert done.more


def test_everything_that_is_due_leaves_in_one_run_where_nobody_is_slow(connection: Connection) -> None:
    outbox.enqueue(connection, [order(number) for number in range(200)], now=NOON)
    done = send_due(work_of(connection), [Partner()])
    assert (left(connection, "bank-a"), done.more) == (0, False)
