"""What a person does with a message: look, release, replay. Each act is named in the message's history.

Release and replay use the original bytes, byte for byte, and pressing twice acts once. That people set a message aside
is told with it (``gateway.application.messages`` does that: it is no step of the message).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

import psycopg
from psycopg.rows import dict_row

from gateway.errors import Conflict, Forbidden, NotFound
from gateway.masking import masked_text
from gateway.messages.store import Connection

_RELEASABLE = ("quarantined", "dead_lettered", "parked")


@contextmanager
def _acting(connection: Connection, actor: str, message_pk: int, why: str) -> Iterator[None]:
    """A transaction in somebody's name, with a reason: Conflict ``reason-missing``.

    The schema knows who is of operations: Forbidden ``act-not-allowed``.
    """
    if not why.strip():
        raise Conflict("an act needs a reason", code="reason-missing", where=f"message {message_pk}", action="say why")
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('gateway.actor', %s, true)", (actor,))
            yield
            connection.execute("SELECT set_config('gateway.actor', '', true)")
    except psycopg.errors.CheckViolation as error:
        if error.diag.constraint_name != "message_by_ops":
            raise
        raise Forbidden(
            error.diag.message_primary or "not allowed",
            code="act-not-allowed",
            where=f"message {message_pk}",
            action="ask somebody who is ops",
        ) from error


def release(connection: Connection, message_pks: Iterable[int], *, actor: str, why: str, now: datetime) -> None:
    """Put quarantined, dead-lettered or parked messages back to *stored*; the next run judges them again.

    All of them or none. Raises NotFound ``message-unknown``, Conflict ``message-not-releasable``, ``reason-missing``,
    Forbidden ``act-not-allowed``.
    """
    with connection.transaction():
        for message_pk in sorted(set(message_pks)):  # in one order: two people who name the same ones wait, and no more
            _release(connection, message_pk, actor=actor, why=why, now=now)


def _release(connection: Connection, message_pk: int, *, actor: str, why: str, now: datetime) -> None:
    with _acting(connection, actor, message_pk, why):
        state = _state(connection, message_pk)
        if state not in _RELEASABLE:
            raise Conflict(
                f"it is {state}; only {', '.join(_RELEASABLE)} messages are released",
                code="message-not-releasable",
                where=f"message {message_pk}",
                action="look at it with `gateway messages show`",
            )
        connection.execute(
            "UPDATE gateway.message SET state = 'stored', waits_for = NULL, reason = 'released', detail = %s,"
            " state_at = %s WHERE message_pk = %s",
            (why, now, message_pk),
        )


def replay(connection: Connection, message_pk: int, *, actor: str, why: str, now: datetime) -> None:
    """Send a given-up message again: same id, same payload, fresh timestamp and signature.

    Raises NotFound ``message-unknown``, Conflict ``message-not-replayable``, and ``refund-not-in-doubt`` where it is
    the order of a refund that the bank refused or that a statement shows as paid: the schema knows. Raises Conflict
    ``reason-missing``, Forbidden ``act-not-allowed``, too.
    """
    try:
        _replay(connection, message_pk, actor=actor, why=why, now=now)
    except psycopg.errors.CheckViolation as error:
        raise Conflict(
            error.diag.message_primary or "the refund is not in doubt",
            code="refund-not-in-doubt",
            where=f"message {message_pk}",
            action="look at the refund; ask for a new one if its money is still to go back",
        ) from error


def _replay(connection: Connection, message_pk: int, *, actor: str, why: str, now: datetime) -> None:
    with _acting(connection, actor, message_pk, why):
        state = _state(connection, message_pk)
        if state != "given_up":
            raise Conflict(
                f"it is {state}; only given_up messages are sent again",
                code="message-not-replayable",
                where=f"message {message_pk}",
                action="an incoming message is released instead; one in doubt is settled by asking",
            )
        connection.execute(
            "UPDATE gateway.message SET state = 'waiting', attempts = 0, next_attempt_at = %s, reason = 'replayed',"
            " detail = %s, state_at = %s WHERE message_pk = %s",
            (now, why, now, message_pk),
        )


def _state(connection: Connection, message_pk: int) -> str:
    row = connection.execute(
        "SELECT state FROM gateway.message WHERE message_pk = %s FOR UPDATE", (message_pk,)
    ).fetchone()
    if row is None:
        raise NotFound("there is no such message", code="message-unknown", where=f"message {message_pk}")
    return str(row[0])


def find(
    connection: Connection,
    *,
    partner: str | None = None,
    state: str | None = None,
    dossier_code: str | None = None,
    business_on: date | None = None,
    aside: bool | None = None,
    limit: int = 50,
) -> list[dict[str, object]]:
    """Messages that fit, newest first; without their bodies. ``aside``: whether people have set them aside."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "SELECT m.message_pk, m.direction, m.partner, m.kind, m.state, m.reason, m.message_id, m.dossier_code,"
            " m.business_on, m.created_at, m.state_at, m.tries, m.next_attempt_at, m.body_size, r.dag_id, r.run_id,"
            " a.by_user AS aside_by, a.at AS aside_at, a.reason AS aside_why"
            " FROM gateway.message m LEFT JOIN gateway.run r USING (run_pk)"
            " LEFT JOIN gateway.message_aside_now a USING (message_pk)"
            " WHERE (%(partner)s::text IS NULL OR m.partner = %(partner)s)"
            " AND (%(state)s::text IS NULL OR m.state = %(state)s)"
            " AND (%(dossier)s::text IS NULL OR m.dossier_code = %(dossier)s)"
            " AND (%(day)s::date IS NULL OR m.business_on = %(day)s)"
            " AND (%(aside)s::boolean IS NULL OR (a.message_pk IS NOT NULL) = %(aside)s)"
            " ORDER BY m.message_pk DESC LIMIT %(limit)s",
            {
                "partner": partner,
                "state": state,
                "dossier": dossier_code,
                "day": business_on,
                "aside": aside,
                "limit": limit,
            },
        )
        return [{**row, "aside_why": row["aside_why"] and masked_text(row["aside_why"])} for row in cursor.fetchall()]


