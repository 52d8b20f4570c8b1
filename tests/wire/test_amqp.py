"""AMQP against a real RabbitMQ node."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pika
import pika.exceptions
import pytest

from adapters.wire import amqp
from adapters.wire.amqp import failures, session
from gateway.errors import InDoubt, NotFound, Refused, Unavailable
from gateway.local import processes
from gateway.local import rabbitmq as node
from tests.wire.cutting_proxy import CuttingProxy

pytestmark = pytest.mark.services
QUEUE = "dossier.events"
TOPOLOGY = amqp.Topology("dossier", [amqp.Queue(QUEUE, ["dossier.#"])])
IDLE = timedelta(seconds=0.3)


@pytest.fixture
def broker(amqp_url: str) -> str:
    amqp.declare(amqp_url, TOPOLOGY)
    return amqp_url


def _events(count: int, *, start: int = 0, key: str = "dossier.submitted") -> list[amqp.Publication]:
    return [
        amqp.Publication("dossier", key, b'{"n":%d}' % number, f"event-{number}", headers={"partner": "dossier"})
        for number in range(start, start + count)
    ]


def _drained(url: str, *, limit: int = 10_000, prefetch: int = 500, queue: str = QUEUE) -> list[amqp.Delivery]:
    found: list[amqp.Delivery] = []
    with amqp.drain(url, queue, limit=limit, idle=IDLE, prefetch=prefetch) as drain:
        for batch in drain.batches():
            found += batch
            drain.ack_through(batch)
    return found


def _wait_for_count(url: str, queue: str, count: int, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while (found := amqp.peek(url, queue)) != count:
        assert time.monotonic() < deadline, f"{queue} holds {found}, not {count}"


def test_every_event_that_was_confirmed_is_drained_once_and_in_order(broker: str) -> None:
    outcomes = list(amqp.publish(broker, _events(2500), window=300))
    assert [outcome.publication.message_id for outcome in outcomes if outcome.ok] == [f"event-{n}" for n in range(2500)]
    found = _drained(broker)
    assert [delivery.message_id for delivery in found] == [f"event-{n}" for n in range(2500)]
    assert found[0].headers["partner"] == "dossier"
    assert found[0].content_type == "application/json"
    assert amqp.peek(broker, QUEUE) == 0


def test_declaring_twice_changes_nothing(broker: str) -> None:
    amqp.declare(broker, TOPOLOGY)
    assert amqp.peek(broker, QUEUE) == 0


def test_everything_that_is_declared_outlives_the_broker_and_dead_letters_have_a_place(
    broker: str, rabbitmq_server: node.RabbitAddress
) -> None:
    vhost = broker.rpartition("/")[2]
    queues = {queue["name"]: queue for queue in json.loads(rabbitmq_server.ask("GET", f"/api/queues/{vhost}", None))}
    assert {(name, queue["type"], queue["durable"]) for name, queue in queues.items()} == {
        (QUEUE, "quorum", True),
        (f"{QUEUE}.dead", "quorum", True),
    }
    told = queues[QUEUE]["arguments"]
    assert (told["x-dead-letter-exchange"], told["x-delivery-limit"]) == (TOPOLOGY.dead_exchange, amqp.DELIVERY_LIMIT)
    exchanges = json.loads(rabbitmq_server.ask("GET", f"/api/exchanges/{vhost}", None))
    durable = {exchange["name"]: exchange["durable"] for exchange in exchanges}
    assert durable["dossier"]
    assert durable[TOPOLOGY.dead_exchange]


def test_what_is_published_and_what_is_dead_lettered_is_persistent(broker: str) -> None:
    list(amqp.publish(broker, _events(2)))
    with amqp.drain(broker, QUEUE, limit=1, idle=IDLE) as drain:
        for batch in drain.batches():
            drain.reject(batch[0], "malformed")
    with pika.BlockingConnection(pika.URLParameters(broker)) as connection:
        for queue in (QUEUE, f"{QUEUE}.dead"):
            _, properties, _ = connection.channel().basic_get(queue)
            assert properties.delivery_mode == pika.DeliveryMode.Persistent.value, queue


def test_a_drain_stops_at_its_limit_and_returns_nothing_unread(broker: str) -> None:
    list(amqp.publish(broker, _events(1000)))
    assert len(_drained(broker, limit=300, prefetch=100)) == 300
    rest = _drained(broker)
    assert len(rest) == 700
    assert {delivery.delivery_count for delivery in rest} == {0}
    assert not any(delivery.redelivered for delivery in rest)


@pytest.mark.parametrize(
    ("limit", "prefetch"), [(300, 100), (250, 100), (101, 100), (100, 100), (99, 100), (40, 500), (7, 3), (2, 1)]
)
def test_drains_near_their_limit_turn_no_message_back(broker: str, limit: int, prefetch: int) -> None:
    total = min(3 * limit + limit // 2, 700)
    list(amqp.publish(broker, _events(total)))
    found: list[amqp.Delivery] = []
    while len(found) < total:
        taken = _drained(broker, limit=limit, prefetch=prefetch)
        assert len(taken) == min(limit, total - len(found))
        found += taken
    assert [delivery.message_id for delivery in found] == [f"event-{n}" for n in range(total)]
    assert {(delivery.delivery_count, delivery.redelivered) for delivery in found} == {(0, False)}


@pytest.mark.parametrize(("limit", "prefetch"), [(100, 10), (6, 4), (5, 10)])
def test_a_message_that_arrives_as_an_idle_drain_stops_is_not_turned_back(
    broker: str, monkeypatch: pytest.MonkeyPatch, limit: int, prefetch: int
) -> None:
    list(amqp.publish(broker, _events(4)))
    call = session.Session.call
    late = iter([_events(1, start=4)])

    def call_after_a_late_arrival(self: session.Session, method: Callable[..., object], **arguments: object) -> object:
        if "consumer_tag" in arguments:  # the drain says that it wants no more
            for events in late:
                list(amqp.publish(broker, events))
                _wait_for_count(broker, QUEUE, 0)  # the broker has sent it to the drain, which has not looked yet
        return call(self, method, **arguments)

    monkeypatch.setattr(session.Session, "call", call_after_a_late_arrival)
    found = _drained(broker, limit=limit, prefetch=prefetch)
    monkeypatch.undo()
    assert next(late, None) is None, "it came in time for the test"
    found += _drained(broker)
    assert [delivery.message_id for delivery in found] == [f"event-{n}" for n in range(5)]
    assert {(delivery.delivery_count, delivery.redelivered) for delivery in found} == {(0, False)}


def test_an_unroutable_message_is_refused_and_the_others_arrive(broker: str) -> None:
    lost = amqp.Publication("dossier", "nobody.listens", b"{}", "event-lost")
    outcomes = list(amqp.publish(broker, [*_events(5), lost, *_events(5, start=5)]))
    refused = [outcome for outcome in outcomes if not outcome.ok]
    assert [outcome.publication.message_id for outcome in refused] == ["event-lost"]
    assert isinstance(refused[0].error, Refused)
    assert refused[0].error.code == "unroutable"
    assert len(_drained(broker)) == 10


def test_a_missing_exchange_loses_no_publication(broker: str) -> None:
    wrong = [amqp.Publication("no-such-exchange", "a", b"{}", f"wrong-{n}") for n in range(3)]
    outcomes = list(amqp.publish(broker, [*_events(3), *wrong]))
    assert len(outcomes) == 6
    for outcome in outcomes:
        if outcome.publication.exchange == "no-such-exchange":
            assert isinstance(outcome.error, Unavailable)
            assert outcome.error.code == "amqp-not-found"


def test_nothing_to_publish_asks_nobody() -> None:
    assert list(amqp.publish("amqp://127.0.0.1:1/x", [])) == []


def test_a_broker_that_is_away_leaves_every_publication_undone() -> None:
    outcomes = list(amqp.publish(f"amqp://127.0.0.1:{processes.free_port()}/x", _events(3)))
    assert [type(outcome.error) for outcome in outcomes] == [Unavailable] * 3
    assert {outcome.error.code for outcome in outcomes if outcome.error} == {"amqp-unreachable"}


def test_a_wrong_password_is_told_as_such(broker: str) -> None:
    head, _, tail = broker.partition("gateway:")
    with pytest.raises(Unavailable) as caught:
        amqp.peek(f"{head}gateway:wrong@{tail.partition('@')[2]}", QUEUE)
    assert caught.value.code == "amqp-sign-in-refused"
    assert "wrong" not in str(caught.value)


def test_a_broker_that_speaks_no_amqp_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "CONNECT_SECONDS", 0.4)
    with CuttingProxy(None, greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n") as proxy, pytest.raises(Unavailable):
        amqp.peek(f"amqp://guest:guest@127.0.0.1:{proxy.port}/x", QUEUE)


def test_a_queue_that_is_not_there_is_not_found(broker: str) -> None:
    with pytest.raises(NotFound) as caught:
        amqp.peek(broker, "no-such-queue")
    assert caught.value.code == "amqp-not-found"


def test_a_peek_leaves_the_event_loop_free(broker: str) -> None:
    async def both() -> tuple[int, int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.001)

        ticking = asyncio.create_task(tick())
        count = await amqp.async_peek(broker, QUEUE)
        ticking.cancel()
        return count, ticks

    list(amqp.publish(broker, _events(7)))
    count, ticks = asyncio.run(both())
    assert count == 7
    assert ticks > 1


def test_a_cut_while_publishing_leaves_each_message_confirmed_in_doubt_or_undone(broker: str) -> None:
    with _proxy(broker) as (proxy, url):
        proxy.cut_after(60_000)
        outcomes = list(amqp.publish(url, _events(3000), window=200))
    assert sorted(outcome.publication.message_id for outcome in outcomes) == sorted(f"event-{n}" for n in range(3000))
    confirmed = {outcome.publication.message_id for outcome in outcomes if outcome.ok}
    doubtful = {outcome.publication.message_id for outcome in outcomes if isinstance(outcome.error, InDoubt)}
    undone = {outcome.publication.message_id for outcome in outcomes if isinstance(outcome.error, Unavailable)}
    assert doubtful
    assert len(doubtful) <= 200
    assert len(confirmed) + len(doubtful) + len(undone) == 3000
    arrived = {delivery.message_id for delivery in _drained(broker)}
    assert confirmed <= arrived <= confirmed | doubtful


def test_a_broker_that_falls_silent_leaves_what_was_sent_in_doubt(broker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.wire.amqp.publishing.ANSWER_SECONDS", 0.5)

    def events(proxy: CuttingProxy) -> Iterator[amqp.Publication]:
        yield from _events(50)
        proxy.stall()
        yield from _events(50, start=50)

    with _proxy(broker) as (proxy, url):
        outcomes = list(amqp.publish(url, events(proxy), window=60))
    assert len(outcomes) == 100
    doubtful = [outcome.error for outcome in outcomes if isinstance(outcome.error, InDoubt)]
    assert {error.code for error in doubtful} == {"amqp-no-answer-in-time"}
    assert len(doubtful) >= 10
    assert all(isinstance(outcome.error, InDoubt | Unavailable) or outcome.ok for outcome in outcomes)


_WORKER = """
import sys
from datetime import timedelta
from adapters.wire import amqp
with amqp.drain(sys.argv[1], sys.argv[2], limit=1000, idle=timedelta(seconds=30), prefetch=100) as drain:
    for number, batch in enumerate(drain.batches()):
        print(" ".join(delivery.message_id for delivery in batch), flush=True)
        if number == 2:
            sys.stdin.readline()
        drain.ack_through(batch)
