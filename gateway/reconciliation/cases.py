"""What the judges work on: a day's leftovers, the halves on other days, and small words they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from gateway.reconciliation.outcomes import OURS_MORE, PARTNER_MORE, Outcome, Row
from gateway.reconciliation.rules import Rules
from gateway.reconciliation.sides import Known, Ours, Theirs

ROLE_OF_INTERMEDIARY = "ISS"  # domain.md 4.4: the intermediary sends, we receive


@dataclass(frozen=True, slots=True)
class Day:
    """What exact matching left of both sides of one day, and what helps to judge it."""

    role: str
    rules: Rules
    ours: Sequence[Ours]
    theirs: Sequence[Theirs]
    near_ours: Sequence[Ours] = ()
    near_theirs: Sequence[Theirs] = ()
    known: Mapping[str, Known] = field(default_factory=dict)
    remittances: Mapping[str, int] = field(default_factory=dict)
    suggestions: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def partner_more(self) -> str:
        return PARTNER_MORE[self.role]


@dataclass(slots=True)
class Verdicts:
    """The rows found so far, and what of each side is still unjudged."""

    rows: list[Row]
    ours: list[Ours]
    theirs: list[Theirs]


class Near:
    """The other half on another business date: looked up by reference and amount, used once."""

    def __init__(self, day: Day) -> None:
        self.ours = self._index((one.reference, one.amount, one.on) for one in day.near_ours)
        self.theirs = self._index(
            (token, entry.moves, entry.on) for entry in day.near_theirs for token in entry.tokens.split(" ")
        )

    @staticmethod
    def _index(items: Iterable[tuple[str, int, int]]) -> dict[tuple[str, int], list[int]]:
        index: dict[tuple[str, int], list[int]] = defaultdict(list)
        for reference, amount, on in sorted(items, reverse=True):
            index[reference, amount].append(on)
        return index

    def take(self, side: dict[tuple[str, int], list[int]], reference: str, amount: int) -> int | None:
        """The business date of the other half, None where there is none."""
        days = side.get((reference, amount))
        return days.pop() if days else None


def masked(account: str) -> str:
    """Account numbers are personal: the last four digits are enough to see a difference."""
    return f"…{account[-4:]}" if account else "(không có)"


def day_text(on: int) -> str:
    return f"{date(1970, 1, 1) + timedelta(days=on):%d/%m/%Y}"


def iso(on: int) -> str:
    """A business date as stored in JSON."""
    return (date(1970, 1, 1) + timedelta(days=on)).isoformat()


def difference(day: Day, ours: int, theirs: int) -> tuple[Outcome, str]:
    if abs(theirs) < abs(ours):
        return Outcome.UNDERPAID, OURS_MORE
    return Outcome.OVERPAID, day.partner_more
