"""VNPost's tracking feed: HAL JSON pages of records, consumed by cursor (``domain.md`` 3.1).

A record that says nothing usable is kept raw with no meaning, so that it is alerted and the feed goes on; only a page
that cannot be walked (no JSON, no ids, fewer records than it claims) is refused, because the cursor would be lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from adapters.wire.partner_json import read_json
from gateway.errors import Malformed
from gateway.model import PostalEvent
from gateway.partners import PostalApi

FIRST_CURSOR = "0" * 24
_OBJECT_ID = re.compile(r"[0-9a-f]{24}")
_MILLISECONDS_FROM = 10**11  # as seconds this is the year 5138: a larger number counts milliseconds


def cursor_before(moment: datetime) -> str:
    """The cursor just before ``moment``: an ObjectId begins with the seconds at which it was made."""
    return f"{max(0, int(moment.timestamp())):08x}" + "0" * 16


def decode_page(body: bytes, cursor: str, api: PostalApi) -> tuple[Sequence[PostalEvent], str]:
    """The events of a page, oldest first, and the next cursor. Raises Malformed (``bad-tracking-page``)."""
    events = sorted((_event(record, api) for record in _records(body)), key=lambda event: event.record_id)
    return events, max(cursor or FIRST_CURSOR, events[-1].record_id) if events else cursor


def _records(body: bytes) -> list[dict[str, object]]:
    try:
        page = cast("dict[str, Any]", read_json(body))
        documents = page["_embedded"]["rh:doc"]
        claimed = int(page.get("_returned", len(documents)))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise _bad(f"not a HAL page of records: {type(error).__name__}: {error}") from error
    if not isinstance(documents, list) or not all(isinstance(document, dict) for document in documents):
        raise _bad("rh:doc is not a list of records")
    if len(documents) != claimed:
        raise _bad(f"the page claims {claimed} records and holds {len(documents)}")
    return documents


def _event(record: dict[str, object], api: PostalApi) -> PostalEvent:
    identity = record.get("_id")
    record_id = identity.get("$oid") if isinstance(identity, dict) else None
    if not isinstance(record_id, str) or not _OBJECT_ID.fullmatch(record_id):
        raise _bad("a record has no ObjectId")
    code = str(record.get("StatusCode", ""))
    ours = record.get("CustomerCode", api.customer_code) == api.customer_code
    number = str(record.get("OrderNumber") or "")
    meaning = api.statuses.get(code) if ours and number else None
    return PostalEvent(
        record_id=record_id,
        order_number=number,
        item_code=str(record.get("ItemCode") or ""),
        status_code=code,
        status_text=str(record.get("StatusMessage") or record.get("Notes") or ""),
        meaning=meaning,
        occurred_at=_time(record.get("EventTime"), record_id),
        collected=_collected(record.get("CODCollected", 0), code, api),
    )


def _time(event_time: object, record_id: str) -> datetime:
    """``EventTime`` in seconds or milliseconds; without a usable one, when VNPost wrote the record (its ObjectId)."""
    written = datetime.fromtimestamp(int(record_id[:8], 16), UTC)
    if not isinstance(event_time, int) or isinstance(event_time, bool) or event_time <= 0:
        return written
    seconds, rest = divmod(event_time, 1000) if event_time >= _MILLISECONDS_FROM else (event_time, 0)
    try:
        return datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=rest)
    except (OverflowError, OSError, ValueError):  # beyond every calendar
        return written


def _collected(amount: object, code: str, api: PostalApi) -> int:
    if code not in api.collected_statuses:
        return 0
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 0:
        raise _bad(f"CODCollected {amount!r} is not a whole number of đồng")
    return amount


def _bad(message: str) -> Malformed:
    return Malformed(message, code="bad-tracking-page", where="tracking feed", action="ask VNPost for a correct page")
