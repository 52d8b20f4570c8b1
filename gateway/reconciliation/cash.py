"""Cash of the counter: what a cashier took, by series and numbers of receipts, against the deposit at the bank.

The payments themselves belong to no partner's day; the row says only where the deposit comes from.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.reconciliation import settled
from gateway.reconciliation.cases import Day, Verdicts, iso
from gateway.reconciliation.counted import Taken, named_in, taken
from gateway.reconciliation.outcomes import OURS_MORE, Candidate, EntryClass, Outcome, Row, dong
from gateway.reconciliation.rules import folded
from gateway.reconciliation.sides import CashCount, Settled, Theirs


@dataclass(frozen=True, slots=True)
class Book:
    """What was counted; by deposit, the counts that it names; by receipts, which deposit has them so far."""

    day: Day
    groups: Sequence[Taken]
    named: Mapping[int, frozenset[CashCount]]
    has: dict[str, Settled]

    def before(self, taken: Taken) -> Settled | None:
        """The deposit, of this day or of another, that has these counts."""
        found = [self.has.get(settled.of_count(one)) for one in taken.counts]
        return found[0] if all(found) else None

    def is_free(self, taken: Taken) -> bool:
        """Whether no deposit has any of these counts."""
        return not any(settled.of_count(one) in self.has for one in taken.counts)

    def whose(self, entry: Theirs) -> str:
        """The one cashier whose money a deposit names, "" where it names nobody's or that of several."""
        found = {one.cashier for one in self.named[entry.pk]}
        return found.pop() if len(found) == 1 else ""

    def hers(self, entries: Sequence[Theirs]) -> list[Taken]:
        """The money of the one cashier whom these deposits name, as far as they name it and no deposit has it."""
        named = frozenset[CashCount]().union(*(self.named[entry.pk] for entry in entries))
        last = min(entry.on for entry in entries)
        found = [one for one in self.groups if one.on <= last and named.issuperset(one.counts)]
        left = [one for one in found if self.is_free(one)]
        return [one for one in left if one.total] or left


def by_counts(day: Day, left: Verdicts) -> Verdicts:
    """Deposits of cash against the counts of the days before; what no count explains is left to the bank's wording.

    The very amount goes before a difference. A count that a deposit has, of this day or of another, explains nothing
    else: a further deposit that only it would explain is a duplicate.
    """
    deposits = [
        entry
        for entry in left.theirs
        if entry.moves > 0 and day.rules.cash.pattern.search(folded(f"{entry.type_code} {entry.text}"))
    ]
    named = {entry.pk: named_in(_text(entry), day.counts) for entry in deposits}
    book = Book(day, taken(day.counts), named, dict(day.settled))
    rows: list[Row] = []
    for step in (_in_parts, _equal, _differing):
        used = {pk for row in rows for pk in row.entries}
        rows += step(book, [entry for entry in deposits if entry.pk not in used])
    used = {pk for row in rows for pk in row.entries}
    return Verdicts(rows, left.ours, [entry for entry in left.theirs if entry.pk not in used])


def _text(entry: Theirs) -> str:
    return folded(f"{entry.keys} {entry.text}")


def _by_cashier(book: Book, deposits: Iterable[Theirs]) -> list[list[Theirs]]:
    """The deposits that name one cashier's money, together by cashier."""
    found: dict[str, list[Theirs]] = defaultdict(list)
    for entry in deposits:
        if cashier := book.whose(entry):
            found[cashier].append(entry)
    return [found[cashier] for cashier in sorted(found)]


def _in_parts(book: Book, deposits: Sequence[Theirs]) -> list[Row]:
    """Cash that was brought in several times: all that names a cashier is her money, and none of it is so alone."""
    rows = []
    for entries in _by_cashier(book, deposits):
        alone = {one.total for one in book.hers(entries)}
        if len(entries) > 1 and alone.isdisjoint(entry.moves for entry in entries):
            moved = sum(entry.moves for entry in entries)
            found = _plainest([one for one in book.hers(entries) if one.total == moved])
            if len(found) == 1:
                rows.append(_deposit(book, entries, found[0]))
    return rows


