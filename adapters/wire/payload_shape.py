"""Whether a stored payload has the shape that ``gateway.payloads`` promises, before it is put in a partner's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

from gateway.errors import Malformed


def require_shape(payload: Mapping[str, object], shape: type) -> None:
    """Raises Malformed (``payload-incomplete``) for a missing field, a text that is none or a word not agreed on.

    ``shape`` is a TypedDict. Amounts are left to the codecs, which have a better word for what is wrong with them.
    """
    problem = _problem(payload, shape, "")
    if problem:
        raise Malformed(
            problem,
            code="payload-incomplete",
            where=shape.__name__,
            action="report it to the maintainers: the message was made incomplete",
        )


def _problem(value: object, wanted: Any, place: str) -> str:
    if is_typeddict(wanted):
        return _record_problem(value, wanted, place)
    if get_origin(wanted) is list:
        if not isinstance(value, list):
            return f"{place} is no list"
        (each,) = get_args(wanted)
        return next(filter(None, (_problem(item, each, place) for item in value)), "")
    if get_origin(wanted) is Literal and value not in get_args(wanted):
        return f"{place} is none of {', '.join(map(str, get_args(wanted)))}"
    if wanted is str and not isinstance(value, str):
        return f"{place} is no text"
    return ""


def _record_problem(value: object, wanted: Any, place: str) -> str:
    if not isinstance(value, Mapping):
        return f"{place or 'the payload'} is no record"
    missing = sorted(wanted.__required_keys__ - value.keys())
    if missing:
        return f"{', '.join(missing)} missing" + (f" in {place}" if place else "")
    hints = get_type_hints(wanted)
    found = (_problem(value[name], hints[name], f"{place}.{name}".lstrip(".")) for name in hints if name in value)
    return next(filter(None, found), "")
