"""The two keys of an incoming message: its id, and the business transaction it tells of.

Registering and learning whether it is new is one INSERT on a unique key. Only believed messages hold a key: one that
is quarantined gives it back, so that its correction is welcome.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.messages.store import Connection, StoredMessage
from gateway.model import Incoming


@dataclass(frozen=True, slots=True)
class Known:
    """It is a duplicate of ``of``, or, with a ``reason``, contradicts it."""

    of: int
    reason: str = ""
    detail: str = ""


def content_digest(stored: StoredMessage, incoming: Incoming) -> bytes:
    """SHA-256 of what the sender said.

    A resend may carry a fresh timestamp and signature around the same content, so the signed content is compared
    where the reader tells it, and the whole bytes where it doesn't.
    """
    return hashlib.sha256(incoming.signed_content).digest() if incoming.signed_content else stored.body_sha256


def register_ids(connection: Connection, messages: Sequence[tuple[StoredMessage, Incoming]]) -> dict[int, Known]:
    """Claim the message ids; the messages whose id was claimed before, by their key.

    A message that holds its id already (parked, now tried again) is not among them.
    """
    if not messages:
        return {}
    columns = (
        [stored.raw.partner for stored, _ in messages],
        [incoming.message_id for _, incoming in messages],
        [stored.message_pk for stored, _ in messages],
        [content_digest(stored, incoming) for stored, incoming in messages],
    )
    fresh = connection.execute(
        "INSERT INTO gateway.message_key (partner, message_id, message_pk, content_sha256)"
        " SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::bytea[])"
        " ON CONFLICT (partner, message_id) DO NOTHING RETURNING message_pk",
        columns,
    ).fetchall()
    new = {int(str(row[0])) for row in fresh}
    seen = [
        (stored, incoming, digest)
        for (stored, incoming), digest in zip(messages, columns[3], strict=True)
        if stored.message_pk not in new
    ]
    if not seen:
        return {}
    holders = {
        (str(partner), str(message_id)): (int(str(pk)), digest)
        for partner, message_id, pk, digest in connection.execute(
            "SELECT partner, message_id, message_pk, content_sha256 FROM gateway.message_key"
            " WHERE (partner, message_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
            ([stored.raw.partner for stored, _, _ in seen], [incoming.message_id for _, incoming, _ in seen]),
        ).fetchall()
    }
    known = {}
    for stored, incoming, digest in seen:
        holder, first_digest = holders[(stored.raw.partner, incoming.message_id)]
        if holder == stored.message_pk:
            continue
        if digest == first_digest:
            known[stored.message_pk] = Known(of=holder)
        else:
            known[stored.message_pk] = Known(
                of=holder,
                reason="id-reused",
                detail=f"the id {incoming.message_id} was used by message {holder} for other content",
            )
    return known


def register_transactions(
    connection: Connection, messages: Sequence[tuple[StoredMessage, Incoming]]
) -> dict[int, Known]:
    """Claim the business transactions of messages that tell one; those told before, by their key."""
    telling = [(stored, incoming) for stored, incoming in messages if incoming.transaction_id]
    if not telling:
        return {}
    fresh = connection.execute(
        "INSERT INTO gateway.business_transaction (partner, kind, transaction_id, message_pk, fingerprint)"
        " SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[])"
        " ON CONFLICT (partner, kind, transaction_id) DO NOTHING RETURNING message_pk",
        (
            [stored.raw.partner for stored, _ in telling],
            [str(incoming.kind) for _, incoming in telling],
            [incoming.transaction_id for _, incoming in telling],
            [stored.message_pk for stored, _ in telling],
            [incoming.fingerprint for _, incoming in telling],
        ),
    ).fetchall()
    new = {int(str(row[0])) for row in fresh}
    known = {}
    for stored, incoming in telling:
        if stored.message_pk in new:
            continue
        row = connection.execute(
            "SELECT message_pk, fingerprint FROM gateway.business_transaction"
            " WHERE partner = %s AND kind = %s AND transaction_id = %s",
            (stored.raw.partner, str(incoming.kind), incoming.transaction_id),
        ).fetchone()
        assert row is not None  # the INSERT just met it
        holder, fingerprint = int(str(row[0])), str(row[1])
        if holder == stored.message_pk:
            continue
        if fingerprint == incoming.fingerprint:
            known[stored.message_pk] = Known(of=holder)
        else:
            known[stored.message_pk] = Known(
                of=holder,
                reason="transaction-conflict",
                detail=f"transaction {incoming.transaction_id} was told by message {holder} as {fingerprint},"
                f" now as {incoming.fingerprint}",
            )
    return known


def release(connection: Connection, message_pks: Sequence[int]) -> None:
    """Give back the keys of messages that turned out bad."""
    if message_pks:
        keys = (list(message_pks),)
        connection.execute("DELETE FROM gateway.message_key WHERE message_pk = ANY(%s)", keys)
        connection.execute("DELETE FROM gateway.business_transaction WHERE message_pk = ANY(%s)", keys)