def _equal(book: Book, deposits: Sequence[Theirs]) -> list[Row]:
    """Deposits of the very amount. Two counts that fit are ambiguous, and so are two deposits that want the same."""
    fits = {entry.pk: _fitting(book, entry) for entry in deposits}
    again = {pk: bool(found) and book.before(found[0]) is not None for pk, found in fits.items()}
    wanted = Counter(count for found in fits.values() if len(found) == 1 for count in found[0].counts)
    rows = []
    for entry in deposits:
        found = fits[entry.pk]
        if len(found) == 1 and (again[entry.pk] or all(wanted[count] == 1 for count in found[0].counts)):
            rows.append(_deposit(book, [entry], found[0]))
        elif found:
            rows.append(_ambiguous(book.day, entry, found))
    return rows


def _fitting(book: Book, entry: Theirs) -> list[Taken]:
    """What has the very amount: what the deposit names before all else, what no deposit has before what one has."""
    text = _text(entry)
    equal = [one for one in book.groups if one.on <= entry.on and one.total == entry.moves]
    equal = [one for one in equal if book.is_free(one) or book.before(one) is not None]
    named = [one for one in equal if book.named[entry.pk].issuperset(one.counts)] or equal
    dated = [one for one in named if one.is_dated_in(text)] or named
    return _plainest([one for one in dated if book.is_free(one)] or dated)


def _plainest(found: list[Taken]) -> list[Taken]:
    """The money of one date goes before that of several dates together."""
    return [one for one in found if one.is_of_one_date] or found


def _differing(book: Book, deposits: Sequence[Theirs]) -> list[Row]:
    """All that names one cashier, and is not what was counted, against what comes nearest of her money."""
    rows: list[Row] = []
    for entries in _by_cashier(book, deposits):
        if found := book.hers(entries):
            moved = sum(entry.moves for entry in entries)
            equal = _plainest([one for one in found if one.total == moved])
            if len(equal) > 1:
                rows += [_ambiguous(book.day, entry, equal) for entry in entries]
                continue
            dated = [one for one in found if any(one.is_dated_in(_text(entry)) for entry in entries)]
            nearest = min(equal or dated or found, key=lambda one: (abs(one.total - moved), -one.on, len(one.counts)))
            rows.append(_deposit(book, entries, nearest))
            continue
        has = [one for one in book.groups if book.named[entries[0].pk].issuperset(one.counts) and book.before(one)]
        rows += [_deposit(book, [entry], has[-1]) for entry in entries if has]
    return rows


def _deposit(book: Book, entries: Sequence[Theirs], taken: Taken) -> Row:
    moved = sum(entry.moves for entry in entries)
    gap = moved - taken.total
    times = f" ({len(entries)} lần nộp)" if len(entries) > 1 else ""
    outcome, side, reason = Outcome.DEPOSIT, "", f"Nộp tiền mặt thu tại quầy{times} {taken.name}"
    if gap:
        outcome = Outcome.UNDERPAID if gap < 0 else Outcome.OVERPAID
        side = OURS_MORE if gap < 0 else book.day.partner_more
        reason = f"Tiền nộp lệch {dong(gap)}{times} so với kiểm đếm {taken.name}"
    what = tuple(map(settled.of_count, taken.counts))
    row = Row(
        outcome, EntryClass.DEPOSIT, 0, moved, reason, side, "tiền nộp quầy" if gap else "", dong(taken.total),
        dong(moved), " ".join(f"{one.series}/{one.first}-{one.last}" for one in taken.counts),
        entries=tuple(entry.pk for entry in entries), rule="cash", settles=what,
    )  # fmt: skip
    before = book.before(taken)
    if before is None:
        book.has.update(dict.fromkeys(what, Settled(entries[0].on, entries[0].pk, moved)))
        return row
    return settled.again(row, before, book.day.partner_more, f"Tiền mặt thu tại quầy {taken.name} đã được nộp")


def _ambiguous(day: Day, entry: Theirs, found: Sequence[Taken]) -> Row:
    ways = "; hoặc ".join(one.name for one in found[:2])
    reason = "Nhiều bảng kiểm đếm cùng đúng số tiền" if len(found) > 1 else "Hai lần nộp cùng nhận một bảng kiểm đếm"
    return Row(
        Outcome.AMBIGUOUS, EntryClass.DEPOSIT, 0, entry.moves, reason, day.partner_more, "kiểm đếm quầy", ways,
        dong(entry.moves), entry.keys, entries=(entry.pk,), suggestion=ways, rule="cash",
        candidates=tuple(
            Candidate("ours", 0, iso(one.on), one.total, one.counts[0].series, (), one.name) for one in found[:2]
        ),
        settles=tuple(dict.fromkeys(settled.of_count(count) for one in found for count in one.counts)),
    )  # fmt: skip
