"""Content may expire before the record that it existed; never while anybody may still need it."""

from __future__ import annotations

from datetime import date, datetime

from gateway.messages.store import Connection

# Of message m: whether its bytes may still be needed, for judging or sending, by a machine or by a person. What is a
# duplicate is judged on its own should its first be rejected.
NEEDED = """
(m.state IN ('stored', 'quarantined', 'parked', 'dead_lettered', 'waiting', 'sending', 'in_doubt', 'given_up')
 OR m.state = 'duplicate' AND EXISTS
    (SELECT FROM gateway.message f WHERE f.message_pk = m.duplicate_of AND f.state <> 'applied'))"""
_BODIES = f"""
DELETE FROM gateway.message_body b USING gateway.message m
 WHERE b.month < %(month)s AND m.message_pk = b.message_pk AND NOT {NEEDED} AND m.message_pk <> ALL (%(kept)s)"""  # noqa: S608 - constants
_ATTEMPTS = f"""
UPDATE gateway.attempt a SET request = NULL, reply = NULL FROM gateway.message m
 WHERE a.month < %(month)s AND m.message_pk = a.message_pk AND NOT {NEEDED} AND m.message_pk <> ALL (%(kept)s)
   AND (a.request IS NOT NULL OR a.reply IS NOT NULL)"""  # noqa: S608 - constants


def expire_bodies(
    connection: Connection, *, before: date, now: datetime, unreconciled: frozenset[int] = frozenset()
) -> int:
    """Delete the bytes of settled messages of months that ended before ``before``; how many went, which is on record.

    Failed, pending, in doubt and parked messages keep theirs, and so do those of ``unreconciled``. The record, its
    digest, signature and receipt stay.
    """
    values = {"month": before.replace(day=1), "kept": list(unreconciled)}
    with connection.transaction():
        gone = connection.execute(_BODIES.encode(), values).rowcount
        connection.execute(_ATTEMPTS.encode(), values)
        if gone:
            connection.execute(
                "INSERT INTO gateway.body_expiry (before, gone, at) VALUES (%s, %s, %s)", (values["month"], gone, now)
            )
    return gone
