"""Days as banks abbreviate them."""

from __future__ import annotations

from datetime import date

_CENTURY_TURNS = 80


def day(text: str, seen: dict[str, date]) -> date:
    """``YYMMDD``; 80 to 99 are of the last century. 30 February is a value date of the 30/360 habit: the month's last.

    Raises ValueError for a day that does not exist.
    """
    known = seen.get(text)
    if known is None:
        year = int(text[:2])
        known = seen[text] = _existing(year + (1900 if year >= _CENTURY_TURNS else 2000), int(text[2:4]), int(text[4:]))
    return known


def _existing(year: int, month: int, number: int) -> date:
    if month == 2 and number in (29, 30):
        try:
            return date(year, 2, 29)
        except ValueError:
            return date(year, 2, 28)
    return date(year, month, number)


def day_near(text: str, other: date) -> date:
    """``MMDD`` in the year that brings it nearest to ``other``: value 31 December, booked 2 January is next year.

    Raises ValueError for a day that does not exist.
    """
    month, number = int(text[:2]), int(text[2:])
    same = _existing(other.year, month, number)
    apart = (same - other).days
    if -183 <= apart <= 183:
        return same
    return _existing(other.year + (1 if apart < 0 else -1), month, number)
