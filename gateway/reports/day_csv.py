"""The day's report as CSV with a byte-order mark: Excel opens it in Vietnamese as it is.

A text that a spreadsheet would take for something else begins with an apostrophe; a program that reads it drops one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from gateway.reconciliation.outcomes import OUTCOME_VI, dong
from gateway.reports.rows import COLUMNS, OWN, STATE_VI, DayReport, ReportRow

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MISTAKEN = re.compile(r"0[0-9]+|[0-9]{12,}|[0-9]+[Ee][0-9]+", re.ASCII)
"""A code of digits that a spreadsheet would show rounded (5.53722E+11), without its zeros, or as a power of ten."""


def write_csv(report: DayReport, rows: Iterable[ReportRow], file: Path) -> Path:
    """Write title, control totals and all rows, differences first."""
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([f"KẾT QUẢ ĐỐI SOÁT — {report.partner_name} — Ngày {report.business_on:%d/%m/%Y}"])
        writer.writerow(
            [f"{STATE_VI.get(report.state, report.state)}, phiên bản {report.version}", report.snapshot_sha256]
        )
        writer.writerow(["Kết quả", "Số dòng", "Tiền hệ thống", "Tiền đối tác", "Chênh lệch"])
        for total in (*report.totals, report.whole):
            name = OUTCOME_VI[total.outcome] if total.outcome else "TỔNG CỘNG"
            writer.writerow([name, total.count, dong(total.ours), dong(total.theirs), dong(total.theirs - total.ours)])
        for one in report.moved:
            told = (dong(one.ours), dong(one.theirs), dong(one.theirs - one.ours))
            writer.writerow([one.label, one.count, *told])
        if any(one.here for one in report.moved):
            own = report.own
            writer.writerow([OWN, own.count, dong(own.ours), dong(own.theirs), dong(own.theirs - own.ours)])
        writer.writerow([])
        writer.writerow(COLUMNS)
        for row in rows:
            cells = row.cells()
            writer.writerow([cells[0], *(_told(value) for value in cells[1:])])
    return file


def _told(value: str | int | date | None) -> str:
    if isinstance(value, int):
        return dong(value)
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return neutral(value or "")


def neutral(text: str) -> str:
    """Text that a spreadsheet would run as a formula or take for a number, made plain by an apostrophe.

    One that begins with an apostrophe gets another, so that dropping the first one always gives the text.
    """
    return f"'{text}" if text.startswith((*_FORMULA_STARTS, "'")) or _MISTAKEN.fullmatch(text) else text
