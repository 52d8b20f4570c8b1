from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from gateway.messages.store import Connection


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """An autocommitting connection to a migrated database, with a table that stands for the ledger."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA gateway_test")
        connection.execute(
            "CREATE TABLE gateway_test.effect (message_pk bigint PRIMARY KEY, amount bigint CHECK (amount >= 0))"
        )
        connection.execute(
            "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
            " VALUES ('oanh', 'ops', 'grant', 'setup', now())"
        )
        yield connection
