"""VNPost's transfer of what its postmen collected, against the remittance it names: fee and postage apart."""

from __future__ import annotations

from dataclasses import replace

from gateway.reconciliation import settled
from gateway.reconciliation.cases import Day, Verdicts
from gateway.reconciliation.outcomes import OURS_MORE, EntryClass, Outcome, Row, dong
from gateway.reconciliation.sides import Remitted, Theirs


def by_remittances(day: Day, left: Verdicts) -> Verdicts:
    """Credits that name the batch of a remittance; a second one for it, here or on another day, is a duplicate."""
    rows: list[Row] = []
    rest: list[Theirs] = []
    paid: set[str] = set()
    for entry in left.theirs:
        batch = next((key for key in entry.keys.split(" ") if key in day.remittances), None)
        if batch is None or entry.moves <= 0:
            rest.append(entry)
            continue
        row = _transfer(day, entry, batch, day.remittances[batch])
        if row.outcome is Outcome.REMITTANCE_CREDIT:
            if (before := day.settled.get(settled.of_remittance(batch))) is not None:
                row = settled.again(row, before, day.partner_more, f"Bảng kê {batch} đã được chuyển tiền")
            elif batch in paid:
                row = _second(day, row)
            paid.add(batch)
        rows.append(row)
    return Verdicts(rows, left.ours, rest)


def _transfer(day: Day, entry: Theirs, batch: str, listed: Remitted) -> Row:
    total = listed.state_fee + listed.postage
    parts = f"phí, lệ phí {dong(listed.state_fee)}; cước {dong(listed.postage)}"
    row = Row(
        Outcome.REMITTANCE_CREDIT, EntryClass.DEPOSIT, 0, entry.moves, f"Bưu điện chuyển tiền thu hộ, bảng kê {batch}",
        reference=batch, our_value=parts, their_value=dong(entry.moves), entries=(entry.pk,), rule="cod",
        settles=(settled.of_remittance(batch),),
    )  # fmt: skip
    if entry.moves == total:
        return row
    if entry.moves == listed.state_fee:
        return replace(row, reason=f"{row.reason}: phí và lệ phí đủ, cước bưu điện giữ lại")
    less = entry.moves < total
    return replace(
        row,
        outcome=Outcome.UNDERPAID if less else Outcome.OVERPAID,
        side=OURS_MORE if less else day.partner_more,
        field="tổng bảng kê",
        reason=f"Tiền chuyển lệch {dong(entry.moves - total)} so với bảng kê {batch}",
    )


def _second(day: Day, row: Row) -> Row:
    return replace(
        row, outcome=Outcome.DUPLICATE, side=day.partner_more, field="số lần", our_value="1", their_value="2",
        reason=f"Bảng kê {row.reference} đã được chuyển tiền",
    )  # fmt: skip
