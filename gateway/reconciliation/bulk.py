"""Settlement in bulk: one credit for a whole batch, net of the intermediary's or the card terminals' charge.

Only whole batches are compared, never a choice of their members. The charge becomes a line of its own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.reconciliation import settled
from gateway.reconciliation.asked import Requests
from gateway.reconciliation.cases import Day, Verdicts, day_text, iso
from gateway.reconciliation.outcomes import OURS_MORE, Candidate, EntryClass, Outcome, Row, dong
from gateway.reconciliation.rules import folded, stands_in
from gateway.reconciliation.sides import Ours, Theirs

Wrong = Mapping[int, Mapping[str, Any]]
"""What ``Requests.not_as_asked`` says, by payment."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Payments of this day (``members``), or money of another day or partner that is judged there (no members)."""

    key: str
    on: int
    account: str
    total: int
    count: int
    members: tuple[Ours, ...] = ()

    @property
    def name(self) -> str:
        """As people read it."""
        what = f"máy POS {self.key.removeprefix('pos:')}" if self.key.startswith("pos:") else self.key
        return f"{what} ngày {day_text(self.on)}, {self.count} giao dịch"

    @property
    def settles(self) -> tuple[str, ...]:
        """By what other days know that it is settled; a batch of this day's own payments is known by them."""
        return () if self.members else (settled.of_date(self.key, day_text(self.on)),)

    def is_named_in(self, text: str) -> bool:
        """Whether the folded text of an entry names the terminal or the partner, as a whole word."""
        return stands_in(text, folded(self.key.removeprefix("pos:")))

    @property
    def money(self) -> frozenset[object]:
        """What no two credits may settle; a terminal's payments are also in the batch of all terminals."""
        return frozenset(one.pk for one in self.members) or frozenset([self])


@dataclass(frozen=True, slots=True)
class Fits:
    """For each credit (its key) the batches that fit, and how many credits could settle each piece of money."""

    found: Mapping[int, Sequence[Batch]]
    wanted: Counter[object]

    @classmethod
    def of(cls, day: Day, entries: Iterable[Theirs], batches: Sequence[Batch]) -> Fits:
        found = {entry.pk: _fitting(day, entry, batches) for entry in entries}
        return cls(found, Counter(one for some in found.values() for one in {one for b in some for one in b.money}))

    def certain(self, entry: Theirs) -> Batch | None:
        """The batch that alone fits the credit, whose money no other credit could settle."""
        found = self.found[entry.pk]
        return found[0] if len(found) == 1 and all(self.wanted[one] == 1 for one in found[0].money) else None


def by_batches(day: Day, left: Verdicts) -> Verdicts:
    """Credits worded as settlements in bulk against whole batches; of two batches that fit, neither is taken.

    A batch that another day's credit settled is taken by none: what fits it alone is a duplicate.
    """
    worded = [entry for entry in left.theirs if entry.moves > 0 and _is_bulk(day, entry)]
    batches = [*_own(left.ours), *(Batch(b.key, b.on, b.account, b.total, b.count) for b in day.batches)]
    taken = [batch for batch in batches if any(what in day.settled for what in batch.settles)]
    fits = Fits.of(day, worded, [batch for batch in batches if batch not in taken])
    requests = Requests(day)
    rows: list[Row] = []
    used_ours: set[int] = set()
    used_theirs: set[int] = set()
    for entry in worded:
        if not fits.found[entry.pk]:
            if before := _fitting(day, entry, taken):
                rows.append(_again(day, entry, before[0]))
                used_theirs.add(entry.pk)
            continue
        if batch := fits.certain(entry):
            rows += _settled(entry, batch, requests.not_as_asked(batch.members))
            used_ours.update(one.pk for one in batch.members)
        else:
            rows.append(_ambiguous(day, entry, fits.found[entry.pk]))
        used_theirs.add(entry.pk)
    ours = [one for one in left.ours if one.kind != "payment" or one.pk not in used_ours]
    later = _settled_later(day, ours, requests)
    rows += later
    used_ours = {pk for row in later for pk in row.payments}
    return Verdicts(
        rows,
        [one for one in ours if one.kind != "payment" or one.pk not in used_ours],
        [entry for entry in left.theirs if entry.pk not in used_theirs],
    )


