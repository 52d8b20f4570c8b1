"""The daily proof counts the bytes: a day whose messages lost theirs does not close."""

from __future__ import annotations

from datetime import date

import pytest

from gateway import conservation
from gateway.errors import DoesNotClose
from gateway.messages import expiry, outbox, proof, receive
from gateway.messages.proof import Line
from gateway.messages.store import Connection
from tests.messages.partner_double import NOON, order, raw
from tests.messages.test_receive import inbox

pytestmark = pytest.mark.services

MONDAY, DECEMBER = date(2026, 11, 23), date(2026, 12, 1)


def a_day(connection: Connection) -> None:
    """Three come in, one of them forged; what they caused waits, and one more."""
    receive.receive(connection, [raw(id="e1"), raw(id="e2"), raw(id="e3", forged=True)], inbox())
    outbox.enqueue(connection, [order(1)], now=NOON)


def bytes_of(connection: Connection, role: str = "gateway_worker") -> Line:
    connection.execute(f"SET ROLE {role}".encode())
    try:
        (line,) = (one for one in proof.prove(connection, MONDAY) if one.name == "messages whose bytes are here")
        return line
    finally:
        connection.execute("RESET ROLE")


def lose(connection: Connection, state: str) -> int:
    """Somebody deletes the bytes past retention."""
    return connection.execute(
        "DELETE FROM gateway.message_body b USING gateway.message m WHERE m.message_pk = b.message_pk AND m.state = %s",
        (state,),
    ).rowcount


def expire(connection: Connection) -> int:
    return expiry.expire_bodies(connection, before=DECEMBER, now=NOON)


@pytest.mark.parametrize("role", ["gateway_worker", "gateway_console", "gateway_auditor"])
def test_whoever_proves_a_day_sees_that_all_bytes_are_here(connection: Connection, role: str) -> None:
    a_day(connection)
    line = bytes_of(connection, role)
    assert (line.left, line.closes) == (7, True)  # three in, two orders, one event of receipts, one order


@pytest.mark.parametrize(("state", "lost"), [("applied", 2), ("quarantined", 1), ("waiting", 4)])
def test_a_day_whose_bytes_are_gone_does_not_close(connection: Connection, state: str, lost: int) -> None:
    a_day(connection)
    assert lose(connection, state) == lost
    line = bytes_of(connection)
    assert (line.left - line.right, line.closes) == (lost, False)
    with pytest.raises(DoesNotClose) as raised:
        conservation.prove(connection, MONDAY)
    assert raised.value.code == "day-does-not-close"
    assert f"messages whose bytes are here: 7 ≠ {7 - lost}" in str(raised.value)


def test_a_day_without_any_bytes_does_not_close(connection: Connection) -> None:
    a_day(connection)
    connection.execute("DELETE FROM gateway.message_body")
    assert (bytes_of(connection).left, bytes_of(connection).right) == (7, 0)


def test_what_retention_let_go_is_not_missed(connection: Connection) -> None:
    a_day(connection)
    assert expire(connection) == 2
    line = bytes_of(connection)
    assert (line.left, line.closes) == (5, True)
    told = connection.execute("SELECT before, gone, at FROM gateway.body_expiry").fetchall()
    assert told == [(DECEMBER, 2, NOON)]


def test_what_may_still_be_needed_is_missed_in_an_expired_month_too(connection: Connection) -> None:
    a_day(connection)
    expire(connection)
    lose(connection, "quarantined")
    line = bytes_of(connection)
    assert (line.left, line.right, line.closes) == (5, 4, False)


def test_a_run_that_lets_nothing_go_excuses_nothing(connection: Connection) -> None:
    a_day(connection)
    everything = frozenset(int(str(row[0])) for row in connection.execute("SELECT message_pk FROM gateway.message"))
    assert expiry.expire_bodies(connection, before=DECEMBER, now=NOON, unreconciled=everything) == 0
    lose(connection, "applied")
    assert not bytes_of(connection).closes


def test_a_day_without_messages_closes(connection: Connection) -> None:
    assert (bytes_of(connection).left, bytes_of(connection).closes) == (0, True)
