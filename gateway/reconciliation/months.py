"""What a month carries: brought in + new - solved = carried out, in count and in amount. Order does not matter.

An *item* is a row of a day that is not explained yet: a break, or money that waits (chờ kết luận). Money that the two
sides book on two days is one item, the earlier half; the later half solves it and is counted nowhere else. Money that
people moved to another day stays one item, too: that day solves it, or has it still.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from gateway.reconciliation.outcomes import BREAKS, Outcome

ITEMS = BREAKS | {Outcome.PENDING}
"""Outcomes that a month carries until they are solved."""

SOLVING = frozenset({"accept", "link", "attribute", "refund", "write_off"})
"""Decisions that end an item. A question to the partner leaves it open, a move until the other day ends it; to accept
money that nothing explains says that it is understood, and leaves it open, too."""

COUNTERPART, CORRECTION, MOVED = "counterpart", "correction", "moved"

Key = tuple[date, str]


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a day. Amounts are signed đồng of that day alone."""

    business_on: date
    row_key: str
    outcome: str
    reference: str
    our_amount: int
    their_amount: int
    at_stake: int | None = None
    """None in months that were closed before it was kept."""

    @property
    def key(self) -> Key:
        return (self.business_on, self.row_key)

    @property
    def amount(self) -> int:
        """The money in question: the difference, or all of it where the amounts agree and something else does not."""
        if self.at_stake is not None:
            return self.at_stake
        gap = abs(self.our_amount - self.their_amount)
        return gap or abs(self.our_amount)


@dataclass(frozen=True, slots=True)
class Tally:
    """So many items, of so much money."""

    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Carried:
    """An item in a month. ``origin``: brought_in or new; ``fate``: solved, carried, or half (counted nowhere).

    ``how`` is the decision that solved it, ``counterpart`` (its other half came, on ``other``), ``correction`` (a
    newer version of its day no longer has it) or ``moved`` (explained on the day that it was moved to, or part of
    another item there). A half of ``how`` ``moved`` is the very money of the item ``other``.
    """

    item: Item
    origin: str
    fate: str
    how: str = ""
    other: Key | None = None


@dataclass(frozen=True, slots=True)
class Roll:
    """A month's items, by day and key."""

    items: tuple[Carried, ...]

    def tally(self, *, origin: str | None = None, fate: str | None = None) -> Tally:
        """The items (no halves) of that origin and fate."""
        found = [
            one.item.amount
            for one in self.items
            if one.fate != "half" and origin in (None, one.origin) and fate in (None, one.fate)
        ]
        return Tally(len(found), sum(found))


@dataclass(frozen=True, slots=True)
class Landing:
    """Where the money of a moved item stands on the other day: in ``rows`` that are not explained there.

    ``same``: in one row, which is about this money and no other.
    """

    rows: tuple[Key, ...]
    same: bool


@dataclass(frozen=True, slots=True)
class Month:
    """What a month's items are judged from.

    ``brought``: carried out of the month before. ``rows``: rows of this month's days, and those of older days that a
    correction added. ``standing``: keys that the current version of their day still has. ``decided``: key -> decision
    in force. ``earlier``: items that older months solved, whose other half may come now. ``moved``: keys whose money
    was moved to a day up to the end of this month, and that day was judged with it.
    """

    brought: Sequence[Item]
    rows: Sequence[Item]
    standing: Collection[Key]
    decided: Mapping[Key, str]
    earlier: Sequence[Item] = ()
    moved: Mapping[Key, Landing] = field(default_factory=dict)


def roll(month: Month) -> Roll:
    """Every brought and new item with what became of it."""
    brought = {item.key: item for item in month.brought}
    again = {landing.rows[0]: first for first, landing in month.moved.items() if landing.same}
    mine = sorted((item for item in month.rows if item.key not in brought), key=lambda item: item.key)
    rows = [item for item in mine if item.key not in again]
    halves = _halves([*month.brought, *month.earlier], rows)
    solved_by = {first: second for second, first in halves.items()}
    found = [
        Carried(item, "new", "half", COUNTERPART, halves[item.key])
        for item in rows
        if item.key in halves and item.outcome in ITEMS
    ]
    found += [Carried(item, "new", "half", MOVED, again[item.key]) for item in mine if item.key in again]
    counted = [(item, "brought_in") for item in brought.values()]
    counted += [(item, "new") for item in rows if item.key not in halves and item.outcome in ITEMS]
    for item, origin in counted:
        if item.key in solved_by:
            found.append(Carried(item, origin, "solved", COUNTERPART, solved_by[item.key]))
        else:
            how = _ended_by(month, item.key)
            found.append(Carried(item, origin, "solved" if how else "carried", how))
    return Roll(tuple(sorted(found, key=lambda one: one.item.key)))


def _ended_by(month: Month, key: Key) -> str:
    """What ended an item: a decision about it, or about the row that it is on the day to which it was moved last."""
    while (landing := month.moved.get(key)) is not None and landing.same:
        key = landing.rows[0]
    if landing is not None:
        return MOVED
    kind = month.decided.get(key, "")
    if kind in SOLVING:
        return kind
    return "" if key in month.standing else CORRECTION


def _halves(before: Iterable[Item], rows: Iterable[Item]) -> dict[Key, Key]:
    """The later half -> the earlier one: same reference, two days, and together both sides agree."""
    waiting: dict[str, list[Item]] = defaultdict(list)
    for item in sorted(before, key=lambda one: one.key):
        _wait(waiting, item)
    halves: dict[Key, Key] = {}
    for item in rows:
        first = (
            next((one for one in waiting[item.reference] if _completes(one, item)), None) if item.reference else None
        )
        if first is None:
            _wait(waiting, item)
        else:
            waiting[item.reference].remove(first)
            halves[item.key] = first.key
    return halves


def _wait(waiting: dict[str, list[Item]], item: Item) -> None:
    if item.reference and item.our_amount != item.their_amount and item.outcome in ITEMS:
        waiting[item.reference].append(item)


def _completes(first: Item, second: Item) -> bool:
    ours, theirs = first.our_amount + second.our_amount, first.their_amount + second.their_amount
    return first.business_on != second.business_on and ours == theirs and second.our_amount != second.their_amount
