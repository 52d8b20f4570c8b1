"""The search for sums: which combinations of a side's amounts make an amount of the other. Bounded, deterministic.

A combination is known by its amounts: equal amounts are interchangeable, so a combination that could be made of other
rows with the same amounts is two, not one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.reconciliation.rules import Groups

Amounts = tuple[int, ...]


@dataclass(slots=True)
class Budget:
    """Steps that all searches of a day may still take."""

    left: int


@dataclass(frozen=True, slots=True)
class Found:
    """Different combinations that fit, largest amounts first. ``whole``: there is no other one, the search ended."""

    ways: tuple[Amounts, ...]
    whole: bool


class Pool:
    """The amounts that may be members of a group, and how often each is there."""

    def __init__(self, amounts: Iterable[int] | Mapping[int, int]) -> None:
        self.count = Counter(amounts)
        self.values = sorted(self.count)

    def search(self, target: int, rules: Groups, budget: Budget) -> Found:
        """Combinations of two to ``rules.size`` members whose sum is ``target``, the smaller groups first."""
        allowed = min(rules.steps, budget.left)
        steps = 0
        found: list[Amounts] = []
        for size in range(2, rules.size + 1):
            stack: list[tuple[Amounts, int]] = [((), target)]
            while stack:
                chosen, rest = stack.pop()
                missing = size - len(chosen)
                top = bisect_left(self.values, min(rest, chosen[-1] + 1 if chosen else rest))
                lowest = bisect_left(self.values, -(-rest // missing))  # the largest member is at least the average
                steps += 1 + top - lowest
                if steps > allowed:
                    budget.left -= allowed
                    return Found(tuple(found), False)
                for value in self.values[lowest:top]:
                    if chosen.count(value) >= self.count[value]:
                        continue
                    if missing > 2:
                        stack.append(((*chosen, value), rest - value))
                    elif self._has(rest - value, (*chosen, value)):
                        found.append((*chosen, value, rest - value))
                        if len(found) >= rules.ways:
                            budget.left -= steps
                            return Found(tuple(found), False)
        budget.left -= steps
        return Found(tuple(found), True)

    def _has(self, last: int, chosen: Amounts) -> bool:
        return 0 < last <= chosen[-1] and chosen.count(last) < self.count.get(last, 0)

    def is_certain(self, found: Found) -> bool:
        """Whether exactly one combination fits, and it can be made of these very rows only."""
        if len(found.ways) != 1 or not found.whole:
            return False
        return all(needed == self.count[value] for value, needed in Counter(found.ways[0]).items())


Amount = tuple[str, int]
"""An account and an amount on it."""
Counts = Sequence[tuple[str, int, int]]
"""(account, amount, rows of it) of one side, each once, in the order in which their rows are looked at."""
Sums = Mapping[Amount, tuple[Found, bool]]
"""What groups of the other side make an amount, and whether that is certain; no group where the search was cut off."""


def search_sums(entries: Counts, payments: Counts, rules: Groups) -> tuple[Sums, Sums]:
    """The sums that explain amounts of entries, and of payments; amounts that surely have none are left out."""
    budget = Budget(rules.day_steps)
    return _search(entries, payments, rules, budget), _search(payments, entries, rules, budget)


def _search(targets: Counts, members: Counts, rules: Groups, budget: Budget) -> Sums:
    pools: dict[str, dict[int, int]] = defaultdict(dict)
    for account, amount, count in members:
        pools[account][amount] = count
    made = {account: Pool(counts) for account, counts in pools.items()}
    sums = {}
    for account, amount, _ in targets:
        if account in made:
            found = made[account].search(amount, rules, budget)
            if found.ways or not found.whole:
                sums[account, amount] = found, made[account].is_certain(found)
    return sums


def claimed(sums: Sums) -> tuple[set[Amount], set[Amount]]:
    """The amounts that are explained, and those of the other side that they are made of."""
    members = {(account, value) for (account, _), (found, _) in sums.items() for way in found.ways for value in way}
    return {amount for amount, (found, _) in sums.items() if found.ways}, members
