"""Cash of the counter: what a cashier took, by series and numbers of receipts, against the deposit at the bank.

The payments themselves belong to no partner's day; the row says only where the deposit comes from.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.reconciliation import settled
from gateway.reconciliation.cases import Day, Verdicts, day_text, iso
from gateway.reconciliation.outcomes import OURS_MORE, Candidate, EntryClass, Outcome, Row, dong
from gateway.reconciliation.rules import folded
from gateway.reconciliation.sides import CashCount, Settled, Theirs


@dataclass(frozen=True, slots=True)
class Taken:
    """One count, or all counts of one cashier or of the whole counter on one date."""

    counts: tuple[CashCount, ...]

    @property
    def total(self) -> int:
        return sum(count.total for count in self.counts)

    @property
    def on(self) -> int:
        return self.counts[0].on

    @property
    def name(self) -> str:
        """As people read it: who, which receipts, how many, and how many numbers are missing."""
        parts = []
        for one in self.counts:
            gap = f", thiếu {one.missing_receipts} số" if one.missing_receipts else ""
            parts.append(f"{one.cashier}: biên lai {one.series} {one.first}-{one.last} ({one.count} tờ{gap})")
        return f"ngày {day_text(self.on)}: {'; '.join(parts)}"

    def is_named_in(self, text: str) -> bool:
        """Whether the folded text of a deposit names the cashier or the series of receipts of each count."""
        return all(any(folded(name) in text for name in (one.cashier, one.series) if name) for one in self.counts)


def by_counts(day: Day, left: Verdicts) -> Verdicts:
    """Deposits of cash against the counts of the days before; what no count explains is left to the bank's wording.

    A count that another day's deposit has explains nothing else: what it alone fits is a duplicate.
    """
    deposits = [
        entry
        for entry in left.theirs
        if entry.moves > 0 and day.rules.cash.pattern.search(folded(f"{entry.type_code} {entry.text}"))
    ]
    taken = _taken(day.counts)
    fits = {entry.pk: _not_settled(day, _fitting(entry, taken)) for entry in deposits}
    wanted = Counter(count for found in fits.values() if len(found) == 1 for count in found[0].counts)
    rows: list[Row] = []
    for entry in deposits:
        found = fits[entry.pk]
        if len(found) == 1 and all(wanted[count] == 1 for count in found[0].counts):
            rows.append(_deposit(day, entry, found[0]))
        elif found:
            rows.append(_ambiguous(day, entry, found))
    used = {pk for row in rows for pk in row.entries}
    return Verdicts(rows, left.ours, [entry for entry in left.theirs if entry.pk not in used])


def _not_settled(day: Day, found: list[Taken]) -> list[Taken]:
    return [one for one in found if _settled(day, one) is None] or found


def _settled(day: Day, taken: Taken) -> Settled | None:
    """The deposit of another day that has one of these counts."""
    return next((day.settled[what] for what in map(settled.of_count, taken.counts) if what in day.settled), None)


def _taken(counts: Sequence[CashCount]) -> list[Taken]:
    by_cashier: dict[tuple[int, str], list[CashCount]] = defaultdict(list)
    by_date: dict[int, list[CashCount]] = defaultdict(list)
    for one in counts:
        by_cashier[one.on, one.cashier].append(one)
        by_date[one.on].append(one)
    groups = {
        *((one,) for one in counts),
        *(tuple(some) for some in by_cashier.values()),
        *(tuple(some) for some in by_date.values()),
    }
    return [Taken(group) for group in sorted(groups, key=lambda group: [(c.on, c.cashier, c.series) for c in group])]


def _fitting(entry: Theirs, taken: Sequence[Taken]) -> list[Taken]:
    """What has the very amount; or, where the deposit names exactly one cashier's money, that, whatever its amount."""
    text = folded(f"{entry.keys} {entry.text}")
    before = [one for one in taken if one.on <= entry.on]
    named = [one for one in before if one.is_named_in(text)]
    equal = [one for one in named if one.total == entry.moves] or [one for one in before if one.total == entry.moves]
    if equal:
        dated = [one for one in equal if day_text(one.on) in text or day_text(one.on)[:5] in text]
        return dated or equal
    newest = max((one.on for one in named), default=0)
    of_newest = [one for one in named if one.on == newest]
    return of_newest if len(of_newest) == 1 else []


def _deposit(day: Day, entry: Theirs, taken: Taken) -> Row:
    gap = entry.moves - taken.total
    outcome, side, reason = Outcome.DEPOSIT, "", f"Nộp tiền mặt thu tại quầy {taken.name}"
    if gap:
        outcome = Outcome.UNDERPAID if gap < 0 else Outcome.OVERPAID
        side = OURS_MORE if gap < 0 else day.partner_more
        reason = f"Tiền nộp lệch {dong(gap)} so với kiểm đếm {taken.name}"
    row = Row(
        outcome, EntryClass.DEPOSIT, 0, entry.moves, reason, side, "tiền nộp quầy" if gap else "", dong(taken.total),
        dong(entry.moves), " ".join(f"{one.series}/{one.first}-{one.last}" for one in taken.counts),
        entries=(entry.pk,), rule="cash", settles=tuple(map(settled.of_count, taken.counts)),
    )  # fmt: skip
    before = None if gap else _settled(day, taken)
    if before is None:
        return row
    return settled.again(row, before, day.partner_more, f"Tiền mặt thu tại quầy {taken.name} đã được nộp")


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
