"""Judges the money that one side has alone, refunds, failed and pending attempts (domain.md 4.4), and other days."""

from __future__ import annotations

from dataclasses import replace

from gateway.reconciliation.cases import Day, Near, day_text, difference
from gateway.reconciliation.outcomes import OURS_MORE, EntryClass, Outcome, Row, dong
from gateway.reconciliation.sides import Known, Ours, Theirs


def second(day: Day, near: Near, reference: str, entry: Theirs, payments: list[Ours], attempts: list[Ours]) -> Row:
    """An entry under a reference whose payments are all used up, or that has none."""
    known = day.known.get(reference)
    twin = next((one for one in payments if one.amount == entry.moves), None)
    if twin is not None:
        return Row(
            Outcome.DUPLICATE, EntryClass.FEE, 0, entry.moves, "Đối tác ghi hai lần, hệ thống chỉ có một",
            day.partner_more, "số lần", "1", "2", reference,
            (twin.dossier,) if twin.dossier else (), entries=(entry.pk,),
        )  # fmt: skip
    on = near.take(near.ours, reference, entry.moves)
    if on is not None:
        return wrong_day(None, entry, on, known.dossier if known is not None else "")
    status = next((one.status for one in attempts), known.status if known else "")
    if entry.response == "68" or (status == "pending" and day.role == "intermediary"):
        row = only_theirs(day, Outcome.PENDING, entry, reference, known)
        ours, theirs = status or "không có", entry.response or "00"
        return replace(
            row, field="trạng thái", our_value=ours, their_value=theirs, side="", entry_class=EntryClass.FEE,
            verdict="cân khớp" if status == "pending" else "lệch thừa", reason="Chờ kết luận (68): hỏi lại đối tác",
        )  # fmt: skip
    return only_theirs(day, None, entry, reference, known)


def only_theirs(day: Day, outcome: Outcome | None, entry: Theirs, reference: str, known: Known | None) -> Row:
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


def failed_attempt(entry: Theirs, reference: str, lone: list[Ours], attempts: list[Ours]) -> Row:
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


def waiting(one: Ours) -> Row:
    return Row(
        Outcome.PENDING, EntryClass.NONE, 0, 0, "Chờ kết luận: kênh chưa trả lời cuối cùng, đối tác không có dòng",
        "", "trạng thái", "68", "(không có)", one.reference, (one.dossier,) if one.dossier else (),
        verdict="lệch thiếu",
    )  # fmt: skip


def wrong_day(one: Ours | None, entry: Theirs | None, other: int, dossier: str) -> Row:
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
        day_text(ours),
        day_text(theirs),
        one.reference if one is not None else entry.tokens if entry is not None else "",
        (dossier,) if dossier else (),
        (one.pk,) if one is not None else (),
        entries=(entry.pk,) if entry is not None else (),
        rule="window",
    )


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
    rows += [
        Row(
            Outcome.PENDING, EntryClass.NONE, one.amount, 0, "Đã gửi lệnh hoàn tiền, ngân hàng chưa ghi nợ",
            "", "ghi nợ",
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
                f"Hoàn tiền gửi ngày {day_text(on)}" if on is not None else "Ghi nợ theo mã hoàn tiền không có",
                "" if known else OURS_MORE, "", "", dong(entry.moves), reference, entries=(entry.pk,),
            )
        )  # fmt: skip
    return rows
