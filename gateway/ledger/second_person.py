"""The second pair of eyes on what people record: how the schema's refusals are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from gateway.errors import Conflict, Forbidden


@contextmanager
def second_person(where: str, by: str) -> Iterator[None]:
    """Tells what the schema refuses to ``by``: Forbidden ``same-person`` or ``act-not-allowed``."""
    try:
        yield
    except psycopg.errors.CheckViolation as error:
        name = error.diag.constraint_name or ""
        if name.endswith(("_two_people", "_cancelled_by_two")):
            raise Forbidden(
                "the person who recorded it cannot be the second one",
                code="same-person",
                where=where,
                action="ask another person who is finance_checker",
                case="record",
                facts={"user": by},
            ) from error
        if name in ("confirmed_by_checker", "cancelled_by_role"):
            raise Forbidden(
                error.diag.message_primary or "not allowed",
                code="act-not-allowed",
                where=where,
                action="ask somebody who is finance_checker",
                facts={"user": by, "act": "confirm_record", "roles": ["finance_checker"]},
            ) from error
        raise


def confirmed_already(where: str) -> Conflict:
    """Somebody else was quicker."""
    return Conflict(
        "it was confirmed already",
        code="confirmed-already",
        where=where,
        action="look at it again; nothing is to be done",
    )
