"""Writes the reports of a reconciled day into a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from psycopg import Connection

from gateway.partners import Partner
from gateway.reports.day_csv import write_csv
from gateway.reports.day_minutes import day_minutes, write_minutes
from gateway.reports.day_xlsx import write_xlsx
from gateway.reports.rows import head, rows

FORMS = ("xlsx", "csv", "pdf")


def write_day_reports(
    conn: Connection[tuple[object, ...]],
    partner: Partner,
    business_on: date,
    folder: Path,
    forms: Sequence[str] = FORMS,
) -> list[Path]:
    """The day's current version as XLSX, CSV and minutes in PDF.

    The same version in the same state gives the same bytes.

    Raises NotFound ``day-unknown``.
    """
    report = head(conn, partner, business_on)
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"doi-soat_{partner.id}_{business_on:%Y%m%d}_v{report.version}"
    writers: dict[str, Callable[[], Path]] = {
        "xlsx": lambda: write_xlsx(report, lambda o: rows(conn, report.version_pk, o), folder / f"{stem}.xlsx"),
        "csv": lambda: write_csv(report, rows(conn, report.version_pk), folder / f"{stem}.csv"),
        "pdf": lambda: write_minutes(
            day_minutes(conn, partner, report), report.judged_at, folder / f"bien-ban_{stem}.pdf"
        ),
    }
    return [writers[form]() for form in forms]
