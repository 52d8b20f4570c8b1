"""What people do about messages that wait for them and need nothing more: set them aside.

Release and replay are work of machines that people ask for (``bootstrap.Gateway``); this one changes no message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

import psycopg

from gateway.application.access import Act, Person
from gateway.application.break_effects import require_reason
from gateway.application.desk import Desk
from gateway.errors import Conflict, NotFound
from gateway.ledger.role_refusals import by_role
from gateway.model import VIETNAM


def set_aside(desk: Desk, person: Person, message_pks: Iterable[int], *, reason: str) -> None:
    """Nobody is asked about these messages any more until they take another step; all of them, or none.

    Raises Forbidden ``act-not-allowed``; NotFound ``message-unknown``; Conflict ``reason-missing``,
    ``message-awaits-nobody``, ``message-money-open``, ``message-set-aside-already``.
    """
    person.require(Act.ACT_ON_MESSAGE)
    numbers = list(dict.fromkeys(message_pks))
    require_reason(reason, "message " + ", ".join(map(str, numbers)))
    with desk.connection.transaction():
        for message_pk in numbers:
            _set_aside(desk, person, message_pk, reason.strip())


def _set_aside(desk: Desk, person: Person, message_pk: int, reason: str) -> None:
    where = f"message {message_pk}"
    try:
        # Of its own, so that after a refusal it can still be said how the message stands.
        with by_role(where, "message_aside_by_ops", "ask somebody who is ops"), desk.connection.transaction():
            desk.connection.execute(
                "INSERT INTO gateway.message_aside (message_pk, by_user, at, reason) VALUES (%s, %s, %s, %s)",
                (message_pk, person.user, desk.clock.now(), reason),
            )
    except psycopg.errors.ForeignKeyViolation as error:
        raise NotFound(
            "there is no such message",
            code="message-unknown",
            where=where,
            action="look for it with `gateway messages list`",
            facts={"message": message_pk},
        ) from error
    except psycopg.errors.UniqueViolation as error:
        raise _known(desk, message_pk) from error
    except psycopg.errors.CheckViolation as error:
        rule = error.diag.constraint_name
        if rule == "message_aside_waits":
            raise _awaits_nobody(desk, message_pk) from error
        if rule not in _MONEY:
            raise
        raise Conflict(
            error.diag.message_primary or "its money is not known",
            code="message-money-open",
            where=where,
            action=_MONEY[rule],
            case="booked" if rule == "message_aside_booked" else "paid",
            facts={"message": message_pk},
        ) from error


_MONEY: Mapping[str | None, str] = MappingProxyType(
    {
        "message_aside_booked": "get the dossier from the dossier system: then it is applied by itself",
        "message_aside_paid": "ask the bank in writing; once the refund has ended its order may be set aside",
    }
)
"""Rule of the schema about money -> what to do."""


def _awaits_nobody(desk: Desk, message_pk: int) -> Conflict:
    state = desk.connection.execute(
        "SELECT state FROM gateway.message WHERE message_pk = %s", (message_pk,)
    ).fetchone() or ("",)
    return Conflict(
        f"it is {state[0]}",
        code="message-awaits-nobody",
        where=f"message {message_pk}",
        action="only quarantined, dead-lettered, given-up and parked messages are set aside",
        facts={"message": message_pk, "state": state[0]},
    )


def _known(desk: Desk, message_pk: int) -> Conflict:
    by, at = desk.connection.execute(
        "SELECT by_user, at FROM gateway.message_aside WHERE message_pk = %s ORDER BY aside_pk DESC LIMIT 1",
        (message_pk,),
    ).fetchone() or ("", desk.clock.now())
    assert isinstance(at, datetime)
    return Conflict(
        f"{by} set it aside already, {at.astimezone(VIETNAM):%Y-%m-%d %H:%M} in Vietnam",
        code="message-set-aside-already",
        where=f"message {message_pk}",
        action="nothing; its reason: `gateway messages show`",
        facts={"message": message_pk, "user": by, "at": at},
    )
