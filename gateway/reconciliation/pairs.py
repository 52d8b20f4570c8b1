"""Judges the money that both sides have: which half belongs to which, and whether it is what was asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from gateway.masking import stored_account
from gateway.reconciliation.cases import Day, difference
from gateway.reconciliation.outcomes import MATCHED_REASON, EntryClass, Outcome, Row, dong
from gateway.reconciliation.phrases import PHRASES, Phrase
from gateway.reconciliation.sides import CANCELLED, KNOWN, Ours, Theirs

Pair = tuple[list[Ours], list[Theirs]]


def pair_up(payments: list[Ours], entries: list[Theirs]) -> tuple[list[Pair], list[Ours], list[Theirs]]:
    """Equal amounts on the right account first, then on another account, then the rest as sums or one by one.

    A debit alone is no half of a payment: it can only be part of a sum.
    """
    pairs: list[Pair] = []
    ours, theirs = list(payments), list(entries)
    for same_account in (True, False):
        for one in list(ours):
            match = next(
                (e for e in theirs if e.moves == one.amount and (not same_account or e.account == one.account)), None
            )
            if match is not None:
                pairs.append(([one], [match]))
                ours.remove(one)
                theirs.remove(match)
    if ours and theirs and sum(o.amount for o in ours) == sum(e.moves for e in theirs):
        return [*pairs, (ours, theirs)], [], []
    credits = [entry for entry in theirs if entry.moves > 0]
    both = min(len(ours), len(credits))
    pairs += [([one], [entry]) for one, entry in zip(ours[:both], credits[:both], strict=True)]
    return pairs, ours[both:], [entry for entry in theirs if entry not in credits[:both]]


def with_postage(pairs: list[Pair], lone: list[Ours], postage: list[Theirs]) -> tuple[list[Pair], list[Ours]]:
    """The pairs with VNPost's lines of postage alone, and the payments that have none.

    Such a line goes to the payment that lacks the very postage, else to the last; to one without any line it brings no
    fee, however much it is.
    """
    if not pairs and lone:
        pairs, lone = [([lone[0]], [])], lone[1:]
    sum_ = sum(entry.postage for entry in postage)
    lacks = [_postage_lacking(pair) == sum_ for pair in pairs]
    at = lacks.index(True) if any(lacks) else len(pairs) - 1
    ours, theirs = pairs[at]
    return [*pairs[:at], (ours, [*theirs, *postage]), *pairs[at + 1 :]], lone


def _postage_lacking(pair: Pair) -> int:
    return sum(one.postage for one in pair[0]) - sum(entry.postage for entry in pair[1])


def against_request(day: Day, reference: str, payments: list[Ours], pairs: list[Pair]) -> list[Row]:
    """Both sides have this money; is it what was asked for? The order of payments decides which one is too much."""
    paid_before = payments[0].prior if payments else 0
    total = paid_before + sum(one.amount for one in payments)
    rows = []
    for number, (ours, theirs) in enumerate(sorted(pairs, key=lambda pair: (pair[0][0].on, pair[0][0].pk)), start=1):
        row = _pair_row(day, reference, ours, theirs)
        our_sum = sum(one.amount for one in ours)
        if (wrong := _wrong_pair(day, ours, theirs)) is not None:
            rows.append(replace(row, **wrong))
        else:
            last = number == len(pairs)
            rows.append(
                replace(
                    row,
                    **judged_by_request(day.role, ours[0], our_sum, paid_before, total, last, len(theirs), len(pairs)),
                )
            )
        paid_before += our_sum
    return rows


def one_for_several(day: Day, references: list[str], payments: list[Ours], entry: Theirs) -> Row:
    """One transfer for the payments of several references: the whole, then each payment against its own request."""
    several = f"Một lần chuyển cho {len(payments)} khoản"
    whole = dong(sum(one.amount for one in payments)), dong(entry.moves)
    row = replace(
        _pair_row(day, " ".join(references), payments, [entry]),
        reason=several, our_value=whole[0], their_value=whole[1], rule="group",
    )  # fmt: skip
    wrong = _wrong_pair(day, payments, [entry]) or _first_not_as_asked(day, payments)
    return row if wrong is None else replace(row, **{**wrong, "reason": f"{several}; {wrong['reason']}"})


def _first_not_as_asked(day: Day, payments: list[Ours]) -> dict[str, Any] | None:
    of_request: dict[str, list[Ours]] = defaultdict(list)
    for one in payments:
        of_request[one.reference].append(one)
    for reference, some in of_request.items():
        before = some[0].prior
        total = before + sum(one.amount for one in some)
        for one in some:
            said = judged_by_request(day.role, one, one.amount, before, total, one is some[-1], 1, len(some))
            if "outcome" in said and said["outcome"] is not Outcome.MATCHED:
                return {**said, "reason": f"{reference}: {said['reason']}"}
            before += one.amount
    return None


def _pair_row(day: Day, reference: str, ours: list[Ours], theirs: list[Theirs]) -> Row:
    return Row(
        outcome=Outcome.MATCHED,
        entry_class=EntryClass.FEE,
        our_amount=sum(one.amount for one in ours),
        their_amount=sum(entry.moves for entry in theirs),
        reason=MATCHED_REASON,
        reference=reference,
        dossiers=tuple(sorted({one.dossier for one in ours if one.dossier})),
        payments=tuple(one.pk for one in ours),
        entries=tuple(entry.pk for entry in theirs),
        rule="cod" if day.role == "postal" else "reference" if len(ours) == len(theirs) == 1 else "group",
    )


def _wrong_pair(day: Day, ours: list[Ours], theirs: list[Theirs]) -> dict[str, Any] | None:
    """What differs between the two halves themselves: amount, account, postage."""
    our_sum, their_sum = sum(one.amount for one in ours), sum(entry.moves for entry in theirs)
    postage = sum(one.postage for one in ours), sum(entry.postage for entry in theirs)
    if our_sum != their_sum:
        said = PHRASES["less" if abs(their_sum) < abs(our_sum) else "more"]
        reason = said.reason.format(dong(their_sum - our_sum)) + _postage_too(*postage)
        return _says(said, day.role, dong(our_sum), dong(their_sum), reason)
    strange = [(one.account, entry.account) for one in ours for entry in theirs if entry.account != one.account]
    if strange:
        return _says(PHRASES["account"], day.role, stored_account(strange[0][0]), stored_account(strange[0][1]))
    our_postage, their_postage = postage
    if day.role == "postal" and our_postage != their_postage:
        outcome, side = difference(day, our_postage, their_postage)
        return {
            "outcome": outcome, "side": side, "field": "cước bưu chính", "our_value": dong(our_postage),
            "their_value": dong(their_postage), "reason": "Phí khớp, cước bưu chính lệch",
        }  # fmt: skip
    return None


def _postage_too(ours: int, theirs: int) -> str:
    """A surplus of postage never makes up for a fee that is short: both are told."""
    return "" if ours == theirs else f"; cước bưu chính cũng lệch {dong(theirs - ours)}"


def _says(said: Phrase, role: str, ours: str, theirs: str, reason: str = "") -> dict[str, Any]:
    return {
        "outcome": said.outcome, "entry_class": said.entry_class, "side": said.side_of(role), "field": said.field,
        "our_value": ours, "their_value": theirs, "reason": reason or said.reason,
    }  # fmt: skip


def judged_by_request(
    role: str, one: Ours, amount: int, before: int, total: int, last: bool, transfers: int, pairs: int
) -> dict[str, Any]:
    """A pair that agrees, against what its request asked for."""
    if one.standing != KNOWN:
        said = PHRASES["cancelled" if one.standing == CANCELLED else "unknown"]
        return _says(said, role, "(không có khoản phải thu)", dong(amount))
    asked = one.requested
    values = role, dong(asked), dong(before + amount)
    if asked and total > asked and before >= asked:
        return _says(PHRASES["paid twice" if amount in (asked, before) else "paid on"], *values)
    if asked and before + amount > asked:
        said = PHRASES["too much"]
        return _says(said, *values, said.reason.format(dong(before + amount - asked)))
    if asked and total < asked and last:
        said = PHRASES["too little"]
        return _says(said, *values, said.reason.format(dong(asked - total)))
    if transfers > 1:
        return {"reason": f"{transfers} lần chuyển cho một khoản, tổng khớp"}
    if (asked and pairs > 1) or before:
        return {"reason": PHRASES["in parts"].reason if total >= asked else "Nộp một phần, còn thiếu"}
    return {}
