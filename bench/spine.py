"""The message spine on a durable PostgreSQL and a RabbitMQ node of our own: in, out, claiming, conservation."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg

from adapters.dossier.adapter import BrokerLine, EventSender, dossier_sender
from adapters.wire.amqp import Publication, peek, publish
from bench import filled
from bench.bare_pika import publish_bare
from bench.row import Row, row
from gateway import conservation
from gateway.bootstrap import parts
from gateway.clock import SystemClock
from gateway.flows import dossier_events
from gateway.flows.wiring import Work, route
from gateway.local import postgres, rabbitmq
from gateway.messages import dispatch, outbox
from gateway.messages.route import Route
from gateway.messages.store import Connection
from gateway.migrations import migrate
from gateway.model import EventType, Kind, OutboundMessage, OutboxRow
from gateway.partners import load_partners
from gateway.security import development_pki
from gateway.security.keys import SigningKey
from gateway.settings import Settings
from simulators.dossier import jose
from simulators.dossier.events import as_json, cloud_event
from simulators.province import life
from simulators.province.population import population

EVENTS, WARMING, OUT = 24_000, 3_000, 20_000
_ENVIRONMENT = "development"
_PER_SECOND = 4000.0
_OF_PEER = 0.5
_FLAT = 1.5
_DAY_SECONDS = 5.0
_ROUNDS = 3


@dataclass(frozen=True)
class _Place:
    """Services of our own, and the configuration of a province that uses them."""

    server: postgres.Postgres
    work: Work
    settings: Settings


def rows() -> list[Row]:
    """The rows of ``make bench``."""
    with _place() as place:
        return [_events_in(place), _events_out(place), _claims(place), _conservation(place)]


@contextmanager
def _place() -> Iterator[_Place]:
    with tempfile.TemporaryDirectory(prefix="spine-") as name:
        folder = Path(name)
        development_pki.create(folder / "certs", parties=("gateway", "dossier"))
        server = postgres.start(folder)
        try:
            node = rabbitmq.start(folder)
            try:
                url = server.create_database("spine")
                settings = Settings(_ENVIRONMENT, url, node.url(), Path("config"), folder / "certs", folder)
                with psycopg.connect(url, autocommit=True) as connection:
                    migrate(connection)
                    partners = load_partners(Path("config/partners"), {})
                    parts.declare_queues(settings, partners)
                    yield _Place(server, Work(connection, SystemClock(), partners), settings)
            finally:
                node.stop()
        finally:
            server.stop()


def _events_in(place: _Place) -> Row:
    """AMQP event to durable inbox: verified, stored, applied by the ledger, receipted, then acknowledged."""
    partner = place.work.partners["dossier"]
    line = parts.event_line(place.settings, partner)
    assert partner.queues is not None
    bodies = _signed_events(place.settings.certs, WARMING + EVENTS)

    def taken(some: list[bytes], prefix: str) -> float:
        exchange = partner.queues.events_exchange if partner.queues else ""
        publications = [
            Publication(exchange, "vn.quangninh.dossier", body, f"{prefix}-{number}", "application/jose")
            for number, body in enumerate(some)
        ]
        assert all(one.ok for one in publish(place.settings.amqp_url, publications))
        # The dead letters are another queue, empty here: asking it costs a wait of half a second and no work.
        started = time.perf_counter()
        done = dossier_events.drain(
            place.work, line.events, lambda _: iter(()), line.reader, line.issuer, limit=len(some)
        )
        seconds = time.perf_counter() - started
        assert done.counts == {"applied": len(some), "outbox": done.counts["outbox"]}, done.counts
        return seconds

    taken(bodies[:WARMING], "warming")
    place.work.connection.execute("ANALYZE")
    seconds = taken(bodies[WARMING:], "in")
    rate = EVENTS / seconds
    assert peek(place.settings.amqp_url, partner.queues.events_queue) == 0
    return row(
        "AMQP event to durable inbox, one process", rate, "messages/s", "limit", _PER_SECOND,
        target=f">= {_PER_SECOND:,.0f}/s", met=rate >= _PER_SECOND,
    )  # fmt: skip


def _signed_events(certs: Path, count: int) -> list[bytes]:
    """Submitted, accepted and fees requested, of as many dossiers as that takes."""
    at = datetime.now(UTC).replace(microsecond=0)
    signer = jose.signer(certs, "dossier")
    bodies = []
    for dossier in population(at.date(), count=(count + 2) // 3):
        told = [life.submitted(dossier, at), life.accepted(dossier, at)]
        told.append(life.fee_requested(dossier, at) if dossier.fees else life.step(dossier, at, 4, "Thẩm định hồ sơ"))
        bodies += [jose.sign(as_json(cloud_event(event, at)), signer, _ENVIRONMENT) for event in told]
    return bodies[:count]


def _events_out(place: _Place) -> Row:
    """Outbox to AMQP with confirms, beside bare pika with the same bytes; each the best of some turns."""
    partner = place.work.partners["dossier"]
    assert partner.queues is not None
    url, exchange = place.settings.amqp_url, partner.queues.gateway_exchange
    sender = dossier_sender(partner.id, BrokerLine(url, exchange, _key(place), _ENVIRONMENT))
    # A database of its own: what the events before have caused is no part of this.
    with psycopg.connect(place.server.create_database("notices"), autocommit=True) as connection:
        migrate(connection)
        work = replace(place.work, connection=connection)
        ours, bare = _both(work, sender, url, exchange)
    return row(
        "outbox to AMQP with confirms", ours, "messages/s", "bare pika, window of 1000", bare,
        target=f">= {_OF_PEER} of the peer", met=ours >= _OF_PEER * bare,
    )  # fmt: skip


def _both(work: Work, sender: EventSender, url: str, exchange: str) -> tuple[float, float]:
    """Ours and bare pika's messages a second."""
    ours, bare = 0.0, 0.0
    for turn in range(_ROUNDS):
        sample = _enqueue(work.connection, turn)
        bodies = [sender.encode(message) for message in sample]
        bare = max(bare, OUT / publish_bare(url, exchange, str(EventType.PAYMENT_CONFIRMED), bodies, OUT))
        ours = max(ours, OUT / _dispatched(work, sender))
    return ours, bare


