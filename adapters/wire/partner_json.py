"""JSON that a partner wrote: whatever it holds is read or refused, and nothing of it can end a run later."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from decimal import Decimal

Number = Callable[[str], str | Decimal]


def read_json(
    text: bytes | str,
    *,
    parse_float: Number | None = None,
    parse_int: Number | None = None,
    parse_constant: Callable[[str], object] | None = None,
    as_sent: bool = False,
) -> object:
    """What ``text`` (UTF-8) says, its letters in NFC. Raises ValueError for everything else, and nothing besides.

    ``as_sent``: its letters as they came, where a check sum is over them.

    Also for what is nested too deep, and for U+0000 or half a surrogate pair in a text: no table can keep those, so a
    refusal that quotes one could not be written down, and its message would be sent and asked about for ever.
    """
    decoded = text if isinstance(text, str) else text.decode("utf-8-sig")
    try:
        found: object = json.loads(decoded, parse_float=parse_float, parse_int=parse_int, parse_constant=parse_constant)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    # Only an escape can bring them: the bytes were decoded strictly, and JSON forbids bare control characters.
    if "\\u" in decoded and not all(map(_is_storable, _texts(found))):
        raise ValueError("U+0000 or half a surrogate pair in a text")
    if as_sent or (decoded.isascii() and "\\u" not in decoded):
        return found
    try:
        return _composed(found)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _composed(found: object) -> object:
    if isinstance(found, str):
        return unicodedata.normalize("NFC", found)
    if isinstance(found, list):
        return [_composed(value) for value in found]
    if isinstance(found, dict):
        return {_composed(key): _composed(value) for key, value in found.items()}
    return found


def _texts(found: object) -> Iterator[str]:
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value


def _is_storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