"""


def test_a_worker_killed_between_commit_and_ack_leaves_duplicates_and_loses_nothing(broker: str) -> None:
    list(amqp.publish(broker, _events(400)))
    arguments = [sys.executable, "-c", _WORKER, broker, QUEUE]
    worker = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    committed = [worker.stdout.readline().split() for _ in range(3)]
    worker.kill()
    worker.wait(10)
    _wait_for_count(broker, QUEUE, 300)
    rest = [delivery.message_id for delivery in _drained(broker)]
    assert rest == [f"event-{n}" for n in range(100, 400)]
    assert set(committed[2]) <= set(rest)


def test_a_cut_while_draining_is_survived_and_loses_nothing(broker: str) -> None:
    list(amqp.publish(broker, _events(2000)))
    seen: set[str] = set()
    with _proxy(broker) as (proxy, url):
        with amqp.drain(url, QUEUE, limit=5000, idle=timedelta(seconds=1), prefetch=100) as drain:
            for number, batch in enumerate(drain.batches()):
                seen |= {delivery.message_id for delivery in batch}
                if number == 5:
                    proxy.cut_now()
                drain.ack_through(batch)
        assert proxy.connections >= 2
    assert seen == {f"event-{n}" for n in range(2000)}
    _wait_for_count(broker, QUEUE, 0)


def test_a_crash_before_the_ack_brings_the_batch_again(broker: str) -> None:
    list(amqp.publish(broker, _events(10)))
    with amqp.drain(broker, QUEUE, limit=10, idle=IDLE) as drain:
        crashed = next(iter(drain.batches()))
    _wait_for_count(broker, QUEUE, 10)
    again = _drained(broker)
    assert [delivery.message_id for delivery in again] == [f"event-{n}" for n in range(10)]
    assert {delivery.delivery_count for delivery in again if delivery.message_id == crashed[0].message_id} == {1}


def test_a_rejected_message_is_dead_lettered_with_its_reason_and_blocks_nothing(broker: str) -> None:
    list(amqp.publish(broker, _events(6)))
    with amqp.drain(broker, QUEUE, limit=100, idle=IDLE) as drain:
        for batch in drain.batches():
            for delivery in batch:
                if delivery.message_id == "event-2":
                    drain.reject(delivery, "malformed")
            drain.ack_through(batch)
    assert amqp.peek(broker, QUEUE) == 0
    (dead,) = _drained(broker, queue=f"{QUEUE}.dead")
    assert dead.message_id == "event-2"
    assert dead.headers["x-gateway-reason"] == "malformed"
    assert dead.headers["x-gateway-queue"] == QUEUE
    assert dead.body == b'{"n":2}'


def test_properties_that_are_no_text_and_no_count_turn_no_message_back(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A publisher whose short strings are whatever bytes it likes.
    monkeypatch.setattr(pika.data, "encode_short_string", lambda pieces, value: pika_short(pieces, value))
    connection = pika.BlockingConnection(pika.URLParameters(broker))
    properties = pika.BasicProperties(message_id="\udce1\x00", content_type="\udcff", headers={"x-delivery-count": "?"})
    connection.channel().basic_publish("dossier", "dossier.submitted", b"strange", properties)
    connection.close()
    list(amqp.publish(broker, _events(1)))
    strange, plain = _drained(broker)
    assert (strange.message_id, strange.content_type, strange.delivery_count) == ("\ufffd\x00", "\ufffd", 0)
    assert plain.message_id == "event-0"


def pika_short(pieces: list[bytes], value: str) -> int:
    encoded = value.encode("utf-8", "surrogateescape")
    pieces += [bytes([len(encoded)]), encoded]
    return len(encoded) + 1


def test_a_poison_message_comes_back_three_times_and_is_dead_lettered_with_its_reason(broker: str) -> None:
    list(amqp.publish(broker, _events(1)))
    counts: list[int] = []
    with amqp.drain(broker, QUEUE, limit=100, idle=IDLE) as drain:
        for batch in drain.batches():
            for delivery in batch:
                counts.append(delivery.delivery_count)
                drain.fail(delivery, "store-crashed")
    assert counts == [0, 1, 2, 3]
    (dead,) = _drained(broker, queue=f"{QUEUE}.dead")
    assert dead.headers["x-gateway-reason"] == "store-crashed"


def test_a_message_that_kills_its_worker_each_time_is_dead_lettered_by_the_broker(broker: str) -> None:
    list(amqp.publish(broker, _events(1)))
    for _ in range(amqp.DELIVERY_LIMIT + 1):
        with amqp.drain(broker, QUEUE, limit=1, idle=timedelta(seconds=5)) as drain:
            assert len(next(iter(drain.batches()))) == 1
    _wait_for_count(broker, f"{QUEUE}.dead", 1)
    (dead,) = _drained(broker, queue=f"{QUEUE}.dead")
    assert dead.headers["x-death"][0]["reason"] == "delivery_limit"


def test_a_broker_that_stays_away_ends_the_drain(broker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.wire.amqp.draining.RECONNECTS", 2)
    list(amqp.publish(broker, _events(20)))
    with _proxy(broker) as (proxy, url), amqp.drain(url, QUEUE, limit=100, idle=IDLE, prefetch=4) as drain:
        batches = drain.batches()
        batch = next(batches)
        proxy.close()
        drain.ack_through(batch)
        with pytest.raises(Unavailable) as caught:
            list(batches)
    assert caught.value.code == "amqp-unreachable"
    _wait_for_count(broker, QUEUE, 20)


def test_an_ack_of_an_earlier_connection_is_not_sent_to_the_new_one(broker: str) -> None:
    list(amqp.publish(broker, _events(4)))
    with _proxy(broker) as (proxy, url), amqp.drain(url, QUEUE, limit=20, idle=IDLE, prefetch=4) as drain:
        batches = drain.batches()
        old = next(batches)
        proxy.cut_now()
        fresh = next(batches)
        drain.ack_through(old)
        drain.ack_through(fresh)
        for batch in batches:
            drain.ack_through(batch)
    _wait_for_count(broker, QUEUE, 0)


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[node.RabbitMQ]:
    broker = node.start(tmp_path)
    yield broker
    broker.stop()


def test_a_restarted_broker_kept_every_confirmed_message(own_broker: node.RabbitMQ, tmp_path: Path) -> None:
    amqp.declare(own_broker.url(), TOPOLOGY)
    assert all(outcome.ok for outcome in amqp.publish(own_broker.url(), _events(500)))
    own_broker.stop()
    with pytest.raises(Unavailable):
        amqp.peek(own_broker.url(), QUEUE)
    again = node.start(tmp_path, port=own_broker.port)
    try:
        assert len(_drained(again.url())) == 500
    finally:
        again.stop()


def test_every_exception_of_pika_has_a_meaning() -> None:
    kinds = {kind for kind in vars(pika.exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)}
    kinds |= {
        kind
        for kind in vars(failures.workflow).values()
        if isinstance(kind, type) and issubclass(kind, Exception) and kind.__module__ == failures.workflow.__name__
    }
    assert kinds - set(failures.TRANSLATION) == set()


class _Proxied:
    def __init__(self, url: str) -> None:
        parameters = pika.URLParameters(url)
        self.proxy = CuttingProxy(parameters.port)
        self.url = url.replace(f":{parameters.port}/", f":{self.proxy.port}/")

    def __enter__(self) -> tuple[CuttingProxy, str]:
        return self.proxy, self.url

    def __exit__(self, *_: object) -> None:
        self.proxy.close()


def _proxy(url: str) -> _Proxied:
    return _Proxied(url)