def _enqueue(connection: Connection, turn: int) -> list[OutboundMessage]:
    """``OUT`` notices that a fee is paid; some of them as the sender sees them."""
    now = datetime.now(UTC)
    notices = [_paid(f"000.12.22.H49-261123-{turn}{number:05d}", f"{turn}-{number}", now) for number in range(OUT)]
    with connection.transaction():
        keys = outbox.enqueue(connection, notices, now=now)
    return [
        dispatch.outbound(
            pk, one.partner, one.kind, one.message_id, None, one.dossier_code, 1, outbox.payload_bytes(one.payload)
        )
        for pk, one in zip(keys[:1000], notices[:1000], strict=True)
    ]


def _paid(code: str, name: str, now: datetime) -> OutboxRow:
    data = {"fee_id": "1", "amount": 150_000, "channel": "qr", "reference": f"QN{name}", "paid_at": now.isoformat()}
    payload = {"type": str(EventType.PAYMENT_CONFIRMED), "subject": code, "occurred_at": now.isoformat(), "data": data}
    return OutboxRow("dossier", Kind.EVENT, f"paid-{name}", payload, dossier_code=code, order_key=code)


def _dispatched(work: Work, sender: EventSender) -> float:
    way = route(work, sender, frozenset({Kind.EVENT}))
    started = time.perf_counter()
    done = dispatch.dispatch(work.connection, way, limit=OUT)
    seconds = time.perf_counter() - started
    assert done.counts["delivered"] == OUT, done.counts
    return seconds


def _claims(place: _Place) -> Row:
    """Claiming 500 messages from outboxes of growing size: the slowest against the fastest."""
    sender = dossier_sender("dossier", BrokerLine("", "", _key(place), _ENVIRONMENT))
    medians = {}
    for size in (10_000, 100_000, 1_000_000):
        url = place.server.create_database(f"outbox_{size}")
        with psycopg.connect(url, autocommit=True) as connection:
            migrate(connection)
            filled.outbox(connection, size)
            way = route(Work(connection, SystemClock(), place.work.partners), sender)
            medians[size] = statistics.median(_claim_seconds(connection, way) for _ in range(9))
        place.server.drop_database(f"outbox_{size}")
    slowest, fastest = max(medians.values()), min(medians.values())
    return row(
        "claim 500 from an outbox of 10k, 100k, 1M: slowest", slowest * 1000, "ms", "fastest", fastest * 1000,
        target=f"<= {_FLAT}x", met=slowest <= _FLAT * fastest, digits=1,
    )  # fmt: skip


def _claim_seconds(connection: Connection, way: Route) -> float:
    started = time.perf_counter()
    claimed = dispatch.claim(connection, way, Kind.EVENT, 500)
    assert len(claimed) == 500
    return time.perf_counter() - started


def _key(place: _Place) -> SigningKey:
    return SigningKey.load(place.settings.certs / "gateway-ec.key", place.settings.certs / "gateway-ec.crt")


def _conservation(place: _Place) -> Row:
    """Proving a day of a million messages, half of them in."""
    day = date(2026, 11, 23)
    url = place.server.create_database("day")
    with psycopg.connect(url, autocommit=True) as connection:
        migrate(connection)
        filled.day(connection, day, 1_000_000)
        started = time.perf_counter()
        lines = conservation.lines(connection, day)
        seconds = time.perf_counter() - started
        assert sum(line.left for line in lines if line.name.startswith(("messages in", "messages out"))) == 1_000_000
        assert all(line.closes for line in lines)
    place.server.drop_database("day")
    return row(
        "conservation of a day with 1M messages", seconds, "s", "limit", _DAY_SECONDS,
        target=f"<= {_DAY_SECONDS:.0f} s", met=seconds <= _DAY_SECONDS, digits=2,
    )  # fmt: skip
