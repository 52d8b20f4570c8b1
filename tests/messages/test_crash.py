"""A worker is killed (SIGKILL) before every statement of receive and of dispatch; the next one finishes its work.

The child process is forked, so that killing it is cheap enough to be done everywhere.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.clock import FixedClock
from gateway.messages import dispatch, doubt, outbox, receipts, receive
from gateway.messages.route import Route
from gateway.messages.store import Connection
from gateway.model import Enquiry, Kind, Knowledge, OutboundMessage, SendOutcome, SendVerdict
from tests.messages.partner_double import NOON, Business, JsonReader, Partner, order, raw

pytestmark = pytest.mark.services


class Doomed(psycopg.Connection[tuple[object, ...]]):
    """A connection whose process dies before its ``dies_before``-th statement."""

    dies_before = 0
    statements = 0

    def _count(self) -> None:
        Doomed.statements += 1
        if Doomed.statements == Doomed.dies_before:
            os.kill(os.getpid(), signal.SIGKILL)

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        self._count()
        return super().execute(*args, **kwargs)

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        cursor = super().cursor(*args, **kwargs)
        if not args and not kwargs:
            self._count()  # cursors are opened here for COPY
        return cursor


def survives(work: Callable[[], None]) -> bool:
    """Run ``work`` in a forked process; False where it was killed. Any other end fails the test."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0, "the worker failed instead of being killed"
    return True


def doomed(database_url: str, dies_before: int, work: Callable[[Connection], object]) -> Callable[[], None]:
    def run() -> None:
        with Doomed.connect(database_url, autocommit=True) as connection:
            Doomed.statements, Doomed.dies_before = 0, dies_before
            work(connection)

    return run


