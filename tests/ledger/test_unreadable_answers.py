"""An answer about a payment that nobody can read: its bytes are kept once, and how often they came is counted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg
import pytest

from gateway.clock import FixedClock
from gateway.errors import Malformed
from gateway.flows import payments
from gateway.flows.wiring import Work
from gateway.messages import circuit
from gateway.messages.acts import show
from gateway.model import Channel, Incoming, Kind, PaymentState, PaymentStatus, RawMessage
from tests.ledger.story import Story

pytestmark = pytest.mark.services
PROXY = b"<html><h1>502 Bad Gateway</h1></html>"
OTHER = b"<html><h1>503</h1></html>"
PENDING = b"pending"


@dataclass
class Garbled:
    """Implements PaymentEnquirer and Reader for a bank that answers ``body``; each question has an id of its own."""

    body: bytes = PROXY
    partner: str = "bank-a"
    asked: list[str] = field(default_factory=list)
    reads: tuple[bytes, ...] = (PENDING,)

    def ask(self, reference: str, *, request: Mapping[str, object]) -> RawMessage:
        self.asked.append(reference)
        return RawMessage(self.partner, Kind.PAYMENT_STATUS, self.body, f"question-{len(self.asked)}")

    def read(self, raw: RawMessage) -> Incoming:
        if raw.body not in self.reads:
            raise Malformed("it is no answer", code="not-xml")
        status = PaymentStatus(
            self.partner, Channel.INTERNET_BANKING, self.asked[-1], PaymentState.PENDING, 0, "", "", None
        )
        return Incoming(hashlib.sha256(raw.transport_id.encode()).hexdigest(), Kind.PAYMENT_STATUS, status)


@pytest.fixture
def asked(story: Story) -> Story:
    """One fee is asked for at the bank."""
    story.submit()
    story.ask(("p1", "phi", 100_000))
    return story


def look(story: Story, bank: Garbled, *, hours: int) -> dict[str, int]:
    """The bank is asked, ``hours`` later than the story's now."""
    work = Work(story.conn, FixedClock(story.now + timedelta(hours=hours)), story.partners)
    return dict(payments.ask(work, {"bank-a": (bank, bank)}).counts)


def kept(story: Story) -> list[tuple[str, bytes]]:
    return story.conn.execute(
        "SELECT m.state, b.body FROM gateway.message m JOIN gateway.message_body b ON b.message_pk = m.message_pk"
        " WHERE m.kind = 'payment_status' ORDER BY m.message_pk"
    ).fetchall()


def counted(story: Story) -> list[tuple[str, int, datetime, datetime]]:
    return story.conn.execute(
        "SELECT reference, times, first_at, last_at FROM gateway.unreadable_answer ORDER BY message_pk, reference"
    ).fetchall()


def test_an_answer_that_stays_unreadable_is_kept_once_and_counted(asked: Story) -> None:
    bank = Garbled()
    told = [look(asked, bank, hours=hours) for hours in (1, 12, 36)]
    assert kept(asked) == [("quarantined", PROXY)]
    (reference,) = set(bank.asked)
    assert counted(asked) == [(reference, 3, asked.now + timedelta(hours=1), asked.now + timedelta(hours=36))]
    assert [one["unreadable"] for one in told] == [1, 1, 1]
    assert [one.get("quarantined", 0) for one in told] == [1, 0, 0]
    assert len(bank.asked) == 3, "it is asked again all the same"


def test_what_else_it_answers_is_kept_beside_the_first(asked: Story) -> None:
    bank = Garbled()
    for hours, body in ((1, PROXY), (12, OTHER), (36, PROXY), (72, OTHER)):
        bank.body = body
        look(asked, bank, hours=hours)
    assert kept(asked) == [("quarantined", PROXY), ("quarantined", OTHER)]
    assert [times for _, times, _, _ in counted(asked)] == [2, 2]


