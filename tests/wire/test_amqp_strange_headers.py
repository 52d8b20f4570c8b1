"""Headers that pika cannot decode (a time after the year 9999, tables without end) hold nothing up.

What the broker itself cannot say (a number that is none) it takes from nobody.
"""

from __future__ import annotations

import struct
from datetime import timedelta

import pika
import pika.frame
import pytest

from adapters.wire import amqp
from adapters.wire.amqp import headers
from gateway.errors import Unavailable
from tests.wire.raw_headers import PLAIN, Raw, nested, publish_raw

pytestmark = pytest.mark.services
QUEUE = "dossier.events"
IDLE = timedelta(seconds=0.3)
STRANGE = {
    "a time that no clock has": b"\x01hT" + b"\xff" * 8,
    "a time after the year 9999": b"\x01hT" + struct.pack(">Q", 253_402_300_800),
    "a time in milliseconds": b"\x01hT" + struct.pack(">Q", 1_795_000_000_000),
    "tables without end": nested(5_000),
}
"""Name -> the entries of a header table, in AMQP's own bytes."""


@pytest.fixture
def broker(amqp_url: str) -> str:
    amqp.declare(amqp_url, amqp.Topology("dossier", [amqp.Queue(QUEUE, ["dossier.#"])]))
    return amqp_url


def publish(broker: str, *entries: bytes) -> None:
    """A message for each, numbered in order."""
    publish_raw(broker, "dossier", "dossier.submitted", [(b"%d" % n, one) for n, one in enumerate(entries)])


def drained(url: str, queue: str = QUEUE) -> list[amqp.Delivery]:
    found: list[amqp.Delivery] = []
    with amqp.drain(url, queue, limit=100, idle=IDLE) as drain:
        for batch in drain.batches():
            found += batch
            drain.ack_through(batch)
    return found


@pytest.mark.parametrize("entries", STRANGE.values(), ids=STRANGE.keys())
def test_a_message_whose_headers_cannot_be_read_comes_with_its_body_and_turns_no_other_back(
    broker: str, entries: bytes
) -> None:
    publish(broker, PLAIN, entries, PLAIN)
    found = drained(broker)
    assert [delivery.body for delivery in found] == [b"0", b"1", b"2"]
    strange = found[1]
    assert (strange.message_id, strange.content_type, strange.headers) == ("m1", "application/jose", {})
    assert found[2].headers == {"h": "x"}
    assert {(delivery.redelivered, delivery.delivery_count) for delivery in found} == {(False, 0)}
    assert amqp.peek(broker, QUEUE) == amqp.peek(broker, f"{QUEUE}.dead") == 0


@pytest.mark.unit
@pytest.mark.parametrize(
    "type_and_coding", [{}, {"content_type": "a" * 255}, {"content_encoding": "", "content_type": "x"}]
)
def test_only_the_headers_are_left_out_of_a_frame(type_and_coding: dict[str, str]) -> None:
    whole = Raw(headers={"h": "x"}, message_id="m", delivery_mode=2, timestamp=2**64 - 1, app_id="é", **type_and_coding)
    whole.entries = STRANGE["a time that no clock has"]
    frame = pika.frame.Header(7, 2**40, whole).marshal()
    consumed, told = headers.without_headers(frame + b"\x03what comes next") or (0, None)
    assert consumed == len(frame)
    assert (told.channel_number, told.body_size) == (7, 2**40)
    whole.headers = {}
    assert {**vars(told.properties), "entries": whole.entries} == vars(whole)


@pytest.mark.unit
@pytest.mark.parametrize("frame", [pika.frame.Body(1, b"x"), pika.frame.Header(1, 1, pika.BasicProperties(app_id="x"))])
def test_a_frame_without_headers_is_left_to_pika(frame: pika.frame.Frame) -> None:
    assert headers.without_headers(frame.marshal()) is None


def test_a_message_whose_headers_cannot_be_read_is_dead_lettered_like_any_other(broker: str) -> None:
    """Its count of deliveries is among the headers: the broker keeps it, and gives the message up in time."""
    odd = STRANGE["a time after the year 9999"]
    publish(broker, odd, odd, PLAIN)
    with amqp.drain(broker, QUEUE, limit=100, idle=IDLE) as drain:
        for batch in drain.batches():
            for delivery in batch:
                drain.reject(delivery, "malformed") if delivery.body == b"1" else drain.fail(delivery, "store-crashed")
    assert amqp.peek(broker, QUEUE) == 0
    dead = {delivery.body: delivery for delivery in drained(broker, f"{QUEUE}.dead")}
    reasons = {body: delivery.headers.get(amqp.REASON_HEADER) for body, delivery in dead.items()}
    assert reasons == {b"0": None, b"1": "malformed", b"2": "store-crashed"}
    assert [dead[body].message_id for body in sorted(dead)] == ["m0", "m1", "m2"]


def test_a_message_that_ends_every_connection_ends_the_drain_and_not_the_machine(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else pika may not decode: the run fails, others go on, and the broker gives the message up."""
    monkeypatch.setattr("adapters.wire.amqp.headers.without_headers", lambda _: None)
    monkeypatch.setattr("adapters.wire.amqp.draining.RECONNECTS", 2)
    publish(broker, STRANGE["a time that no clock has"])
    with pytest.raises(Unavailable) as ended, amqp.drain(broker, QUEUE, limit=10, idle=IDLE) as drain:
        list(drain.batches())
    assert ended.value.code == "amqp-connection-lost"
    assert drained(broker) == []  # the fourth delivery: its next return makes it a dead letter
    monkeypatch.undo()
    assert [delivery.body for delivery in drained(broker, f"{QUEUE}.dead")] == [b"0"]
