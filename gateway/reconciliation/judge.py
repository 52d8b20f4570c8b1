"""Judges what exact matching left over: one reference at a time, in a fixed order, and never by a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from gateway.reconciliation.outcomes import (
    OURS_MORE,
    PARTNER_MORE,
    PAYER_LESS,
    PAYER_MORE,
    EntryClass,
    Outcome,
    Row,
    dong,
)
from gateway.reconciliation.rules import Rules
from gateway.reconciliation.sides import CANCELLED, KNOWN, Known, Ours, Theirs

ROLE_OF_INTERMEDIARY = "ISS"  # domain.md 4.4: the intermediary sends, we receive
_VERDICTS: Mapping[Outcome, str] = {
    Outcome.MATCHED: "cân khớp",
    Outcome.MISSING_WITH_US: "lệch thừa",
    Outcome.MISSING_AT_PARTNER: "lệch thiếu",
    Outcome.EXPECTED_DIFFERENCE: "lệch đúng",
    Outcome.PENDING: "chờ kết luận",
}


@dataclass(frozen=True, slots=True)
class Day:
    """What exact matching left of both sides of one day, and what helps to judge it."""

    role: str
    rules: Rules
    ours: Sequence[Ours]
    theirs: Sequence[Theirs]
    near_ours: Sequence[Ours] = ()
    near_theirs: Sequence[Theirs] = ()
    known: Mapping[str, Known] = field(default_factory=dict)
    remittances: Mapping[str, int] = field(default_factory=dict)
    suggestions: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def partner_more(self) -> str:
        return PARTNER_MORE[self.role]


@dataclass(slots=True)
class Verdicts:
    """The rows found so far, and what of each side is still unjudged."""

    rows: list[Row]
    ours: list[Ours]
    theirs: list[Theirs]


def masked(account: str) -> str:
    """Account numbers are personal: the last four digits are enough to see a difference."""
    return f"…{account[-4:]}" if account else "(không có)"


def by_reference(day: Day) -> Verdicts:
    """Judge everything that names one of our references; what names none is left."""
    theirs = _with_transactions(day)
    listed = [entry for entry in theirs if " " in entry.tokens]
    ours = defaultdict(list)
    for one in sorted(day.ours, key=_our_order):
        ours[one.reference].append(one)
    rows = [row for entry in sorted(listed, key=_their_order) for row in _listed(day, entry, ours)]
    entries = defaultdict(list)
    for entry in sorted(theirs, key=_their_order):
        if entry.tokens and " " not in entry.tokens:
            entries[entry.tokens].append(entry)
    near = _Near(day)
    unmatched: list[Ours] = []
    for reference in sorted(ours.keys() | entries.keys()):
        found, left = _judge_reference(day, near, reference, ours.get(reference, []), entries.get(reference, []))
        rows += found
        unmatched += left
    return Verdicts([_spoken(day, row) for row in rows], unmatched, [entry for entry in theirs if not entry.tokens])


def _our_order(one: Ours) -> tuple[object, ...]:
    return (one.reference, one.on, one.amount, one.transaction, one.pk)


def _their_order(entry: Theirs) -> tuple[object, ...]:
    return (entry.tokens, entry.on, entry.account, entry.amount, entry.keys, entry.text, entry.pk)


def _with_transactions(day: Day) -> list[Theirs]:
    """An entry that names the partner's own transaction number names, by our table, that payment's reference."""
    references: dict[str, set[str]] = defaultdict(set)
    for one in (*day.ours, *day.near_ours):
        if one.transaction and one.reference:
            references["".join(one.transaction.split())].add(one.reference)
    named = []
    for entry in day.theirs:
        if not entry.tokens and entry.keys:
            found = {reference for key in entry.keys.split(" ") for reference in references.get(key, ())}
            entry = replace(entry, tokens=" ".join(sorted(found)))
        named.append(entry)
    return named


def _spoken(day: Day, row: Row) -> Row:
    if day.role != "intermediary":
        return row
    return replace(row, role=ROLE_OF_INTERMEDIARY, verdict=row.verdict or _VERDICTS.get(row.outcome, "lệch sai"))


class _Near:
    """The other half on another business date: looked up by reference and amount, used once."""

    def __init__(self, day: Day) -> None:
        self.ours = self._index((one.reference, one.amount, one.on) for one in day.near_ours)
        self.theirs = self._index(
            (token, entry.moves, entry.on) for entry in day.near_theirs for token in entry.tokens.split(" ")
        )

    @staticmethod
    def _index(items: Iterable[tuple[str, int, int]]) -> dict[tuple[str, int], list[int]]:
        index: dict[tuple[str, int], list[int]] = defaultdict(list)
        for reference, amount, on in sorted(items, reverse=True):
            index[reference, amount].append(on)
        return index

    def take(self, side: dict[tuple[str, int], list[int]], reference: str, amount: int) -> int | None:
        """The business date of the other half, None where there is none."""
        days = side.get((reference, amount))
        return days.pop() if days else None


def _listed(day: Day, entry: Theirs, ours: dict[str, list[Ours]]) -> list[Row]:
    """One transfer that names several references."""
    references = entry.tokens.split(" ")
    payments = [one for ref in references for one in ours.get(ref, ()) if one.kind == "payment"]
    for reference in references:
        ours[reference] = [one for one in ours.get(reference, ()) if one.kind != "payment"]
    total = sum(one.amount for one in payments)
    dossiers = tuple(sorted({one.dossier for one in payments if one.dossier}))
    if not payments:
        return [_only_theirs(day, None, entry, references[0], day.known.get(references[0]))]
    outcome = Outcome.MATCHED
    reason = f"Một lần chuyển cho {len(payments)} khoản"
    side = field_ = ""
    if total != entry.moves:
        outcome, side = _difference(day, total, entry.moves)
        field_, reason = "số tiền", f"{reason}, nhưng tổng lệch {dong(entry.moves - total)}"
    return [
        Row(
            outcome, EntryClass.FEE, total, entry.moves, reason, side, field_, dong(total), dong(entry.moves),
            " ".join(references), dossiers, tuple(one.pk for one in payments), (), (entry.pk,),
        )
    ]  # fmt: skip


def _difference(day: Day, ours: int, theirs: int) -> tuple[Outcome, str]:
    if abs(theirs) < abs(ours):
        return Outcome.UNDERPAID, OURS_MORE
    return Outcome.OVERPAID, day.partner_more


def _judge_reference(
    day: Day, near: _Near, reference: str, ours: list[Ours], theirs: list[Theirs]
) -> tuple[list[Row], list[Ours]]:
    payments = [one for one in ours if one.kind == "payment"]
    refunds = [one for one in ours if one.kind == "refund"]
    attempts = [one for one in ours if one.kind == "attempt"]
    moving = [entry for entry in theirs if entry.moves]
    failed = [entry for entry in theirs if not entry.moves]
    rows = []
    debits = [entry for entry in moving if entry.moves < 0]
    if refunds or (debits and reference.startswith("HT")):
        rows += _refunds(day, near, reference, refunds, debits)
        moving = [entry for entry in moving if entry.moves > 0]
    pairs, lone_ours, lone_theirs = _pair(payments, moving)
    rows += _against_request(day, reference, payments, pairs)
    paid = {one.amount for one in payments}
    rows += [_second(day, near, reference, entry, paid, attempts) for entry in lone_theirs]
    rows += [_failed(entry, reference, lone_ours, attempts) for entry in failed]
    left, lone_rows = [], []
    for one in lone_ours:
        on = near.take(near.theirs, reference, one.amount)
        if on is None:
            left.append(one)
        else:
            lone_rows.append(_wrong_day(one, None, on))
    if not theirs:
        lone_rows += [_waiting(one) for one in attempts if one.status == "pending"]
    return rows + lone_rows, left


_Pair = tuple[list[Ours], list[Theirs]]


def _pair(payments: list[Ours], entries: list[Theirs]) -> tuple[list[_Pair], list[Ours], list[Theirs]]:
    """Equal amounts on the right account first, then on another account, then the rest as sums or one by one."""
    pairs: list[_Pair] = []
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


def _against_request(day: Day, reference: str, payments: list[Ours], pairs: list[_Pair]) -> list[Row]:
    """Both sides have this money; is it what was asked for? The order of payments decides which one is too much."""
    paid_before = payments[0].prior if payments else 0
    total = paid_before + sum(one.amount for one in payments)
    rows = []
    for number, (ours, theirs) in enumerate(sorted(pairs, key=lambda pair: (pair[0][0].on, pair[0][0].pk)), start=1):
        row = _pair_row(reference, ours, theirs)
        our_sum = sum(one.amount for one in ours)
        if (wrong := _wrong_pair(day, ours, theirs)) is not None:
            rows.append(replace(row, **wrong))
        else:
            last = number == len(pairs)
            rows.append(replace(row, **_judged(ours[0], our_sum, paid_before, total, last, len(theirs), len(pairs))))
        paid_before += our_sum
    return rows


def _pair_row(reference: str, ours: list[Ours], theirs: list[Theirs]) -> Row:
    return Row(
        outcome=Outcome.MATCHED,
        entry_class=EntryClass.FEE,
        our_amount=sum(one.amount for one in ours),
        their_amount=sum(entry.moves for entry in theirs),
        reason="Khớp mã tham chiếu, số tiền, tài khoản",
        reference=reference,
        dossiers=tuple(sorted({one.dossier for one in ours if one.dossier})),
        payments=tuple(one.pk for one in ours),
        entries=tuple(entry.pk for entry in theirs),
    )


def _wrong_pair(day: Day, ours: list[Ours], theirs: list[Theirs]) -> dict[str, Any] | None:
    """What differs between the two halves themselves: amount, account, postage."""
    our_sum, their_sum = sum(one.amount for one in ours), sum(entry.moves for entry in theirs)
    if our_sum != their_sum:
        outcome, side = _difference(day, our_sum, their_sum)
        return {
            "outcome": outcome, "side": side, "field": "số tiền", "our_value": dong(our_sum), "their_value": dong(their_sum),
            "reason": f"Số tiền của đối tác lệch {dong(their_sum - our_sum)}",
        }  # fmt: skip
    strange = [entry.account for entry in theirs if entry.account != ours[0].account]
    if strange:
        return {
            "outcome": Outcome.WRONG_ACCOUNT, "side": day.partner_more, "field": "tài khoản thụ hưởng",
            "our_value": masked(ours[0].account), "their_value": masked(strange[0]),
            "reason": "Tiền vào tài khoản khác với tài khoản thụ hưởng của thủ tục",
        }  # fmt: skip
    our_postage, their_postage = sum(one.postage for one in ours), sum(entry.postage for entry in theirs)
    if day.role == "postal" and our_postage != their_postage:
        outcome, side = _difference(day, our_postage, their_postage)
        return {
            "outcome": outcome, "side": side, "field": "cước bưu chính", "our_value": dong(our_postage),
            "their_value": dong(their_postage), "reason": "Phí khớp, cước bưu chính lệch",
        }  # fmt: skip
    return None


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


def _second(day: Day, near: _Near, reference: str, entry: Theirs, paid: set[int], attempts: list[Ours]) -> Row:
    """An entry under a reference whose payments are all used up, or that has none."""
    if entry.moves in paid:
        return Row(
            Outcome.DUPLICATE, EntryClass.FEE, 0, entry.moves, "Đối tác ghi hai lần, hệ thống chỉ có một",
            day.partner_more, "số lần", "1", "2", reference, entries=(entry.pk,),
        )  # fmt: skip
    on = near.take(near.ours, reference, entry.moves)
    if on is not None:
        return _wrong_day(None, entry, on)
    known = day.known.get(reference)
    status = next((one.status for one in attempts), known.status if known else "")
    if entry.response == "68" or (status == "pending" and day.role == "intermediary"):
        row = _only_theirs(day, Outcome.PENDING, entry, reference, known)
        ours, theirs = status or "không có", entry.response or "00"
        return replace(
            row, field="trạng thái", our_value=ours, their_value=theirs, side="", entry_class=EntryClass.FEE,
            verdict="cân khớp" if status == "pending" else "lệch thừa", reason="Chờ kết luận (68): hỏi lại đối tác",
        )  # fmt: skip
    return _only_theirs(day, None, entry, reference, known)


def _only_theirs(day: Day, outcome: Outcome | None, entry: Theirs, reference: str, known: Known | None) -> Row:
    owed = known is not None and known.state not in ("cancelled", "refused")
    why = "Đối tác báo có, hệ thống chưa có giao dịch này"
    if not owed:
        why = "Khoản thu đã hủy" if known is not None else "Mã tham chiếu không có trong hệ thống"
    return Row(
        outcome or (Outcome.MISSING_WITH_US if owed else Outcome.UNIDENTIFIED),
        EntryClass.FEE if owed else EntryClass.UNIDENTIFIED,
        0,
        entry.moves,
        why,
        day.partner_more,
        "giao dịch",
        "(không có)",
        dong(entry.moves),
        reference,
        (known.dossier,) if known is not None and known.dossier else (),
        entries=(entry.pk,),
    )


def _failed(entry: Theirs, reference: str, lone: list[Ours], attempts: list[Ours]) -> Row:
    """The partner lists an attempt that failed (domain.md 4.4, rows «fail xx»): no money of theirs stands here."""
    row = Row(
        Outcome.MATCHED, EntryClass.NO_MONEY, 0, 0, f"Đối tác báo không thành công ({entry.response})",
        reference=reference, entries=(entry.pk,), field="trạng thái", their_value=entry.response,
    )  # fmt: skip
    if lone:
        one = lone.pop(0)
        return replace(
            row, outcome=Outcome.MISSING_AT_PARTNER, our_amount=one.amount, side=OURS_MORE, our_value="00",
            payments=(one.pk,), dossiers=(one.dossier,) if one.dossier else (), verdict="lệch thiếu",
            reason=f"Hệ thống ghi nhận thành công, đối tác báo không thành công ({entry.response})",
        )  # fmt: skip
    if any(one.status == "pending" for one in attempts):
        return replace(
            row, outcome=Outcome.PENDING, our_value="68", verdict="lệch thiếu",
            reason="Hệ thống chờ kết luận, đối tác báo không thành công: hỏi lại",
        )  # fmt: skip
    return row


def _waiting(one: Ours) -> Row:
    return Row(
        Outcome.PENDING, EntryClass.NONE, 0, 0, "Chờ kết luận: kênh chưa trả lời cuối cùng, đối tác không có dòng",
        "", "trạng thái", "68", "(không có)", one.reference, (one.dossier,) if one.dossier else (),
        verdict="lệch thiếu",
    )  # fmt: skip


def _day_text(on: int) -> str:
    return f"{date(1970, 1, 1) + timedelta(days=on):%d/%m/%Y}"


def _wrong_day(one: Ours | None, entry: Theirs | None, other: int) -> Row:
    """The two halves stand on two business dates; each day names it once and counts its own half."""
    here = one.on if one is not None else entry.on if entry is not None else 0
    ours, theirs = (here, other) if one is not None else (other, here)
    return Row(
        Outcome.WRONG_DAY,
        EntryClass.NONE if entry is None else EntryClass.FEE,
        one.amount if one is not None else 0,
        entry.moves if entry is not None else 0,
        "Hai bên ghi khác ngày đối soát",
        OURS_MORE if entry is None else "",
        "ngày đối soát",
        _day_text(ours),
        _day_text(theirs),
        one.reference if one is not None else entry.tokens if entry is not None else "",
        (one.dossier,) if one is not None and one.dossier else (),
        (one.pk,) if one is not None else (),
        entries=(entry.pk,) if entry is not None else (),
    )


def _refunds(day: Day, near: _Near, reference: str, refunds: list[Ours], debits: list[Theirs]) -> list[Row]:
    rows = []
    both = min(len(refunds), len(debits))
    for one, entry in zip(refunds[:both], debits[:both], strict=True):
        row = Row(
            Outcome.EXPECTED_DIFFERENCE, EntryClass.REFUND, one.amount, entry.moves, "Hoàn tiền đã duyệt, ngân hàng đã chi",
            "", "", dong(one.amount), dong(entry.moves), reference, (one.dossier,) if one.dossier else (),
            refunds=(one.pk,), entries=(entry.pk,),
        )  # fmt: skip
        if one.amount != entry.moves:
            outcome, side = _difference(day, one.amount, entry.moves)
            row = replace(
                row, outcome=outcome, side=side, field="số tiền", reason="Số tiền hoàn lệch với lệnh đã duyệt"
            )
        rows.append(row)
    rows += [
        Row(
            Outcome.PENDING, EntryClass.NONE, one.amount, 0, "Đã gửi lệnh hoàn tiền, ngân hàng chưa ghi nợ", "", "ghi nợ",
            dong(one.amount), "(chưa có)", reference, (one.dossier,) if one.dossier else (), refunds=(one.pk,),
        )
        for one in refunds[both:]
    ]  # fmt: skip
    for entry in debits[both:]:
        on = near.take(near.ours, reference, entry.moves)
        known = on is not None
        rows.append(
            Row(
                Outcome.EXPECTED_DIFFERENCE if known else Outcome.UNIDENTIFIED,
                EntryClass.REFUND if known else EntryClass.UNIDENTIFIED,
                0, entry.moves,
                f"Hoàn tiền gửi ngày {_day_text(on)}" if on is not None else "Ghi nợ theo mã hoàn tiền không có",
                "" if known else OURS_MORE, "", "", dong(entry.moves), reference, entries=(entry.pk,),
            )
        )  # fmt: skip
    return rows
