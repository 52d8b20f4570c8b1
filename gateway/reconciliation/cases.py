"""What the judges work on: a day's leftovers, the halves on other days, and small words they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from gateway.reconciliation.calendar import WorkingDays
from gateway.reconciliation.outcomes import OURS_MORE, PARTNER_MORE, Outcome, Row, Suggestion
from gateway.reconciliation.rules import Rules
from gateway.reconciliation.sides import Batch, CashCount, Known, Ours, Paid, Remitted, Settled, Theirs


@dataclass(frozen=True, slots=True)
class Day:
    """What exact matching left of both sides of one day, and what helps to judge it.

    ``paid``: what the step at work is told of requests with several payments of the day. ``beside``: card payments of
    other dates that fall due together with those of this day.
    """

    role: str
    rules: Rules
    ours: Sequence[Ours]
    theirs: Sequence[Theirs]
    near_ours: Sequence[Ours] = ()
    near_theirs: Sequence[Theirs] = ()
    known: Mapping[str, Known] = field(default_factory=dict)
    remittances: Mapping[str, Remitted] = field(default_factory=dict)
    suggestions: Mapping[int, tuple[Suggestion, ...]] = field(default_factory=dict)
    near_bulk: Sequence[Theirs] = ()
    batches: Sequence[Batch] = ()
    counts: Sequence[CashCount] = ()
    waiting: frozenset[int] = frozenset()
    days: WorkingDays | None = None
    settled: Mapping[str, Settled] = field(default_factory=dict)
    paid: Mapping[str, Paid] = field(default_factory=dict)
    beside: Sequence[Batch] = ()

    @property
    def partner_more(self) -> str:
        return PARTNER_MORE[self.role]

    def after(self, on: int, working_days: int) -> int:
        """The date so many working days after ``on``; calendar days where the partner has no calendar."""
        if self.days is None:
            return on + working_days
        return _number(self.days.add(_date(on), working_days))

    def due_together(self, on: int) -> range:
        """The dates whose money is settled on the same date as that of ``on``, whatever the T+n."""
        if self.days is None:
            return range(on, on + 1)
        first, last = self.days.together(_date(on))
        return range(_number(first), _number(last) + 1)


@dataclass(slots=True)
class Verdicts:
    """The rows found so far, and what of each side is still unjudged."""

    rows: list[Row]
    ours: list[Ours]
    theirs: list[Theirs]


class Near:
    """The other half on another business date: known by reference and amount, used once, the earliest first."""

    def __init__(self, day: Day) -> None:
        self._ours: dict[tuple[str, int], list[Ours]] = defaultdict(list)
        self._theirs: dict[tuple[str, int], list[Theirs]] = defaultdict(list)
        for one in sorted(day.near_ours, key=lambda one: (one.on, one.pk), reverse=True):
            self._ours[one.reference, one.amount].append(one)
        for entry in sorted(day.near_theirs, key=lambda entry: (entry.on, entry.pk), reverse=True):
            for token in entry.tokens.split(" "):
                self._theirs[token, entry.moves].append(entry)

    def ours(self, reference: str, amount: int) -> Ours | None:
        """Our half of an entry, None where there is none."""
        found = self._ours.get((reference, amount))
        return found.pop() if found else None

    def theirs(self, reference: str, amount: int) -> Theirs | None:
        """Their half of a payment, None where there is none."""
        found = self._theirs.get((reference, amount))
        return found.pop() if found else None


def day_text(on: int) -> str:
    return f"{_date(on):%d/%m/%Y}"


def dates_text(dates: Sequence[int]) -> str:
    """Dates in their order, the month once where the next is of the same: ``20, 21, 22/11/2026``."""
    texts = [day_text(on) for on in dates]
    following = [text[2:] for text in texts[1:]]
    short = [text[:2] if text[2:] == month else text for text, month in zip(texts, following, strict=False)]
    return ", ".join([*short, *texts[-1:]])


def iso(on: int) -> str:
    """A business date as stored in JSON."""
    return _date(on).isoformat()


def _date(on: int) -> date:
    return date(1970, 1, 1) + timedelta(days=on)


def _number(on: date) -> int:
    return (on - date(1970, 1, 1)).days


def difference(day: Day, ours: int, theirs: int) -> tuple[Outcome, str]:
    if abs(theirs) < abs(ours):
        return Outcome.UNDERPAID, OURS_MORE
    return Outcome.OVERPAID, day.partner_more
