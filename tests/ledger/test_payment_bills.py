"""The receipt that the payment platform gives: asked for once a payment is told, stored as it came, linked to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from adapters.national_portal.bills import PlatformBillReader
from gateway.clock import FixedClock
from gateway.errors import GatewayError, NotFound, Unavailable
from gateway.flows import bills
from gateway.flows.wiring import Work
from gateway.messages.store import Connection
from gateway.model import Channel, Kind, RawMessage, Summary
from gateway.partners import Circuit, Partner
from tests.ledger.story import NOW, Story

pytestmark = pytest.mark.services
PDF = b"%PDF-1.4\nbien lai\n%%EOF\n"
PLATFORM = "intermediary"


@dataclass
class Platform:
    """A platform that gives ``bodies`` in turn; None where it has nothing to give, an error that is raised."""

    bodies: Sequence[bytes | GatewayError | None]
    partner: str = PLATFORM
    asked: list[str] = field(default_factory=list)

    def fetch(self, reference: str) -> RawMessage:
        self.asked.append(reference)
        body, *self.bodies = self.bodies
        if body is None:
            raise NotFound("not yet", code="platform-has-no-bill", where=reference)
        if isinstance(body, GatewayError):
            raise body
        return RawMessage(self.partner, Kind.PAYMENT_BILL, body, reference, "application/pdf")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    with psycopg.connect(database_url, autocommit=True) as found:
        yield found


@pytest.fixture
def story(connection: Connection, partners: dict[str, Partner]) -> Story:
    return Story(connection, partners)


def paid(story: Story, channel: str = "platform", partner: str = PLATFORM) -> str:
    story.submit()
    reference = story.ask(("p1", "phi", 100_000), channel=channel)
    story.pay(reference, 100_000, "T1", channel=Channel(channel), partner=partner)
    return reference


def fetch(story: Story, platform: Platform, *, after: timedelta = timedelta()) -> Summary:
    work = Work(story.conn, FixedClock(NOW + after), story.partners)
    return bills.fetch(work, {PLATFORM: (platform, PlatformBillReader(PLATFORM))})


def test_a_paid_payment_gets_its_bill_and_the_very_bytes_are_kept(story: Story) -> None:
    reference = paid(story)
    platform = Platform([PDF])
    assert fetch(story, platform).counts == {"bills": 1, "bills_missing": 0}
    assert platform.asked == [reference]
    kept = story.one(
        "SELECT p.reference, b.sha256, y.body, m.state FROM gateway.payment_bill b"
        " JOIN gateway.payment p USING (payment_pk)"
        " JOIN gateway.message m ON m.message_pk = b.message_pk"
        " JOIN gateway.message_body y ON y.month = m.body_month AND y.message_pk = m.message_pk"
    )
    assert kept == (reference, hashlib.sha256(PDF).hexdigest(), PDF, "applied")
    fetch(story, platform, after=timedelta(days=2))
    assert platform.asked == [reference], "it is here: nobody is asked again"


def test_a_bill_that_is_not_there_yet_is_asked_for_more_slowly_each_time(story: Story) -> None:
    paid(story)
    platform = Platform([None, None, PDF])
    assert fetch(story, platform).counts == {"bills": 0, "bills_missing": 1}
    fetch(story, platform, after=timedelta(seconds=1))
    assert len(platform.asked) == 1
    times: list[datetime] = [story.one("SELECT next_ask_at FROM gateway.payment_bill")]
    fetch(story, platform, after=times[0] - NOW)
    times.append(story.one("SELECT next_ask_at FROM gateway.payment_bill"))
    assert times[1] - times[0] > times[0] - NOW
    fetch(story, platform, after=times[1].astimezone(UTC) - NOW)
    assert story.one("SELECT asked, next_ask_at FROM gateway.payment_bill") == (3, None)


def test_what_is_no_pdf_is_quarantined_and_asked_for_again(story: Story) -> None:
    reference = paid(story)
    platform = Platform([b"<html>502</html>", PDF])
    assert fetch(story, platform).counts == {"bills": 0, "bills_missing": 0}
    assert story.one("SELECT state, reason FROM gateway.message WHERE kind = 'payment_bill'") == (
        "quarantined", "bad-platform-bill",
    )  # fmt: skip
    assert fetch(story, platform, after=timedelta(days=1)).counts["bills"] == 1
    assert platform.asked == [reference] * 2


def test_no_bill_is_asked_for_money_that_went_another_way(story: Story) -> None:
    paid(story, "internet_banking", "bank-a")
    platform = Platform([])
    fetch(story, platform)
    assert platform.asked == []


def test_a_platform_that_falls_silent_is_not_asked_for_every_other_bill(story: Story) -> None:
    story.submit()
    for number in range(4):
        reference = story.ask((f"p{number}", "phi", 100_000), channel="platform")
        story.pay(reference, 100_000, f"T{number}", channel=Channel("platform"), partner=PLATFORM)
    platform = story.partners[PLATFORM].model_copy(update={"circuit": Circuit(failures=2, open_seconds=60)})
    work = Work(story.conn, FixedClock(NOW), {**story.partners, PLATFORM: platform})
    silent = Platform([Unavailable("no answer", code="http-no-answer-in-time")] * 4)
    done = bills.fetch(work, {PLATFORM: (silent, PlatformBillReader(PLATFORM))})
    assert (len(silent.asked), done.counts) == (2, {"bills": 0, "bills_missing": 2})


def test_a_platform_whose_circuit_is_open_is_left_in_peace(story: Story) -> None:
    paid(story)
    story.conn.execute(
        "INSERT INTO gateway.circuit (partner, failures, open_until, changed_at) VALUES (%s, 9, %s, %s)",
        (PLATFORM, NOW + timedelta(hours=1), NOW),
    )
    platform = Platform([])
    fetch(story, platform)
    assert platform.asked == []
    assert story.rows("SELECT * FROM gateway.payment_bill") == []
