"""A database that goes away, before the work or in the middle of it, is something that comes back: try again."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from gateway.bootstrap import connected
from gateway.errors import Unavailable
from gateway.settings import Settings

pytestmark = pytest.mark.services


def settings(url: str) -> Settings:
    return Settings("test", url, "", Path("config"), Path("certs"), Path("var"))


def use_and_lose(url: str) -> None:
    with (
        connected(settings(url), "gateway_worker") as connection,
        psycopg.connect(url, autocommit=True) as administrator,
    ):
        administrator.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
        connection.execute("SELECT 1")


def use(url: str) -> None:
    with connected(settings(url), "gateway_worker"):
        pytest.fail("there is no such database")


def test_a_database_that_stops_in_the_middle_of_the_work_is_unavailable(database_url: str) -> None:
    with pytest.raises(Unavailable) as away:
        use_and_lose(database_url)
    assert away.value.code == "database-unavailable"


def test_a_database_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable) as away:
        use("postgresql://nobody@127.0.0.1:1/nothing")
    assert away.value.code == "database-unavailable"


def test_a_database_that_vanishes_without_a_word_is_noticed_within_a_minute(database_url: str) -> None:
    with connected(settings(database_url), "gateway_worker") as connection:
        limits = connection.info.get_parameters()
    idle, interval, count = (int(limits[f"keepalives_{name}"]) for name in ("idle", "interval", "count"))
    assert idle + interval * count <= 60
    assert int(limits["tcp_user_timeout"]) <= 60_000
