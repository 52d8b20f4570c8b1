"""JSON read strictly: UTF-8, no duplicate key, no NaN, no number with a point or an exponent, text in NFC."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass

from gateway.errors import Malformed


@dataclass(frozen=True, slots=True)
class NotWhole:
    """A number written with a point or an exponent: it fits no schema of ours, so its field gets named."""

    text: str


def parse(text: bytes, *, limit: int) -> object:
    """The value that ``text`` says; a number that is not whole becomes ``NotWhole``.

    Raises Malformed: ``message-too-large``, ``not-text-in-encoding``, ``not-json`` or ``duplicate-key``.
    """
    if len(text) > limit:
        raise Malformed(f"{len(text)} bytes, at most {limit} are taken", code="message-too-large", where="event")
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}", code="not-text-in-encoding", where="event") from error
    if not decoded.isascii():
        decoded = unicodedata.normalize("NFC", decoded)
    try:
        value: object = _DECODER.decode(decoded)
    except RecursionError as error:
        raise Malformed("nested too deeply", code="not-json", where="event") from error
    except ValueError as error:
        # JSONDecodeError tells a position; a number of thousands of digits is a plain ValueError.
        where = f"event, character {error.pos}" if isinstance(error, json.JSONDecodeError) else "event"
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "a number is too long"
        raise Malformed(reason, code="not-json", where=where) from error
    # Only an escape can bring what the decoding above excludes: a lone surrogate, U+0000, a form that is not NFC.
    return _clean(value) if "\\u" in decoded else value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # adds
        raise Malformed("a key is there twice", code="duplicate-key", where=f"event.{twice[:60]}")
    return found


def _no_constant(text: str) -> object:
    raise Malformed(f"{text} is no JSON", code="not-json", where="event")


def _clean(value: object) -> object:
    if isinstance(value, dict):
        return _unique([(str(_clean(key)), _clean(item)) for key, item in value.items()])
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if not isinstance(value, str):
        return value
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise Malformed("U+0000 or half a surrogate pair in a text", code="not-text-in-encoding", where="event")
    return unicodedata.normalize("NFC", value)


# Kept, because building one costs as much as reading a small event.
_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=NotWhole, parse_constant=_no_constant)