def _is_bulk(day: Day, entry: Theirs) -> bool:
    return day.rules.bulk.pattern.search(folded(f"{entry.type_code} {entry.text}")) is not None


def _own(ours: Iterable[Ours]) -> list[Batch]:
    """Unmatched payments by account and terminal, and all terminals of an account together."""
    by_terminal: dict[tuple[str, str], list[Ours]] = defaultdict(list)
    for one in ours:
        if one.kind == "payment" and one.batch:
            by_terminal[one.account, one.batch].append(one)
    found = [_batch(account, key, members) for (account, key), members in sorted(by_terminal.items())]
    for account in sorted({account for account, _ in by_terminal}):
        of_account = [batch for batch in found if batch.account == account]
        if len(of_account) > 1:
            members = [one for batch in of_account for one in batch.members]
            found.append(_batch(account, "pos:", members))
    return found


def _batch(account: str, key: str, members: Sequence[Ours]) -> Batch:
    return Batch(key, members[0].on, account, sum(one.amount for one in members), len(members), tuple(members))


def _fitting(day: Day, entry: Theirs, batches: Sequence[Batch]) -> list[Batch]:
    """Batches whose sum is the credit and a charge within bounds; those that the entry names go before the others."""
    rules = day.rules.bulk
    found = [
        batch
        for batch in batches
        if batch.account in ("", entry.account)
        and batch.on <= entry.on
        and 0 <= batch.total - entry.moves <= rules.largest_charge(batch.total)
    ]
    text = folded(f"{entry.keys} {entry.text}")
    named = [batch for batch in found if batch.is_named_in(text)]
    found = named or found
    dated = [batch for batch in found if any(word in text for word in _dates(batch.on))]
    return dated or found


def _dates(on: int) -> tuple[str, ...]:
    day = day_text(on)
    return day, day.replace("/", ""), day[:5]


def _settled(entry: Theirs, batch: Batch, wrong: Wrong) -> list[Row]:
    """The batch, its payments that are not as asked, and what was kept as a charge: together they are the credit."""
    alone = [_not_as_asked(entry, batch, one, wrong[one.pk]) for one in batch.members if one.pk in wrong]
    rows = [_whole(entry, batch, wrong), *alone]
    if batch.members and len(alone) == len(batch.members):
        rows = [replace(alone[0], entries=(entry.pk,)), *alone[1:]]
    charge = batch.total - entry.moves
    if not charge:
        return rows
    return [
        *rows,
        Row(
            Outcome.BANK_CHARGE, EntryClass.BANK_CHARGE, 0, -charge, f"Phí trừ thẳng khi quyết toán: {batch.name}",
            reference=entry.keys or batch.key, our_value=dong(batch.total), their_value=dong(entry.moves), rule="bulk",
            candidates=(_candidate(entry, "Dòng báo có đã trừ phí"),),
        ),
    ]  # fmt: skip


def _whole(entry: Theirs, batch: Batch, wrong: Wrong) -> Row:
    """The batch without its payments that are not as asked: those are rows of their own."""
    members = [one for one in batch.members if one.pk not in wrong]
    aside = sum(one.amount for one in batch.members if one.pk in wrong)
    more = f", trong đó {len(wrong)} giao dịch xem riêng" if wrong else ""
    return Row(
        Outcome.MATCHED if batch.members else Outcome.DEPOSIT,
        EntryClass.FEE if batch.members else EntryClass.DEPOSIT,
        sum(one.amount for one in members),
        batch.total - aside,
        f"Quyết toán gộp: {batch.name}{more}",
        reference=batch.key,
        our_value=dong(batch.total),
        their_value=dong(entry.moves),
        dossiers=_dossiers(members),
        payments=tuple(one.pk for one in members),
        entries=(entry.pk,),
        rule="bulk",
        settles=batch.settles,
    )


def _not_as_asked(entry: Theirs, batch: Batch, one: Ours, said: Mapping[str, Any]) -> Row:
    """A payment of the batch: the credit has its money, and it is not what was asked for."""
    row = Row(
        Outcome.MATCHED, EntryClass.FEE, one.amount, one.amount, "", reference=one.reference,
        dossiers=_dossiers([one]), payments=(one.pk,), rule="bulk",
        candidates=(_candidate(entry, "Dòng báo có quyết toán gộp"),),
    )  # fmt: skip
    return replace(row, **{**said, "reason": f"{said['reason']} (quyết toán gộp: {batch.name})"})


