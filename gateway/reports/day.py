"""Writes the reports of a reconciled day into a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from psycopg import Connection

from gateway.partners import Partner
from gateway.reports import prints
from gateway.reports.day_csv import write_csv
from gateway.reports.day_minutes import day_minutes, write_minutes
from gateway.reports.day_xlsx import write_xlsx
from gateway.reports.rows import DayReport, head, rows

Rows = Connection[tuple[object, ...]]
FORMS = ("xlsx", "csv", "pdf")


def write_day_reports(
    conn: Rows, partner: Partner, business_on: date, folder: Path, forms: Sequence[str] = FORMS
) -> list[Path]:
    """The day's current version as XLSX, CSV and minutes in PDF; their digests are kept.

    The same version in the same edition gives the same bytes. Raises NotFound ``day-unknown``.
    """
    report = head(conn, partner, business_on)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for form in forms:
        files.append(write_one(conn, partner, report, form, folder))
        keep_digest(conn, partner, report, form, files[-1].read_bytes())
    return files


def write_one(conn: Rows, partner: Partner, report: DayReport, form: str, folder: Path) -> Path:
    """One form of an edition as a file. Keeps nothing."""
    stem = f"doi-soat_{partner.id}_{report.business_on:%Y%m%d}_v{report.version}"
    if form == "xlsx":
        return write_xlsx(report, lambda outcome: rows(conn, report.version_pk, outcome), folder / f"{stem}.xlsx")
    if form == "csv":
        return write_csv(report, rows(conn, report.version_pk), folder / f"{stem}.csv")
    return write_minutes(day_minutes(conn, partner, report), report.judged_at, folder / f"bien-ban_{stem}.pdf")


def keep_digest(conn: Rows, partner: Partner, report: DayReport, form: str, content: bytes) -> None:
    """Keep the digest of a file that was made, for ``gateway reconcile --verify``; of minutes also of what they say."""
    sha256 = hashlib.sha256(content).hexdigest()
    if form == "pdf":
        prints.keep(conn, report, "pdf", sha256)
        prints.keep(conn, report, "minutes", prints.digest_of_minutes(day_minutes(conn, partner, report)))
    elif form in ("xlsx", "csv"):
        prints.keep(conn, report, "xlsx" if form == "xlsx" else "csv", sha256)
