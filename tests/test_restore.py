"""The advice of docs/operations.md on keeping and restoring, done with PostgreSQL's own programs on a fresh server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gateway.clock import FixedClock
from gateway.local import postgres
from gateway.messages import dispatch, outbox, receive
from gateway.messages.route import Route
from gateway.messages.store import Connection
from gateway.migrations import migrate
from gateway.model import Kind
from tests.messages.conftest import connection
from tests.messages.partner_double import NOON, Business, JsonReader, Partner, order, raw

__all__ = ["connection"]

pytestmark = pytest.mark.services
EVENTS = [raw(id=f"e{number}", dossier="D1", amount=number) for number in range(1, 7)]


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(word) for word in (postgres.program(program), *arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def told(url: str, *rows_of: str) -> list[list[tuple[object, ...]]]:
    with psycopg.connect(url) as connection:
        return [connection.execute(query.encode()).fetchall() for query in rows_of]


def take(connection: Connection, *numbers: int) -> dict[str, int]:
    inbox = receive.Inbox(JsonReader(), Business({"D1"}), FixedClock(NOON))
    return receive.receive(connection, [EVENTS[number - 1] for number in numbers], inbox).counts


def send(connection: Connection, partner: Partner) -> None:
    dispatch.dispatch(connection, Route(partner, FixedClock(NOON)))


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[postgres.Postgres]:
    server = postgres.start(tmp_path / "fresh", forgetful=True)
    yield server
    server.stop()


def restored(dump: Path, server: postgres.Postgres) -> str:
    """As docs/operations.md says: the roles, an empty database, the dump, the migration."""
    url = server.create_database("gateway")
    assert run("psql", "-X", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", dump / "roles.sql").returncode == 0
    done = run("pg_restore", "--exit-on-error", "--no-owner", "-d", url, dump / "gateway.dump")
    assert done.returncode == 0, done.stderr
    with psycopg.connect(url) as connection:
        assert migrate(connection) == [], "the schema came with the dump"
    return url


def dumped(url: str, folder: Path) -> Path:
    folder.mkdir()
    done = run("pg_dump", "--format=custom", "-d", url, "-f", folder / "gateway.dump")
    assert done.returncode == 0, done.stderr
    listed = run("pg_dumpall", "--roles-only", "--no-role-passwords", "-d", url)
    assert listed.returncode == 0, listed.stderr
    # A superuser is the server's own matter; ours are the roles whose rights are in the dump.
    roles = [line for line in listed.stdout.splitlines() if "gateway_" in line]
    (folder / "roles.sql").write_text("\n".join(roles), encoding="utf-8")
    return folder


def test_a_restored_database_is_the_one_that_was_kept_and_goes_on(
    connection: Connection, database_url: str, fresh_server: postgres.Postgres, tmp_path: Path
) -> None:
    take(connection, 1, 2, 3)
    refund = order(3, partner="bank-b", kind=Kind.REFUND)
    outbox.enqueue(connection, [order(1, partner="bank-b"), order(2, partner="bank-b"), refund], now=NOON)
    bank = Partner("bank-b")
    connection.execute(
        "UPDATE gateway.message SET next_attempt_at = %s WHERE message_id <> 'm-1'", (NOON.replace(hour=9),)
    )
    send(connection, bank)
    dump = dumped(database_url, tmp_path / "dump")

    # What is lost: two events were taken, a payment request and a refund were sent.
    take(connection, 4, 5)
    connection.execute("UPDATE gateway.message SET next_attempt_at = %s WHERE state = 'waiting'", (NOON,))
    send(connection, bank)
    assert sorted(bank.received) == ["m-1", "m-2", "m-3"]

    url = restored(dump, fresh_server)
    states = "SELECT message_id, state FROM gateway.message WHERE partner = 'bank-b' ORDER BY message_id"
    bodies = "SELECT body FROM gateway.message_body b JOIN gateway.message m USING (message_pk)" \
        " WHERE m.direction = 'in' ORDER BY message_pk"  # fmt: skip
    [out, kept] = told(url, states, bodies)
    assert out == [("m-1", "delivered"), ("m-2", "waiting"), ("m-3", "waiting")], "why the sending flows are paused"
    assert [bytes(row[0]) for row in kept if isinstance(row[0], bytes)] == [event.body for event in EVENTS[:3]]
    with psycopg.connect(url, autocommit=True) as again:
        # The dossier system publishes since then again: what we have is known, what was lost is new.
        assert take(again, 2, 3, 4, 5, 6) == {"duplicate": 2, "applied": 3}
        # A payment request goes again under the id that the bank knows.
        again.execute("UPDATE gateway.message SET next_attempt_at = %s WHERE message_id = 'm-2'", (NOON,))
        send(again, bank)
    assert sorted(bank.received) == ["m-1", "m-2", "m-2", "m-3"]


def test_rights_come_back_with_the_roles_and_not_without_them(
    connection: Connection, database_url: str, fresh_server: postgres.Postgres, tmp_path: Path
) -> None:
    dump = dumped(database_url, tmp_path / "dump")
    without = fresh_server.create_database("without_roles")
    done = run("pg_restore", "--exit-on-error", "--no-owner", "-d", without, dump / "gateway.dump")
    assert "gateway_worker" in done.stderr, "the dump alone does not restore: roles are not in it"
    rights = "SELECT has_table_privilege('gateway_worker', 'gateway.recon_decision', 'INSERT')," \
        " has_table_privilege('gateway_worker', 'gateway.receipt', 'UPDATE')," \
        " has_table_privilege('gateway_console', 'gateway.recon_decision', 'INSERT')"  # fmt: skip
    assert told(restored(dump, fresh_server), rights) == told(database_url, rights) == [[(False, False, True)]]
