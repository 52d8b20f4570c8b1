"""Reads single values of an event's data, strictly: what is not exactly right is told, never repaired."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.errors import Malformed

# 10^15 đồng: above it a number is a mistake (and still far from overflowing a bigint sum).
LARGEST = 10**15


def text_of(data: Mapping[str, object], name: str) -> str:
    """A text, "" where absent. Raises Malformed ``event-data-invalid``."""
    value = data.get(name, "")
    if not isinstance(value, str):
        raise Malformed("this is no text", code="event-data-invalid", where=f"data.{name}")
    return value


def moment(data: Mapping[str, object], name: str) -> datetime:
    """A time with its offset. Raises Malformed ``event-data-invalid``."""
    value = data.get(name)
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Malformed("this is no ISO 8601 time with an offset", code="event-data-invalid", where=f"data.{name}")
    return at


def optional_moment(data: Mapping[str, object], name: str) -> datetime | None:
    """A time, or None where absent."""
    return moment(data, name) if data.get(name) else None


def amount_of(data: Mapping[str, object], name: str) -> int:
    """A positive whole number of đồng.

    Raises Malformed ``amount-not-whole`` (decimals, scientific notation, text) or ``amount-not-positive``.
    """
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed("an amount is a whole number of đồng", code="amount-not-whole", where=f"data.{name}")
    if not 0 < value <= LARGEST:
        raise Malformed(f"{value} đồng cannot be owed or paid", code="amount-not-positive", where=f"data.{name}")
    return value


def only_dong(data: Mapping[str, object]) -> None:
    """Raises Malformed ``currency-foreign`` where another currency than VND is named."""
    if data.get("currency", "VND") != "VND":
        raise Malformed(f"{data.get('currency')!r} is not VND", code="currency-foreign", where="data.currency")
