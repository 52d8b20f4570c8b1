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
    """A card payment of the day, or (``pk`` 0 or less) the whole batch of another date, counted from a Monday on."""

    pk: int
    terminal: str
    account: str
    amount: int
    on: int = 0


@dataclass(frozen=True)
class Charge:
    """The largest one: hundredths of a percent of the batch, and đồng."""

    points: int
    fixed: int


Credits = Sequence[tuple[Line, str]]
Pile = list[Card]


def settled(credits: Credits, cards: Sequence[Card], had: Sequence[Card], most: Charge) -> list[Verdict]:
    """``credits`` of the Monday with their accounts; ``had``: batches that other days' credits have.

    The sums told are batch and credit.
    """
    certain, unsure = matched(credits, [one for one in cards if one not in had], most, 0)
    said: list[Verdict] = []
    for line, account in credits:
        alone, partly = (
            _fit(line, account, [*_one_date(some), *_several_dates(some, 0)], most) for some in (had, cards)
        )
        if line in certain:
            said.append(("settled", (line.pk,), sum(one.amount for one in certain[line]), line.amount))
        elif line in unsure:
            said.append(("ambiguous", (line.pk,), 0, line.amount))
        elif alone:
            said.append(("duplicate", (line.pk,), 0, line.amount))
        elif any(one in had for pile in partly for one in pile):
            said.append(("ambiguous", (line.pk,), 0, line.amount))
        else:
            said.append(("deposit", (line.pk,), 0, line.amount))
    return sorted(said)


def expected(credits: Mapping[int, Credits], cards: Sequence[Card], on: int, most: Charge) -> list[Verdict]:
    """What the date ``on`` of a weekend says of later credits, by their date: Monday's are in time, and come first.

    The sums told are the payments of the date and nothing.
    """
    said: list[Verdict] = []
    left = list(cards)
    rest: list[tuple[int, tuple[Line, str]]] = [(day, one) for day in sorted(credits) for one in credits[day]]
    for in_time in (True, False):
        some = [(day, one) for day, one in rest if not in_time or day == 0]
        certain, _ = matched([one for _, one in some], left, most, max((day for day, _ in some), default=0))
        for line, pile in certain.items():
            if mine := sum(one.amount for one in pile if one.on == on):
                outcome = "wrong_day" if next(day for day, one in some if one[0] == line) else "expected_difference"
                said.append((outcome, (line.pk,), mine, 0))
        left = [one for one in left if not any(one in pile for pile in certain.values())]
        rest = [(day, one) for day, one in rest if one[0] not in certain]
    return sorted(said)


def matched(
    credits: Credits, cards: Sequence[Card], most: Charge, today: int
) -> tuple[dict[Line, Pile], dict[Line, list[Pile]]]:
    """For each credit its batch, or several where nobody can tell; those that fit nothing are tried once more."""
    certain: dict[Line, Pile] = {}
    unsure: dict[Line, list[Pile]] = {}
    free = list(cards)
    while True:
        piles = [*_one_date(cards), *_several_dates(free, today)]
        open_ = [(line, account) for line, account in credits if line not in certain and line not in unsure]
        fits = {line: fit for line, account in open_ if (fit := _fit(line, account, piles, most))}
        found = {}
        for line, fit in fits.items():
            others = [pile for other, some in {**unsure, **fits}.items() if other != line for pile in some]
            if len(fit) == 1 and not any(one in pile for pile in others for one in fit[0]):
                found[line] = fit[0]
        unsure |= {line: fit for line, fit in fits.items() if line not in found}
        certain |= found
        free = [one for one in free if not any(one in pile for pile in found.values())]
        if not found:
            return certain, unsure


def _one_date(cards: Sequence[Card]) -> Iterator[Pile]:
    """All of a terminal on one date, or all of all terminals of an account."""
    for account, on in sorted({(one.account, one.on) for one in cards}):
        that = [one for one in cards if (one.account, one.on) == (account, on)]
        terminals = sorted({one.terminal for one in that})
        for terminal in terminals:
            yield [one for one in that if one.terminal == terminal]
        if len(terminals) > 1:
            yield that


def _several_dates(free: Sequence[Card], today: int) -> Iterator[Pile]:
    """All that nobody has of dates that fall due together, in ten days, once the last of them is over."""
    for account, due in sorted({(one.account, _due(one.on)) for one in free}):
        dates = [on for on in range(-20, 5) if _due(on) == due]
        that = [one for one in free if one.account == account and one.on in dates]
        if due > today or dates[0] < today - 10:
            continue
        terminals = sorted({one.terminal for one in that})
        of_whom = [[one for one in that if one.terminal == terminal] for terminal in terminals]
        for pile in [*of_whom, that] if len(terminals) > 1 else of_whom:
            if len({one.on for one in pile}) > 1:
                yield pile


def _due(on: int) -> int:
    """The next working day: Tuesday is a day off."""
    return next(day for day in range(on + 1, on + 6) if day % 7 not in (5, 6) and day != 1)


def _fit(line: Line, account: str, piles: Sequence[Pile], most: Charge) -> list[Pile]:
    may = []
    for pile in piles:
        batch = sum(one.amount for one in pile)
        if pile[0].account == account and 0 <= batch - line.amount <= batch * most.points // 10_000 + most.fixed:
            may.append(pile)
    named = [pile for pile in may if len({one.terminal for one in pile}) == 1 and pile[0].terminal in line.names]
    may = named or may
    most_dates = max((_dates_named(line, pile) for pile in may), default=0)
    may = [pile for pile in may if _dates_named(line, pile) == most_dates]
    return [pile for pile in may if len({one.on for one in pile}) == 1] or may


def _dates_named(line: Line, pile: Pile) -> int:
    """A span names the dates between, too, and those without money; one date alone names no batch of several."""
    if len({one.on for one in pile}) == 1:
        return int(_date(pile[0].on) in line.names)
    named = sum(_date(on) in line.names for on in range(-20, 5) if _due(on) == _due(pile[0].on))
    return named if named > 1 else 0


def _date(on: int) -> str:
    return f"{23 + on}/11"
