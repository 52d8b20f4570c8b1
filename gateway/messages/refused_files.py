"""Files that were refused for what was not in them: without their signature, too large, or of a name that is none.

The partner's file stays where it is, so it is met again at every look: it is told once, and ended by the good file.
"""

from __future__ import annotations

from datetime import datetime

from gateway.messages.store import Connection
from gateway.model import Kind

UNSIGNED = "unsigned-message"
TOO_LARGE = "message-too-large"
NO_PLAIN_NAME = "path-outside-folder"


def is_told(connection: Connection, partner: str, kind: Kind, name: str, reason: str, size: int) -> bool:
    """Whether the file of that name was refused for that reason already; ``size``: how many bytes of it are kept."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM gateway.message WHERE partner = %s AND kind = %s AND transport_id = %s"
        " AND state = 'quarantined' AND reason = %s AND body_size = %s)",
        (partner, kind, name, reason, size),
    ).fetchone()
    return row is not None and row[0] is True


def end(connection: Connection, partner: str, kind: Kind, name: str, sha256: bytes, now: datetime) -> int:
    """The file came as it should be: its earlier records are duplicates of it; how many.

    One without a signature must be the same bytes; one that was too large was never taken. Nothing happens where the
    file itself was not believed.
    """
    with connection.transaction():
        rows = connection.execute(
            "UPDATE gateway.message SET state = 'stored', reason = '', detail = '', state_at = %(now)s"
            " WHERE partner = %(partner)s AND kind = %(kind)s AND transport_id = %(name)s AND state = 'quarantined'"
            " AND (reason = %(too_large)s OR reason = %(unsigned)s AND body_sha256 = %(sha256)s)"
            " AND EXISTS (SELECT FROM gateway.message_key WHERE partner = %(partner)s AND message_id = %(id)s)"
            " RETURNING message_pk",
            {
                "partner": partner,
                "kind": kind,
                "name": name,
                "sha256": sha256,
                "id": sha256.hex(),
                "too_large": TOO_LARGE,
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