def _dossiers(members: Iterable[Ours]) -> tuple[str, ...]:
    return tuple(sorted({one.dossier for one in members if one.dossier}))


def _again(day: Day, entry: Theirs, batch: Batch) -> Row:
    """A credit for a batch that another day's credit settled."""
    row = Row(
        Outcome.DUPLICATE, EntryClass.DEPOSIT, 0, entry.moves, "", reference=batch.key, entries=(entry.pk,), rule="bulk"
    )
    before = next(day.settled[what] for what in batch.settles if what in day.settled)
    return settled.again(row, before, day.partner_more, f"Lô {batch.name} đã được quyết toán")


def _ambiguous(day: Day, entry: Theirs, found: Sequence[Batch]) -> Row:
    ways = "; hoặc ".join(batch.name for batch in found[:2])
    reason = "Nhiều lô cùng vừa với số tiền báo có" if len(found) > 1 else "Hai dòng báo có cùng nhận một khoản"
    return Row(
        Outcome.AMBIGUOUS, EntryClass.UNIDENTIFIED, 0, entry.moves, reason, day.partner_more, "lô quyết toán", ways,
        dong(entry.moves), entry.keys, entries=(entry.pk,), suggestion=ways, rule="bulk",
        candidates=tuple(
            Candidate("ours", batch.members[0].pk if batch.members else 0, iso(batch.on), batch.total, batch.key,
                      (("số tiền", dong(batch.total), dong(entry.moves)),), batch.name)
            for batch in found[:2]
        ),
        settles=tuple(what for batch in found for what in batch.settles),
    )  # fmt: skip


def _settled_later(day: Day, ours: Sequence[Ours], requests: Requests) -> list[Row]:
    """Whole batches of this day that a later credit settles: expected inside the agreed T+n, else of the wrong day.

    A credit inside T+n goes before a later one. What is missing of a request is a row of no money beside it; a surplus
    stands in the queue of unidentified money.
    """
    rows: list[Row] = []
    left, credits = [one for one in ours if one.lag], list(day.near_bulk)
    for in_time in (True, False):
        batches = _own(left)
        within = [entry for entry in credits if not in_time or any(_is_in_time(day, entry, one) for one in batches)]
        fits = Fits.of(day, within, batches)
        for entry in within:
            if batch := fits.certain(entry):
                rows += _later(day, entry, batch, requests)
                credits.remove(entry)
                left = [one for one in left if one not in batch.members]
    return rows


def _is_in_time(day: Day, entry: Theirs, batch: Batch) -> bool:
    return entry.on <= day.after(batch.on, max(one.lag for one in batch.members))


def _later(day: Day, entry: Theirs, batch: Batch, requests: Requests) -> list[Row]:
    row = Row(
        Outcome.EXPECTED_DIFFERENCE, EntryClass.NONE, batch.total, 0,
        f"Đối tác quyết toán gộp ngày {day_text(entry.on)}: {batch.name}", "", "ngày đối soát",
        day_text(batch.on), day_text(entry.on), batch.key,
        _dossiers(batch.members), tuple(one.pk for one in batch.members), rule="bulk",
        candidates=(_candidate(entry, "Dòng báo có quyết toán gộp"),),
    )  # fmt: skip
    if day.rules.uses("window") and not _is_in_time(day, entry, batch):
        lag = max(one.lag for one in batch.members)
        row = replace(row, outcome=Outcome.WRONG_DAY, side=OURS_MORE, reason=f"{row.reason}, quá hạn T+{lag}")
    wrong = requests.not_as_asked(batch.members)
    short = [one for one in batch.members if one.pk in wrong and wrong[one.pk]["outcome"] is Outcome.UNDERPAID]
    told = (_not_as_asked(entry, batch, one, wrong[one.pk]) for one in short)
    nothing: dict[str, Any] = {"entry_class": EntryClass.NONE, "our_amount": 0, "their_amount": 0, "payments": ()}
    return [row, *(replace(one, **nothing) for one in told)]


def _candidate(entry: Theirs, why: str) -> Candidate:
    return Candidate("theirs", entry.pk, iso(entry.on), entry.moves, entry.keys, (), why)
