"""Original bytes first: nothing is done with a message before its bytes are committed here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import psycopg

from gateway.clock import vietnam_date
from gateway.errors import NotFound
from gateway.model import Kind, RawMessage, RunContext

Connection = psycopg.Connection[tuple[object, ...]]

_MESSAGE_COLUMNS = (
    "message_pk, direction, partner, kind, state, transport_id, content_type, body_month, body_sha256, body_size,"
    " reason, detail, business_on, created_at, state_at, run_pk, received_at"
)


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message whose bytes are committed. ``received_at`` is real time; None for what came before it was kept."""

    message_pk: int
    raw: RawMessage
    body_sha256: bytes = field(repr=False)
    received_at: datetime | None


def register_run(connection: Connection, run: RunContext | None, now: datetime) -> int | None:
    """The identity of this task try; None outside Airflow. Registering twice gives the same."""
    if run is None:
        return None
    row = connection.execute(
        "INSERT INTO gateway.run (dag_id, run_id, task_id, try_number, map_index, started_at)"
        " VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (dag_id, run_id, task_id, map_index, try_number) DO NOTHING RETURNING run_pk",
        (run.dag_id, run.run_id, run.task_id, run.try_number, run.map_index, now),
    ).fetchone()
    if row is None:
        row = connection.execute(
            "SELECT run_pk FROM gateway.run"
            " WHERE dag_id = %s AND run_id = %s AND task_id = %s AND map_index = %s AND try_number = %s",
            (run.dag_id, run.run_id, run.task_id, run.map_index, run.try_number),
        ).fetchone()
    if row is None:
        raise NotFound("the run vanished while it was registered", where=run.run_id)
    return int(str(row[0]))


def new_message_keys(connection: Connection, count: int) -> list[int]:
    """``count`` new identities, ascending."""
    rows = connection.execute(
        "SELECT nextval('gateway.message_message_pk_seq') FROM generate_series(1, %s)", (count,)
    ).fetchall()
    return [int(str(row[0])) for row in rows]


def write_bodies(connection: Connection, month: date, bodies: Iterable[tuple[int, bytes, bytes | None]]) -> None:
    """Store the bytes of messages, and their detached signatures, under their month."""
    connection.execute("SELECT gateway.ensure_month(%s)", (month,))
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY gateway.message_body (month, message_pk, body, signature) FROM STDIN (FORMAT BINARY)"
        ) as copy,
    ):
        copy.set_types(["date", "int8", "bytea", "bytea"])
        for message_pk, body, signature in bodies:
            copy.write_row((month, message_pk, body, signature))


def store(
    connection: Connection,
    messages: Sequence[RawMessage],
    *,
    now: datetime,
    run_pk: int | None = None,
    dead_letter_reason: str = "",
) -> list[StoredMessage]:
    """Commit the original bytes of incoming messages, in order; each gets a row of its own, duplicates too.

    With ``dead_letter_reason`` they are stored as dead-lettered: the broker gave up delivering them.
    """
    if not messages:
        return []
    business_on = vietnam_date(now)
    month = business_on.replace(day=1)
    # What all rows share is made text once, not once a row.
    received_at = datetime.now(UTC)
    shared = (str(business_on), now.isoformat(), now.isoformat(), run_pk, received_at.isoformat())
    state = "dead_lettered" if dead_letter_reason else "stored"
    reason = "dead-lettered" if dead_letter_reason else ""
    with connection.transaction():
        keys = new_message_keys(connection, len(messages))
        stored = [
            StoredMessage(key, _kept(raw), hashlib.sha256(raw.body).digest(), received_at)
            for key, raw in zip(keys, messages, strict=True)
        ]
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY gateway.message ({_MESSAGE_COLUMNS}) FROM STDIN") as copy,
        ):
            for item in stored:
                raw = item.raw
                copy.write_row(
                    (item.message_pk, "in", raw.partner, raw.kind.value, state)
                    + (raw.transport_id, raw.content_type, str(month), item.body_sha256, len(raw.body))
                    + (reason, _told(dead_letter_reason, raw), *shared)
                )
        write_bodies(connection, month, ((item.message_pk, item.raw.body, item.raw.signature) for item in stored))
    return stored


def _told(why: str, raw: RawMessage) -> str:
    return f"{why}: {raw.dead_letter_reason}" if why and raw.dead_letter_reason else why


def _kept(raw: RawMessage) -> RawMessage:
    """The message, and what its transport says in letters that PostgreSQL keeps: no U+0000, no half surrogate pair."""
    told = raw.transport_id, raw.content_type, raw.dead_letter_reason
    if all(text.isprintable() for text in told):
        return raw
    transport_id, content_type, dead_letter_reason = (_UNSTORABLE.sub("\ufffd", text) for text in told)
    return replace(raw, transport_id=transport_id, content_type=content_type, dead_letter_reason=dead_letter_reason)


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def load(connection: Connection, message_pks: Sequence[int]) -> list[StoredMessage]:
    """Incoming messages with their original bytes, in order of identity.

    Raises NotFound ``message-body-expired`` where the bytes of one are gone.
    """
    rows = connection.execute(
        "SELECT m.message_pk, m.partner, m.kind, m.transport_id, m.content_type, m.body_sha256, m.received_at, b.body,"
        " b.signature"
        " FROM gateway.message m LEFT JOIN gateway.message_body b"
        "   ON b.month = m.body_month AND b.message_pk = m.message_pk"
        " WHERE m.message_pk = ANY(%s) AND m.direction = 'in' ORDER BY m.message_pk",
        (list(message_pks),),
    ).fetchall()
    loaded = []
    for message_pk, partner, kind, transport_id, content_type, digest, received_at, body, signature in rows:
        if not isinstance(body, bytes) or not isinstance(digest, bytes):
            raise NotFound(
                "its bytes have expired",
                code="message-body-expired",
                where=f"message {message_pk}",
                action="ask the partner to send it again",
            )
        raw = RawMessage(
            str(partner),
            Kind(str(kind)),
            body,
            str(transport_id),
            str(content_type),
            signature if isinstance(signature, bytes) else None,
        )
        came = received_at if isinstance(received_at, datetime) else None
        loaded.append(StoredMessage(int(str(message_pk)), raw, digest, came))
    return loaded
