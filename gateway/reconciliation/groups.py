"""Sums: one transfer for several fees, several transfers for one fee. Never a guess."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.reconciliation.asked import Requests
from gateway.reconciliation.cases import Day, Verdicts, day_text, iso
from gateway.reconciliation.outcomes import OURS_MORE, Candidate, EntryClass, Outcome, Row, dong
from gateway.reconciliation.sides import Ours, Theirs
from gateway.reconciliation.sums import Amounts, Found, Sums


@dataclass(frozen=True, slots=True)
class _Theory:
    """One row (``target``) that one or more groups of the other side would explain."""

    target: Ours | Theirs
    amount: int
    account: str
    found: Found
    certain: bool

    def items(self) -> set[tuple[str, str, int]]:
        """The amounts it lays claim to, by side and account."""
        mine, members = ("ours", "theirs") if isinstance(self.target, Ours) else ("theirs", "ours")
        claimed = {(members, self.account, value) for way in self.found.ways for value in way}
        return {(mine, self.account, self.amount), *claimed}


class _Claims:
    """Who wants which amounts, by side and account. A search that was cut off may want any amount below its own."""

    def __init__(self, theories: Sequence[_Theory], of_entries: Sums, of_payments: Sums) -> None:
        self._known = Counter(item for theory in theories for item in theory.items())
        self._below: dict[tuple[str, str], int] = {}
        for own, other, sums in (("theirs", "ours", of_entries), ("ours", "theirs", of_payments)):
            for (account, amount), (found, _) in sums.items():
                if not found.whole:
                    self._below[other, account] = max(amount, self._below.get((other, account), 0))
                    self._known[own, account, amount] += not found.ways

    def against(self, theory: _Theory) -> str:
        """Why others may want what a theory claims, "" where none does."""
        items = theory.items()
        if any(self._known[item] > 1 for item in items):
            return "Một cách ghép, nhưng dòng khác cũng nhận cùng khoản"
        if any(amount < self._below.get((side, account), 0) for side, account, amount in items):
            return "Một cách ghép, nhưng chưa biết hết dòng nào cũng nhận cùng khoản: tìm kiếm chạm giới hạn"
        return ""


def by_sums(day: Day, left: Verdicts, of_entries: Sums, of_payments: Sums) -> Verdicts:
    """Groups that are certain are matched; where two combinations fit, or two rows want the same, it is *ambiguous*.

    ``left`` holds at least every row whose amount the sums name.
    """
    payments = [one for one in left.ours if one.kind == "payment"]
    entries = [entry for entry in left.theirs if entry.moves > 0]
    ours_of, theirs_of = _by_amount(payments), _by_amount(entries)
    theories = [*_theories(entries, of_entries), *_theories(payments, of_payments)]
    claims = _Claims(theories, of_entries, of_payments)
    rows: list[Row] = []
    used_ours: set[int] = set()
    used_theirs: set[int] = set()
    requests = Requests(day)
    for theory in theories:
        contested = claims.against(theory)
        one_to_many = isinstance(theory.target, Theirs)
        pools = ours_of if one_to_many else theirs_of
        if theory.certain and not contested:
            members = _members(pools[theory.account], theory.found.ways[0])
            row = _held_to_requests(requests, _matched(theory.target, members), [theory.target, *members])
        else:
            row = _ambiguous(day, theory, pools[theory.account], contested)
        used_ours.update(row.payments)
        used_theirs.update(row.entries)
        rows.append(row)
    return Verdicts(
        rows,
        [one for one in left.ours if one.kind != "payment" or one.pk not in used_ours],
        [entry for entry in left.theirs if entry.pk not in used_theirs],
    )


_NOTHING = Found((), True), False
_ByAmount = Mapping[str, Mapping[int, Sequence[Ours | Theirs]]]


def _by_amount(rows: Sequence[Ours] | Sequence[Theirs]) -> _ByAmount:
    """Account -> amount -> its rows, each in an order of their own content."""
    found: dict[str, dict[int, list[Ours | Theirs]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[row.account][_amount(row)].append(row)
    return found


def _amount(row: Ours | Theirs) -> int:
    return row.amount if isinstance(row, Ours) else row.moves


def _theories(targets: Sequence[Ours] | Sequence[Theirs], sums: Sums) -> list[_Theory]:
    theories = []
    for target in targets:
        amount, account = _amount(target), target.account
        found, certain = sums.get((account, amount), _NOTHING)
        if found.ways:
            theories.append(_Theory(target, amount, account, found, certain))
    return theories


def _members(pool: Mapping[int, Sequence[Ours | Theirs]], way: Amounts) -> list[Ours | Theirs]:
    return [row for value, needed in sorted(Counter(way).items()) for row in pool[value][:needed]]


def _matched(target: Ours | Theirs, members: Sequence[Ours | Theirs]) -> Row:
    rows = [target, *members]
    ours = [row for row in rows if isinstance(row, Ours)]
    theirs = [row for row in rows if isinstance(row, Theirs)]
    count = len(members)
    reason = f"{count} lần chuyển cho một khoản" if isinstance(target, Ours) else f"Một lần chuyển cho {count} khoản"
    return Row(
        Outcome.MATCHED,
        EntryClass.FEE,
        sum(one.amount for one in ours),
        sum(entry.moves for entry in theirs),
        f"{reason}, tổng khớp",
        reference=" ".join(one.reference for one in ours),
        dossiers=tuple(sorted({one.dossier for one in ours if one.dossier})),
        payments=tuple(one.pk for one in ours),
        entries=tuple(entry.pk for entry in theirs),
        rule="group",
    )


def _held_to_requests(requests: Requests, row: Row, members: Sequence[Ours | Theirs]) -> Row:
    """The whole agrees; each payment in it is held against its own request, as in one transfer that names several."""
    payments = {one.pk: one for one in members if isinstance(one, Ours)}
    wrong = requests.not_as_asked(payments.values())
    if not wrong:
        return row
    reasons = [f"{payments[pk].reference or dong(payments[pk].amount)}: {said['reason']}" for pk, said in wrong.items()]
    first = next(iter(wrong.values()))
    return replace(row, **{**first, "reason": "; ".join([row.reason, *reasons])})


_SHOWN = 2
"""Combinations shown to a person: two are enough to see that neither is certain."""


def _ambiguous(day: Day, theory: _Theory, pool: Mapping[int, Sequence[Ours | Theirs]], contested: str) -> Row:
    target = theory.target
    groups = [_members(pool, way) for way in theory.found.ways[:_SHOWN]]
    groups += [other for other in [_others(pool, theory.found.ways[0])] if len(groups) < _SHOWN and other]
    ways = "; hoặc ".join(" + ".join(_name(row) for row in group) for group in groups)
    reason = "Có nhiều cách ghép cùng đúng tổng" if len(groups) > 1 else "Chưa chắc chắn: tìm kiếm chạm giới hạn"
    if contested and theory.certain:
        reason = contested
    mine = isinstance(target, Ours)
    return Row(
        Outcome.AMBIGUOUS,
        EntryClass.NONE if mine else EntryClass.UNIDENTIFIED,
        theory.amount if mine else 0,
        0 if mine else theory.amount,
        reason,
        OURS_MORE if mine else day.partner_more,
        "cách ghép",
        dong(theory.amount) if mine else ways,
        ways if mine else dong(theory.amount),
        target.reference if isinstance(target, Ours) else "",
        tuple(sorted({row.dossier for group in groups for row in group if isinstance(row, Ours) and row.dossier})),
        (target.pk,) if mine else (),
        entries=() if mine else (target.pk,),
        suggestion=ways,
        rule="group",
        candidates=tuple(
            _candidate(row, f"Cách ghép {number}: {len(group)} dòng, tổng {dong(sum(map(_amount, group)))}")
            for number, group in enumerate(groups, start=1)
            for row in group
        ),
    )


def _others(pool: Mapping[int, Sequence[Ours | Theirs]], way: Amounts) -> list[Ours | Theirs]:
    """The same amounts made of other rows, where there are enough of them."""
    needed = Counter(way)
    if all(len(pool[value]) == count for value, count in needed.items()):
        return []
    return [row for value, count in sorted(needed.items()) for row in pool[value][-count:]]


def _name(row: Ours | Theirs) -> str:
    if isinstance(row, Ours):
        return row.reference or row.dossier or dong(row.amount)
    return f"{dong(row.moves)} ({day_text(row.on)})"


def _candidate(row: Ours | Theirs, why: str) -> Candidate:
    if isinstance(row, Ours):
        return Candidate("ours", row.pk, iso(row.on), row.amount, row.reference, (), why)
    return Candidate("theirs", row.pk, iso(row.on), row.moves, row.tokens or row.keys, (), why)
