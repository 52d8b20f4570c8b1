"""Files that were refused for what was not in them: unsigned, too large, locked, of a name that is none, not put away.

The partner's file stays where it is, so it is met again at every look: it is told once, and ended by the good file.
"""

from __future__ import annotations

from datetime import datetime

from gateway.messages.store import Connection
from gateway.model import Kind

UNSIGNED = "unsigned-message"
TOO_LARGE = "message-too-large"
NO_PLAIN_NAME = "path-outside-folder"
LOCKED = "file-locked"
NOT_PUT_AWAY = "file-not-put-away"


def is_told(connection: Connection, partner: str, kind: Kind, name: str, reason: str, size: int) -> bool:
    """Whether the file of that name was refused for that reason already; ``size``: how many bytes of it are kept."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM gateway.message WHERE partner = %s AND kind = %s AND transport_id = %s"
        " AND state = 'quarantined' AND reason = %s AND body_size = %s)",
        (partner, kind, name, reason, size),
    ).fetchone()
    return row is not None and row[0] is True


def is_not_put_away(connection: Connection, partner: str, kind: Kind, name: str, content_type: str) -> bool:
    """Whether this very file was taken already and stayed; ``content_type`` of its record names size and time."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM gateway.message WHERE partner = %s AND kind = %s AND transport_id = %s"
        " AND state = 'quarantined' AND reason = %s AND content_type = %s)",
        (partner, kind, name, NOT_PUT_AWAY, content_type),
    ).fetchone()
    return row is not None and row[0] is True


def end_put_away(connection: Connection, partner: str, kind: Kind, name: str, now: datetime) -> None:
    """The file was put away: what said that it stayed is a duplicate of the last that was taken under its name."""
    rows = connection.execute(
        "SELECT message_pk FROM gateway.message WHERE partner = %s AND kind = %s AND transport_id = %s"
        " AND state = 'quarantined' AND reason = %s",
        (partner, kind, name, NOT_PUT_AWAY),
    ).fetchall()
    if not rows:
        return
    with connection.transaction():
        connection.execute(
            "UPDATE gateway.message SET state = 'stored', reason = '', detail = '', state_at = %s"
            " WHERE message_pk = ANY(%s)",
            (now, [row[0] for row in rows]),
        )
        connection.execute(
            "UPDATE gateway.message m SET state = 'duplicate', duplicate_of = (SELECT max(t.message_pk)"
            " FROM gateway.message t WHERE t.partner = m.partner AND t.kind = m.kind"
            " AND t.transport_id = m.transport_id AND t.message_pk < m.message_pk AND t.body_size > 0)"
            " WHERE message_pk = ANY(%s)",
            ([row[0] for row in rows],),
        )


def end(connection: Connection, partner: str, kind: Kind, name: str, sha256: bytes, now: datetime) -> int:
    """The file came as it should be: its earlier records are duplicates of it; how many.

    One without a signature must be the same bytes; one that was too large or locked was never taken. Nothing happens
    where the file itself was not believed.
    """
    with connection.transaction():
        rows = connection.execute(
            "UPDATE gateway.message SET state = 'stored', reason = '', detail = '', state_at = %(now)s"
            " WHERE partner = %(partner)s AND kind = %(kind)s AND transport_id = %(name)s AND state = 'quarantined'"
            " AND (reason IN (%(too_large)s, %(locked)s) OR reason = %(unsigned)s AND body_sha256 = %(sha256)s)"
            " AND EXISTS (SELECT FROM gateway.message_key WHERE partner = %(partner)s AND message_id = %(id)s)"
            " RETURNING message_pk",
            {
                "partner": partner,
                "kind": kind,
                "name": name,
                "sha256": sha256,
                "id": sha256.hex(),
                "too_large": TOO_LARGE,
                "locked": LOCKED,
                "unsigned": UNSIGNED,
                "now": now,
            },
        ).fetchall()
        ended = [row[0] for row in rows]
        connection.execute(
            "UPDATE gateway.message SET state = 'duplicate', duplicate_of = (SELECT message_pk FROM"
            " gateway.message_key WHERE partner = %s AND message_id = %s) WHERE message_pk = ANY(%s)",
            (partner, sha256.hex(), ended),
        )
    return len(ended)
