"""What an accountant with two paper lists says of settlements in bulk, transfers of VNPost and cash deposits.

Written from issue 3 and docs/reconciliation.md alone: it shares no line with the engine, tries everything there is, and
is slow. A verdict is (outcome, the lines of the bank, what our list says, what the bank's says).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

Verdict = tuple[str, tuple[int, ...], int, int]


@dataclass(frozen=True)
class Line:
    """A credit of the bank: ``names`` is what its text names."""

    pk: int
    amount: int
    names: tuple[str, ...] = ()


# transfers of VNPost


def remitted(lines: Sequence[Line], lists: Mapping[str, tuple[int, int]], had: Mapping[str, int]) -> list[Verdict]:
    """``lists``: fee and postage of each remittance; ``had``: what the bank credited for some on other days."""
    said: list[Verdict] = []
    done: dict[str, int] = {}
    piles: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        whose = tuple(sorted(set(line.names) & set(lists)))
        exact = [one for one in whose if line.amount in _whole(lists, [one])]
        if line.amount not in _whole(lists, whose) and len(exact) == 1:
            whose = (exact[0],)
        if whose:
            piles.setdefault(whose, []).append(line)
    for whose in sorted(piles, key=lambda one: (len(one), one)):
        pile = piles[whose]
        owed = [one for one in whose if one not in had and one not in done]
        if not owed:
            said += [_twice(line, lists, whose, {} if whose[0] in done else had) for line in pile]
            continue
        whole = _whole(lists, owed)
        together = sum(line.amount for line in pile)
        alone = [
            line for line in sorted(pile, key=lambda line: (line.amount, line.names, line.pk)) if line.amount in whole
        ]
        if together in whole or not alone:
            nearest = sorted(whole, key=lambda sum_: (abs(sum_ - together), sum_))[0]
            outcome = "remittance_credit" if together in whole else "underpaid" if together < nearest else "overpaid"
            said.append((outcome, _pks(pile), nearest, together))
            if outcome == "remittance_credit":
                done.update(dict.fromkeys(owed, together))
            continue
        first = alone[0]
        said.append(("remittance_credit", (first.pk,), first.amount, first.amount))
        done.update(dict.fromkeys(owed, first.amount))
        said += [("duplicate", (line.pk,), 0, line.amount) for line in pile if line != first]
    return sorted(said)


def _whole(lists: Mapping[str, tuple[int, int]], names: Sequence[str]) -> list[int]:
    """Fees alone, or fees and postage: VNPost keeps its postage or passes it on, and nothing between."""
    fees, postage = (sum(lists[name][n] for name in names) for n in (0, 1))
    return [fees, fees + postage]


def _twice(line: Line, lists: Mapping[str, tuple[int, int]], whose: Sequence[str], had: Mapping[str, int]) -> Verdict:
    """A transfer for what has its money; fee and postage may come apart, on two days."""
    fees, both = _whole(lists, whose)
    before = next((had[one] for one in whose if one in had), None)
    if before is not None and before + line.amount == both and line.amount in (fees, both - fees):
        return "remittance_credit", (line.pk,), line.amount, line.amount
    return "duplicate", (line.pk,), 0, line.amount


def _pks(lines: Sequence[Line]) -> tuple[int, ...]:
    return tuple(sorted(line.pk for line in lines))


# cash of the counter


@dataclass(frozen=True)
class Count:
    """One series of receipts of one cashier on one date, counted from a Monday on."""

    cashier: str
    series: str
    on: int
    total: int


def deposited(lines: Sequence[Line], counts: Sequence[Count], had: Sequence[Count]) -> list[Verdict]:
    """``counts``: every count there is; ``had``: those that other days' deposits have."""
    said: list[Verdict] = []
    free = [one for one in counts if one not in had]
    left = list(lines)
    for cashier in sorted({one.cashier for one in counts}):  # in parts: all that names her is a pile of hers
        mine = [line for line in left if _whose(line, counts) == cashier]
        piles = [pile for pile in _piles(free, counts) if _is_named(pile, mine, counts)]
        if len(mine) < 2 or any(_total(pile) == line.amount for pile in piles for line in mine):
            continue
        fit = _of_one_date([pile for pile in piles if _total(pile) == sum(line.amount for line in mine)])
        if len(fit) == 1:
            said.append(("deposit", _pks(mine), _total(fit[0]), _total(fit[0])))
            free = [one for one in free if one not in fit[0]]
            left = [line for line in left if line not in mine]
    fits = {line: _equal(line, free, counts) for line in left}
    for line, (piles, is_free) in fits.items():
        rivals = (
            [
                other
                for other in fits
                if other != line and len(fits[other][0]) == 1 and set(fits[other][0][0]) & set(piles[0])
            ]
            if piles
            else []
        )
        if len(piles) == 1 and (not is_free or not rivals):
            said.append(
                ("deposit", (line.pk,), line.amount, line.amount)
                if is_free
                else ("duplicate", (line.pk,), 0, line.amount)
            )
            free = [one for one in free if not is_free or one not in piles[0]]
        elif piles:
            said.append(("ambiguous", (line.pk,), 0, line.amount))
    left = [line for line in left if not fits[line][0]]
    for cashier in sorted({one.cashier for one in counts}):  # what is hers, and is not what was counted
        mine = [line for line in left if _whose(line, counts) == cashier]
        if not mine:
            continue
        left = [line for line in left if line not in mine]
        piles = [pile for pile in _piles(free, counts) if _is_named(pile, mine, counts)]
        piles = piles or [[one] for one in free if not one.total and _is_named([one], mine, counts)]
        moved = sum(line.amount for line in mine)
        same = _of_one_date([pile for pile in piles if _total(pile) == moved])
        if len(same) > 1:
            said += [("ambiguous", (line.pk,), 0, line.amount) for line in mine]
        elif piles:
            gap = min(abs(_total(pile) - moved) for pile in piles)
            nearest = min(
                (pile for pile in same or piles if abs(_total(pile) - moved) == gap), key=lambda p: (-p[-1].on, len(p))
            )
            outcome = "deposit" if not gap else "underpaid" if moved < _total(nearest) else "overpaid"
            said.append((outcome, _pks(mine), _total(nearest), moved))
            free = [one for one in free if one not in nearest]
        else:
            said += [("duplicate", (line.pk,), 0, line.amount) for line in mine]
    said += [("deposit", (line.pk,), 0, line.amount) for line in left]  # the bank's wording alone
    return sorted(said)


