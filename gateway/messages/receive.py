"""In: stored -> verify -> decode -> applied in one transaction -> receipt; or quarantined, parked, duplicate.

One bad message never blocks the others; any step may be killed and done again, and nothing is lost or doubled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.errors import GatewayError
from gateway.messages import outbox, receipts, registry, store
from gateway.messages.judging import Apply, Believed, Verdict, judge, quarantine, rejected
from gateway.messages.overlap import ahead
from gateway.messages.store import Connection, StoredMessage
from gateway.model import Incoming, Kind, MessageState, RawMessage
from gateway.ports import Clock, Reader

_REREAD = 500
_PART = 500


@dataclass(frozen=True, slots=True)
class Inbox:
    """How the messages of one partner are believed, applied and answered."""

    reader: Reader
    apply: Apply
    clock: Clock
    run_pk: int | None = None
    receipts: receipts.Issuer | None = None


@dataclass(slots=True)
class Received:
    """Counts by state, and the outbox rows that the messages caused."""

    counts: dict[str, int] = field(default_factory=dict)
    outbox_rows: int = 0

    def add(self, verdicts: Iterable[Verdict], outbox_rows: int) -> None:
        for verdict in verdicts:
            self.counts[verdict.state] = self.counts.get(verdict.state, 0) + 1
        self.outbox_rows += outbox_rows

    def merge(self, other: Received) -> None:
        """Add the counts of another piece of the same work."""
        for state, count in other.counts.items():
            self.counts[state] = self.counts.get(state, 0) + count
        self.outbox_rows += other.outbox_rows


def receive(connection: Connection, messages: Sequence[RawMessage], inbox: Inbox) -> Received:
    """Store, then process a batch. When this returns the bytes and their effects are committed: acknowledge now.

    When it raises, what was stored stays stored and ``resume`` (or a redelivery, a duplicate then) finishes it.
    """
    stored = store.store(connection, messages, now=inbox.clock.now(), run_pk=inbox.run_pk)
    return process(connection, stored, inbox)


def resume(
    connection: Connection, partner: str, inbox: Inbox, *, kind: Kind | None = None, limit: int = 10_000
) -> Received:
    """Process what an interrupted run left stored (of one kind, where told), oldest first."""
    total = Received()
    while limit > 0:
        rows = connection.execute(
            "SELECT message_pk FROM gateway.message WHERE partner = %(partner)s AND state = 'stored'"
            " AND (%(kind)s::text IS NULL OR kind = %(kind)s)"
            " ORDER BY message_pk LIMIT %(limit)s FOR UPDATE SKIP LOCKED",
            {"partner": partner, "kind": kind, "limit": min(limit, _REREAD)},
        ).fetchall()
        if not rows:
            break
        limit -= len(rows)
        done = process(connection, store.load(connection, [int(str(row[0])) for row in rows]), inbox)
        if not done.counts:
            break  # another worker holds them
        total.merge(done)
    return total


def process(connection: Connection, stored: Sequence[StoredMessage], inbox: Inbox) -> Received:
    """Verify, decode and apply stored or parked messages; then those that these set free (``parked``, or duplicates).

    Of many, each part is one transaction, and the next part is read while PostgreSQL works on this one.
    """
    report = Received()
    parts = [stored[start : start + _PART] for start in range(0, len(stored), _PART)]
    with ahead(lambda part: _read_all(part, inbox.reader), parts) as read:
        for part, (believed, verdicts) in zip(parts, read, strict=True):
            waiting = _process_once(connection, part, believed, verdicts, inbox, report)
            while waiting:
                parked = store.load(connection, waiting)
                again = _process_once(connection, parked, *_read_all(parked, inbox.reader), inbox, report)
                waiting = [pk for pk in again if pk not in set(waiting)]
    return report


def _process_once(
    connection: Connection,
    stored: Sequence[StoredMessage],
    believed: Believed,
    verdicts: Mapping[int, Verdict],
    inbox: Inbox,
    report: Received,
) -> list[int]:
    now = inbox.clock.now()
    with connection.transaction():
        mine = _lock(connection, stored)
        believed = [(item, incoming) for item, incoming in believed if item.message_pk in mine]
        verdicts = {pk: verdict for pk, verdict in verdicts.items() if pk in mine}
        registry.release(connection, rejected(verdicts))
        new, rows = judge(connection, believed, verdicts, inbox.apply)
        _write(connection, verdicts, {item.message_pk: incoming for item, incoming in believed}, now, inbox.run_pk)
        if inbox.receipts is not None:
            rows = [*rows, *receipts.issue(connection, stored, verdicts, inbox.receipts, now)]
        outbox.enqueue(connection, rows, now=now, run_pk=inbox.run_pk)
        freed = _waiting_for(connection, new, verdicts) + _reopened(connection, rejected(verdicts), now)
    report.add(verdicts.values(), len(rows))
    return freed


def _read_all(
    stored: Sequence[StoredMessage], reader: Reader
) -> tuple[list[tuple[StoredMessage, Incoming]], dict[int, Verdict]]:
    believed: list[tuple[StoredMessage, Incoming]] = []
    verdicts: dict[int, Verdict] = {}
    for item in stored:
        try:
            believed.append((item, reader.read(item.raw)))
        except GatewayError as error:
            verdicts[item.message_pk] = quarantine(error.code, error.explain())
    return believed, verdicts


def _lock(connection: Connection, stored: Sequence[StoredMessage]) -> set[int]:
    rows = connection.execute(
        "SELECT message_pk FROM gateway.message WHERE message_pk = ANY(%s) AND state IN ('stored', 'parked')"
        " ORDER BY message_pk FOR UPDATE SKIP LOCKED",
        ([item.message_pk for item in stored],),
    ).fetchall()
    return {int(str(row[0])) for row in rows}


def _write(
    connection: Connection,
    verdicts: Mapping[int, Verdict],
    incoming: Mapping[int, Incoming],
    now: datetime,
    run_pk: int | None,
) -> None:
    if not verdicts:
        return
    keys = list(verdicts)
    judged = [verdicts[key] for key in keys]
    told = [incoming.get(key) for key in keys]
    connection.execute(
        "UPDATE gateway.message m SET state = v.state, reason = v.reason, detail = v.detail, waits_for = v.waits_for,"
        " duplicate_of = v.duplicate_of, message_id = v.message_id, transaction_id = v.transaction_id,"
        " dossier_code = v.dossier_code, signer = v.signer, state_at = %s, run_pk = coalesce(%s, m.run_pk)"
        " FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[],"
        " %b::text[], %b::text[], %b::text[]) AS v (message_pk, state, reason, detail, waits_for, duplicate_of,"
        " message_id, transaction_id, dossier_code, signer)"
        " WHERE m.message_pk = v.message_pk",
        (
            now,
            run_pk,
            keys,
            [verdict.state for verdict in judged],
            [verdict.reason for verdict in judged],
            [verdict.detail[:2000] for verdict in judged],
            [verdict.waits_for for verdict in judged],
            [verdict.duplicate_of for verdict in judged],
            [one.message_id if one else None for one in told],
            [one.transaction_id if one else None for one in told],
            [one.dossier_code if one else None for one in told],
            [one.signer if one else "" for one in told],
        ),
    )


def _waiting_for(connection: Connection, new: Believed, verdicts: Mapping[int, Verdict]) -> list[int]:
    """Parked messages that what was just applied may set free."""
    codes = {
        incoming.dossier_code
        for item, incoming in new
        if incoming.dossier_code and verdicts[item.message_pk].state is MessageState.APPLIED
    }
    if not codes:
        return []
    rows = connection.execute(
        "SELECT message_pk FROM gateway.message WHERE state = 'parked' AND waits_for = ANY(%s) ORDER BY message_pk",
        (list(codes),),
    ).fetchall()
    return [int(str(row[0])) for row in rows]


def _reopened(connection: Connection, rejected: Sequence[int], now: datetime) -> list[int]:
    """Duplicates of what was parked then and is rejected now: stored again, so that each is judged on its own."""
    if not rejected:
        return []
    rows = connection.execute(
        "UPDATE gateway.message SET state = 'stored', reason = 'first-rejected', detail = 'message ' || duplicate_of,"
        " duplicate_of = NULL, state_at = %s WHERE state = 'duplicate' AND duplicate_of = ANY(%s) RETURNING message_pk",
        (now, list(rejected)),
    ).fetchall()
    return sorted(int(str(row[0])) for row in rows)
