"""Databases as they are after months of work, made by set-based statements (``generate_series``).

History is inserted in its final states, past the triggers that check each step: steps are not what is measured.
"""

from __future__ import annotations

from datetime import date

from gateway.messages.store import Connection

BACKLOG = 9_000

_OUT = """
INSERT INTO gateway.message (direction, partner, kind, state, message_id, dossier_code, order_key, body_month,
    body_sha256, body_size, tries, next_attempt_at, business_on, created_at, state_at)
SELECT 'out', 'dossier', 'event', CASE WHEN i > %(n)s - %(backlog)s THEN 'waiting' ELSE 'delivered' END, 'm-' || i,
    'H49-' || i / 3, 'H49-' || i, '2026-11-01', sha256(i::text::bytea), 300,
    CASE WHEN i > %(n)s - %(backlog)s THEN 0 ELSE 1 END,
    CASE WHEN i > %(n)s - %(backlog)s THEN timestamptz '2026-11-23 03:00+00' + i * interval '1 ms' END,
    %(day)s, '2026-11-23 03:00+00', '2026-11-23 03:00+00' FROM generate_series(1, %(n)s) i"""
_BODIES = """
INSERT INTO gateway.message_body (month, message_pk, body)
SELECT body_month, message_pk, convert_to('{"type":"t","subject":"' || dossier_code || '","data":{"text":"'
    || repeat('x', 240) || '"}}', 'UTF8') FROM gateway.message"""
_IN = """
INSERT INTO gateway.message (direction, partner, kind, state, message_id, dossier_code, body_month, body_sha256,
    body_size, business_on, created_at, state_at)
SELECT 'in', (ARRAY['dossier', 'bank-a', 'bank-b', 'vnpost'])[1 + i %% 4], 'dossier_event', 'applied', 'i-' || i,
    'H49-' || i / 3, '2026-11-01', sha256(i::text::bytea), 900, %(day)s, '2026-11-23 03:00+00', '2026-11-23 03:00+00'
  FROM generate_series(1, %(n)s) i"""
_KEYS = """
INSERT INTO gateway.message_key (partner, message_id, message_pk, content_sha256)
SELECT partner, message_id, message_pk, body_sha256 FROM gateway.message WHERE direction = 'in'"""


def outbox(connection: Connection, stored: int) -> None:
    """An outbox of ``stored`` messages with their bodies: all delivered but a backlog of ``BACKLOG``."""
    values = {"n": stored, "backlog": BACKLOG, "day": date(2026, 11, 23)}
    connection.execute("SELECT gateway.ensure_month('2026-11-23')")
    _insert(connection, [_OUT, _BODIES], values)


def day(connection: Connection, on: date, messages: int) -> None:
    """A day of ``messages`` with their bodies: half came in from four partners and hold their ids, half were sent."""
    connection.execute("SELECT gateway.ensure_month('2026-11-23')")
    _insert(connection, [_OUT, _IN, _KEYS, _BODIES], {"n": messages // 2, "backlog": 0, "day": on})


def _insert(connection: Connection, statements: list[str], values: dict[str, object]) -> None:
    connection.execute("SET session_replication_role = replica")
    for statement in statements:
        connection.execute(statement.encode(), values if "%(" in statement else None)
    connection.execute("SET session_replication_role = origin")
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")
