"""Judges the money that one side has alone, refunds, failed and pending attempts (domain.md 4.4), and other days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.reconciliation.cases import Day, Near, day_text, difference, iso
from gateway.reconciliation.halves import other_half
from gateway.reconciliation.outcomes import OURS_MORE, Candidate, EntryClass, Outcome, Row, dong
from gateway.reconciliation.pairs import judged_by_request
from gateway.reconciliation.phrases import PHRASES, Phrase
from gateway.reconciliation.sides import CANCELLED, UNKNOWN, Known, Ours, Theirs
from gateway.reconciliation.verdicts import ISS, State, role_of, state_of_response, state_of_status, verdict


def second(day: Day, near: Near, reference: str, entry: Theirs, payments: list[Ours], attempts: list[Ours]) -> Row:
    """An entry under a reference whose payments are all used up, or that has none."""
    known = day.known.get(reference) or _known_by(payments)
    half = near.ours(reference, entry.moves)
    if half is not None:
        return wrong_day(day, half, entry, here=entry.on)
    twin = next((one for one in payments if one.amount == entry.moves), None)
    if twin is not None:
        return _once_more(day, reference, entry, twin.dossier, PHRASES["booked twice"])
    status = next((one.status for one in attempts), known.status if known else "")
    if entry.response == "68" or (status == "pending" and day.role == "intermediary"):
        row = only_theirs(day, Outcome.PENDING, entry, reference, known)
        return replace(
            row, field="trạng thái", our_value=status or "không có", their_value=entry.response or "00", side="",
            entry_class=EntryClass.FEE, reason="Chờ kết luận (68): hỏi lại đối tác",
            verdict=verdict(role_of(entry.moves), state_of_response(entry.response), state_of_status(status)),
        )  # fmt: skip
    if entry.moves < 0:
        return taken_back(reference, entry, known)
    if known is not None and known.paid and known.is_full:
        return _once_more(day, reference, entry, known.dossier, PHRASES["booked on"])
    row = only_theirs(day, None, entry, reference, known)
    return replace(row, verdict=verdict(ISS, state_of_response(entry.response), state_of_status(status)))


def _known_by(payments: list[Ours]) -> Known | None:
    """What the payments of the day say of the request they pay."""
    if not payments or payments[0].standing == UNKNOWN:
        return None
    one = payments[0]
    state = "cancelled" if one.standing == CANCELLED else "open"
    paid = one.prior + sum(payment.amount for payment in payments)
    return Known(one.reference, one.dossier, one.requested, one.account, state, "", paid, one.pk, one.on, one.amount)


def _once_more(day: Day, reference: str, entry: Theirs, dossier: str, said: Phrase) -> Row:
    return Row(
        said.outcome, said.entry_class, 0, entry.moves, said.reason, said.side_of(day.role), said.field, "1", "2",
        reference, (dossier,) if dossier else (), entries=(entry.pk,),
    )  # fmt: skip


def taken_back(reference: str, entry: Theirs, known: Known | None) -> Row:
    """A debit under the reference of a fee that is no refund of ours: money that the partner has no longer.

    We hold it for paid, so the side that has more is ours, whatever is known of the request.
    """
    outcome, entry_class, reason = Outcome.MISSING_WITH_US, EntryClass.FEE, "Đối tác ghi nợ"
    candidates: tuple[Candidate, ...] = ()
    if known is None:
        outcome, entry_class = Outcome.UNIDENTIFIED, EntryClass.UNIDENTIFIED
        reason = f"{reason} theo mã tham chiếu không có trong hệ thống"
    elif known.paid:
        reason = f"{reason} ngày {day_text(entry.on)}, lấy lại tiền của khoản đã thu"
        if known.paid_pk:
            reason = f"{reason} ngày {day_text(known.paid_on)}"
            candidates = (_taken(entry, known),)
    else:
        reason = f"{reason} theo mã của khoản chưa thu, hệ thống chưa có giao dịch này"
    return Row(
        outcome, entry_class, 0, entry.moves, reason, OURS_MORE, "giao dịch", "(không có)", dong(entry.moves),
        reference, (known.dossier,) if known is not None and known.dossier else (), entries=(entry.pk,),
        candidates=candidates, verdict=verdict(role_of(entry.moves), state_of_response(entry.response), State.NONE),
    )  # fmt: skip


def _taken(entry: Theirs, known: Known) -> Candidate:
    differs = [("số tiền", dong(known.paid_amount), dong(entry.moves))]
    if known.paid_on != entry.on:
        differs.append(("ngày đối soát", day_text(known.paid_on), day_text(entry.on)))
    return Candidate(
        "ours",
        known.paid_pk,
        iso(known.paid_on),
        known.paid_amount,
        known.reference,
        tuple(differs),
        "Khoản đã thu mà đối tác lấy lại tiền",
    )


def only_theirs(day: Day, outcome: Outcome | None, entry: Theirs, reference: str, known: Known | None) -> Row:
    name = "no such reference"
    if known is not None:
        name = "fee cancelled" if known.state in ("cancelled", "refused") else "missing with us"
    said = PHRASES[name]
    return Row(
        outcome or said.outcome, said.entry_class, 0, entry.moves, said.reason, said.side_of(day.role), said.field,
        "(không có)", dong(entry.moves), reference, (known.dossier,) if known is not None and known.dossier else (),
        entries=(entry.pk,),
    )  # fmt: skip


def failed_attempt(entry: Theirs, reference: str, lone: list[Ours], attempts: list[Ours]) -> Row:
    """The partner lists an attempt that failed (domain.md 4.4, rows «fail xx»): no money of theirs stands here.

    Money that was to go back and did not says nothing of a payment.
    """
    if entry.postage:
        return Row(
            Outcome.MATCHED, EntryClass.NO_MONEY, 0, 0, f"Chỉ có cước bưu chính {dong(entry.postage)}, không có phí",
            reference=reference, entries=(entry.pk,), rule="cod",
        )  # fmt: skip
    status = next((one.status for one in attempts), "")
    row = Row(
        Outcome.MATCHED, EntryClass.NO_MONEY, 0, 0, f"Đối tác báo không thành công ({entry.response})",
        reference=reference, entries=(entry.pk,), field="trạng thái", their_value=entry.response,
        verdict=verdict(ISS, State.FAILED, state_of_status(status)),
    )  # fmt: skip
    if lone and entry.amount > 0:
        one = lone.pop(0)
        return replace(
            row, outcome=Outcome.MISSING_AT_PARTNER, our_amount=one.amount, side=OURS_MORE, our_value="00",
            payments=(one.pk,), dossiers=(one.dossier,) if one.dossier else (),
            verdict=verdict(ISS, State.FAILED, State.SUCCESS),
            reason=f"Hệ thống ghi nhận thành công, đối tác báo không thành công ({entry.response})",
        )  # fmt: skip
    if any(one.status == "pending" for one in attempts):
        return replace(
            row, outcome=Outcome.PENDING, our_value="68", verdict=verdict(ISS, State.FAILED, State.TIMED_OUT),
            reason="Hệ thống chờ kết luận, đối tác báo không thành công: hỏi lại",
        )  # fmt: skip
    return row


def waiting(one: Ours) -> Row:
    return Row(
        Outcome.PENDING, EntryClass.NONE, 0, 0, "Chờ kết luận: kênh chưa trả lời cuối cùng, đối tác không có dòng",
        "", "trạng thái", "68", "(không có)", one.reference, (one.dossier,) if one.dossier else (),
        verdict=verdict(ISS, State.NONE, State.TIMED_OUT),
    )  # fmt: skip


def wrong_day(day: Day, one: Ours, entry: Theirs, *, here: int) -> Row:
    """The two halves stand on two business dates; the day ``here`` names it once and counts its own half.

    Around the cut-off and inside an agreed T+n it is an expected difference, else a break.
    """
    mine = one.on == here
    outcome, reason = Outcome.WRONG_DAY, "Hai bên ghi khác ngày đối soát"
    if day.rules.uses("window"):
        if one.lag and one.on < entry.on <= day.after(one.on, one.lag):
            outcome, reason = Outcome.EXPECTED_DIFFERENCE, f"Đối tác ghi có trong hạn T+{one.lag} đã thỏa thuận"
        elif _is_near_cutoff(day, one, entry.on):
            outcome, reason = Outcome.EXPECTED_DIFFERENCE, "Nộp sát giờ chốt, đối tác ghi sang ngày khác trong hạn"
    side = OURS_MORE if mine else day.partner_more
    return Row(
        outcome,
        EntryClass.NONE if mine else EntryClass.FEE,
        one.amount if mine else 0,
        0 if mine else entry.moves,
        reason,
        side if outcome is Outcome.WRONG_DAY else "",
        "ngày đối soát",
        day_text(one.on),
        day_text(entry.on),
        one.reference or entry.tokens,
        (one.dossier,) if one.dossier else (),
        (one.pk,) if mine else (),
        entries=() if mine else (entry.pk,),
        rule="window",
        candidates=(other_half(one, entry, mine),),
    )


def short_elsewhere(day: Day, one: Ours, half: Theirs, payments: Sequence[Ours]) -> list[Row]:
    """What is missing of a request whose payment has its half on another date: a row of no money beside that one.

    ``payments``: all of the day for this request. A surplus stands in the queue of unidentified money.
    """
    total = one.prior + sum(payment.amount for payment in payments)
    said = judged_by_request(day.role, one, one.amount, total - one.amount, total, True, 1, len(payments))
    if said.get("outcome") is not Outcome.UNDERPAID:
        return []
    row = Row(
        Outcome.UNDERPAID, EntryClass.NONE, 0, 0, "", reference=one.reference,
        dossiers=(one.dossier,) if one.dossier else (), rule="window", candidates=(other_half(one, half, True),),
    )  # fmt: skip
    reason = f"{said['reason']} (đối tác ghi ngày {day_text(half.on)})"
    return [replace(row, **{**said, "entry_class": EntryClass.NONE, "reason": reason})]


def _is_near_cutoff(day: Day, one: Ours, theirs_on: int) -> bool:
    allowed = max(day.rules.window.working_days, 1)
    if one.late and one.on < theirs_on <= day.after(one.on, allowed):
        return True
    return one.early and theirs_on < one.on <= day.after(theirs_on, allowed)


_NO_REFUND = "Ghi nợ theo mã hoàn tiền không có, hoặc đã được ghi nợ"


def refund_rows(day: Day, near: Near, reference: str, refunds: list[Ours], debits: list[Theirs]) -> list[Row]:
    rows = []
    both = min(len(refunds), len(debits))
    for one, entry in zip(refunds[:both], debits[:both], strict=True):
        row = Row(
            Outcome.EXPECTED_DIFFERENCE, EntryClass.REFUND, one.amount, entry.moves,
            "Hoàn tiền đã duyệt, ngân hàng đã chi", "", "", dong(one.amount), dong(entry.moves), reference,
            (one.dossier,) if one.dossier else (), refunds=(one.pk,), entries=(entry.pk,),
        )  # fmt: skip
        if one.amount != entry.moves:
            outcome, side = difference(day, one.amount, entry.moves)
            row = replace(
                row, outcome=outcome, side=side, field="số tiền", reason="Số tiền hoàn lệch với lệnh đã duyệt"
            )
        rows.append(row)
    rows += [_not_debited(day, one, near.theirs(reference, one.amount)) for one in refunds[both:]]
    for entry in debits[both:]:
        half = near.ours(reference, entry.moves)
        known = half is not None
        rows.append(
            Row(
                Outcome.EXPECTED_DIFFERENCE if known else Outcome.UNIDENTIFIED,
                EntryClass.REFUND if known else EntryClass.UNIDENTIFIED,
                0, entry.moves,
                f"Hoàn tiền gửi ngày {day_text(half.on)}" if half is not None else _NO_REFUND,
                "" if known else OURS_MORE, "" if known else "mã hoàn tiền", "" if known else "(không có)",
                dong(entry.moves), reference, (half.dossier,) if half is not None and half.dossier else (),
                entries=(entry.pk,), candidates=() if half is None else (other_half(half, entry, False),),
            )
        )  # fmt: skip
    return rows


def _not_debited(day: Day, one: Ours, half: Theirs | None) -> Row:
    """A refund without its debit on the date on which it was sent: booked on another one, waited for, or missing."""
    row = Row(
        Outcome.PENDING, EntryClass.NONE, one.amount, 0, "Đã gửi lệnh hoàn tiền, ngân hàng chưa ghi nợ", "", "ghi nợ",
        dong(one.amount), "(chưa có)", one.reference, (one.dossier,) if one.dossier else (), refunds=(one.pk,),
    )  # fmt: skip
    if half is not None:
        return replace(
            row, outcome=Outcome.EXPECTED_DIFFERENCE, reason="Hoàn tiền đã duyệt, ngân hàng ghi nợ ngày khác",
            field="ngày đối soát", our_value=day_text(one.on), their_value=day_text(half.on),
            candidates=(other_half(one, half, True),),
        )  # fmt: skip
    if day.days is None or 0 in day.waiting:
        return row
    return replace(
        row, outcome=Outcome.MISSING_AT_PARTNER, side=day.partner_more, their_value="(không có)",
        reason="Đã gửi lệnh hoàn tiền, quá hạn ngân hàng không ghi nợ",
    )  # fmt: skip


def returned(reference: str, entry: Theirs, dossier: str) -> Row:
    """A credit that names a refund of ours: its receiver's bank sent it back."""
    return Row(
        Outcome.RETURNED_TRANSFER, EntryClass.RETURNED, 0, entry.moves, "Lệnh hoàn tiền bị ngân hàng nhận trả lại",
        reference=reference, their_value=dong(entry.moves), dossiers=(dossier,) if dossier else (),
        entries=(entry.pk,),
    )  # fmt: skip
