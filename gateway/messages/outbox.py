"""The outbox: what partners must hear of, written in the transaction of the business change itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.clock import vietnam_date
from gateway.messages.store import Connection, new_message_keys, write_bodies
from gateway.model import OutboxRow

_COLUMNS = (
    "message_pk, direction, partner, kind, state, message_id, transaction_id, dossier_code, order_key, content_type,"
    " body_month, body_sha256, body_size, next_attempt_at, business_on, created_at, state_at, run_pk"
)

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def payload_bytes(payload: Mapping[str, object]) -> bytes:
    """A payload as canonical JSON (sorted keys, UTF-8, no blanks): the same payload is always the same bytes."""
    return _CANONICAL.encode(payload).encode()


def enqueue(
    connection: Connection, rows: Sequence[OutboxRow], *, now: datetime, run_pk: int | None = None
) -> list[int]:
    """Write outbox rows inside the caller's transaction; their identities, in order.

    A second row with a known (partner, message id) breaks the schema's unique key: an id is never used twice.
    """
    if not rows:
        return []
    business_on = vietnam_date(now)
    month = business_on.replace(day=1)
    # What all rows share is made text once, not once a row.
    at, first, day = now.isoformat(), str(month), str(business_on)
    keys = new_message_keys(connection, len(rows))
    bodies = [payload_bytes(row.payload) for row in rows]
    with connection.cursor() as cursor, cursor.copy(f"COPY gateway.message ({_COLUMNS}) FROM STDIN") as copy:
        for key, row, body in zip(keys, rows, bodies, strict=True):
            copy.write_row(
                (key, "out", row.partner, row.kind.value, "waiting", row.message_id, row.transaction_id)
                + (row.dossier_code, row.order_key, "application/json", first, hashlib.sha256(body).digest(), len(body))
                + (row.not_before or at, day, at, at, run_pk)
            )
    write_bodies(connection, month, ((key, body, None) for key, body in zip(keys, bodies, strict=True)))
    return keys
