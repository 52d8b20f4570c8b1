"""Settlement in bulk: one credit for a whole batch, net of the intermediary's or the card terminals' charge.

Only whole batches (``batches``) are compared, never a choice of their members. The charge becomes a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gateway.reconciliation import batches, settled
from gateway.reconciliation.asked import Requests
from gateway.reconciliation.batches import Batch
from gateway.reconciliation.cases import Day, Verdicts, day_text, iso
from gateway.reconciliation.outcomes import OURS_MORE, Candidate, EntryClass, Outcome, Row, dong
from gateway.reconciliation.rules import folded
from gateway.reconciliation.sides import Batch as Told
from gateway.reconciliation.sides import Ours, Settled, Theirs

Wrong = Mapping[int, Mapping[str, Any]]
"""What ``Requests.not_as_asked`` says, by payment."""


def by_batches(day: Day, left: Verdicts) -> Verdicts:
    """Credits worded as settlements in bulk against whole batches; of two batches that fit, neither is taken.

    A batch that another day's credit settled is taken by none: what fits it alone is a duplicate.
    """
    worded = [entry for entry in left.theirs if entry.moves > 0 and _is_bulk(day, entry)]
    parts = [*batches.own(left.ours), *map(_elsewhere, day.batches)]
    taken = [part for part in parts if any(what in day.settled for what in part.settles)]
    found = batches.settle(day, worded, [part for part in parts if part not in taken])
    requests = Requests(day)
    rows: list[Row] = []
    used_ours: set[int] = set()
    used_theirs: set[int] = set()
    for entry in worded:
        if batch := found.certain.get(entry.pk):
            rows += _settled(entry, batch, requests.not_as_asked(batch.members))
            used_ours.update(one.pk for one in batch.members)
        elif several := found.unsure.get(entry.pk):
            rows.append(_ambiguous(day, entry, several))
        elif taken and (again := _again(day, entry, parts, taken)):
            rows.append(again)
        else:
            continue
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


def _elsewhere(told: Told) -> Batch:
    return Batch(told.key, told.on, told.account, told.total, told.count)


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


def _again(day: Day, entry: Theirs, parts: Sequence[Batch], taken: Sequence[Batch]) -> Row | None:
    """A credit for a batch that other days' credits settled: a duplicate; where they settled a part, people must look.

    None where it is for no such batch.
    """
    if found := batches.fitting(day, entry, batches.made_of(day, taken)):
        batch = found[0]
        row = Row(
            Outcome.DUPLICATE, EntryClass.DEPOSIT, 0, entry.moves, "", reference=batch.key, entries=(entry.pk,),
            rule="bulk",
        )  # fmt: skip
        return settled.again(row, _before(day, batch), day.partner_more, f"Lô {batch.name} đã được quyết toán")
    partly = [batch for batch in batches.made_of(day, parts) if batch.settles and batch.money & _money(taken)]
    found = batches.fitting(day, entry, partly)
    if not found:
        return None
    before = _before(day, found[0])
    row = _ambiguous(day, entry, found[:1])
    reason = f"Một phần của lô này đã được quyết toán ngày {day_text(before.on)}"
    return replace(row, reason=reason, candidates=(*row.candidates, settled.first(row, before)))


def _before(day: Day, batch: Batch) -> Settled:
    return next(day.settled[what] for what in batch.settles if what in day.settled)


def _money(parts: Sequence[Batch]) -> frozenset[object]:
    return frozenset(one for part in parts for one in part.money)


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
    """Whole batches of this day that a later credit settles, alone or with those of the dates that fall due together.

    Expected inside the agreed T+n, else of the wrong day; a credit inside T+n goes before a later one. What is missing
    of a request is a row of no money beside it; a surplus stands in the queue of unidentified money.
    """
    rows: list[Row] = []
    left, credits = [one for one in ours if one.lag], sorted(day.near_bulk, key=lambda entry: (entry.on, entry.pk))
    beside = _unsettled_before(day)
    for in_time in (True, False):
        own = batches.own(left)
        within = [entry for entry in credits if not in_time or any(_is_in_time(day, entry, one) for one in own)]
        found = batches.settle(day, within, [*own, *beside]).certain
        for entry in within:
            if (batch := found.get(entry.pk)) and batch.members:
                rows += _later(day, entry, batch, requests)
        credits = [entry for entry in credits if entry.pk not in found]
        beside = batches.without(beside, found.values())
        used = {one.pk for batch in found.values() for one in batch.members}
        left = [one for one in left if one.pk not in used]
    return rows


def _unsettled_before(day: Day) -> list[Batch]:
    """What of the dates that fall due together no credit has but those that are looked at here."""
    here = {entry.pk for entry in day.near_bulk}
    gone = {what for what, by in day.settled.items() if by.entry not in here}
    return [part for part in map(_elsewhere, day.beside) if not gone.intersection(part.settles)]


def _is_in_time(day: Day, entry: Theirs, batch: Batch) -> bool:
    return entry.on <= day.after(batch.members[0].on, max(one.lag for one in batch.members))


def _later(day: Day, entry: Theirs, batch: Batch, requests: Requests) -> list[Row]:
    row = Row(
        Outcome.EXPECTED_DIFFERENCE, EntryClass.NONE, sum(one.amount for one in batch.members), 0,
        f"Đối tác quyết toán gộp ngày {day_text(entry.on)}: {batch.name}", "", "ngày đối soát",
        day_text(batch.members[0].on), day_text(entry.on), batch.key,
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
