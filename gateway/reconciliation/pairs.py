"""Judges the money that both sides have: which half belongs to which, and whether it is what was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.reconciliation.cases import Day, difference, masked
from gateway.reconciliation.outcomes import MATCHED_REASON, PAYER_LESS, PAYER_MORE, EntryClass, Outcome, Row, dong
from gateway.reconciliation.sides import CANCELLED, KNOWN, Ours, Theirs

Pair = tuple[list[Ours], list[Theirs]]


def pair_up(payments: list[Ours], entries: list[Theirs]) -> tuple[list[Pair], list[Ours], list[Theirs]]:
    """Equal amounts on the right account first, then on another account, then the rest as sums or one by one."""
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
    both = min(len(ours), len(theirs))
    pairs += [([one], [entry]) for one, entry in zip(ours[:both], theirs[:both], strict=True)]
    return pairs, ours[both:], theirs[both:]


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
            rows.append(replace(row, **_judged(ours[0], our_sum, paid_before, total, last, len(theirs), len(pairs))))
        paid_before += our_sum
    return rows


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
        outcome, side = difference(day, our_sum, their_sum)
        return {
            "outcome": outcome, "side": side, "field": "số tiền", "our_value": dong(our_sum),
            "their_value": dong(their_sum),
            "reason": f"Số tiền của đối tác lệch {dong(their_sum - our_sum)}{_postage_too(*postage)}",
        }  # fmt: skip
    strange = [entry.account for entry in theirs if entry.account != ours[0].account]
    if strange:
        return {
            "outcome": Outcome.WRONG_ACCOUNT, "side": day.partner_more, "field": "tài khoản thụ hưởng",
            "our_value": masked(ours[0].account), "their_value": masked(strange[0]),
            "reason": "Tiền vào tài khoản khác với tài khoản thụ hưởng của thủ tục",
        }  # fmt: skip
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


def _judged(one: Ours, amount: int, before: int, total: int, last: bool, transfers: int, pairs: int) -> dict[str, Any]:
    """A pair that agrees, against what its request asked for."""
    if one.standing != KNOWN:
        why = "khoản thu đã hủy" if one.standing == CANCELLED else "mã tham chiếu không có trong hệ thống"
        return {
            "outcome": Outcome.UNIDENTIFIED, "entry_class": EntryClass.UNIDENTIFIED, "side": PAYER_MORE,
            "field": "khoản thu", "our_value": "(không có khoản phải thu)", "their_value": dong(amount),
            "reason": f"Hai bên cùng có, nhưng {why}: tiền chưa xác định",
        }  # fmt: skip
    asked = one.requested
    values: dict[str, Any] = {"field": "số tiền", "our_value": dong(asked), "their_value": dong(before + amount)}
    if asked and total > asked and before >= asked:
        if amount in (asked, before):
            return {
                **values,
                "outcome": Outcome.DUPLICATE,
                "side": PAYER_MORE,
                "reason": "Đã thu đủ trước đó: nộp trùng",
            }
        return {**values, "outcome": Outcome.OVERPAID, "side": PAYER_MORE, "reason": "Đã thu đủ trước đó: nộp thừa"}
    if asked and before + amount > asked:
        return {
            **values, "outcome": Outcome.OVERPAID, "side": PAYER_MORE,
            "reason": f"Người nộp thừa {dong(before + amount - asked)}",
        }  # fmt: skip
    if asked and total < asked and last:
        return {
            **values, "outcome": Outcome.UNDERPAID, "side": PAYER_LESS,
            "reason": f"Người nộp còn thiếu {dong(asked - total)}",
        }  # fmt: skip
    if transfers > 1:
        return {"reason": f"{transfers} lần chuyển cho một khoản, tổng khớp"}
    if (asked and pairs > 1) or before:
        return {"reason": "Nộp nhiều lần, tổng đủ" if total >= asked else "Nộp một phần, còn thiếu"}
    return {}