_COUNTED = """
SELECT reference, times, first_at, last_at FROM gateway.unreadable_answer WHERE message_pk = %s
 ORDER BY first_at, reference"""


def show(connection: Connection, message_pk: int) -> dict[str, object]:
    """Everything known of one message but its bytes: record, history, attempts, receipt. Raises NotFound.

    ``set_aside``: by whom and why; ``holds`` until its next step. ``unreadable_answers``: how often its bytes answered
    the question about a payment. Numbers that partners or people wrote are masked.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        record = cursor.execute(
            "SELECT m.*, encode(m.body_sha256, 'hex') AS sha256, r.dag_id, r.run_id, r.task_id, r.try_number,"
            " convert_from(p.receipt, 'UTF8') AS receipt"
            " FROM gateway.message m LEFT JOIN gateway.run r USING (run_pk)"
            " LEFT JOIN gateway.receipt p USING (message_pk) WHERE m.message_pk = %s",
            (message_pk,),
        ).fetchone()
        if record is None:
            raise NotFound("there is no such message", code="message-unknown", where=f"message {message_pk}")
        record.pop("body_sha256")
        record["history"] = cursor.execute(
            "SELECT from_state, to_state, reason, detail, at, actor FROM gateway.message_history"
            " WHERE message_pk = %s ORDER BY step_no",
            (message_pk,),
        ).fetchall()
        record["attempts_made"] = cursor.execute(
            "SELECT act, attempt_no, started_at, ended_at, verdict, code, detail,"
            " encode(request_sha256, 'hex') AS sha256"
            " FROM gateway.attempt WHERE message_pk = %s ORDER BY started_at, act, attempt_no",
            (message_pk,),
        ).fetchall()
        record["set_aside"] = cursor.execute(
            "SELECT by_user, at, reason, aside_pk IN (SELECT aside_pk FROM gateway.message_aside_now"
            " WHERE message_pk = %(pk)s) AS holds FROM gateway.message_aside WHERE message_pk = %(pk)s"
            " ORDER BY aside_pk",
            {"pk": message_pk},
        ).fetchall()
        record["unreadable_answers"] = cursor.execute(_COUNTED, (message_pk,)).fetchall()
        for told in (record, *record["history"], *record["attempts_made"]):
            told["detail"] = masked_text(str(told["detail"]))
        for told in record["set_aside"]:
            told["reason"] = masked_text(str(told["reason"]))
        return record
