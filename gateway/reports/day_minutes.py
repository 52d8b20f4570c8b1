"""The minutes of one partner's business date, from its stored version: unsigned, or prepared for signing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path

from psycopg import Connection

from gateway.partners import Partner
from gateway.reconciliation import grounds
from gateway.reports import pdf
from gateway.reports.decided import decided
from gateway.reports.minutes import FIELDS, TO_LIST, Minutes, Party, as_data
from gateway.reports.rows import DayReport, ReportRow, classes, rows
from gateway.security.pdf_fields import SignatureField, with_signature_fields


def day_minutes(conn: Connection[tuple[object, ...]], partner: Partner, report: DayReport) -> Minutes:
    """What the minutes of the version that ``report`` is the head of say. Raises ConfigurationError."""
    day = report.business_on
    return Minutes(
        document_id=f"BB-{partner.id}-{day:%Y%m%d}-v{report.version}",
        number=f"{day:%Y%m%d}.{report.version}/BB-ĐS",
        period=f"Ngày đối soát: {day:%d/%m/%Y}",
        centre=report.centre,
        party=party_of(grounds.partner_then(conn, partner, day, report.version)),
        made_on=report.judged_at.date(),
        snapshot_sha256=report.snapshot_sha256,
        by_outcome=report.totals,
        by_class=classes(conn, report.version_pk),
        breaks=_listed(conn, report),
        decisions=decided(conn, report),
        moved=report.moved,
    )


def party_of(partner: Partner) -> Party:
    """The partner as the other side of minutes, with the centre's accounts there."""
    accounts = partner.accounts
    if accounts is None:
        return Party(partner.name, partner.role, (), "")
    return Party(partner.name, partner.role, sorted(accounts.all()), accounts.name)


def _listed(conn: Connection[tuple[object, ...]], report: DayReport) -> Iterator[ReportRow]:
    present = {total.outcome for total in report.totals}
    return chain.from_iterable(rows(conn, report.version_pk, outcome) for outcome in TO_LIST if outcome in present)


def unsigned(minutes: Minutes, at: datetime) -> bytes:
    """The PDF, dated ``at``. The same minutes give the same bytes. Raises Malformed ``report-not-drawn``."""
    return pdf.render("minutes.typ", as_data(minutes), at=at)[0]


def prepared(minutes: Minutes, at: datetime) -> bytes:
    """The unsigned PDF followed by its empty signature fields: what people sign. The same minutes, the same bytes."""
    drawn, places = pdf.render("minutes.typ", as_data(minutes), at=at)
    fields = [
        SignatureField(place.name, FIELDS[place.name], place.page, place.x, place.y, place.width, place.height)
        for place in sorted(places, key=lambda place: list(FIELDS).index(place.name))
    ]
    return with_signature_fields(drawn, fields)


def write_minutes(minutes: Minutes, at: datetime, file: Path) -> Path:
    """Write the unsigned PDF."""
    file.write_bytes(unsigned(minutes, at))
    return file
