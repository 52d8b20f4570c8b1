"""The tracking feed: cursor, pages, unknown codes, and pages that cannot be walked."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime

import pytest

from adapters.postal.adapter import PostalParts
from adapters.postal.tracking import FIRST_CURSOR, cursor_before, decode_page
from gateway.errors import Malformed, Unavailable
from gateway.model import Kind, PostalEvent
from gateway.partners import PostalApi
from tests.postal.test_orders import order, send
from tests.simulator_process import Simulator

API = PostalApi(
    endpoint="https://127.0.0.1:1",
    customer_code="QN-HCC",
    client_id="quangninh",
    client_secret="env:NOTHING",
    statuses={"2": "collected", "4": "delivered"},
    collected_statuses=["4"],
)


def oid(number: int) -> str:
    return f"6560{number:020x}"


def record(number: int, **more: object) -> dict[str, object]:
    return {
        "_id": {"$oid": oid(number)},
        "CustomerCode": "QN-HCC",
        "OrderNumber": "H49.12-20261123-0001",
        "EventTime": 1_795_400_000_000,
        "ItemCode": "QN1VN",
        "StatusCode": 4,
        "StatusMessage": "Phát thành công",
        **more,
    }


def page(*records: dict[str, object], returned: int | None = None) -> bytes:
    claimed = len(records) if returned is None else returned
    return json.dumps({"_returned": claimed, "_embedded": {"rh:doc": list(records)}}).encode()


def read(*records: dict[str, object], cursor: str = FIRST_CURSOR) -> tuple[list[PostalEvent], str]:
    events, following = decode_page(page(*records), cursor, API)
    return list(events), following


@pytest.mark.unit
@pytest.mark.parametrize("escaped", [False, True])
def test_decomposed_letters_are_read_composed(escaped: bool) -> None:
    told = unicodedata.normalize("NFD", "Phát thành công")
    body = json.dumps({"_embedded": {"rh:doc": [record(1, StatusMessage=told)]}}, ensure_ascii=escaped).encode()
    events, _ = decode_page(body, FIRST_CURSOR, API)
    assert [event.status_text for event in events] == ["Phát thành công"]


@pytest.mark.unit
def test_the_cursor_becomes_the_last_record_of_the_page() -> None:
    events, following = read(record(2, StatusCode=2), record(1))
    assert [event.record_id for event in events] == [oid(1), oid(2)]
    assert following == oid(2)


@pytest.mark.unit
def test_an_empty_page_leaves_the_cursor_where_it_was() -> None:
    assert read(cursor=oid(7)) == ([], oid(7))


@pytest.mark.unit
def test_an_unknown_status_code_is_kept_raw_and_means_nothing() -> None:
    ((event,), _) = read(record(1, StatusCode=170, StatusMessage="Phát thành công"))
    assert (event.status_code, event.meaning, event.collected) == ("170", None, 0)


@pytest.mark.unit
def test_money_is_collected_only_at_the_configured_statuses() -> None:
    events, _ = read(record(1, CODCollected=150_000), record(2, StatusCode=2, CODCollected=150_000))
    assert [event.collected for event in events] == [150_000, 0]


@pytest.mark.unit
@pytest.mark.parametrize("amount", ["150000", 150000.5, -1, True])
def test_an_unreadable_collected_amount_is_refused_and_never_becomes_zero(amount: object) -> None:
    with pytest.raises(Malformed) as caught:
        read(record(1, CODCollected=amount))
    assert caught.value.code == "bad-tracking-page"


@pytest.mark.unit
def test_event_times_are_read_in_milliseconds_and_in_seconds() -> None:
    events, _ = read(record(1, EventTime=1_795_400_000_500), record(2, EventTime=1_795_400_000))
    assert [event.occurred_at.timestamp() for event in events] == [1_795_400_000.5, 1_795_400_000]


@pytest.mark.unit
def test_a_record_without_a_usable_time_takes_the_time_in_its_id() -> None:
    ((event,), _) = read(record(1, EventTime=None))
    assert event.occurred_at == datetime.fromtimestamp(int(oid(1)[:8], 16), UTC)


@pytest.mark.unit
def test_a_record_of_another_customer_means_nothing() -> None:
    ((event,), _) = read(record(1, CustomerCode="KHAC"))
    assert event.meaning is None


@pytest.mark.unit
@pytest.mark.parametrize(
    "body",
    [
        b"<html>502</html>",
        b"{}",
        b"[]",
        b'{"_embedded": {"rh:doc": 5}}',
        page(record(1), returned=2),
        page({**record(1), "_id": {"$oid": "short"}}),
        page({**record(1), "_id": None}),
        b'{"_returned": 1e999, "_embedded": {"rh:doc": []}}',
        b"[" * 100_000,
        page(record(1, Notes="\x00")),
        page(record(1, Notes="\ud800")),
    ],
    ids=[
        "html",
        "no records",
        "a list",
        "not a list",
        "fewer than claimed",
        "short id",
        "no id",
        "countless",
        "nested",
        "NUL",
        "half",
    ],
)
def test_a_page_that_cannot_be_walked_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        decode_page(body, FIRST_CURSOR, API)
    assert caught.value.code == "bad-tracking-page"


@pytest.mark.unit
def test_a_cursor_of_a_moment_sorts_before_the_records_of_that_moment() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    assert cursor_before(moment) < f"{int(moment.timestamp()):08x}" + "0" * 15 + "1"
    assert len(cursor_before(moment)) == 24


@pytest.mark.scenario
def test_the_feed_is_consumed_page_by_page_and_a_postmans_act_shows_next(vnpost: Simulator, parts: PostalParts) -> None:
    message = order(cod=200_000)
    send(parts, message)
    number = str(message.payload["order_number"])
    cursor = drain(parts, "")[1]
    vnpost.act("deliver", order_number=number)
    events, following = drain(parts, cursor)
    assert [(event.order_number, event.meaning, event.collected) for event in events] == [
        (number, "delivered", 200_000)
    ]
    assert drain(parts, following) == ([], following)


@pytest.mark.scenario
def test_pages_are_as_long_as_configured(vnpost: Simulator, parts: PostalParts) -> None:
    message = order()
    send(parts, message)
    start = drain(parts, "")[1]
    for status in (3, 3, 99, 4, 5):
        vnpost.act("track", order_number=message.payload["order_number"], status=status)
    feed = type(parts.feed)(parts.feed.partner, parts.feed.api.model_copy(update={"page_size": 2}), parts.feed.session)
    raw = feed.fetch(start)
    assert (raw.kind, raw.transport_id) == (Kind.TRACKING_PAGE, start)
    assert len(feed.read(raw)[0]) == 2
    seen: list[str | None] = []
    cursor = start
    while True:
        events, following = feed.read(feed.fetch(cursor))
        if not events:
            break
        seen += [event.meaning for event in events]
        cursor = following
    assert seen == ["delivering", "delivering", None, "delivered", "returned"]


@pytest.mark.scenario
def test_a_feed_that_is_away_is_unavailable(vnpost: Simulator, parts: PostalParts) -> None:
    vnpost.misbehave("timeout_before", match={"operation": "getOrderTracking"}, seconds=2)
    with pytest.raises(Unavailable) as caught:
        parts.feed.fetch("")
    assert caught.value.code == "http-no-answer-in-time"


@pytest.mark.scenario
def test_a_page_that_holds_less_than_it_claims_is_refused(vnpost: Simulator, parts: PostalParts) -> None:
    vnpost.misbehave("wrong_page_count")
    with pytest.raises(Malformed) as caught:
        parts.feed.read(parts.feed.fetch(""))
    assert caught.value.code == "bad-tracking-page"


def drain(parts: PostalParts, cursor: str) -> tuple[list[PostalEvent], str]:
    found: list[PostalEvent] = []
    while True:
        events, following = parts.feed.read(parts.feed.fetch(cursor))
        if not events:
            return found, following or cursor
        found += events
        cursor = following
