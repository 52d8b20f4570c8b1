"""Money taken at the counter has moved: it is booked whatever its event names, once, and what pays nothing is seen."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from adapters.dossier import codec, contract
from gateway.clock import FixedClock
from gateway.flows import dossier_events
from gateway.flows.wiring import Work
from gateway.messages import acts, receipts, receive
from gateway.model import Applied, EventType, Incoming, Kind, RawMessage
from gateway.partners import Partner
from tests.dossier.events import CODE as DOSSIER
from tests.dossier.events import event
from tests.ledger.story import CODE, NOW, Story

pytestmark = pytest.mark.services


def counter(amount: int, *fee_ids: str, **more: object) -> dict[str, object]:
    return {
        "method": "cash", "amount": amount, "fee_ids": list(fee_ids), "receipt_series": "C1-10",
        "receipt_number": "0000123", "cashier": "Lê Thu", "paid_at": "2026-11-23T09:00:00+07:00", **more,
    }  # fmt: skip


def booked(story: Story) -> Any:
    return story.one("SELECT dossier_code, channel, amount, allocated, refunding FROM gateway.payment")


def test_money_for_a_fee_that_nobody_requested_is_booked_as_unidentified(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), channel="cash")
    told = story.tell(EventType.COUNTER_PAYMENT, counter(100_000, "p9"))
    assert told == Applied(reason="fee-unknown", detail="100000 đồng: never requested: p9")
    assert booked(story) == (CODE, "cash", 100_000, 0, 0)
    assert story.one("SELECT state, paid FROM gateway.fee") == ("due", 0)
    assert story.sent("event") == [], "nothing is confirmed"


def test_what_a_known_fee_owes_is_paid_and_the_rest_is_unidentified(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 60_000), channel="cash")
    assert story.tell(EventType.COUNTER_PAYMENT, counter(100_000, "p9", "p1")).reason == "fee-unknown"
    assert booked(story) == (CODE, "cash", 100_000, 60_000, 0)
    assert story.one("SELECT state FROM gateway.fee") == "settled"


def test_money_for_a_cancelled_fee_is_booked_as_unidentified(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), channel="cash")
    story.tell(EventType.FEE_CANCELLED, {"fee_ids": ["p1"], "reason": "thu nhầm"})
    told = story.tell(EventType.COUNTER_PAYMENT, counter(100_000, "p1"))
    assert told == Applied(reason="money-unidentified", detail="100000 đồng more than is owed")
    assert booked(story) == (CODE, "cash", 100_000, 0, 0)


def test_a_card_payment_for_an_unknown_fee_is_booked_at_its_bank(story: Story) -> None:
    story.submit()
    card = counter(100_000, "p9", method="pos", partner_transaction_id="POS-7", terminal_id="POS00001")
    assert story.tell(EventType.COUNTER_PAYMENT, card).reason == "fee-unknown"
    assert story.one("SELECT partner, partner_transaction_id, allocated FROM gateway.payment") == ("bank-b", "POS-7", 0)


def test_an_event_that_names_no_fee_at_all_is_no_event(story: Story) -> None:
    story.submit()
    assert story.tell(EventType.COUNTER_PAYMENT, counter(100_000)).reason == "event-data-invalid"
    assert story.one("SELECT count(*) FROM gateway.payment") == 0


class Unsigned:
    """Reads events as the dossier reader does, but asks for no signature."""

    def read(self, raw: RawMessage) -> Incoming:
        found = codec.decode(raw.body, contract.incoming())
        return Incoming(
            message_id=found.message_id, kind=raw.kind, content=found.event, transaction_id=found.transaction_id,
            fingerprint=found.fingerprint, dossier_code=found.event.dossier_code, signer="test",
        )  # fmt: skip


@pytest.fixture
def worker(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
            " VALUES ('oanh', 'ops', 'grant', 'setup', now())"
        )
        connection.execute("SET ROLE gateway_worker")
        yield connection


ISSUER = receipts.Issuer("dossier", base64.b64encode)


def as_sent(*events: Mapping[str, object]) -> list[RawMessage]:
    return [RawMessage("dossier", Kind.DOSSIER_EVENT, json.dumps(one).encode(), str(one["id"])) for one in events]


def take(worker: psycopg.Connection[Any], partners: Mapping[str, Partner], *events: Mapping[str, object]) -> None:
    way = dossier_events.inbox(Work(worker, FixedClock(NOW), partners), Unsigned(), ISSUER)
    receive.receive(worker, as_sent(*events), way)


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "later"])
def test_the_correction_of_a_wrong_fee_does_not_double_the_money(
    worker: psycopg.Connection[Any], partners: dict[str, Partner], at_once: bool
) -> None:
    take(worker, partners, event("dossier.submitted.v1", id="e1"), event("fee.requested.v1", id="e2"))
    wrong = event("payment.counter.v1", {"fee_ids": ["p9"]}, id="e4")
    right = event("payment.counter.v1", id="e5")
    for batch in [[wrong, right]] if at_once else [[wrong], [right]]:
        take(worker, partners, *batch)
    became = worker.execute(
        "SELECT transport_id, state, reason FROM gateway.message WHERE transport_id IN ('e4', 'e5') ORDER BY 1"
    ).fetchall()
    assert became == [("e4", "applied", "fee-unknown"), ("e5", "duplicate", "")]
    money = worker.execute("SELECT dossier_code, amount, allocated FROM gateway.payment").fetchall()
    assert money == [(DOSSIER, 400_000, 0)], "it leaves by a person's decision alone"
    kept = worker.execute("SELECT count(*) FROM gateway.receipt JOIN gateway.message USING (message_pk)").fetchone()
    assert kept == (3,)


@dataclass(frozen=True)
class Taken:
    """A batch of a queue; ``told`` remembers what the broker may forget."""

    messages: Sequence[RawMessage]
    told: list[str]

    def acknowledge(self) -> None:
        self.told.extend(message.transport_id for message in self.messages)


def test_a_quiet_queue_holds_up_neither_dead_letters_nor_released_money(
    worker: psycopg.Connection[Any], partners: dict[str, Partner]
) -> None:
    """The run by the clock finds no event: it keeps what the broker gave up, and books it once a person released it."""
    take(worker, partners, event("dossier.submitted.v1", id="e1"), event("fee.requested.v1", id="e2"))
    work, told = Work(worker, FixedClock(NOW), partners), list[str]()
    dead = iter([Taken(as_sent(event("payment.counter.v1", id="e4")), told)])

    def run() -> Mapping[str, object]:
        nothing: Iterator[Taken] = iter(())
        return dossier_events.drain(work, lambda _: nothing, lambda _: dead, Unsigned(), ISSUER, limit=10).counts

    assert run()["dead_lettered"] == 1
    assert told == ["e4"], "its bytes are committed: the broker may forget it"
    ((pk,),) = worker.execute("SELECT message_pk FROM gateway.message WHERE state = 'dead_lettered'").fetchall()
    acts.release(worker, [pk], actor="oanh", why="lỗi đã sửa", now=NOW)
    assert run()["applied"] == 1
    assert worker.execute("SELECT amount, allocated FROM gateway.payment").fetchall() == [(400_000, 400_000)]
