"""Judges entries that name no reference: by the bank's wording, by exact sums; suggestions settle nothing."""

from __future__ import annotations

from dataclasses import replace

from gateway.ledger.references import REFERENCE
from gateway.reconciliation.cases import ROLE_OF_INTERMEDIARY, Day, Verdicts
from gateway.reconciliation.groups import by_sums
from gateway.reconciliation.judge import by_reference
from gateway.reconciliation.outcomes import OURS_MORE, EntryClass, Outcome, Row, dong
from gateway.reconciliation.rules import folded
from gateway.reconciliation.sides import Ours, Theirs


def judge(day: Day) -> list[Row]:
    """Every row of what exact matching left over: each of our rows and each of their entries exactly once."""
    found = by_reference(day)
    rows = found.rows
    rest = []
    for entry in sorted(found.theirs, key=_order):
        row = _remittance(day, entry) or _worded(day, entry)
        if row is None:
            rest.append(entry)
        else:
            rows.append(row)
    summed = by_sums(day, Verdicts([], found.ours, rest))
    rows += summed.rows
    rows += [_unidentified(day, entry) for entry in summed.theirs]
    rows += [_missing(day, one) for one in summed.ours]
    return rows


def _order(entry: Theirs) -> tuple[object, ...]:
    return (entry.on, entry.account, entry.amount, entry.keys, entry.text, entry.pk)


def _remittance(day: Day, entry: Theirs) -> Row | None:
    """VNPost's transfer of a remittance names its batch."""
    batch = next((key for key in entry.keys.split(" ") if key in day.remittances), None)
    if batch is None or entry.moves <= 0:
        return None
    total = day.remittances[batch]
    row = Row(
        Outcome.REMITTANCE_CREDIT, EntryClass.DEPOSIT, 0, entry.moves, f"Bưu điện chuyển tiền thu hộ, bảng kê {batch}",
        reference=batch, our_value=dong(total), their_value=dong(entry.moves), entries=(entry.pk,), rule="cod",
    )  # fmt: skip
    if total == entry.moves:
        return row
    less = entry.moves < total
    return replace(
        row,
        outcome=Outcome.UNDERPAID if less else Outcome.OVERPAID,
        side=OURS_MORE if less else day.partner_more,
        field="tổng bảng kê",
        reason=f"Tiền chuyển lệch {dong(entry.moves - total)} so với bảng kê {batch}",
    )


def _worded(day: Day, entry: Theirs) -> Row | None:
    text = folded(f"{entry.type_code} {entry.text}")
    for wording in day.rules.wording:
        if wording.fits(entry.moves, text):
            return Row(
                wording.outcome, wording.entry_class, 0, entry.moves, wording.reason, reference=entry.keys,
                their_value=dong(entry.moves), entries=(entry.pk,), rule="wording",
            )  # fmt: skip
    return None


def _unidentified(day: Day, entry: Theirs) -> Row:
    dossiers = day.suggestions.get(entry.pk, ())
    references = tuple(sorted(set(REFERENCE.findall(folded(entry.text)))))
    hints = ", ".join((*references, *dossiers))
    reason = "Không có mã tham chiếu"
    if hints:
        reason += f"; nội dung gợi ý {hints} (không tự ghép)"
    side = day.partner_more if entry.moves > 0 else OURS_MORE
    return Row(
        Outcome.UNIDENTIFIED, EntryClass.UNIDENTIFIED, 0, entry.moves, reason, side, "mã tham chiếu", "(không có)",
        entry.keys or "(không có)", entries=(entry.pk,), dossiers=dossiers, suggestion=hints, rule="rest",
    )  # fmt: skip


def _missing(day: Day, one: Ours) -> Row:
    dossiers = (one.dossier,) if one.dossier else ()
    if one.late:
        return Row(
            Outcome.PENDING, EntryClass.NONE, one.amount, 0, "Nộp sát giờ chốt: đối tác có thể ghi ngày sau", "",
            "ngày đối soát", dong(one.amount), "(chưa có)", one.reference, dossiers, (one.pk,),
            verdict="chờ kết luận" if day.role == "intermediary" else "", role=_role(day), rule="window",
        )  # fmt: skip
    return Row(
        Outcome.MISSING_AT_PARTNER, EntryClass.NONE, one.amount, 0, "Hệ thống có giao dịch, đối tác không có dòng nào",
        OURS_MORE, "giao dịch", dong(one.amount), "(không có)", one.reference, dossiers, (one.pk,),
        verdict="lệch thiếu" if day.role == "intermediary" else "", role=_role(day), rule="rest",
    )  # fmt: skip


def _role(day: Day) -> str:
    return ROLE_OF_INTERMEDIARY if day.role == "intermediary" else ""
