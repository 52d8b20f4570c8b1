"""Pages of a feed that could not be read: the partner gives the same bytes at every run, so they are kept once.

A page is asked for again as long as the cursor stands before it; the page that moves the cursor ends what was refused.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from gateway.messages.store import Connection
from gateway.model import RawMessage


def is_kept(connection: Connection, page: RawMessage) -> bool:
    """Whether these bytes, in answer to the same cursor, are in quarantine already."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM gateway.message WHERE partner = %s AND kind = %s AND transport_id = %s"
        " AND state = 'quarantined' AND body_sha256 = %s)",
        (page.partner, page.kind, page.transport_id, hashlib.sha256(page.body).digest()),
    ).fetchone()
    return row is not None and row[0] is True


def end(connection: Connection, page: RawMessage, message_pk: int, now: datetime) -> int:
    """``page`` was read and moved the cursor: what was refused before it is a duplicate of ``message_pk``; how many."""
    rows = connection.execute(
        "UPDATE gateway.message SET state = 'stored', reason = '', detail = '', state_at = %s"
        " WHERE partner = %s AND kind = %s AND transport_id = %s AND state = 'quarantined' RETURNING message_pk",
        (now, page.partner, page.kind, page.transport_id),
    ).fetchall()
    ended = [row[0] for row in rows]
    connection.execute(
        "UPDATE gateway.message SET state = 'duplicate', duplicate_of = %s WHERE message_pk = ANY(%s)",
        (message_pk, ended),
    )
    return len(ended)
