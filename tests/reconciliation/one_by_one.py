"""The oracle of the engine: every reference judged one by one, every row's nearest found one by one, by plain Python.

It uses the judges of production for what they alone judge; what production does at once in SQL is spelt out here.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from rapidfuzz.distance import Levenshtein

from gateway.ledger.references import REFERENCE
from gateway.reconciliation.bulk import by_batches
from gateway.reconciliation.cases import Day, Verdicts
from gateway.reconciliation.cash import by_counts
from gateway.reconciliation.cod import by_remittances
from gateway.reconciliation.groups import by_sums
from gateway.reconciliation.halves import name_of, other_half
from gateway.reconciliation.inputs import Inputs
from gateway.reconciliation.judge import by_reference
from gateway.reconciliation.outcomes import BREAKS, OURS_MORE, OUTCOME_VI, Candidate, EntryClass, Outcome, Row, dong
from gateway.reconciliation.rules import Rules, folded
from gateway.reconciliation.sides import Ours, Paid, Theirs, rows_of
from gateway.reconciliation.suggestions import SETTLED_BY_CODE
from gateway.reconciliation.sums import Counts, search_sums
from gateway.reconciliation.verdicts import RIGHT, WRONG, State, role_of, verdict


def judged_one_by_one(inputs: Inputs, role: str, rules: Rules) -> list[dict[str, Any]]:
    """The rows of a day without exact and cancelled pairs, in the order of the result, without numbers and keys."""
    day = Day(
        role, rules, rows_of(Ours, inputs.ours), rows_of(Theirs, inputs.theirs), rows_of(Ours, inputs.near_ours),
        rows_of(Theirs, inputs.near_theirs), inputs.known, inputs.remittances, inputs.suggestions, inputs.near_bulk,
        inputs.batches, inputs.counts, inputs.waiting, inputs.days, inputs.settled, beside=inputs.beside,
    )  # fmt: skip
    rows = _judge(day)
    nearest = _Nearest(day, rows)
    told = [replace(row, **nearest.of(row), **_spoken(day, row)) for row in rows]
    rank = {outcome: number for number, outcome in enumerate(OUTCOME_VI)}
    told.sort(
        key=lambda row: (
            rank[row.outcome], row.reference, row.their_amount, row.our_amount, row.reason, row.payments, row.refunds,
            row.entries,
        )
    )  # fmt: skip
    return [_plain(row) for row in told]


def _plain(row: Row) -> dict[str, Any]:
    return {
        "rule": row.rule, "outcome": row.outcome.value, "class": row.entry_class.value, "side": row.side,
        "role": row.role, "verdict": row.verdict, "field": row.field, "our_value": row.our_value,
        "their_value": row.their_value, "our_amount": row.our_amount, "their_amount": row.their_amount,
        "reason": row.reason, "reference": row.reference, "dossier_codes": list(row.dossiers),
        "payment_pks": list(row.payments), "refund_pks": list(row.refunds), "entry_pks": list(row.entries),
        "suggestion": row.suggestion, "candidates": _json([one.as_json() for one in row.candidates]),
        "suggestions": _json([one.as_json() for one in row.suggestions]), "settles": _json(row.settles),
    }  # fmt: skip


def _json(items: Any) -> str:
    return json.dumps(items, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _judge(day: Day) -> list[Row]:
    left = by_reference(day)
    rows, ours = left.rows, left.ours
    theirs = sorted(left.theirs, key=lambda e: (e.on, e.account, e.amount, e.keys, e.text, e.pk))
    steps = {"bulk": by_batches, "cod": by_remittances, "cash": by_counts, "wording": _by_wording, "group": _by_sums}
    for step, take in steps.items():
        if step in day.rules.steps:
            done = take(replace(day, paid=_paid(day, ours)), Verdicts([], ours, theirs))
            rows, ours, theirs = [*rows, *done.rows], done.ours, done.theirs
    return [*rows, *(_unidentified(day, entry) for entry in theirs), *(_missing(day, one) for one in ours)]


def _paid(day: Day, left: Sequence[Ours]) -> dict[str, Paid]:
    """What the day brings to each request, and what of it is no longer ``left``."""
    of_day, unjudged = (
        {
            reference: sum(one.amount for one in some if one.kind == "payment" and one.reference == reference)
            for reference in {one.reference for one in left}
        }
        for some in (day.ours, left)
    )
    return {reference: Paid(of_day[reference], of_day[reference] - unjudged[reference]) for reference in of_day}


def _by_sums(day: Day, left: Verdicts) -> Verdicts:
    mine, yours = (
        Counter((o.account, o.amount) for o in left.ours),
        Counter((e.account, e.moves) for e in left.theirs if e.moves > 0),
    )
    counts: list[Counts] = [[(*key, count) for key, count in side.items()] for side in (yours, mine)]
    return by_sums(day, left, *search_sums(counts[0], counts[1], day.rules.group))


def _by_wording(day: Day, left: Verdicts) -> Verdicts:
    rows, rest = [], []
    for entry in left.theirs:
        text = folded(f"{entry.type_code} {entry.text}")
        wording = next((one for one in day.rules.wording if one.fits(entry.moves, text)), None)
        if wording is None or (wording.entry_class is not EntryClass.RETURNED and _is_of_a_payer(day, entry)):
            rest.append(entry)
        else:
            rows.append(
                Row(
                    wording.outcome, wording.entry_class, 0, entry.moves, wording.reason, reference=entry.keys,
                    their_value=dong(entry.moves), entries=(entry.pk,), rule="wording",
                )
            )  # fmt: skip
    return Verdicts(rows, left.ours, rest)


def _is_of_a_payer(day: Day, entry: Theirs) -> bool:
    coded = any(one.score >= SETTLED_BY_CODE for one in day.suggestions.get(entry.pk, ()))
    return entry.moves > 0 and (coded or REFERENCE.search(folded(entry.text)) is not None)


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


_SHOWN = 3
_NEIGHBOURS = 4


class _Nearest:
    """The rows that differ, so that each finds what comes nearest to it."""

    def __init__(self, day: Day, rows: Sequence[Row]) -> None:
        self._ours = {one.pk: one for one in day.ours if one.kind == "payment"}
        self._theirs = {entry.pk: entry for entry in day.theirs}
        self._suggestions = day.suggestions
        told = [row for row in rows if _is_open(row)]
        # What a credit of a batch has is free no more, also where the batch's other row has the entry.
        ours = [self._ours[pk] for row in told if not row.entries and not row.their_amount for pk in row.payments]
        theirs = [self._theirs[pk] for row in told if not row.payments for pk in row.entries]
        self._free_ours = _ours_by_amount([*ours, *day.near_ours])
        self._free_theirs = _theirs_by_amount([*theirs, *day.near_theirs])
        self._by_reference: dict[str, list[Ours]] = defaultdict(list)
        for _, one in sorted(self._ours.items()):
            self._by_reference[one.reference].append(one)

    def of(self, row: Row) -> dict[str, Any]:
        """What is told of a row that differs: ``candidates`` and, for one entry alone, ``suggestions``."""
        if not _is_open(row):
            return {}
        told: dict[str, Any] = {}
        if not row.candidates:
            told["candidates"] = self._candidates(row)
        if len(row.entries) == 1 and not row.payments and row.entries[0] in self._suggestions:
            told["suggestions"] = self._suggestions[row.entries[0]]
        return told

    def _candidates(self, row: Row) -> tuple[Candidate, ...]:
        if row.payments and row.entries:
            one = self._ours[row.payments[0]]
            return tuple(other_half(one, self._theirs[pk], True) for pk in row.entries[:_SHOWN])
        if row.payments:
            return self._for_payment(self._ours[row.payments[0]])
        return self._for_entry(self._theirs[row.entries[0]]) if row.entries else ()

    def _for_payment(self, one: Ours) -> tuple[Candidate, ...]:
        names, rows = self._free_theirs.get(one.amount, _NOTHING)
        near = sorted(_around(rows, names, one.reference), key=lambda entry: (_distance(one, entry), entry.pk))
        return tuple(other_half(one, entry, True, _EQUAL) for entry in near[:_SHOWN])

    def _for_entry(self, entry: Theirs) -> tuple[Candidate, ...]:
        same = self._by_reference.get(entry.tokens, [])[:_SHOWN] if entry.tokens else []
        names, rows = self._free_ours.get(entry.moves, _NOTHING)
        near = sorted(_around(rows, names, name_of(entry)), key=lambda one: (_distance(one, entry), one.pk))
        shown = [(one, "Cùng mã tham chiếu") for one in same] + [(one, _EQUAL) for one in near]
        return tuple(other_half(one, entry, False, why) for one, why in shown[:_SHOWN])


_EQUAL = "Cùng số tiền, chưa ghép"
_NOTHING: tuple[list[str], list[Any]] = ([], [])
Some = TypeVar("Some", Ours, Theirs)


def _is_open(row: Row) -> bool:
    return row.outcome in BREAKS or row.outcome is Outcome.PENDING


def _ours_by_amount(rows: Iterable[Ours]) -> dict[int, tuple[list[str], list[Ours]]]:
    return _indexed((one.amount, one.reference, one.pk, one) for one in rows)


def _theirs_by_amount(rows: Iterable[Theirs]) -> dict[int, tuple[list[str], list[Theirs]]]:
    return _indexed((entry.moves, name_of(entry), entry.pk, entry) for entry in rows)


def _indexed(rows: Iterable[tuple[int, str, int, Some]]) -> dict[int, tuple[list[str], list[Some]]]:
    """Amount -> the names in their order, and the rows in that order."""
    index: dict[int, tuple[list[str], list[Some]]] = {}
    for amount, name, _, row in sorted(rows, key=lambda item: item[:3]):
        names, found = index.setdefault(amount, ([], []))
        names.append(name)
        found.append(row)
    return index


def _around(rows: Sequence[Some], names: Sequence[str], name: str) -> Sequence[Some]:
    at = bisect_left(names, name)
    return rows[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]


def _distance(one: Ours, entry: Theirs) -> tuple[int, int, int]:
    """Nearer first: the reference's spelling, then the account, then the date."""
    name = name_of(entry)
    spelling = Levenshtein.distance(one.reference, name, score_cutoff=4) if one.reference and name else 5
    return spelling, int(one.account != entry.account), abs(one.on - entry.on)
