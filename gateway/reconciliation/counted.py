"""What cashiers counted, as deposits may bring it to the bank, and what a deposit's text names of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from gateway.reconciliation.cases import day_text
from gateway.reconciliation.rules import folded, stands_in
from gateway.reconciliation.sides import CashCount


@dataclass(frozen=True, slots=True)
class Taken:
    """One count; or all counts of one cashier, or of the whole counter, on one date or on several dates in a row."""

    counts: tuple[CashCount, ...]

    @property
    def total(self) -> int:
        return sum(count.total for count in self.counts)

    @property
    def on(self) -> int:
        """The last of its dates, as days since 1970."""
        return self.counts[-1].on

    @property
    def is_of_one_date(self) -> bool:
        return self.counts[0].on == self.on

    @property
    def cashier(self) -> str:
        """Whose money it is, "" where it is of several cashiers."""
        found = {one.cashier for one in self.counts}
        return found.pop() if len(found) == 1 else ""

    @property
    def name(self) -> str:
        """As people read it: dates, who, which receipts, how many, and how many numbers are missing."""
        by_date = groupby(self.counts, key=lambda one: one.on)
        return "; ".join(f"ngày {day_text(on)}: {'; '.join(map(_receipts, some))}" for on, some in by_date)

    def is_dated_in(self, text: str) -> bool:
        """Whether the folded text of a deposit names one of its dates."""
        dates = {day_text(one.on) for one in self.counts}
        return any(date in text or date[:5] in text for date in dates)


def _receipts(one: CashCount) -> str:
    gap = f", thiếu {one.missing_receipts} số" if one.missing_receipts else ""
    return f"{one.cashier}: biên lai {one.series} {one.first}-{one.last} ({one.count} tờ{gap})"


def taken(counts: Sequence[CashCount]) -> list[Taken]:
    """Everything that one deposit may be of. A count of no money stands alone: elsewhere it would say a sum twice."""
    ordered = sorted((one for one in counts if one.total), key=_order)
    by_cashier: dict[str, list[CashCount]] = defaultdict(list)
    for one in ordered:
        by_cashier[one.cashier].append(one)
    groups: set[tuple[CashCount, ...]] = {(one,) for one in counts}
    for some in (ordered, *by_cashier.values()):
        groups.update(_runs(some))
    return [Taken(group) for group in sorted(groups, key=lambda group: [_order(one) for one in group])]


def _order(one: CashCount) -> tuple[int, str, str, str]:
    return one.on, one.cashier, one.series, one.first


def _runs(counts: Sequence[CashCount]) -> Iterator[tuple[CashCount, ...]]:
    """All counts of one date, or of several counted dates in a row."""
    starts = [n for n, one in enumerate(counts) if not n or one.on != counts[n - 1].on] + [len(counts)]
    for first, (start, _) in enumerate(pairwise(starts)):
        yield from (tuple(counts[start:end]) for end in starts[first + 1 :])


def named_in(text: str, counts: Sequence[CashCount]) -> frozenset[CashCount]:
    """The counts whose cashier or series of receipts the folded text names, as whole words.

    Of two cashiers of whom one's name stands in the other's it is the longer one.
    """
    cashiers = {name for name in {folded(one.cashier) for one in counts} if stands_in(text, name)}
    longest = {name for name in cashiers if not any(name != other and name in other for other in cashiers)}
    return frozenset(one for one in counts if folded(one.cashier) in longest or stands_in(text, folded(one.series)))
