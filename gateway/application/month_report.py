"""A month for people: its minutes prepared for signing, and its workbook, written row by row, its leaving logged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from gateway import organisation
from gateway.application import months
from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.application.months import Item, MonthDay, MonthView
from gateway.application.personal import log_export
from gateway.errors import Conflict
from gateway.model import VIETNAM
from gateway.partners import Partner
from gateway.reconciliation.outcomes import OUTCOME_VI, EntryClass, Outcome
from gateway.reports import signed
from gateway.reports.day_minutes import party_of, prepared
from gateway.reports.decided import decided_by
from gateway.reports.layouts import Month
from gateway.reports.minutes import Minutes
from gateway.reports.month_xlsx import write_month
from gateway.reports.rows import ReportRow, Total
from gateway.reports.signed import Document


def export_month(desk: Desk, person: Person, day: date, target: Path) -> Path:
    """The workbook of the month that ``day`` is in, as ``target`` or in the folder ``target``. Raises Forbidden."""
    person.require(Act.EXPORT)
    month = Month.of(day)
    file = target / f"thu-phi_{month.first:%Y%m}.xlsx" if target.is_dir() else target
    with desk.connection.transaction():
        made_at = desk.clock.now().astimezone(VIETNAM)
        centre = organisation.load(desk.settings.config).on(month.first)
        rows = write_month(desk.connection, desk.partners, month, file, centre=centre, made_at=made_at)
        with file.open("rb") as written:
            sha256 = hashlib.file_digest(written, "sha256").hexdigest()
        log_export(desk, person, f"month-xlsx:{month.first:%Y-%m}", rows=rows, sha256=sha256)
    return file


def prepare_month(desk: Desk, person: Person, partner_id: str, day: date) -> Document:
    """The minutes of a closed month with empty signature fields, kept; again gives the same document.

    Raises Forbidden, NotFound ``partner-unknown``, Conflict ``month-open`` or ``report-differs``.
    """
    person.require(Act.SIGN_MINUTES)
    partner = desk.partner(partner_id)
    found = months.month(desk, person, partner_id, day)
    if found.closed_at is None:
        raise Conflict(
            "the month is not closed",
            code="month-open",
            where=f"{partner.id} {found.month:%Y-%m}",
            action="approve all its days and close it; then its minutes are signed",
            facts={"partner": partner.id, "month": found.month},
        )
    with desk.connection.transaction():
        # What was prepared stands, also what an earlier release prepared, which told no decisions of a month.
        kept = signed.documents(desk.connection, partner.id, f"{found.month:%Y-%m}")
        if kept:
            return kept[0]
        document_pk = signed.store(
            desk.connection,
            kind="month_minutes",
            partner=partner.id,
            period=f"{found.month:%Y-%m}",
            version=1,  # a closed month is never reopened
            snapshot_sha256=found.minutes_sha256,
            content=prepared(month_minutes(desk, partner, found), found.closed_at),
            user=person.user,
            now=desk.clock.now(),
        )
        return signed.document(desk.connection, document_pk)


def month_minutes(desk: Desk, partner: Partner, month: MonthView) -> Minutes:
    """What the minutes of a closed month say: sums by outcome and by day, and what is carried out of it.

    What was decided about a carried item is told as it stood when the month was closed: the minutes stay the same.
    """
    closed_at = month.closed_at
    if closed_at is None:
        raise ValueError("an open month has no minutes")
    going = [one.item for one in month.items if one.fate == "carried"]
    told = decided_by(desk.connection, partner.id, [one.key for one in going], closed_at)
    return Minutes(
        document_id=f"BB-{partner.id}-{month.month:%Y%m}",
        number=f"{month.month:%Y%m}/BB-ĐS",
        period=f"Tháng {month.month:%m/%Y}",
        centre=organisation.load(partner.config).on(month.month),
        party=party_of(partner),
        made_on=closed_at.astimezone(VIETNAM).date(),
        snapshot_sha256=month.minutes_sha256,
        by_outcome=[
            Total(outcome, *month.outcomes[outcome.value]) for outcome in OUTCOME_VI if outcome.value in month.outcomes
        ],
        by_class=[_day(day) for day in (*month.days, *month.corrections, *month.moved) if day.summary],
        breaks=_carried_out(going),
        decisions={number: told[one.key] for number, one in enumerate(going, start=1) if one.key in told},
        carried=[
            ("Kỳ trước chuyển sang", month.brought_in.count, month.brought_in.amount),
            ("Phát sinh trong kỳ", month.new.count, month.new.amount),
            ("Đã giải quyết trong kỳ", -month.solved.count, -month.solved.amount),
            ("Chuyển kỳ sau", month.carried_out.count, month.carried_out.amount),
        ],
        parts=("Số liệu theo ngày đối soát", "Ngày"),
    )


def _day(day: MonthDay) -> tuple[str, int, int, int]:
    count, ours, theirs = (sum(values) for values in zip(*day.summary.values(), strict=True))
    name = f"{day.business_on:%d/%m/%Y}"
    if day.state == "moved":
        name = f"Đã chuyển khỏi ngày {name}"
    return (f"Điều chỉnh ngày {name}" if day.corrects is not None else name), count, ours, theirs


def _carried_out(going: Sequence[Item]) -> Iterator[ReportRow]:
    for number, item in enumerate(going, start=1):
        reason = f"Phát sinh ngày đối soát {item.business_on:%d/%m/%Y}"
        yield ReportRow(
            number, Outcome(item.outcome), "", "", "", item.reference, "", "", item.our_amount, item.their_amount, None,
            EntryClass.NONE, "", "", "", reason, "",
        )  # fmt: skip
