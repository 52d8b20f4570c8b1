"""The month of a province as one workbook: what closes, day by day, and the tables of domain.md 6.3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import chain
from pathlib import Path

from psycopg import Connection

from gateway.organisation import Centre
from gateway.partners import Partner
from gateway.reconciliation.outcomes import BREAKS
from gateway.reports.layouts import Month, month_sheets
from gateway.reports.quick_sheet import Cell
from gateway.reports.rows import STATE_VI
from gateway.reports.workbook import Column, Sheet, write_book

Rows = Connection[tuple[object, ...]]

DAYS = (
    Column("STT", 6, "number"),
    Column("Ngày đối soát", 14, "day"),
    Column("Đối tác", 30),
    Column("Trạng thái", 18),
    Column("Phiên bản", 10, "number"),
    Column("Số dòng", 12, "count"),
    Column("Khoản lệch", 12, "count"),
    Column("Tiền hệ thống", 19, "money", "Số tiền (đồng)"),
    Column("Tiền đối tác", 19, "money", "Số tiền (đồng)"),
    Column("Chênh lệch", 19, "money", "Số tiền (đồng)"),
)
_BREAKS = 6


def write_month(
    conn: Rows, partners: Mapping[str, Partner], month: Month, file: Path, *, centre: Centre, made_at: datetime
) -> int:
    """Write the workbook of a month, row by row, inside the caller's transaction; how many rows its tables have.

    ``made_at`` is Vietnamese time.
    """
    title = f"BÁO CÁO THU PHÍ, LỆ PHÍ VÀ ĐỐI SOÁT {str(month).upper()} — {centre.name.upper()}"
    days = Sheet(
        "Tổng hợp đối soát",
        title,
        (f"Lập lúc {made_at:%H:%M %d/%m/%Y}", "Ngày còn khoản lệch đứng trước"),
        DAYS,
        _days(conn, partners, month),
        kept=3,
        marked=2,
        is_bad=lambda row: bool(row[_BREAKS]),
    )
    written = Counter[str]()
    sheets = chain([days], month_sheets(conn, partners, month))
    write_book(file, title, made_at, (replace(one, rows=_counted(one, written)) for one in sheets))
    return written.total()


def _counted(sheet: Sheet, written: Counter[str]) -> Iterator[Sequence[Cell]]:
    for row in sheet.rows:
        written[sheet.name] += 1
        yield row


def _days(conn: Rows, partners: Mapping[str, Partner], month: Month) -> Iterator[Sequence[Cell]]:
    found = conn.execute(
        "SELECT d.business_on, d.partner, d.state, d.version, count(*), count(*) FILTER (WHERE r.outcome = ANY (%s)),"
        " sum(r.our_amount), sum(r.their_amount)"
        " FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)"
        " JOIN gateway.recon_row r USING (version_pk)"
        " WHERE d.business_on >= %s AND d.business_on < %s GROUP BY 1, 2, 3, 4 ORDER BY 6 = 0, 1, 2",
        (sorted(BREAKS), month.first, month.after),
    ).fetchall()
    for number, (on, partner, state, version, count, breaks, ours, theirs) in enumerate(found, start=1):
        name = partners[str(partner)].name if str(partner) in partners else str(partner)
        a, b = int(str(ours)), int(str(theirs))
        yield [
            number, on if isinstance(on, date) else None, name, STATE_VI.get(str(state), str(state)), int(str(version)),
            int(str(count)), int(str(breaks)), a, b, b - a,
        ]  # fmt: skip