def test_one_page_of_a_proxy_for_many_payments_is_one_message_with_each_of_them_named(asked: Story) -> None:
    other = "H49.12-20261123-0000002"
    asked.submit(other)
    asked.ask(("p2", "phi", 50_000), code=other)
    bank = Garbled()
    for hours in (1, 12):
        look(asked, bank, hours=hours)
    assert kept(asked) == [("quarantined", PROXY)]
    assert [(reference, times) for reference, times, _, _ in counted(asked)] == [
        (reference, 2) for reference in sorted(set(bank.asked))
    ]
    assert len(set(bank.asked)) == 2


def test_an_answer_that_can_be_read_is_never_held_back(asked: Story) -> None:
    """Also the very bytes that were refused, once a release of ours can read them."""
    bank = Garbled()
    look(asked, bank, hours=1)
    bank.reads = (PENDING, PROXY)
    look(asked, bank, hours=12)
    bank.body = PENDING
    look(asked, bank, hours=36)
    assert kept(asked) == [("quarantined", PROXY), ("applied", PROXY), ("applied", PENDING)]
    assert [times for _, times, _, _ in counted(asked)] == [1]


def test_what_a_person_set_aside_is_told_anew_when_it_comes_again(asked: Story) -> None:
    bank = Garbled()
    look(asked, bank, hours=1)
    pk = int(str(asked.one("SELECT message_pk FROM gateway.message WHERE kind = 'payment_status'")))
    asked.conn.execute(
        "INSERT INTO gateway.message_aside (message_pk, by_user, at, reason) VALUES (%s, 'oanh', %s, 'proxy')",
        (pk, asked.now),
    )
    for hours in (12, 36):
        look(asked, bank, hours=hours)
    assert kept(asked) == [("quarantined", PROXY), ("quarantined", PROXY)]
    assert [times for _, times, _, _ in counted(asked)] == [1, 2]


def test_a_message_tells_how_often_it_came_and_about_which_payments(asked: Story) -> None:
    bank = Garbled()
    for hours in (1, 12):
        look(asked, bank, hours=hours)
    pk = int(str(asked.one("SELECT message_pk FROM gateway.message WHERE kind = 'payment_status'")))
    assert show(asked.conn, pk)["unreadable_answers"] == [
        {
            "reference": bank.asked[0],
            "times": 2,
            "first_at": asked.now + timedelta(hours=1),
            "last_at": asked.now + timedelta(hours=12),
        }
    ]


@pytest.mark.parametrize(
    "act",
    ["UPDATE gateway.unreadable_answer SET times = 1", "UPDATE gateway.unreadable_answer SET times = times + 2",
     "UPDATE gateway.unreadable_answer SET times = times + 1, last_at = first_at - interval '1 day'",
     "UPDATE gateway.unreadable_answer SET times = times + 1, first_at = first_at - interval '1 day'",
     "UPDATE gateway.unreadable_answer SET times = times + 1, reference = 'QN'"],
)  # fmt: skip
def test_a_count_only_goes_on(asked: Story, act: str) -> None:
    bank = Garbled()
    for hours in (1, 12):
        look(asked, bank, hours=hours)
    with pytest.raises(psycopg.errors.CheckViolation) as refused, asked.conn.transaction():
        asked.conn.execute(act.encode())
    assert refused.value.diag.constraint_name in {"unreadable_answer_goes_on", "unreadable_answer_in_time"}


def test_a_proxy_that_answers_for_the_bank_does_not_close_its_circuit(asked: Story) -> None:
    """The bank is tried again only as its circuit says: a page that nobody can read is no proof that it is back."""
    later = asked.now + timedelta(hours=1)
    circuit.failed(asked.conn, "bank-a", circuit.Breaker(failures=1), asked.now)
    assert look(asked, Garbled(), hours=1)["unreadable"] == 1
    assert circuit.gate(asked.conn, "bank-a", later) is circuit.Gate.PROBE
    assert look(asked, Garbled(PENDING), hours=12)["unreadable"] == 0
    assert circuit.gate(asked.conn, "bank-a", later) is circuit.Gate.CLOSED
