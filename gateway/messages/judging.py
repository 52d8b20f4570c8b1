"""What believed messages become: admitted by their two keys and their freshness, applied, or told apart.

One that cannot be applied blocks no other, and holds no key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from gateway.errors import GatewayError
from gateway.messages import registry
from gateway.messages.store import Connection, StoredMessage
from gateway.model import Applied, Disposition, Incoming, MessageState, OutboxRow

Believed = Sequence[tuple[StoredMessage, Incoming]]

Apply = Callable[[Connection, Believed], tuple[Sequence[Applied], Sequence[OutboxRow]]]
"""Makes the business change of believed, new messages inside the caller's transaction: one Applied each, in order."""

_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one message."""

    state: MessageState
    reason: str = ""
    detail: str = ""
    waits_for: str | None = None
    duplicate_of: int | None = None


def judge(
    connection: Connection, believed: Believed, verdicts: dict[int, Verdict], apply: Apply
) -> tuple[list[tuple[StoredMessage, Incoming]], list[OutboxRow]]:
    """Admit and apply in order. What was told apart from a message that is then rejected is judged again without it.

    A rejected message holds no key, so its correction in the same part is neither its duplicate nor its conflict. Only
    then is the part judged in two pieces, the rejected message in the first, so that the order stays.
    """
    new: list[tuple[StoredMessage, Incoming]] = []
    rows: list[OutboxRow] = []
    pieces = [list(believed)]
    while pieces:
        piece = pieces.pop(0)
        halves: list[list[tuple[StoredMessage, Incoming]]] = []
        with connection.transaction():
            judged: dict[int, Verdict] = {}
            firsts: dict[int, int] = {}
            admitted = _admit(connection, piece, judged, firsts)
            caused = _apply(connection, admitted, apply, judged)
            halves = _halves(piece, firsts, judged)
            if halves:
                raise psycopg.Rollback
            registry.release(connection, rejected(judged))
        if halves:
            pieces[:0] = halves
            continue
        verdicts.update(judged)
        new += admitted
        rows += caused
    return new, rows


def _halves(
    piece: list[tuple[StoredMessage, Incoming]], firsts: Mapping[int, int], judged: Mapping[int, Verdict]
) -> list[list[tuple[StoredMessage, Incoming]]]:
    """Where to cut, so that a message comes after the rejected one whose key it found taken; empty where none did."""
    bad = set(rejected(judged))
    if not any(first in bad for first in firsts.values()):
        return []
    places = {item.message_pk: place for place, (item, _) in enumerate(piece)}
    again = {pk for pk, first in firsts.items() if first in bad}
    follower = min(again, key=lambda pk: places[pk])
    # A message that was released may come before the one that holds its key: it goes behind it.
    cut = max(places[follower], places[firsts[follower]] + 1)
    before = [one for one in piece[:cut] if one[0].message_pk not in again]
    return [before, [one for one in piece[:cut] if one[0].message_pk in again] + piece[cut:]]


def rejected(verdicts: Mapping[int, Verdict]) -> list[int]:
    """Those that hold no key any more."""
    return [pk for pk, verdict in verdicts.items() if verdict.state is MessageState.QUARANTINED]


def _admit(
    connection: Connection, believed: Believed, verdicts: dict[int, Verdict], firsts: dict[int, int]
) -> list[tuple[StoredMessage, Incoming]]:
    """The new ones; ``firsts``: who holds the key of the others.

    The look-up of duplicates comes before freshness: a late resend is still a duplicate.
    """
    new: Believed = believed
    for look_up in (registry.register_ids, registry.register_transactions):
        known = look_up(connection, new)
        firsts.update((pk, first.of) for pk, first in known.items())
        new = _without(new, known, verdicts)
    stale = {
        item.message_pk: verdict
        for item, incoming in new
        if item.received_at is not None and (verdict := _staleness(incoming, item.received_at)) is not None
    }
    verdicts.update(stale)
    return [(item, incoming) for item, incoming in new if item.message_pk not in stale]


def _without(
    messages: Believed, known: Mapping[int, registry.Known], verdicts: dict[int, Verdict]
) -> list[tuple[StoredMessage, Incoming]]:
    for pk, first in known.items():
        verdicts[pk] = (
            quarantine(first.reason, first.detail)
            if first.reason
            else Verdict(MessageState.DUPLICATE, duplicate_of=first.of)
        )
    return [(item, incoming) for item, incoming in messages if item.message_pk not in known]


def _staleness(incoming: Incoming, received_at: datetime) -> Verdict | None:
    """As of when it came: it may be judged much later, because a run was killed or a person released it."""
    if incoming.expires_at is not None and received_at > incoming.expires_at + _SKEW:
        return quarantine("stale-timestamp", f"it expired at {incoming.expires_at.isoformat()}")
    if incoming.expires_at is not None and incoming.sent_at is not None and incoming.sent_at > received_at + _SKEW:
        return quarantine("future-timestamp", f"it says it was made at {incoming.sent_at.isoformat()}")
    return None


def _apply(connection: Connection, new: Believed, apply: Apply, verdicts: dict[int, Verdict]) -> Sequence[OutboxRow]:
    if not new:
        return []
    try:
        with connection.transaction():
            outcomes, rows = apply(connection, new)
            verdicts.update(
                (item.message_pk, _verdict(applied)) for (item, _), applied in zip(new, outcomes, strict=True)
            )
            return rows
    except psycopg.OperationalError:
        raise
    except (GatewayError, psycopg.Error) as error:
        if len(new) == 1:
            verdicts[new[0][0].message_pk] = _not_applicable(error)
            return []
    # One of them cannot be applied: find it, so that it blocks no other.
    rows = []
    for one in new:
        rows.extend(_apply(connection, [one], apply, verdicts))
    return rows


def _verdict(applied: Applied) -> Verdict:
    return Verdict(
        MessageState(applied.disposition),
        applied.reason,
        applied.detail,
        waits_for=applied.waits_for if applied.disposition is Disposition.PARKED else None,
    )


def _not_applicable(error: GatewayError | psycopg.Error) -> Verdict:
    if isinstance(error, GatewayError):
        return quarantine(error.code, error.explain())
    name = error.diag.constraint_name or type(error).__name__
    return quarantine("breaks-a-constraint", f"the schema refuses it: {name}")


def quarantine(reason: str, detail: str) -> Verdict:
    """Not believed, not understood or not applicable: a person looks."""
    return Verdict(MessageState.QUARANTINED, reason, detail)
