"""Whole batches: what one terminal, all terminals of an account or an intermediary took, which one credit may settle.

Payments run every day, settlement does not: what was paid on a working day and on the days off after it falls due
together, whatever the T+n. So a batch is of one date, or of all that is unsettled of the dates that fall due together;
never a choice of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.reconciliation import settled
from gateway.reconciliation.cases import Day, dates_text, day_text
from gateway.reconciliation.rules import folded, stands_in
from gateway.reconciliation.sides import Ours, Theirs

ALL_TERMINALS = "pos:"


@dataclass(frozen=True, slots=True)
class Batch:
    """Payments of this day (``members``), or money of another day or partner that is judged there (no members).

    ``on``: its last date. ``parts``: what of one terminal and date it is made of, where it is of several; ``run``: the
    dates that fall due together, where it is of several of them.
    """

    key: str
    on: int
    account: str
    total: int
    count: int
    members: tuple[Ours, ...] = ()
    parts: tuple[Batch, ...] = ()
    run: range = range(0)

    @property
    def name(self) -> str:
        """As people read it."""
        dates = sorted({part.on for part in self.parts}) or [self.on]
        when = f"ngày {day_text(self.on)}" if len(dates) == 1 else f"các ngày {dates_text(dates)}"
        return f"{self._whose} {when}, {self.count} giao dịch"

    @property
    def _whose(self) -> str:
        if not self.key.startswith(ALL_TERMINALS):
            return self.key
        several = len({part.key for part in self.parts}) > 1
        return "tất cả máy POS" if several else f"máy POS {self.key.removeprefix(ALL_TERMINALS)}".rstrip()

    @property
    def settles(self) -> tuple[str, ...]:
        """By what other days know that it is settled; a batch of this day's own payments is known by them."""
        if self.parts:
            return tuple(what for part in self.parts for what in part.settles)
        return () if self.members else (settled.of_date(self.key, day_text(self.on)),)

    @property
    def money(self) -> frozenset[object]:
        """What no two credits may settle; a terminal's payments are also in the batch of all terminals."""
        if self.parts:
            return frozenset(one for part in self.parts for one in part.money)
        return frozenset(one.pk for one in self.members) or frozenset([self])

    def is_named_in(self, text: str) -> bool:
        """Whether the folded text of an entry names the terminal or the partner, as a whole word."""
        return stands_in(text, folded(self.key.removeprefix(ALL_TERMINALS)))

    def dates_in(self, text: str) -> int:
        """How many of its dates the text names; of several dates two at least, as a span does, or none."""
        named = sum(any(word in text for word in _words(on)) for on in self.run or (self.on,))
        return named if named > 1 or not self.run else 0

    def may_come(self, on: int, back: int) -> bool:
        """Whether a credit of that date can be it: not before all of it is there, nor where a part is out of sight."""
        if not self.run:
            return self.on <= on
        return self.run.stop <= on <= self.run.start + back


@dataclass(frozen=True, slots=True)
class Settlements:
    """For each credit (its key) the batch that it settles, or those of which nobody can tell which one it is."""

    certain: Mapping[int, Batch]
    unsure: Mapping[int, Sequence[Batch]]


def own(ours: Iterable[Ours]) -> list[Batch]:
    """Unmatched payments of the day by account and terminal."""
    by_terminal: dict[tuple[str, str], list[Ours]] = defaultdict(list)
    for one in ours:
        if one.kind == "payment" and one.batch:
            by_terminal[one.account, one.batch].append(one)
    return [
        Batch(key, some[0].on, account, sum(one.amount for one in some), len(some), tuple(some))
        for (account, key), some in sorted(by_terminal.items())
    ]


