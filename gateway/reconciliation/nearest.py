"""What comes nearest on the other side, field by field, for every row that differs. It explains and settles nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from gateway.reconciliation.cases import Day, day_text, iso, masked
from gateway.reconciliation.outcomes import BREAKS, Candidate, Outcome, Row, dong
from gateway.reconciliation.sides import Ours, Theirs

_SHOWN = 3
_LOOKED_AT = 200
"""Rows of one amount that are compared; where there are more, none of them tells much."""


def differences(one: Ours, entry: Theirs) -> tuple[tuple[str, str, str], ...]:
    """(field, our value, their value) of everything in which two halves differ, as people read it."""
    pairs = (
        ("số tiền", dong(one.amount), dong(entry.moves)),
        ("mã tham chiếu", one.reference or "(không có)", entry.tokens or entry.keys or "(không có)"),
        ("tài khoản thụ hưởng", masked(one.account), masked(entry.account)),
        ("ngày đối soát", day_text(one.on), day_text(entry.on)),
        ("cước bưu chính", dong(one.postage), dong(entry.postage)),
    )
    same_reference = one.reference and one.reference in entry.tokens.split(" ")
    return tuple(pair for pair in pairs if pair[1] != pair[2] and not (pair[0] == "mã tham chiếu" and same_reference))


def other_half(one: Ours, entry: Theirs, mine: bool) -> Candidate:
    """The half on the other side of a pair: theirs where the row is about our payment, else ours."""
    differs = differences(one, entry)
    if mine:
        name = entry.tokens or entry.keys
        return Candidate("theirs", entry.pk, iso(entry.on), entry.moves, name, differs, "Nửa còn lại của giao dịch")
    return Candidate("ours", one.pk, iso(one.on), one.amount, one.reference, differs, "Nửa còn lại của giao dịch")


def with_candidates(day: Day, rows: Sequence[Row]) -> list[Row]:
    """The rows, each break and each waiting one with the nearest rows of the other side, and its suggestions."""
    ours = {one.pk: one for one in day.ours if one.kind == "payment"}
    theirs = {entry.pk: entry for entry in day.theirs}
    told = [row for row in rows if _is_open(row)]
    free_ours = _by_amount([ours[pk] for row in told if not row.entries for pk in row.payments] + list(day.near_ours))
    free_theirs = _by_amount(
        [theirs[pk] for row in told if not row.payments for pk in row.entries] + list(day.near_theirs)
    )
    by_reference: dict[str, list[Ours]] = defaultdict(list)
    for one in ours.values():
        by_reference[one.reference].append(one)
    found = []
    for row in rows:
        if _is_open(row):
            mine, yours = [ours[pk] for pk in row.payments], [theirs[pk] for pk in row.entries]
            if not row.candidates:
                row = replace(row, candidates=_candidates(mine, yours, free_ours, free_theirs, by_reference))
            if len(yours) == 1 and not mine and yours[0].pk in day.suggestions:
                row = replace(row, suggestions=day.suggestions[yours[0].pk])
        found.append(row)
    return found


def _is_open(row: Row) -> bool:
    return row.outcome in BREAKS or row.outcome is Outcome.PENDING


def _by_amount(rows: Iterable[Ours] | Iterable[Theirs]) -> Mapping[int, list[Ours | Theirs]]:
    index: dict[int, list[Ours | Theirs]] = defaultdict(list)
    for row in rows:
        index[row.amount if isinstance(row, Ours) else row.moves].append(row)
    return index


def _candidates(
    mine: Sequence[Ours],
    yours: Sequence[Theirs],
    free_ours: Mapping[int, list[Ours | Theirs]],
    free_theirs: Mapping[int, list[Ours | Theirs]],
    by_reference: Mapping[str, list[Ours]],
) -> tuple[Candidate, ...]:
    if mine and yours:
        return tuple(other_half(mine[0], entry, True) for entry in yours[:_SHOWN])
    if mine:
        near = [entry for entry in free_theirs.get(mine[0].amount, ())[:_LOOKED_AT] if isinstance(entry, Theirs)]
        pairs = sorted(((_distance(mine[0], entry), entry.pk, entry) for entry in near), key=lambda pair: pair[:2])
        return tuple(
            replace(other_half(mine[0], entry, True), why="Cùng số tiền, chưa ghép") for _, _, entry in pairs[:_SHOWN]
        )
    if not yours:
        return ()
    entry = yours[0]
    same = [(one, "Cùng mã tham chiếu") for one in by_reference.get(entry.tokens, ()) if entry.tokens]
    equal = [one for one in free_ours.get(entry.moves, ())[:_LOOKED_AT] if isinstance(one, Ours)]
    ordered = sorted(((_distance(one, entry), one.pk, one) for one in equal), key=lambda pair: pair[:2])
    shown = same[:_SHOWN] + [(one, "Cùng số tiền, chưa ghép") for _, _, one in ordered]
    return tuple(replace(other_half(one, entry, False), why=why) for one, why in shown[:_SHOWN])


def _distance(one: Ours, entry: Theirs) -> tuple[int, int, int]:
    """Nearer first: the reference's spelling, then the account, then the date."""
    name = entry.tokens or entry.keys
    spelling = Levenshtein.distance(one.reference, name, score_cutoff=4) if one.reference and name else 5
    return spelling, int(one.account != entry.account), abs(one.on - entry.on)
