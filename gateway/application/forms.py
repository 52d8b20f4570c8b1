"""What people fill in, read as the plain row that it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from gateway.errors import Malformed

Row = TypeVar("Row")


def read_as(kind: type[Row], raw: Mapping[str, object], *, code: str, where: str) -> Row:
    """``raw`` as a dataclass of fields of the same names.

    Raises Malformed ``code``, naming every field that is missing, unknown or of another kind.
    """
    fields: Mapping[str, Any] = getattr(kind, "__dataclass_fields__", {})
    problems = [f"{name}: unknown" for name in sorted(set(raw) - set(fields))]
    try:
        row = TypeAdapter(kind).validate_python(dict(raw), strict=False)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)
        problems += [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in told]
    if problems:
        raise Malformed("; ".join(problems), code=code, where=where, action="correct these fields")
    return row