def _total(pile: Sequence[Count]) -> int:
    return sum(one.total for one in pile)


def _piles(free: Sequence[Count], counts: Sequence[Count]) -> Iterator[list[Count]]:
    """What one deposit may be of: a count; all of a cashier or of the counter, of a date or of dates in a row."""
    money = sorted((one for one in counts if one.total), key=lambda one: (one.on, one.cashier, one.series))
    for size in range(1, len(money) + 1):
        for pile in combinations(money, size):
            people, dates = {one.cashier for one in pile}, sorted({one.on for one in pile})
            of_whom = [one for one in money if one.cashier in people] if len(people) == 1 else money
            whole = [one for one in of_whom if dates[0] <= one.on <= dates[-1]]
            of_counter = [one for one in money if dates[0] <= one.on <= dates[-1]]
            if (size == 1 or list(pile) in (whole, of_counter)) and all(one in free for one in pile):
                yield list(pile)


def _names(line: Line, one: Count, counts: Sequence[Count]) -> bool:
    """By her name, which is not only the beginning of a colleague's, or by the series of the receipts."""
    longer = [
        o.cashier for o in counts if o.cashier != one.cashier and one.cashier in o.cashier and o.cashier in line.names
    ]
    return one.series in line.names or (one.cashier in line.names and not longer)


def _whose(line: Line, counts: Sequence[Count]) -> str:
    people = {one.cashier for one in counts if _names(line, one, counts)}
    return people.pop() if len(people) == 1 else ""


def _is_named(pile: Sequence[Count], lines: Sequence[Line], counts: Sequence[Count]) -> bool:
    return all(any(_names(line, one, counts) for line in lines) for one in pile)


def _of_one_date(piles: list[list[Count]]) -> list[list[Count]]:
    return [pile for pile in piles if len({one.on for one in pile}) == 1] or piles


def _equal(line: Line, free: Sequence[Count], counts: Sequence[Count]) -> tuple[list[list[Count]], bool]:
    """The piles of the very amount that count, and whether no deposit has them."""
    gone = [one for one in counts if one not in free]
    fit = [pile for pile in [*_piles(free, counts), *_piles(gone, counts)] if _total(pile) == line.amount]
    fit = [pile for pile in fit if _is_named(pile, [line], counts)] or fit
    unused = [pile for pile in fit if all(one in free for one in pile)]
    return _of_one_date(unused or fit), bool(unused)


# settlements in bulk


@dataclass(frozen=True)
class Card:
    """A card payment of the day, or (``pk`` 0 or less) the whole of a batch of an earlier date."""

    pk: int
    terminal: str
    account: str
    amount: int


def settled(lines: Sequence[tuple[Line, str]], cards: Sequence[Card], points: int, fixed: int) -> list[Verdict]:
    """``lines`` with their accounts; ``points``, ``fixed``: the largest charge. The sums told are batch and credit."""
    piles: list[list[Card]] = [[one] for one in cards if one.pk <= 0]
    for account in sorted({one.account for one in cards}):
        today = [one for one in cards if one.pk > 0 and one.account == account]
        terminals = sorted({one.terminal for one in today})
        piles += [[one for one in today if one.terminal == terminal] for terminal in terminals]
        piles += [today] if len(terminals) > 1 else []
    fits = {}
    for line, account in lines:
        may = []
        for pile in piles:
            batch = sum(one.amount for one in pile)
            charge = batch - line.amount
            if pile[0].account == account and 0 <= charge <= batch * points // 10_000 + fixed:
                may.append(pile)
        named = [pile for pile in may if len({one.terminal for one in pile}) == 1 and pile[0].terminal in line.names]
        fits[line] = named or may
    said: list[Verdict] = []
    for line, may in fits.items():
        rivals = (
            [o for o in fits if o != line and any(one in pile for pile in fits[o] for one in may[0])] if may else []
        )
        if len(may) == 1 and not rivals:
            said.append(("settled", (line.pk,), sum(one.amount for one in may[0]), line.amount))
        elif may:
            said.append(("ambiguous", (line.pk,), 0, line.amount))
        else:
            said.append(("deposit", (line.pk,), 0, line.amount))
    return sorted(said)
