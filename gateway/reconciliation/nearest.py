"""What comes nearest on the other side, field by field, for every row that differs. It explains and settles nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from rapidfuzz.distance import Levenshtein

from gateway.reconciliation.cases import Day, day_text, iso, masked
from gateway.reconciliation.outcomes import BREAKS, Candidate, Outcome, Row, dong
from gateway.reconciliation.sides import Ours, Theirs

_SHOWN = 3
_NEIGHBOURS = 4
"""Rows of one amount before and after in the order of their references that are compared: the bound of the search."""


def differences(one: Ours, entry: Theirs) -> tuple[tuple[str, str, str], ...]:
    """(field, our value, their value) of everything in which two halves differ, as people read it."""
    found = []
    if one.amount != entry.moves:
        found.append(("số tiền", dong(one.amount), dong(entry.moves)))
    if not (one.reference and one.reference in entry.tokens.split(" ")):
        found.append(("mã tham chiếu", one.reference or "(không có)", _name(entry) or "(không có)"))
    if one.account != entry.account:
        found.append(("tài khoản thụ hưởng", masked(one.account), masked(entry.account)))
    if one.on != entry.on:
        found.append(("ngày đối soát", day_text(one.on), day_text(entry.on)))
    if one.postage != entry.postage:
        found.append(("cước bưu chính", dong(one.postage), dong(entry.postage)))
    return tuple(found)


def other_half(one: Ours, entry: Theirs, mine: bool, why: str = "Nửa còn lại của giao dịch") -> Candidate:
    """The half on the other side of a pair: theirs where the row is about our payment, else ours."""
    differs = differences(one, entry)
    if mine:
        return Candidate("theirs", entry.pk, iso(entry.on), entry.moves, entry.tokens or entry.keys, differs, why)
    return Candidate("ours", one.pk, iso(one.on), one.amount, one.reference, differs, why)


class Nearest:
    """The rows that differ, so that each finds what comes nearest to it."""

    def __init__(self, day: Day, rows: Sequence[Row]) -> None:
        self._ours = {one.pk: one for one in day.ours if one.kind == "payment"}
        self._theirs = {entry.pk: entry for entry in day.theirs}
        self._suggestions = day.suggestions
        told = [row for row in rows if _is_open(row)]
        ours = [self._ours[pk] for row in told if not row.entries for pk in row.payments]
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
        near = sorted(_around(rows, names, _name(entry)), key=lambda one: (_distance(one, entry), one.pk))
        shown = [(one, "Cùng mã tham chiếu") for one in same] + [(one, _EQUAL) for one in near]
        return tuple(other_half(one, entry, False, why) for one, why in shown[:_SHOWN])


_EQUAL = "Cùng số tiền, chưa ghép"
_NOTHING: tuple[list[str], list[Any]] = ([], [])
Some = TypeVar("Some", Ours, Theirs)


def _is_open(row: Row) -> bool:
    return row.outcome in BREAKS or row.outcome is Outcome.PENDING


def _name(entry: Theirs) -> str:
    return entry.tokens or entry.keys


def _ours_by_amount(rows: Iterable[Ours]) -> dict[int, tuple[list[str], list[Ours]]]:
    return _indexed((one.amount, one.reference, one.pk, one) for one in rows)


def _theirs_by_amount(rows: Iterable[Theirs]) -> dict[int, tuple[list[str], list[Theirs]]]:
    return _indexed((entry.moves, _name(entry), entry.pk, entry) for entry in rows)


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
    name = _name(entry)
    spelling = Levenshtein.distance(one.reference, name, score_cutoff=4) if one.reference and name else 5
    return spelling, int(one.account != entry.account), abs(one.on - entry.on)
