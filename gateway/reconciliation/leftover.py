"""Judges entries that name no reference: by the bank's wording, by exact sums; suggestions settle nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from gateway.ledger.references import REFERENCE
from gateway.reconciliation.cases import ROLE_OF_INTERMEDIARY, Day, Verdicts
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
    summed = _by_sums(day, Verdicts([], found.ours, rest))
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
    for wording in day.rules.wordings:
        if wording.sign * entry.moves >= 0 and wording.pattern.search(text):
            return Row(
                wording.outcome, wording.entry_class, 0, entry.moves, wording.reason, reference=entry.keys,
                their_value=dong(entry.moves), entries=(entry.pk,), rule="wording",
            )  # fmt: skip
    return None


def _by_sums(day: Day, left: Verdicts) -> Verdicts:
    """One transfer for several payments, then several transfers for one payment. Two ways that fit are *ambiguous*."""
    rows: list[Row] = []
    payments = [one for one in left.ours if one.kind == "payment"]
    entries = [entry for entry in left.theirs if entry.moves > 0]
    used_ours: set[int] = set()
    used_theirs: set[int] = set()
    same = Counter((entry.account, entry.moves) for entry in entries)
    for entry in entries:
        pool = [one for one in payments if one.pk not in used_ours and one.account == entry.account]
        ways = sums([one.amount for one in pool], entry.moves, day)
        if not ways:
            continue
        groups = [[pool[index] for index in way] for way in ways]
        used_theirs.add(entry.pk)
        if len(ways) == 1 and same[entry.account, entry.moves] == 1:
            used_ours.update(one.pk for one in groups[0])
            rows.append(_sum_row(groups[0], [entry], f"Một lần chuyển cho {len(groups[0])} khoản"))
        else:
            rows.append(_ambiguous(day, entry, groups))
    twins = Counter((one.account, one.amount) for one in payments)
    for one in payments:
        if one.pk in used_ours or twins[one.account, one.amount] > 1:
            continue
        candidates = [e for e in entries if e.pk not in used_theirs and e.account == one.account]
        ways = sums([entry.moves for entry in candidates], one.amount, day)
        if len(ways) == 1:
            group = [candidates[index] for index in ways[0]]
            used_ours.add(one.pk)
            used_theirs.update(entry.pk for entry in group)
            rows.append(_sum_row([one], group, f"{len(group)} lần chuyển cho một khoản"))
    return Verdicts(
        rows,
        [one for one in left.ours if one.pk not in used_ours or one.kind != "payment"],
        [entry for entry in left.theirs if entry.pk not in used_theirs],
    )


def sums(amounts: Sequence[int], target: int, day: Day) -> list[tuple[int, ...]]:
    """Index sets of two or more ``amounts`` that add up to ``target``: none, the only one, or the first two.

    Bounded by the rules; where the bound is reached the answer is none, because it would be a guess.
    """
    rules = day.rules
    usable = [index for index, amount in enumerate(amounts) if 0 < amount < target]
    if len(usable) < 2 or len(usable) > rules.group_candidates:
        return []
    found: list[tuple[int, ...]] = []
    steps = 0
    stack: list[tuple[int, int, tuple[int, ...]]] = [(0, target, ())]
    while stack and len(found) < 2:
        start, rest, chosen = stack.pop()
        steps += 1
        if steps > rules.search_steps:
            return []
        if rest == 0:
            found.append(chosen)
            continue
        if len(chosen) < rules.group_size:
            stack += [
                (position + 1, rest - amounts[usable[position]], (*chosen, usable[position]))
                for position in range(len(usable) - 1, start - 1, -1)
                if amounts[usable[position]] <= rest
            ]
    return found


def _sum_row(ours: Sequence[Ours], theirs: Sequence[Theirs], reason: str) -> Row:
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


def _ambiguous(day: Day, entry: Theirs, groups: Sequence[Sequence[Ours]]) -> Row:
    ways = "; hoặc ".join(" + ".join(one.reference for one in group) for group in groups)
    return Row(
        Outcome.AMBIGUOUS, EntryClass.UNIDENTIFIED, 0, entry.moves, "Có nhiều cách ghép cùng đúng tổng",
        day.partner_more, "cách ghép", ways, dong(entry.moves), entries=(entry.pk,), suggestion=ways,
        dossiers=tuple(sorted({one.dossier for group in groups for one in group if one.dossier})),
        rule="group",
    )  # fmt: skip


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
