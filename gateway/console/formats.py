"""Numbers, dates and times as people in Viet Nam write them, in both languages of the pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from gateway.collation import vi_key
from gateway.model import VIETNAM

NOTHING = "–"


def number(value: int | None) -> str:
    """``1234567`` -> ``1.234.567``."""
    return NOTHING if value is None else f"{value:,}".replace(",", ".")


def dong(amount: int | None) -> str:
    """``-1234567`` -> ``-1.234.567 đ`` with a space that never breaks."""
    return NOTHING if amount is None else f"{number(amount)}\N{NO-BREAK SPACE}đ"


def signed(amount: int) -> str:
    """A difference: as ``dong`` with its sign, nothing for zero."""
    return f"+{dong(amount)}" if amount > 0 else dong(amount)


def typed_number(text: str) -> str:
    """What a person typed as a number: ``1.234.567 đ`` or ``1 234 567`` -> ``1234567``; anything else as it is."""
    bare = text.removesuffix("đ").strip()
    return re.sub(r"[.\s]", "", bare) if re.fullmatch(r"\d{1,3}([.\s]\d{3})+", bare) else bare


def day(value: date | None) -> str:
    """``dd/MM/yyyy``; of a moment its day in Asia/Ho_Chi_Minh."""
    if isinstance(value, datetime):
        value = value.astimezone(VIETNAM)
    return NOTHING if value is None else f"{value:%d/%m/%Y}"


def moment(value: datetime | None) -> str:
    """``HH:mm dd/MM/yyyy`` in Asia/Ho_Chi_Minh."""
    return NOTHING if value is None else f"{value.astimezone(VIETNAM):%H:%M %d/%m/%Y}"


def short(digest: str) -> str:
    """The first twelve digits of a digest; the page gives the whole as a title."""
    return digest[:12]


def told(value: object) -> str:
    """One side's value of a field: đồng where it is a whole number, dates and times as above, else its text."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int):
        return dong(value)
    return str(value) if value else NOTHING


def by_name(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Id and name, in the alphabet's order of the names."""
    return sorted(names.items(), key=lambda one: (vi_key(one[1]), one[0]))
