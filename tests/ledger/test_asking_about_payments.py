"""A partner that stays silent when it is asked about payments is left alone, as its own file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from gateway.clock import FixedClock
from gateway.errors import Unavailable
from gateway.flows import payments
from gateway.flows.turns import Pace
from gateway.flows.wiring import Work
from gateway.model import Channel, Incoming, Kind, PaymentState, PaymentStatus, RawMessage
from gateway.partners import Circuit
from tests.ledger.story import Story

pytestmark = pytest.mark.services


@dataclass
class Silent:
    """Implements PaymentEnquirer and Reader for a bank that does not answer."""

    partner: str = "bank-a"
    asked: list[str] = field(default_factory=list)

    def ask(self, reference: str, *, request: Mapping[str, object]) -> RawMessage:
        self.asked.append(reference)
        raise Unavailable("no answer", code="partner-unavailable")

    def read(self, raw: RawMessage) -> Incoming:
        raise AssertionError("nothing came")


def test_the_circuit_of_a_bank_that_is_asked_opens_as_its_file_says(story: Story) -> None:
    story.submit()
    for number in ("p1", "p2"):
        story.ask((number, "phi", 100_000))
    bank = story.partners["bank-a"].model_copy(update={"circuit": Circuit(failures=2, open_seconds=1800)})
    later = story.now + timedelta(minutes=10)
    work = Work(story.conn, FixedClock(later), {**story.partners, "bank-a": bank})
    silent = Silent()
    assert payments.ask(work, {"bank-a": (silent, silent)}).counts["unanswered"] == 2
    assert story.one("SELECT failures, open_until FROM gateway.circuit WHERE partner = 'bank-a'") == (
        2,
        later + timedelta(minutes=30),
    )
    meanwhile = Work(story.conn, FixedClock(later + timedelta(minutes=29)), work.partners)
    assert payments.ask(meanwhile, {"bank-a": (silent, silent)}).counts["asked"] == 0
    assert len(silent.asked) == 2


def test_a_bank_that_falls_silent_is_not_asked_about_every_other_payment_of_the_hour(story: Story) -> None:
    story.submit()
    for number in range(6):
        story.ask((f"p{number}", "phi", 100_000))
    bank = story.partners["bank-a"].model_copy(update={"circuit": Circuit(failures=2, open_seconds=60)})
    later = story.now + timedelta(minutes=10)
    partners = {**story.partners, "bank-a": bank}
    silent = Silent()
    assert payments.ask(Work(story.conn, FixedClock(later), partners), {"bank-a": (silent, silent)}).counts == {
        "asked": 2, "unanswered": 2, "unreadable": 0, "outbox": 0,
    }  # fmt: skip
    minute_later = Work(story.conn, FixedClock(later + timedelta(minutes=1)), partners)
    payments.ask(minute_later, {"bank-a": (silent, silent)})
    assert silent.asked[2] not in silent.asked[:2], "what was not asked stays due; the probe is about another"
    assert len(silent.asked) == 3


@dataclass
class Watch:
    """Real time as far as a test goes: it passes only where a bank thinks."""

    seconds: float = 0.0


@dataclass
class Thinks:
    """Implements PaymentEnquirer and Reader for a bank that answers *pending* after so many seconds."""

    partner: str
    watch: Watch
    seconds: float
    asked: list[str] = field(default_factory=list)

    def ask(self, reference: str, *, request: Mapping[str, object]) -> RawMessage:
        self.watch.seconds += self.seconds
        self.asked.append(reference)
        return RawMessage(self.partner, Kind.PAYMENT_STATUS, reference.encode(), reference)

    def read(self, raw: RawMessage) -> Incoming:
        status = PaymentStatus(
            self.partner, Channel.INTERNET_BANKING, raw.transport_id, PaymentState.PENDING, 0, "", "", None
        )
        return Incoming(raw.transport_id, Kind.PAYMENT_STATUS, status)


def test_a_bank_that_thinks_half_a_minute_about_each_question_keeps_no_other_from_being_asked(story: Story) -> None:
    story.submit()
    for number in range(60):
        story.ask((f"p{number}", "phi", 100_000), channel="internet_banking" if number < 40 else "pos")
    watch = Watch()
    slow, quick = Thinks("bank-a", watch, 29.0), Thinks("bank-b", watch, 0.1)
    work = Work(story.conn, FixedClock(story.now + timedelta(minutes=10)), story.partners)
    done = payments.ask(work, {"bank-a": (slow, slow), "bank-b": (quick, quick)}, pace=Pace(now=lambda: watch.seconds))
    assert len(quick.asked) == 20
    assert 0 < len(slow.asked) < 40, "what it was not asked about stays due"
    assert done.more
    assert watch.seconds < 300, "the run ends by itself"
