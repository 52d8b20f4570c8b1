"""Judges what exact matching left over: by reference, then the steps of the rules from strong evidence to weak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from gateway.ledger.references import REFERENCE
from gateway.reconciliation.bulk import by_batches
from gateway.reconciliation.cases import Day, Verdicts
from gateway.reconciliation.cash import by_counts
from gateway.reconciliation.cod import by_remittances
from gateway.reconciliation.groups import by_sums
from gateway.reconciliation.judge import by_reference
from gateway.reconciliation.nearest import Nearest
from gateway.reconciliation.outcomes import OURS_MORE, EntryClass, Outcome, Row, dong
from gateway.reconciliation.rules import Step, folded
from gateway.reconciliation.sides import Ours, Theirs
from gateway.reconciliation.suggestions import SETTLED_BY_CODE
from gateway.reconciliation.verdicts import RIGHT, WRONG, State, role_of, verdict


def judge(day: Day) -> list[Row]:
    """Every row of what exact matching left over: each of our rows and each of their entries exactly once."""
    left = by_reference(day)
    left = Verdicts(left.rows, left.ours, sorted(left.theirs, key=_order))
    for step, take in _STEPS:
        if day.rules.uses(step):
            done = take(day, left)
            left = Verdicts([*left.rows, *done.rows], done.ours, done.theirs)
    rows = [
        *left.rows,
        *(_unidentified(day, entry) for entry in left.theirs),
        *(_missing(day, one) for one in left.ours),
    ]
    nearest = Nearest(day, rows)
    return [replace(row, **nearest.of(row), **_spoken(day, row)) for row in rows]


def _order(entry: Theirs) -> tuple[object, ...]:
    return (entry.on, entry.account, entry.amount, entry.keys, entry.text, entry.pk)


def _by_wording(day: Day, left: Verdicts) -> Verdicts:
    rows, rest = [], []
    for entry in left.theirs:
        row = _worded(day, entry)
        if row is None:
            rest.append(entry)
        else:
            rows.append(row)
    return Verdicts(rows, left.ours, rest)


_STEPS: Sequence[tuple[Step, Callable[[Day, Verdicts], Verdicts]]] = (
    ("bulk", by_batches),
    ("cod", by_remittances),
    ("cash", by_counts),
    ("wording", _by_wording),
    ("group", by_sums),
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
    suggested = day.suggestions.get(entry.pk, ())
    references = tuple(sorted(set(REFERENCE.findall(folded(entry.text)))))
    hints = ", ".join((*references, *(one.dossier_code for one in suggested)))
    reason = "Không có mã tham chiếu"
    if hints:
        reason += f"; nội dung gợi ý {hints} (không tự ghép)"
    side = day.partner_more if entry.moves > 0 else OURS_MORE
    return Row(
        Outcome.UNIDENTIFIED, EntryClass.UNIDENTIFIED, 0, entry.moves, reason, side, "mã tham chiếu", "(không có)",
        entry.keys or "(không có)", entries=(entry.pk,), suggestion=hints, rule="rest",
        dossiers=tuple(sorted(one.dossier_code for one in suggested if one.score >= SETTLED_BY_CODE)),
    )  # fmt: skip


def _missing(day: Day, one: Ours) -> Row:
    dossiers = (one.dossier,) if one.dossier else ()
    row = Row(
        Outcome.MISSING_AT_PARTNER, EntryClass.NONE, one.amount, 0, "Hệ thống có giao dịch, đối tác không có dòng nào",
        OURS_MORE, "giao dịch", dong(one.amount), "(không có)", one.reference, dossiers, (one.pk,),
        rule="cod" if day.role == "postal" else "rest",
    )  # fmt: skip
    if not day.rules.uses("window") or one.lag not in day.waiting or not (one.late or one.lag):
        return row
    reason = (
        f"Kênh này được ghi có sau T+{one.lag} ngày làm việc: chưa đến hạn"
        if one.lag
        else "Nộp sát giờ chốt: đối tác có thể ghi ngày sau"
    )
    return replace(
        row, outcome=Outcome.PENDING, reason=reason, side="", field="ngày đối soát", their_value="(chưa có)",
        rule="window",
    )  # fmt: skip


def _spoken(day: Day, row: Row) -> dict[str, Any]:
    """The partner's role in the row, and the word of the decision table that follows from it (domain.md 4.4)."""
    role = role_of(row.their_amount or row.our_amount)
    return {"role": role, "verdict": _verdict(role, row) if day.role == "intermediary" else ""}


def _verdict(role: str, row: Row) -> str:
    if row.verdict:
        return row.verdict
    if row.outcome is Outcome.EXPECTED_DIFFERENCE:
        return RIGHT
    if row.payments and row.entries:
        agrees = row.our_amount == row.their_amount and row.outcome is not Outcome.WRONG_ACCOUNT
        return verdict(role, State.SUCCESS, State.SUCCESS) if agrees else WRONG
    theirs = State.SUCCESS if row.entries else State.NONE
    ours = State.SUCCESS if row.payments or row.refunds else State.NONE
    return verdict(role, theirs, ours)
