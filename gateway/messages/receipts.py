"""Receipts: the signed proof that a message was accepted, or of the reason why not.

A receipt is made once. A duplicate gets the first one again, byte for byte.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.messages.outbox import payload_bytes
from gateway.messages.store import Connection, StoredMessage
from gateway.model import EventType, Kind, MessageState, OutboxRow

_PER_EVENT = 200  # receipts told in one event: a batch costs a few messages, not one each


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs receipts (compact JWS) and names the partner that is told."""

    partner: str
    sign: Callable[[bytes], bytes]


class Judged(Protocol):
    """What became of a message, as far as its receipt tells."""

    @property
    def state(self) -> MessageState: ...
    @property
    def reason(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def duplicate_of(self) -> int | None: ...


def issue(
    connection: Connection,
    stored: Sequence[StoredMessage],
    verdicts: Mapping[int, Judged],
    issuer: Issuer,
    now: datetime,
) -> list[OutboxRow]:
    """Sign and store the receipts of a batch in its transaction; the outbox rows that tell them.

    A parked message gets its receipt when it is applied or quarantined.
    """
    final = [
        (item, verdicts[item.message_pk])
        for item in stored
        if item.message_pk in verdicts
        and verdicts[item.message_pk].state in (MessageState.APPLIED, MessageState.QUARANTINED)
    ]
    issued_at = now.isoformat()
    made = {item.message_pk: issuer.sign(_content(item, verdict, issued_at)) for item, verdict in final}
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY gateway.receipt (message_pk, receipt, issued_at) FROM STDIN") as copy,
    ):
        for item, verdict in final:
            # A quarantined message may be released later and judged again; only what is final is kept as its receipt.
            if verdict.state is MessageState.APPLIED:
                copy.write_row((item.message_pk, made[item.message_pk], issued_at))
    repeated = _first_receipts(connection, [v.duplicate_of for v in verdicts.values() if v.duplicate_of is not None])
    told = [*made.values(), *repeated]
    return [_event(issuer, told[start : start + _PER_EVENT], now) for start in range(0, len(told), _PER_EVENT)]


def _content(item: StoredMessage, verdict: Judged, issued_at: str) -> bytes:
    return payload_bytes(
        {
            "transport_id": item.raw.transport_id,
            "sha256": item.body_sha256.hex(),
            "state": verdict.state,
            "reason": verdict.reason,
            "detail": verdict.detail,
            "message": item.message_pk,
            "issued_at": issued_at,
        }
    )


def _first_receipts(connection: Connection, message_pks: Sequence[int]) -> list[bytes]:
    if not message_pks:
        return []
    rows = connection.execute(
        "SELECT r.receipt FROM unnest(%s::bigint[]) WITH ORDINALITY AS d (message_pk, place)"
        " JOIN gateway.receipt r USING (message_pk) ORDER BY d.place",
        (list(message_pks),),
    ).fetchall()
    return [row[0] for row in rows if isinstance(row[0], bytes)]


def _event(issuer: Issuer, told: Sequence[bytes], now: datetime) -> OutboxRow:
    return OutboxRow(
        partner=issuer.partner,
        kind=Kind.EVENT,
        message_id=f"receipts-{uuid.uuid4()}",
        payload={
            "type": EventType.RECEIPTS,
            "subject": "receipts",
            "occurred_at": now.isoformat(),
            "data": {"receipts": [receipt.decode("ascii") for receipt in told]},
        },
    )
