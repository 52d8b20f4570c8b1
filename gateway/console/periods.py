"""The months and spans of days that people ask for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from gateway.errors import Malformed

LONGEST = 366
"""Days that one answer is about."""


def _first_of(value: Any) -> Any:
    return f"{value}-01" if isinstance(value, str) and len(value) == 7 else value


def _left_empty(value: object) -> object:
    return None if value == "" else value


Month = Annotated[
    date,
    BeforeValidator(_first_of),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$", "description": "A month, yyyy-MM."}),
]
"""A month as its first day; written ``yyyy-MM``, as the browser's field does."""

OptionalMonth = Annotated[Month | None, BeforeValidator(_left_empty)]
Day = Annotated[date | None, BeforeValidator(_left_empty)]


class Between(BaseModel):
    """From one day to another, both included; what is left out, the page chooses."""

    first: Day = Field(default=None, alias="from", description="The first day, yyyy-MM-dd.")
    last: Day = Field(default=None, alias="to", description="The last day, yyyy-MM-dd.")

    def days(self, today: date, back: int | None = None) -> tuple[date, date]:
        """The span: without a first day it begins ``back`` days before its end, or with its month.

        Raises Malformed ``period-invalid`` where it ends before it begins or is longer than ``LONGEST`` days.
        """
        last = self.last or (today if self.first is None else max(today, self.first))
        first = self.first or (last.replace(day=1) if back is None else last - timedelta(days=back))
        if not 0 <= (last - first).days < LONGEST:
            raise Malformed(
                f"from {first} to {last}",
                code="period-invalid",
                where="from, to",
                action=f"choose at most {LONGEST} days, the first before the last",
                facts={"first": first, "last": last, "longest": LONGEST},
            )
        return first, last


class BetweenOf(Between):
    """The same, of one partner or of all."""

    partner: str = Field(default="", description="A partner's id; empty: all partners.")


def neighbours(month: date) -> tuple[str, str]:
    """The months before and after, ``yyyy-MM``."""
    first = month.replace(day=1)
    return f"{first - timedelta(days=1):%Y-%m}", f"{first + timedelta(days=31):%Y-%m}"
