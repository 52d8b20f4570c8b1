"""What becomes of what we must tell a partner."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

import psycopg
import pytest

from gateway.clock import FixedClock
from gateway.errors import Conflict, Malformed
from gateway.messages import acts, circuit, dispatch, doubt, outbox
from gateway.messages.route import Backoff, Route
from gateway.messages.store import Connection
from gateway.model import Kind, Knowledge, OutboundMessage, OutboxRow, SendOutcome, SendVerdict
from tests.messages.partner_double import NOON, UNAVAILABLE, Partner, order

pytestmark = pytest.mark.services


def route(partner: Partner, *, at: timedelta = timedelta(0), **changes: object) -> Route:
    return Route(
        sender=partner,
        clock=FixedClock(NOON + at),
        **changes,  # type: ignore[arg-type]  # a test names the fields it changes
    )


class TellTheDossierSystem:
    """Effects that tell the dossier system of every delivery and of nothing else."""

    def delivered(self, connection: Connection, message: OutboundMessage, facts: object) -> list[OutboxRow]:
        return [OutboxRow("dossier", Kind.EVENT, f"told-{message.message_id}", {})]

    def in_doubt(self, connection: Connection, message: OutboundMessage) -> None:
        raise AssertionError("nothing was in doubt")

    def given_up(self, connection: Connection, message: OutboundMessage, code: str, detail: str) -> list[OutboxRow]:
        raise AssertionError("nothing was given up")


def states(connection: Connection) -> list[tuple[str, str]]:
    rows = connection.execute("SELECT state, reason FROM gateway.message ORDER BY message_pk").fetchall()
    return [(str(state), str(reason)) for state, reason in rows]


def test_a_waiting_message_is_delivered_and_its_attempt_kept(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    partner = Partner()
    report = dispatch.dispatch(connection, route(partner))
    assert report.counts["delivered"] == 1
    assert states(connection) == [("delivered", "")]
    attempt = connection.execute("SELECT request, reply, verdict FROM gateway.attempt").fetchone()
    assert attempt == (b'{"id": "m-1", "attempt": 1}', b"<reply/>", "delivered")


def test_the_ledger_hears_of_the_delivery_in_the_same_transaction(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)

    dispatch.dispatch(connection, route(Partner(), effects=TellTheDossierSystem()))
    assert connection.execute("SELECT message_id FROM gateway.message WHERE partner = 'dossier'").fetchall() == [
        ("told-m-1",)
    ]


def test_a_refusal_is_given_up_and_a_person_may_replay_it_once(connection: Connection) -> None:
    (pk,) = outbox.enqueue(connection, [order(1)], now=NOON)
    partner = Partner(answers=[SendVerdict.REFUSED])
    dispatch.dispatch(connection, route(partner))
    assert states(connection) == [("given_up", "test-refused")]
    acts.replay(connection, pk, actor="oanh", why="the bank corrected it", now=NOON)
    with pytest.raises(Conflict) as second:
        acts.replay(connection, pk, actor="oanh", why="twice", now=NOON)
    assert second.value.code == "message-not-replayable"
    dispatch.dispatch(connection, route(partner))
    assert states(connection) == [("delivered", "")]
    assert partner.received == ["m-1", "m-1"]


def test_a_payload_that_cannot_be_encoded_is_given_up_and_blocks_no_other(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    dispatch.dispatch(connection, route(Partner(encode_error=Malformed("no such unit", code="unknown-status"))))
    assert states(connection) == [("given_up", "unknown-status")]


def test_a_cancel_waits_for_its_request_but_other_dossiers_go_on(connection: Connection) -> None:
    rows = [
        order(1, order_key="D1"),
        order(2, order_key="D1", kind=Kind.PAYMENT_REQUEST_CANCEL),
        order(3, order_key="D2", kind=Kind.PAYMENT_REQUEST_CANCEL),
    ]
    outbox.enqueue(connection, rows, now=NOON)
    partner = Partner(answers=[SendVerdict.DELIVERED, SendVerdict.IN_DOUBT])
    dispatch.dispatch(connection, route(partner))
    # kinds go alphabetically: the cancel of D1 is held back until its request is settled
    assert partner.received == ["m-3", "m-1"]
    assert states(connection) == [("in_doubt", "test-in_doubt"), ("waiting", ""), ("delivered", "")]
    doubt.settle(connection, route(partner, at=timedelta(hours=1)))
    dispatch.dispatch(connection, route(partner, at=timedelta(hours=1)))
    assert partner.received == ["m-3", "m-1", "m-2"]


def test_a_time_out_is_settled_by_asking_and_never_sent_on_a_hunch(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    partner = Partner(answers=[SendVerdict.IN_DOUBT], knows=Knowledge.HAS_IT)
    dispatch.dispatch(connection, route(partner))
    dispatch.dispatch(connection, route(partner, at=timedelta(days=1)))
    assert partner.received == ["m-1"]
    doubt.settle(connection, route(partner, at=timedelta(days=1)))
    assert states(connection) == [("delivered", "")]
    assert partner.received == ["m-1"]


def test_what_the_partner_has_not_got_is_sent_again_with_the_same_id(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    partner = Partner(answers=[SendVerdict.IN_DOUBT], knows=Knowledge.HAS_IT_NOT)
    dispatch.dispatch(connection, route(partner))
    later = timedelta(hours=1)
    doubt.settle(connection, route(partner, at=later))
    dispatch.dispatch(connection, route(partner, at=later))
    assert partner.received == ["m-1", "m-1"]
    kept = connection.execute("SELECT act, attempt_no FROM gateway.attempt ORDER BY act, attempt_no").fetchall()
    assert kept == [("ask", 1), ("send", 1), ("send", 2)]


def test_what_gets_lost_again_and_again_is_sent_ever_more_slowly_and_never_forgotten(connection: Connection) -> None:
    """A partner that takes it, does not answer and has not got it afterwards: no hammering, and no end either."""
    outbox.enqueue(connection, [order(1)], now=NOON)
    partner = Partner(answers=[SendVerdict.IN_DOUBT] * 10_000, knows=Knowledge.HAS_IT_NOT)
    sent_at: list[timedelta] = []
    for minute in range(0, 60 * 24, 2):
        now = timedelta(minutes=minute)
        before = len(partner.received)
        doubt.settle(connection, route(partner, at=now))
        dispatch.dispatch(connection, route(partner, at=now))
        sent_at += [now] * (len(partner.received) - before)
    waits = [later - earlier for earlier, later in pairwise(sent_at)]
    assert waits[0] == timedelta(minutes=2), "the first time it is sent again as soon as the partner says so"
    assert 20 < len(sent_at) < 70
    assert max(waits) <= timedelta(minutes=64)
    assert min(waits[-5:]) >= timedelta(minutes=30)
    assert states(connection)[0][0] in {"waiting", "in_doubt"}


def test_a_refund_in_doubt_is_never_resent_by_a_machine(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1, kind=Kind.REFUND)], now=NOON)
    partner = Partner(answers=[SendVerdict.IN_DOUBT], knows=Knowledge.HAS_IT_NOT)
    dispatch.dispatch(connection, route(partner))
    later = timedelta(hours=1)
    doubt.settle(connection, route(partner, at=later))
    dispatch.dispatch(connection, route(partner, at=later))
    assert partner.received == ["m-1"]
    assert states(connection) == [("given_up", "money-out-needs-a-person")]


def test_waits_double_up_to_a_limit_and_no_two_messages_wait_alike() -> None:
    backoff = Backoff(first=timedelta(seconds=30), longest=timedelta(hours=1))
    for tries, whole in ((1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (500, 3600)):
        waits = {backoff.wait(tries).total_seconds() for _ in range(200)}
        assert whole / 2 <= min(waits) < max(waits) <= whole
        assert len(waits) > 100, "all at once they would overrun a partner that has just come back"


def test_asking_slows_with_age_and_never_stops(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    partner = Partner(answers=[SendVerdict.IN_DOUBT], knows=Knowledge.UNKNOWN)
    backoff = Backoff(attempts=2, first=timedelta(minutes=1), longest=timedelta(hours=6))
    dispatch.dispatch(connection, route(partner, backoff=backoff))
    asked_at = []
    for hour in range(0, 24 * 30, 3):
        doubt.settle(connection, route(partner, at=timedelta(hours=hour), backoff=backoff))
        asked_at.append(len(partner.asked))
    assert states(connection) == [("in_doubt", "in-doubt")]
    assert asked_at[-1] > asked_at[-6]  # still asked after a month
    assert len(partner.asked) < 24 * 30  # though not every hour


def test_a_partner_away_for_two_days_costs_lateness_and_nothing_else(connection: Connection) -> None:
    outbox.enqueue(connection, [order(number) for number in range(20)], now=NOON)
    partner = Partner(answers=[SendVerdict.UNAVAILABLE] * 100_000)
    for minute in range(0, 48 * 60, 15):
        dispatch.dispatch(connection, route(partner, at=timedelta(minutes=minute)))
    assert {state for state, _ in states(connection)} == {"waiting"}
    tries = connection.execute("SELECT max(attempts) FROM gateway.message").fetchone()
    assert tries is not None
    assert int(str(tries[0])) <= 5
    partner.answers.clear()
    dispatch.dispatch(connection, route(partner, at=timedelta(hours=50)))
    dispatch.dispatch(connection, route(partner, at=timedelta(hours=52)))
    assert {state for state, _ in states(connection)} == {"delivered"}
    assert sorted(partner.received) == sorted(f"m-{number}" for number in range(20))


def test_an_open_circuit_lets_one_probe_through_and_closes_by_itself(connection: Connection) -> None:
    breaker = circuit.Breaker(failures=3, open_for=timedelta(minutes=1))
    alone = Kind.PAYMENT_REQUEST_CANCEL  # a kind of which one goes at a time
    outbox.enqueue(connection, [order(number, kind=alone) for number in range(10)], now=NOON)
    partner = Partner(answers=[SendVerdict.UNAVAILABLE] * 3)
    report = dispatch.dispatch(connection, route(partner, breaker=breaker))
    assert report.circuit_open
    assert partner.received == []
    assert dispatch.dispatch(connection, route(partner, breaker=breaker)).circuit_open
    report = dispatch.dispatch(connection, route(partner, breaker=breaker, at=timedelta(hours=2)))
    assert report.counts["delivered"] == 10


def test_a_batch_that_fails_at_once_opens_the_circuit_for_one_pause(connection: Connection) -> None:
    breaker = circuit.Breaker(failures=3, open_for=timedelta(minutes=1))
    outbox.enqueue(connection, [order(number) for number in range(20)], now=NOON)
    partner = Partner(answers=[SendVerdict.UNAVAILABLE] * 8)
    assert dispatch.dispatch(connection, route(partner, breaker=breaker)).circuit_open
    assert circuit_of(connection) == (3, NOON + timedelta(minutes=1))
    partner.answers = [SendVerdict.UNAVAILABLE]
    dispatch.dispatch(connection, route(partner, breaker=breaker, at=timedelta(minutes=1)))
    assert circuit_of(connection) == (4, NOON + timedelta(minutes=3)), "only a probe that fails makes a pause longer"


@pytest.mark.parametrize("kind", [Kind.PAYMENT_REQUEST_CREATE, Kind.PAYMENT_REQUEST_CANCEL])
def test_a_partner_that_lets_calls_time_out_is_left_in_peace_too(connection: Connection, kind: Kind) -> None:
    breaker = circuit.Breaker(failures=3, open_for=timedelta(minutes=1))
    outbox.enqueue(connection, [order(number, kind=kind) for number in range(30)], now=NOON)
    partner = Partner(answers=[SendVerdict.IN_DOUBT] * 30)
    report = dispatch.dispatch(connection, route(partner, breaker=breaker))
    assert report.circuit_open
    assert len(partner.received) in (3, 8), "no more than one call of the sender after the third"
    assert report.counts["in_doubt"] == len(partner.received)
    later = route(partner, breaker=breaker, at=timedelta(minutes=2))
    doubt.settle(connection, later)
    partner.answers.clear()
    dispatch.dispatch(connection, later)
    assert {state for state, _ in states(connection)} == {"delivered"}
    assert sorted(partner.received) == sorted(f"m-{number}" for number in range(30))


@dataclass
class Watched(Partner):
    """Looks, before each message that one-by-one kinds send, how many earlier ones are still unrecorded."""

    looks: Callable[[], int] = field(default=lambda: 0)
    unrecorded: list[int] = field(default_factory=list)

    def send(self, batch: Sequence[tuple[OutboundMessage, bytes]]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        for item in batch:
            self.unrecorded.append(len(self.received) - self.looks())
            yield from super().send([item])


@pytest.mark.parametrize("kind", [Kind.DOSSIER_SYNC, Kind.PAYMENT_REQUEST_CREATE, Kind.POSTAL_ORDER])
def test_what_a_slow_partner_answered_is_recorded_before_many_more_are_sent(
    database_url: str, connection: Connection, kind: Kind
) -> None:
    """A worker that is stopped after half an hour of time-outs must not have forgotten what was answered."""
    outbox.enqueue(connection, [order(number, kind=kind) for number in range(60)], now=NOON)
    with psycopg.connect(database_url, autocommit=True) as other:

        def delivered() -> int:
            row = other.execute("SELECT count(*) FROM gateway.message WHERE state = 'delivered'").fetchone()
            return int(str(row[0])) if row else 0

        partner = Watched(kinds=frozenset({kind}), looks=delivered)
        dispatch.dispatch(connection, route(partner))
    assert len(partner.unrecorded) == 60
    assert max(partner.unrecorded) < 8


def circuit_of(connection: Connection) -> tuple[object, ...] | None:
    return connection.execute("SELECT failures, open_until FROM gateway.circuit").fetchone()


def test_too_many_failures_of_one_message_give_it_up(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    partner = Partner(answers=[SendVerdict.UNAVAILABLE] * 3)
    backoff = Backoff(attempts=3)
    for hour in range(3):
        at = timedelta(hours=2 * hour)
        dispatch.dispatch(connection, route(partner, at=at, backoff=backoff, breaker=circuit.Breaker(failures=9)))
    assert states(connection) == [("given_up", "too-many-attempts")]


def test_a_dead_workers_claim_is_in_doubt_only_where_something_may_have_left(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1), order(2)], now=NOON)
    partner = Partner()
    claimed = dispatch.claim(connection, route(partner), Kind.PAYMENT_REQUEST_CREATE, 2)
    dispatch._write_attempts(connection, route(partner), [(claimed[0], b"left perhaps")])
    assert doubt.recover(connection, route(partner)) == 0  # their leases still run
    connection.execute("UPDATE gateway.message SET claimed_until = clock_timestamp() - interval '1 second'")
    assert doubt.recover(connection, route(partner)) == 2
    assert states(connection) == [("in_doubt", "claim-expired"), ("waiting", "claim-expired")]


def test_asking_a_partner_that_is_away_leaves_the_doubt(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    partner = Partner(answers=[SendVerdict.IN_DOUBT], knows=UNAVAILABLE)
    dispatch.dispatch(connection, route(partner))
    doubt.settle(connection, route(partner, at=timedelta(hours=1)))
    assert states(connection) == [("in_doubt", "in-doubt")]


def test_two_workers_never_claim_the_same_message(database_url: str, connection: Connection) -> None:
    outbox.enqueue(connection, [order(number) for number in range(50)], now=NOON)
    kind = Kind.PAYMENT_REQUEST_CREATE
    with psycopg.connect(database_url, autocommit=True) as other, connection.transaction():
        first = dispatch.claim(connection, route(Partner()), kind, 20)
        second = dispatch.claim(other, route(Partner()), kind, 50)
    assert len(first) == 20
    assert len(second) == 30
    assert not {message.message_pk for message in first} & {message.message_pk for message in second}


@pytest.mark.parametrize(
    ("born", "step"),
    [("waiting", "delivered"), ("waiting", "in_doubt"), ("waiting", "given_up"), ("waiting", "applied")],
)
def test_the_schema_refuses_a_step_that_does_not_exist(connection: Connection, born: str, step: str) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("UPDATE gateway.message SET state = %s, reason = 'x'", (step,))


def test_an_id_is_never_used_twice(connection: Connection) -> None:
    outbox.enqueue(connection, [order(1)], now=NOON)
    with pytest.raises(psycopg.errors.UniqueViolation):
        outbox.enqueue(connection, [order(1)], now=NOON)


def _many_events(connection: Connection, count: int) -> None:
    """Two events each of ``count / 2`` dossiers."""
    events = [order(number, kind=Kind.EVENT, order_key=f"dossier-{number % (count // 2)}") for number in range(count)]
    outbox.enqueue(connection, events, now=NOON)


def test_thousands_of_events_leave_once_each_and_in_order_per_dossier(connection: Connection) -> None:
    _many_events(connection, 6_400)
    partner = Partner(kinds=frozenset({Kind.EVENT}))
    report = dispatch.dispatch(connection, route(partner))
    assert report.counts["delivered"] == 6_400
    assert len(set(partner.received)) == len(partner.received) == 6_400
    place = {message_id: at for at, message_id in enumerate(partner.received)}
    assert all(place[f"m-{number}"] < place[f"m-{number + 3_200}"] for number in range(3_200))
    assert connection.execute("SELECT verdict, count(*) FROM gateway.attempt GROUP BY 1").fetchall() == [
        ("delivered", 6_400)
    ]


def test_thousands_of_events_stop_at_the_limit(connection: Connection) -> None:
    _many_events(connection, 6_400)
    partner = Partner(kinds=frozenset({Kind.EVENT}))
    assert dispatch.dispatch(connection, route(partner), limit=3_000).counts["delivered"] == 3_000
    assert len(partner.received) == 3_000
    assert sorted(set(states(connection))) == [("delivered", ""), ("waiting", "")]


def test_a_broker_that_goes_away_in_a_stream_of_events_costs_no_attempts(connection: Connection) -> None:
    _many_events(connection, 6_400)
    answers = [SendVerdict.DELIVERED] * 1_000 + [SendVerdict.UNAVAILABLE] * 6_400
    partner = Partner(kinds=frozenset({Kind.EVENT}), answers=answers)
    report = dispatch.dispatch(connection, route(partner))
    assert (report.counts["delivered"], report.circuit_open) == (1_000, True)
    assert sorted(set(states(connection))) == [("delivered", ""), ("waiting", ""), ("waiting", "test-unavailable")]
    assert connection.execute("SELECT max(attempts) FROM gateway.message").fetchone() == (0,)


class Failing(TellTheDossierSystem):
    """A ledger that cannot book the 700th delivery."""

    def __init__(self) -> None:
        self.booked = 0

    def delivered(self, connection: Connection, message: OutboundMessage, facts: object) -> list[OutboxRow]:
        self.booked += 1
        if self.booked == 700:
            raise Conflict("it does not fit", code="test-does-not-fit")
        return []


def test_a_delivery_that_cannot_be_recorded_ends_the_stream_and_its_batch_stays_claimed(
    connection: Connection,
) -> None:
    _many_events(connection, 6_400)
    partner = Partner(kinds=frozenset({Kind.EVENT}))
    with pytest.raises(Conflict) as failed:
        dispatch.dispatch(connection, route(partner, effects=Failing()))
    assert failed.value.code == "test-does-not-fit"
    counts = dict(connection.execute("SELECT state, count(*) FROM gateway.message GROUP BY 1").fetchall())
    assert counts["delivered"] < len(partner.received)  # the others are in doubt when their lease ends
    assert counts["delivered"] + counts["sending"] + counts["waiting"] == 6_400
