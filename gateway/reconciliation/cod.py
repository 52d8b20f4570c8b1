"""VNPost's transfers of what its postmen collected, against the remittances they name: fee and postage apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from gateway.reconciliation import settled
from gateway.reconciliation.cases import Day, Verdicts
from gateway.reconciliation.outcomes import OURS_MORE, EntryClass, Outcome, Row, dong
from gateway.reconciliation.sides import Remitted, Settled, Theirs


def by_remittances(day: Day, left: Verdicts) -> Verdicts:
    """Credits that name the batch of a remittance: all of its transfers of the day together, in one row.

    Several batches in one transfer are their sum. What comes beyond a whole transfer, here or on another day, is a
    duplicate, whatever its amount.
    """
    groups: dict[tuple[str, ...], list[Theirs]] = defaultdict(list)
    for entry in left.theirs:
        groups[_named(day, entry)].append(entry)
    rest = groups.pop((), [])
    rows: list[Row] = []
    paid: dict[str, Settled] = {}
    for batches in sorted(groups, key=lambda batches: (len(batches), batches)):
        rows += _transfers(day, batches, groups[batches], paid)
    return Verdicts(rows, left.ours, rest)


def _named(day: Day, entry: Theirs) -> tuple[str, ...]:
    """The batches that a credit is of: all that it names, or the only one whose very sum it is."""
    found = tuple(sorted({key for key in entry.keys.split(" ") if key in day.remittances}))
    if entry.moves <= 0 or not found:
        return ()
    if entry.moves not in _sums(_listed(day, found)):
        alone = [batch for batch in found if entry.moves in _sums(day.remittances[batch])]
        if len(alone) == 1:
            return (alone[0],)
    return found


def _listed(day: Day, batches: Sequence[str]) -> Remitted:
    listed = [day.remittances[batch] for batch in batches]
    return Remitted(sum(one.state_fee for one in listed), sum(one.postage for one in listed))


def _sums(listed: Remitted) -> tuple[int, int]:
    """What VNPost may transfer: fees alone, where it keeps its postage, or both. Nothing between is whole."""
    return listed.state_fee, listed.state_fee + listed.postage


def _transfers(day: Day, batches: tuple[str, ...], entries: list[Theirs], paid: dict[str, Settled]) -> list[Row]:
    before = {batch: paid.get(batch) or day.settled.get(settled.of_remittance(batch)) for batch in batches}
    unpaid = tuple(batch for batch in batches if before[batch] is None)
    if not unpaid:
        first = next(one for one in before.values() if one is not None)
        return [_again(day, batches, entry, first, elsewhere=batches[0] not in paid) for entry in entries]
    listed = _listed(day, unpaid)
    whole = entries
    if sum(entry.moves for entry in entries) not in _sums(listed):
        whole = [entry for entry in entries if entry.moves in _sums(listed)][:1] or entries
    row = _transfer(day, unpaid, listed, whole)
    if row.outcome is not Outcome.REMITTANCE_CREDIT:
        return [row]
    first = Settled(whole[0].on, whole[0].pk, row.their_amount)
    paid.update(dict.fromkeys(unpaid, first))
    more = [entry for entry in entries if entry not in whole]
    return [row, *(_again(day, unpaid, entry, first, elsewhere=False) for entry in more)]


def _transfer(day: Day, batches: Sequence[str], listed: Remitted, entries: Sequence[Theirs]) -> Row:
    """The transfers of some remittances against what these list; where they differ, against the nearer of both sums."""
    moved = sum(entry.moves for entry in entries)
    parts = f"phí, lệ phí {dong(listed.state_fee)}; cước {dong(listed.postage)}"
    names = ", ".join(batches)
    times = f", {len(entries)} lần chuyển" if len(entries) > 1 else ""
    row = Row(
        Outcome.REMITTANCE_CREDIT, EntryClass.DEPOSIT, 0, moved, f"Bưu điện chuyển tiền thu hộ, bảng kê {names}{times}",
        reference=" ".join(batches), our_value=parts, their_value=dong(moved),
        entries=tuple(entry.pk for entry in entries), rule="cod", settles=tuple(map(settled.of_remittance, batches)),
    )  # fmt: skip
    fees, total = _sums(listed)
    if moved == total:
        return row
    if moved == fees:
        return replace(row, reason=f"{row.reason}: phí và lệ phí đủ, cước bưu điện giữ lại")
    expected = min((fees, total), key=lambda wanted: abs(moved - wanted))
    less = moved < expected
    return replace(
        row,
        outcome=Outcome.UNDERPAID if less else Outcome.OVERPAID,
        side=OURS_MORE if less else day.partner_more,
        field="tổng bảng kê",
        our_value=dong(expected),
        reason=f"Tiền chuyển lệch {dong(moved - expected)} so với bảng kê {names} ({parts}){times}",
    )


def _again(day: Day, batches: tuple[str, ...], entry: Theirs, before: Settled, *, elsewhere: bool) -> Row:
    """One more transfer for remittances that have their money: a duplicate, unless it is what the first one lacked."""
    listed = _listed(day, batches)
    row = _transfer(day, batches, listed, [entry])
    if elsewhere and sorted((before.amount, entry.moves)) == sorted((listed.state_fee, listed.postage)):
        return replace(
            row, outcome=Outcome.REMITTANCE_CREDIT, side="", field="", our_value=dong(entry.moves),
            reason=f"Bưu điện chuyển tiền thu hộ, bảng kê {', '.join(batches)}: phí và cước chuyển riêng",
        )  # fmt: skip
    said = f"Bảng kê {', '.join(batches)} đã được chuyển tiền"
    again = settled.again(row, before, day.partner_more, said)
    return again if elsewhere else replace(again, reason=said, candidates=())
