"""Content may expire before the record that it existed; never while anybody may still need it."""

from __future__ import annotations

from datetime import date

from gateway.messages.store import Connection

_NEEDED = ("stored", "quarantined", "parked", "dead_lettered", "waiting", "sending", "in_doubt", "given_up")


def expire_bodies(connection: Connection, *, before: date, unreconciled: frozenset[int] = frozenset()) -> int:
    """Delete the bytes of settled messages of months that ended before ``before``; how many went.

    Failed, pending, in doubt and parked messages keep theirs, and so do those of ``unreconciled``. The record, its
    digest, signature and receipt stay.
    """
    month = before.replace(day=1)
    gone = connection.execute(
        "DELETE FROM gateway.message_body b USING gateway.message m"
        " WHERE b.month < %s AND m.message_pk = b.message_pk AND NOT m.state = ANY(%s) AND NOT m.message_pk = ANY(%s)",
        (month, list(_NEEDED), list(unreconciled)),
    ).rowcount
    connection.execute(
        "UPDATE gateway.attempt a SET request = NULL, reply = NULL FROM gateway.message m"
        " WHERE a.month < %s AND m.message_pk = a.message_pk AND NOT m.state = ANY(%s) AND NOT m.message_pk = ANY(%s)"
        " AND (a.request IS NOT NULL OR a.reply IS NOT NULL)",
        (month, list(_NEEDED), list(unreconciled)),
    )
    return gone