def wait_until_the_server_noticed(connection: Connection) -> None:
    """The backend of a killed worker holds its locks until it sees that nobody is there any more."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        others = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        ).fetchone()
        if others == (0,):
            return
    pytest.fail("a backend of a killed worker never ended")


def inbox() -> receive.Inbox:
    return receive.Inbox(
        JsonReader(), Business({"D1"}), FixedClock(NOON), None, receipts.Issuer("dossier", lambda content: content)
    )


BATCH = [
    raw(id="e1", dossier="D1", transaction="T1", amount=5),
    raw(id="e2", forged=True),
    raw(id="e1", dossier="D1", transaction="T1", amount=5),
    raw(id="e3", dossier="D2"),
    raw(id="e4", dossier="D1", amount=-1),
]


@pytest.mark.parametrize("part", [500, 2])  # of many messages the next part is read while this one is applied
def test_receive_killed_before_any_statement_loses_and_doubles_nothing(
    database_url: str, connection: Connection, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(receive, "_PART", part)
    for step in range(1, 200):
        for table in ("gateway_test.effect", "gateway.receipt", "gateway.message_key", "gateway.business_transaction"):
            connection.execute(f"DELETE FROM {table}".encode())
        connection.execute("TRUNCATE gateway.message CASCADE")
        finished = survives(doomed(database_url, step, lambda c: receive.receive(c, BATCH, inbox())))
        if not finished:
            wait_until_the_server_noticed(connection)
            # What a restart does: finish what is stored; and the broker delivers again what was not acknowledged.
            receive.resume(connection, "dossier", inbox())
            receive.receive(connection, BATCH, inbox())
        effects = connection.execute("SELECT count(*), sum(amount) FROM gateway_test.effect").fetchone()
        assert effects == (1, 5), f"killed before statement {step}"
        stuck = connection.execute(
            "SELECT count(*) FROM gateway.message WHERE direction = 'in' AND state = 'stored'"
        ).fetchone()
        assert stuck == (0,), f"killed before statement {step}"
        asked = connection.execute(
            "SELECT count(*) FROM gateway.message WHERE kind = 'payment_request_create'"
        ).fetchone()
        assert asked == (1,), f"killed before statement {step}"
        if finished:
            assert step > 15, "the test no longer kills anything"
            return
    pytest.fail("receive never finished")


@dataclass
class LedgerOfPartner(Partner):
    """A partner whose books are a file, so that they outlive a killed worker of ours."""

    books: Path = field(kw_only=True)

    def sent(self) -> list[str]:
        return self.books.read_text().split() if self.books.exists() else []

    def send(self, batch: Sequence[tuple[OutboundMessage, bytes]]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        for message, _ in batch:
            with self.books.open("a") as books:
                books.write(f"{message.message_id}\n")
            yield message, SendOutcome(SendVerdict.DELIVERED)

    def enquire(self, message: OutboundMessage) -> Enquiry:
        return Enquiry(Knowledge.HAS_IT if message.message_id in self.sent() else Knowledge.HAS_IT_NOT)


@dataclass
class LedgerOfListener(LedgerOfPartner):
    """A consumer of events takes each id once, however often it comes: being told again is no harm."""

    kinds: frozenset[Kind] = frozenset({Kind.EVENT})

    def enquire(self, message: OutboundMessage) -> Enquiry:
        return Enquiry(Knowledge.HAS_IT_NOT)


def test_a_stream_of_events_killed_before_any_statement_loses_nothing_and_keeps_the_order(
    database_url: str, connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_TOGETHER", {Kind.EVENT: 2})
    monkeypatch.setattr(dispatch, "_STREAMED", 2)
    events = [order(number, kind=Kind.EVENT, order_key=f"dossier-{number % 5}") for number in range(10, 20)]
    for step in range(1, 200):
        connection.execute("TRUNCATE gateway.message CASCADE")
        connection.execute("TRUNCATE gateway.attempt")
        books = tmp_path / f"stream-{step}"
        outbox.enqueue(connection, events, now=NOON)
        first = Route(LedgerOfListener(books=books), FixedClock(NOON))
        finished = survives(doomed(database_url, step, partial(dispatch.dispatch, route=first)))
        wait_until_the_server_noticed(connection)
        connection.execute("UPDATE gateway.message SET claimed_until = now() - interval '1 s' WHERE state = 'sending'")
        for hours in (1, 2, 3):
            later = Route(LedgerOfListener(books=books), FixedClock(NOON + timedelta(hours=hours)))
            doubt.settle(connection, later)
            dispatch.dispatch(connection, later)
        told = list(dict.fromkeys(LedgerOfListener(books=books).sent()))
        assert sorted(told) == [event.message_id for event in events], f"killed before statement {step}"
        for number in range(10, 15):
            assert told.index(f"m-{number}") < told.index(f"m-{number + 5}"), f"killed before statement {step}"
        states = connection.execute("SELECT DISTINCT state FROM gateway.message").fetchall()
        assert states == [("delivered",)], f"killed before statement {step}"
        if finished:
            assert step > 30, "the test no longer kills anything"
            return
    pytest.fail("dispatch never finished")


@pytest.mark.parametrize("kind", [Kind.PAYMENT_REQUEST_CREATE, Kind.REFUND])
def test_dispatch_killed_before_any_statement_loses_and_doubles_nothing(
    database_url: str, connection: Connection, tmp_path: Path, kind: Kind
) -> None:
    for step in range(1, 200):
        connection.execute("TRUNCATE gateway.message CASCADE")
        connection.execute("TRUNCATE gateway.attempt")
        books = tmp_path / f"books-{step}"
        outbox.enqueue(connection, [order(1, kind=kind), order(2, kind=kind)], now=NOON)

        def route(hours: int, books: Path = books) -> Route:
            return Route(LedgerOfPartner(books=books), FixedClock(NOON + timedelta(hours=hours)))

        first = route(0)
        finished = survives(doomed(database_url, step, partial(dispatch.dispatch, route=first)))
        wait_until_the_server_noticed(connection)
        # The lease of the dead worker runs out.
        connection.execute("UPDATE gateway.message SET claimed_until = now() - interval '1 s' WHERE state = 'sending'")
        for hours in (1, 2):
            doubt.settle(connection, route(hours))
            dispatch.dispatch(connection, route(hours))
        partner = LedgerOfPartner(books=books)
        states = connection.execute("SELECT message_id, state FROM gateway.message ORDER BY message_id").fetchall()
        if kind is Kind.REFUND and ("given_up" in {state for _, state in states}):
            # In doubt and not with the partner: a machine never sends money again, a person decides.
            for message_id, state in states:
                assert partner.sent().count(str(message_id)) == int(state == "delivered"), step
        else:
            assert sorted(partner.sent()) == ["m-1", "m-2"], f"killed before statement {step}"
            assert {state for _, state in states} == {"delivered"}, f"killed before statement {step}"
        if finished:
            assert step > 8, "the test no longer kills anything"
            return
    pytest.fail("dispatch never finished")
