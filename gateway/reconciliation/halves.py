"""In what two halves of a movement differ, and the other half of a pair as a candidate of its row."""

from __future__ import annotations

from gateway.masking import stored_account
from gateway.reconciliation.cases import day_text, iso
from gateway.reconciliation.outcomes import HALF_REASON, Candidate, dong
from gateway.reconciliation.sides import Ours, Theirs


def differences(one: Ours, entry: Theirs) -> tuple[tuple[str, str, str], ...]:
    """(field, our value, their value) of everything in which two halves differ, as people read it."""
    found = []
    if one.amount != entry.moves:
        found.append(("số tiền", dong(one.amount), dong(entry.moves)))
    if not (one.reference and one.reference in entry.tokens.split(" ")):
        found.append(("mã tham chiếu", one.reference or "(không có)", name_of(entry) or "(không có)"))
    if one.account != entry.account:
        found.append(("tài khoản thụ hưởng", stored_account(one.account), stored_account(entry.account)))
    if one.on != entry.on:
        found.append(("ngày đối soát", day_text(one.on), day_text(entry.on)))
    if one.postage != entry.postage:
        found.append(("cước bưu chính", dong(one.postage), dong(entry.postage)))
    return tuple(found)


def other_half(one: Ours, entry: Theirs, mine: bool, why: str = HALF_REASON) -> Candidate:
    """The half on the other side of a pair: theirs where the row is about our payment, else ours."""
    differs = differences(one, entry)
    if mine:
        return Candidate("theirs", entry.pk, iso(entry.on), entry.moves, entry.tokens or entry.keys, differs, why)
    return Candidate("ours", one.pk, iso(one.on), one.amount, one.reference, differs, why)


def name_of(entry: Theirs) -> str:
    """What an entry is known by: our references, else the partner's own."""
    return entry.tokens or entry.keys
