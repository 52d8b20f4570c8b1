"""A proxy that answers everything with a page of its own: asking it is no proof that the partner is back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.errors import GatewayError, Malformed, Untrusted
from gateway.messages import circuit, dispatch, doubt, outbox
from gateway.messages.store import Connection
from gateway.model import Knowledge, SendVerdict
from tests.messages.partner_double import NOON, Partner, order
from tests.messages.test_dispatch import circuit_of, route

pytestmark = pytest.mark.services

BREAKER = circuit.Breaker(failures=3, open_for=timedelta(minutes=1))


@pytest.mark.parametrize(
    "answer",
    [
        Knowledge.UNKNOWN,
        Malformed("status 200 and a web page", code="malformed-xml"),
        Untrusted("its certificate has expired", code="tls-peer-untrusted"),
    ],
    ids=["nothing learnt", "a web page", "an expired certificate"],
)
def test_a_question_that_taught_nothing_does_not_close_the_circuit(
    connection: Connection, answer: Knowledge | GatewayError
) -> None:
    outbox.enqueue(connection, [order(number) for number in range(40)], now=NOON)
    partner = Partner(answers=[SendVerdict.IN_DOUBT] * 40, knows=answer)
    dispatch.dispatch(connection, route(partner, breaker=BREAKER))
    sent = len(partner.received)
    assert circuit_of(connection) == (3, NOON + timedelta(minutes=1))
    for run in range(1, 6):
        later = route(partner, breaker=BREAKER, at=timedelta(minutes=10 * run))
        doubt.settle(connection, later)
        dispatch.dispatch(connection, later)
    assert len(partner.received) - sent <= 5, "one message a run, to see whether it is back"
    assert circuit_of(connection) != (0, None)


def test_a_partner_that_tells_what_it_has_closes_its_circuit(connection: Connection) -> None:
    outbox.enqueue(connection, [order(number) for number in range(8)], now=NOON)
    partner = Partner(answers=[SendVerdict.IN_DOUBT] * 8, knows=Knowledge.HAS_IT)
    dispatch.dispatch(connection, route(partner, breaker=BREAKER))
    doubt.settle(connection, route(partner, breaker=BREAKER, at=timedelta(minutes=10)))
    assert circuit_of(connection) == (0, None)
