"""A page of VNPost's feed that cannot be read: kept once, asked for at every run, ended by what can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from adapters.postal.tracking import FIRST_CURSOR, decode_page
from gateway.clock import FixedClock
from gateway.errors import GatewayError, Unavailable
from gateway.flows import postal
from gateway.flows.wiring import Work
from gateway.model import Kind, PostalEvent, RawMessage, Summary
from tests.postal.test_tracking import API, oid, page, record

pytestmark = pytest.mark.services
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
BROKEN = page(record(1), returned=5)
OTHERWISE_BROKEN = b"<html>502</html>"
EMPTY = page()


@dataclass
class Feed:
    """VNPost, which answers each question with ``answers[cursor]``."""

    answers: dict[str, bytes | GatewayError]
    asked: list[str] = field(default_factory=list)
    api: Any = API

    def fetch(self, cursor: str) -> RawMessage:
        self.asked.append(cursor)
        body = self.answers[cursor]
        if isinstance(body, GatewayError):
            raise body
        return RawMessage("vnpost", Kind.TRACKING_PAGE, body, cursor, "application/json")

    def read(self, raw: RawMessage) -> tuple[Sequence[PostalEvent], str]:
        return decode_page(raw.body, raw.transport_id, self.api)


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as worker:
        worker.execute(
            "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
            " VALUES ('oanh', 'ops', 'grant', 'setup', %s)",
            (NOW,),
        )
        worker.execute("SET ROLE gateway_worker")
        yield worker


def look(connection: psycopg.Connection[Any], feed: Feed) -> Summary:
    return postal.track_all(Work(connection, FixedClock(NOW), {}), {"vnpost": (feed, FIRST_CURSOR)})


def kept(connection: psycopg.Connection[Any]) -> list[tuple[str, str, bytes]]:
    return connection.execute(
        "SELECT m.state, m.reason, b.body FROM gateway.message m JOIN gateway.message_body b"
        " ON (b.month, b.message_pk) = (m.body_month, m.message_pk) ORDER BY m.message_pk"
    ).fetchall()


def test_a_page_that_stays_unreadable_is_kept_once_and_asked_for_at_every_run(
    connection: psycopg.Connection[Any],
) -> None:
    feed = Feed({FIRST_CURSOR: BROKEN})
    told = [look(connection, feed).counts for _ in range(3)]
    assert kept(connection) == [("quarantined", "bad-tracking-page", BROKEN)]
    assert feed.asked == [FIRST_CURSOR] * 3
    assert [one.get("quarantined", 0) for one in told] == [1, 0, 0]
    assert [one["unreadable"] for one in told] == [1, 1, 1]


def test_other_unreadable_bytes_are_kept_beside_the_first(connection: psycopg.Connection[Any]) -> None:
    feed = Feed({FIRST_CURSOR: BROKEN})
    look(connection, feed)
    for body in (OTHERWISE_BROKEN, BROKEN, OTHERWISE_BROKEN):
        feed.answers[FIRST_CURSOR] = body
        look(connection, feed)
    assert [body for _, _, body in kept(connection)] == [BROKEN, OTHERWISE_BROKEN]


def test_the_feed_goes_on_by_itself_once_vnpost_gives_a_page_that_can_be_read(
    connection: psycopg.Connection[Any],
) -> None:
    feed = Feed({FIRST_CURSOR: BROKEN, oid(1): EMPTY})
    look(connection, feed)
    feed.answers[FIRST_CURSOR] = page(record(1))
    done = look(connection, feed)
    assert done.counts["applied"] == 2
    assert done.counts["unreadable"] == 0
    assert [state for state, _, _ in kept(connection)] == ["duplicate", "applied", "applied"]
    assert connection.execute("SELECT position FROM gateway.feed_cursor").fetchone() == (oid(1),)


def test_bytes_that_a_later_release_of_ours_can_read_are_not_held_back(connection: psycopg.Connection[Any]) -> None:
    """A page may be unreadable by our fault: what was kept is judged again as soon as the bytes come again."""
    strange = page(record(1, StatusCode=4, CODCollected="1"))
    feed = Feed({FIRST_CURSOR: strange, oid(1): EMPTY})
    look(connection, feed)
    assert [state for state, _, _ in kept(connection)] == ["quarantined"]
    feed.api = replace_collected(API)
    look(connection, feed)
    assert [(state, body) for state, _, body in kept(connection)] == [
        ("duplicate", strange),
        ("applied", strange),
        ("applied", EMPTY),
    ]


def replace_collected(api: Any) -> Any:
    return api.model_copy(update={"collected_statuses": ()})


def test_a_page_that_a_person_released_and_that_is_still_unreadable_is_kept_once(
    connection: psycopg.Connection[Any],
) -> None:
    feed = Feed({FIRST_CURSOR: BROKEN})
    look(connection, feed)
    with connection.transaction():  # as a person of operations releases it
        connection.execute("SELECT set_config('gateway.actor', 'oanh', true)")
        connection.execute("UPDATE gateway.message SET state = 'stored', reason = 'released', detail = 'thử lại'")
    look(connection, feed)
    assert [state for state, _, _ in kept(connection)] == ["quarantined"]


def test_a_feed_that_is_away_holds_up_no_other(connection: psycopg.Connection[Any]) -> None:
    away = Feed({FIRST_CURSOR: Unavailable("away", code="http-unreachable")})
    other = Feed({FIRST_CURSOR: page(record(1)), oid(1): EMPTY})
    feeds = {"vnpost-1": (away, FIRST_CURSOR), "vnpost": (other, FIRST_CURSOR)}
    with pytest.raises(Unavailable) as caught:
        postal.track_all(Work(connection, FixedClock(NOW), {}), feeds)
    assert caught.value.code == "http-unreachable"
    assert [state for state, _, _ in kept(connection)] == ["applied", "applied"]
