"""What people fill in, read as the plain row that it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from gateway.errors import Malformed, Problem
from gateway.reasons.fields import case_of

Row = TypeVar("Row")


def read_as(kind: type[Row], raw: Mapping[str, object], *, code: str, where: str) -> Row:
    """``raw`` as a dataclass of fields of the same names.

    Raises Malformed ``code``, naming every field that is missing, unknown or of another kind.
    """
    fields: Mapping[str, Any] = getattr(kind, "__dataclass_fields__", {})
    problems = [Problem(where, name, "unknown", "unknown", {"field": name}) for name in sorted(set(raw) - set(fields))]
    try:
        row = TypeAdapter(kind).validate_python(dict(raw), strict=False)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)
        problems += [field_problem(one, one["loc"], where) for one in told]
    if problems:
        listed = "; ".join(f"{one.key}: {one.message}" for one in problems)
        raise Malformed(listed, code=code, where=where, action="correct these fields", case="fields", problems=problems)
    return row


def field_problem(told: Mapping[str, Any], place: Sequence[int | str], where: str = "") -> Problem:
    """What pydantic says of one field, without what was typed; ``place`` leads to the field.

    The case is pydantic's own name for the kind of error (``gateway/reasons/fields.py``), a limit is a fact.
    """
    limits = {name: value for name, value in told.get("ctx", {}).items() if isinstance(value, int)}
    key = ".".join(str(part) for part in place)
    return Problem(where, key, str(told["msg"]), case_of(str(told["type"])), {"field": tuple(place), **limits})
