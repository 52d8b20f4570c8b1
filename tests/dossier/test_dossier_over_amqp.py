"""The dossier system's own program and the gateway's adapter, over a real broker, in both directions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.dossier.adapter import BrokerLine, DossierReader, broker_sender, dossier_sender
from adapters.dossier.queues import DAYS_QUEUE, DossierInbox, topology
from adapters.dossier.signers import SignerKeys
from adapters.wire.amqp import declare, peek
from gateway.errors import GatewayError
from gateway.model import DossierEvent, EventType, Incoming, Kind, Knowledge, OutboundMessage, RawMessage, SendVerdict
from gateway.partners import Queues
from gateway.security.keys import SigningKey
from tests.dossier import pki
from tests.dossier.events import AT, CODE, DATA, event

pytestmark = [pytest.mark.contract, pytest.mark.services]
QUEUES = Queues()
TREE = Path(__file__).parents[2]


@dataclass(frozen=True)
class World:
    """The broker, the dossier system's control API and the gateway's reader and keys."""

    url: str
    control: str
    reader: DossierReader
    key: SigningKey

    def act(self, name: str, **wish: Any) -> dict[str, Any]:
        return self._ask("/control/act", {"act": name, **wish})

    def state(self) -> dict[str, Any]:
        return self._ask("/control/state")

    def take(self, limit: int = 1000, *, acknowledge: bool = True) -> list[RawMessage]:
        taken: list[RawMessage] = []
        for batch in DossierInbox(self.url, QUEUES.events_queue, "dossier")(limit):
            taken += batch.messages
            if acknowledge:
                batch.acknowledge()
        return taken

    def read(self, raw: RawMessage) -> Incoming | str:
        try:
            return self.reader.read(raw)
        except GatewayError as error:
            return error.code

    def line(self, exchange: str = QUEUES.gateway_exchange) -> BrokerLine:
        return BrokerLine(self.url, exchange, self.key, "test")

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(self.control + path, data=data, timeout=20) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    turn = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        turn.wait(0.05)


@pytest.fixture
def world(amqp_url: str, tmp_path: Path) -> Iterator[World]:
    with running(amqp_url, tmp_path) as found:
        yield found


@contextmanager
def running(amqp_url: str, tmp_path: Path) -> Iterator[World]:
    """The dossier system's program at this broker, with keys of its own in ``tmp_path``."""
    trust = pki.make(tmp_path)
    for each in topology(QUEUES):
        declare(amqp_url, each)
    command = [sys.executable, "-m", "simulators.dossier", "--amqp", amqp_url, "--environment", "test"]
    command += ["--certs", str(tmp_path), "--state", str(tmp_path / "state"), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=TREE, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as program:
        assert program.stdout is not None
        greeting = json.loads(program.stdout.readline())
        reader = DossierReader(
            SignerKeys("dossier", [tmp_path / "dossier.crt", tmp_path / "expired.crt"], trust), "test"
        )
        key = SigningKey.load(tmp_path / "gateway-ec.key", tmp_path / "gateway-ec.crt")
        yield World(amqp_url, f"http://127.0.0.1:{greeting['control']}", reader, key)
        program.terminate()
        assert program.wait(15) == 0


def wish(name: str, **more: Any) -> dict[str, Any]:
    return {"type": name, "subject": CODE, "data": DATA[name], **more}


def test_a_day_of_events_arrives_in_order_and_is_read(world: World) -> None:
    names = [name for name in DATA if not name.startswith("gateway.")]
    told = world.act("publish", events=[wish(name) for name in names])
    assert told["published"] == len(names)
    found = [world.reader.read(raw) for raw in world.take()]
    assert [item.content.type for item in found if isinstance(item.content, DossierEvent)] == [
        f"vn.quangninh.{name}" for name in names
    ]
    assert [item.message_id.partition("#")[2] for item in found] == told["ids"]
    assert peek(world.url, QUEUES.events_queue) == 0


def test_what_was_not_acknowledged_comes_again(world: World) -> None:
    world.act("publish", events=[wish("dossier.accepted.v1")])
    first = world.take(acknowledge=False)
    again = world.take()
    assert [raw.body for raw in first] == [raw.body for raw in again]
    assert len(first) == 1


SPOILED = {
    "tamper": "wrong-signature",
    "unsigned": "unsigned-message",
    "bare": "unsigned-message",
    "expired_certificate": "certificate-expired",
    "unknown_signer": "unknown-signer",
    "wrong_environment": "wrong-environment",
    "poison": "unsigned-message",
    "wrong_schema": "event-data-invalid",
    "decimal_amount": "amount-not-whole",
    "scientific_amount": "amount-not-whole",
    "foreign_currency": "currency-foreign",
    "duplicate_key": "duplicate-key",
}


def test_every_misbehaviour_is_refused_with_its_reason_and_blocks_nothing(world: World) -> None:
    for name in SPOILED:
        world.act(name, event=wish("payment.counter.v1"))
    world.act("unknown_status", event=wish("dossier.step.v1"))
    world.act("publish", events=[wish("dossier.accepted.v1", id="honest")])
    *spoiled, honest = [world.read(raw) for raw in world.take()]
    assert spoiled == [*SPOILED.values(), "dossier-status-unknown"]
    assert isinstance(honest, Incoming)


def test_replay_resend_and_a_reused_id_look_as_the_spine_expects_them(world: World) -> None:
    world.act("publish", events=[wish("payment.counter.v1", id="first")])
    world.act("replay", event_id="first")
    world.act("resend_under_new_id", event_id="first", id="second")
    world.act("same_id_other_bytes", event_id="first", data={"amount": 1})
    raws = world.take()
    first, replay, resend, reused = [world.reader.read(raw) for raw in raws]
    assert raws[0].body == raws[1].body
    assert replay == first
    assert (resend.message_id == first.message_id, resend.transaction_id) == (False, first.transaction_id)
    assert (reused.message_id, reused.fingerprint) == (first.message_id, "1")


def outbound(number: int, name: str = "gateway.payment.confirmed.v1") -> OutboundMessage:
    payload = {"type": f"vn.quangninh.{name}", "subject": CODE, "occurred_at": AT, "data": DATA[name]}
    return OutboundMessage(number, "dossier", Kind.EVENT, f"m-{number}", payload, dossier_code=CODE)


def test_the_dossier_system_believes_and_keeps_what_the_gateway_says(world: World) -> None:
    sender = dossier_sender("dossier", world.line())
    batch = [(message, sender.encode(message)) for message in map(outbound, range(50))]
    outcomes = {message.message_id: outcome.verdict for message, outcome in sender.send(batch)}
    assert outcomes == {f"m-{number}": SendVerdict.DELIVERED for number in range(50)}
    until(lambda: sum(world.state()["told"].values()) == 50)
    assert world.state()["not_believed"] == []
    told = world.act("told", subject=CODE)["events"]
    assert told[0] == {**event("gateway.payment.confirmed.v1", id="m-0", source="/quang-ninh/gateway"), "times": 1}


def test_the_dossier_system_believes_no_other_signer_no_other_environment_and_nothing_changed(
    world: World, tmp_path: Path
) -> None:
    stranger = SigningKey.load(tmp_path / "dossier.key", tmp_path / "dossier.crt")
    exchange = QUEUES.gateway_exchange
    lines = (
        BrokerLine(world.url, exchange, stranger, "test"),
        BrokerLine(world.url, exchange, world.key, "production"),
        world.line(),
    )
    for number, line in enumerate(lines):
        sender = dossier_sender("dossier", line)
        message = outbound(number)
        sealed = sender.encode(message)
        if line is lines[-1]:
            header, _, seal = sealed.split(b".")
            sealed = b".".join((header, sender.encode(outbound(9)).split(b".")[1], seal))
        [(_, outcome)] = sender.send([(message, sealed)])
        assert outcome.verdict is SendVerdict.DELIVERED, "the broker took it"
    until(lambda: len(world.state()["not_believed"]) == 3)
    assert world.state()["told"] == {}


def test_sending_a_doubtful_event_again_is_harmless(world: World) -> None:
    sender = dossier_sender("dossier", world.line())
    message = outbound(1)
    assert sender.enquire(message).knowledge is Knowledge.HAS_IT_NOT
    for _ in range(2):  # a fresh signature each time, the same event
        list(sender.send([(message, sender.encode(message))]))
    until(lambda: world.state()["told_again"] == 1)
    assert world.state()["told"] == {EventType.PAYMENT_CONFIRMED: 1}


def test_an_event_that_no_queue_takes_waits_and_is_not_lost_silently(world: World) -> None:
    sender = dossier_sender("dossier", world.line("gateway.days"))
    message = outbound(1)
    [(_, outcome)] = sender.send([(message, sender.encode(message))])
    assert (outcome.verdict, outcome.code) == (SendVerdict.UNAVAILABLE, "unroutable")


def test_a_broker_that_is_away_costs_lateness_only(world: World) -> None:
    sender = dossier_sender("dossier", BrokerLine("amqp://u:p@127.0.0.1:1/%2F", "x", world.key, "test"))
    message = outbound(1)
    [(_, outcome)] = sender.send([(message, sender.encode(message))])
    assert outcome.verdict is SendVerdict.UNAVAILABLE
    assert "u:p" not in outcome.detail


def test_an_approved_day_reaches_the_queue_that_starts_the_settlement(world: World) -> None:
    sender = broker_sender(world.line("gateway.days"))
    payload = DATA["gateway.day.approved.v1"]
    message = OutboundMessage(1, "broker", Kind.DAY_APPROVED, "day-1", payload)
    [(_, outcome)] = sender.send([(message, sender.encode(message))])
    assert outcome.verdict is SendVerdict.DELIVERED
    until(lambda: peek(world.url, DAYS_QUEUE) == 1)
    assert "told" in world.state()
    assert world.state()["told"] == {}