def settle(day: Day, entries: Iterable[Theirs], parts: Sequence[Batch]) -> Settlements:
    """Which batch made of ``parts`` each credit settles: the one that alone fits it, whose money no other could settle.

    A credit that fits nothing is looked at again when others have theirs: all that is unsettled is then less.
    """
    certain: dict[int, Batch] = {}
    unsure: dict[int, Sequence[Batch]] = {}
    left, free, batches = list(entries), list(parts), [*parts, *_of_all_terminals(parts)]
    while left:
        candidates = [*batches, *_of_several_dates(day, free)]
        fits = {entry.pk: fitting(day, entry, candidates) for entry in left}
        claims = [*unsure.values(), *fits.values()]
        wanted = Counter(one for found in claims for one in {one for batch in found for one in batch.money})
        sure = {
            pk: found[0]
            for pk, found in fits.items()
            if len(found) == 1 and all(wanted[one] == 1 for one in found[0].money)
        }
        certain |= sure
        unsure |= {pk: found for pk, found in fits.items() if found and pk not in sure}
        left = [entry for entry in left if not fits[entry.pk]] if sure else []
        free = without(free, sure.values())
        batches = []  # none of one date fits what is left
    return Settlements(certain, unsure)


def without(parts: Iterable[Batch], gone: Iterable[Batch]) -> list[Batch]:
    """The parts of which no batch has the money."""
    money = {one for batch in gone for one in batch.money}
    return [part for part in parts if not part.money & money]


def made_of(day: Day, parts: Sequence[Batch]) -> list[Batch]:
    """Every batch there is of these parts."""
    return [*parts, *_of_all_terminals(parts), *_of_several_dates(day, parts)]


def fitting(day: Day, entry: Theirs, batches: Iterable[Batch]) -> list[Batch]:
    """Batches whose sum is the credit and a charge within bounds.

    Those that the entry names by terminal or partner go before the others, then those of which it names the most dates,
    then those of one date.
    """
    rules = day.rules.bulk
    found = [
        batch
        for batch in batches
        if batch.account in ("", entry.account)
        and batch.may_come(entry.on, rules.days)
        and 0 <= batch.total - entry.moves <= rules.largest_charge(batch.total)
    ]
    text = folded(f"{entry.keys} {entry.text}")
    found = [batch for batch in found if batch.is_named_in(text)] or found
    most = max((batch.dates_in(text) for batch in found), default=0)
    found = [batch for batch in found if batch.dates_in(text) == most]
    return [batch for batch in found if not batch.run] or found


def _of_all_terminals(parts: Sequence[Batch]) -> Iterator[Batch]:
    """All terminals of an account on one date."""
    by_date: dict[tuple[str, int], list[Batch]] = defaultdict(list)
    for part in parts:
        if part.key.startswith(ALL_TERMINALS):
            by_date[part.account, part.on].append(part)
    for _, some in sorted(by_date.items()):
        if len(some) > 1:
            yield _together(ALL_TERMINALS, some)


def _of_several_dates(day: Day, parts: Sequence[Batch]) -> Iterator[Batch]:
    """For each terminal, all of an account, and each intermediary: all dates with money that fall due together."""
    due: dict[tuple[str, range], list[Batch]] = defaultdict(list)
    for part in sorted(parts, key=lambda part: (part.account, part.on, part.key)):
        if part.total:
            due[part.account, day.due_together(part.on)].append(part)
    for (_, run), some in due.items():
        keys = sorted({part.key for part in some})
        cards = [part for part in some if part.key.startswith(ALL_TERMINALS)]
        wholes = [(key, [part for part in some if part.key == key]) for key in keys]
        if len({part.key for part in cards}) > 1:
            wholes.append((ALL_TERMINALS, cards))
        yield from (_together(key, of_key, run) for key, of_key in wholes if len({part.on for part in of_key}) > 1)


def _together(key: str, parts: Sequence[Batch], run: range = range(0)) -> Batch:
    members = tuple(one for part in parts for one in part.members)
    total, count = sum(part.total for part in parts), sum(part.count for part in parts)
    return Batch(key, max(part.on for part in parts), parts[0].account, total, count, members, tuple(parts), run)


def _words(on: int) -> tuple[str, ...]:
    day = day_text(on)
    return day, day.replace("/", ""), day[:5]
