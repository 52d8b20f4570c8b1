"""Reports of approved days on their way out: to people by mail (a summary and a link), to a folder as files.

What was sent is kept byte for byte. A delivery that fails is tried again by the next run; one that was sent is not sent
again. Should the keeping fail after the sending, the second mail has the same Message-ID and the file the same name.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

import jinja2
from psycopg import Connection

from gateway.partners import Partner
from gateway.reconciliation.outcomes import BREAKS, OUTCOME_VI
from gateway.reports.day import write_day_reports
from gateway.reports.minutes import grouped
from gateway.reports.pdf import TEMPLATES
from gateway.reports.rows import STATE_VI, DayReport, head

Rows = Connection[tuple[object, ...]]


class Carrier(Protocol):
    """One way out to one recipient (a list of addresses, or a folder)."""

    @property
    def way(self) -> str:
        """``mail`` or ``sftp``."""
        ...

    @property
    def recipient(self) -> str: ...

    def send(self, name: str, content: bytes) -> None:
        """Raises Unavailable (later), Refused (never), InDoubt (perhaps it arrived)."""
        ...


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes to whom, and where the pages are. ``console_url`` has no slash at its end."""

    sender: str
    recipients: Sequence[str]
    console_url: str


@dataclass(frozen=True, slots=True)
class Approved:
    """A day that was approved, at its current version."""

    partner: str
    business_on: date
    version: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file or a mail that leaves as a whole."""

    name: str
    content: bytes = field(repr=False)


def approved_since(conn: Rows, first: date) -> list[Approved]:
    """Approved days from ``first`` on, oldest first."""
    found = conn.execute(
        "SELECT partner, business_on, version FROM gateway.recon_day WHERE state = 'approved' AND business_on >= %s"
        " ORDER BY business_on, partner",
        (first,),
    ).fetchall()
    return [Approved(str(p), on, int(str(v))) for p, on, v in found if isinstance(on, date)]


def deliver(
    conn: Rows, partner: Partner, day: Approved, carrier: Carrier, letterhead: Letterhead, *, user: str, now: datetime
) -> int:
    """Send what this carrier has not carried yet of an approved day, and keep it; how many parcels left.

    Each parcel is kept in a transaction of its own. Raises what the carrier raises.
    """
    sent = 0
    for parcel in _parcels(conn, partner, day.business_on, carrier, letterhead):
        if _was_sent(conn, carrier, parcel.name):
            continue
        carrier.send(parcel.name, parcel.content)
        _keep(conn, day, carrier, parcel, user=user, now=now)
        sent += 1
    return sent


def _parcels(
    conn: Rows, partner: Partner, business_on: date, carrier: Carrier, letterhead: Letterhead
) -> Sequence[Parcel]:
    with conn.transaction(), tempfile.TemporaryDirectory(prefix="gateway-delivery-") as folder:
        if carrier.way == "mail":
            return [mail(head(conn, partner, business_on), letterhead)]
        files = write_day_reports(conn, partner, business_on, Path(folder))
        return [Parcel(file.name, file.read_bytes()) for file in files]


def _was_sent(conn: Rows, carrier: Carrier, name: str) -> bool:
    found = conn.execute(
        "SELECT 1 FROM gateway.report_delivery WHERE way = %s AND recipient = %s AND file_name = %s",
        (carrier.way, carrier.recipient, name),
    ).fetchone()
    return found is not None


def _keep(conn: Rows, day: Approved, carrier: Carrier, parcel: Parcel, *, user: str, now: datetime) -> None:
    with conn.transaction():
        conn.execute(
            "INSERT INTO gateway.report_delivery (partner, period, way, recipient, file_name, size, sha256, content,"
            " sent_by, sent_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %b, %s, %s)",
            (
                day.partner, day.business_on.isoformat(), carrier.way, carrier.recipient, parcel.name,
                len(parcel.content), hashlib.sha256(parcel.content).hexdigest(), parcel.content, user, now,
            ),
        )  # fmt: skip


def mail(report: DayReport, letterhead: Letterhead) -> Parcel:
    """The mail about one day: sums by outcome and a link, no personal data. The same day gives the same bytes."""
    stem = f"doi-soat_{report.partner_id}_{report.business_on:%Y%m%d}_v{report.version}"
    message = EmailMessage()
    message["Subject"] = f"Đối soát {report.partner_name} ngày {report.business_on:%d/%m/%Y}: {_state(report)}"
    message["From"] = letterhead.sender
    message["To"] = ", ".join(letterhead.recipients)
    message["Date"] = report.judged_at
    message["Message-ID"] = f"<{stem}.{report.snapshot_sha256[:16]}@{letterhead.sender.rpartition('@')[2].strip('>')}>"
    facts = _facts(report, letterhead)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=jinja2.select_autoescape(["html"]), trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    message.set_content(environment.get_template("mail.txt").render(facts))
    message.add_alternative(environment.get_template("mail.html").render(facts), subtype="html")
    message.set_boundary(f"=_{report.snapshot_sha256[:32]}")
    return Parcel(f"{stem}.eml", message.as_bytes())


def _state(report: DayReport) -> str:
    broken = sum(total.count for total in report.totals if total.outcome in BREAKS)
    return f"{STATE_VI.get(report.state, report.state)}, {grouped(broken)} khoản lệch"


def _facts(report: DayReport, letterhead: Letterhead) -> dict[str, object]:
    lines = [
        (OUTCOME_VI[total.outcome], *map(grouped, (total.count, total.ours, total.theirs, total.theirs - total.ours)))
        for total in report.totals
        if total.outcome is not None
    ]
    whole = report.whole
    sums = tuple(map(grouped, (whole.count, whole.ours, whole.theirs, whole.theirs - whole.ours)))
    return {
        "centre": report.centre.name,
        "partner": report.partner_name,
        "day": f"{report.business_on:%d/%m/%Y}",
        "state": _state(report),
        "version": report.version,
        "lines": [*lines, ("TỔNG CỘNG", *sums)],
        "link": f"{letterhead.console_url}/days/{report.partner_id}/{report.business_on}",
    }
