"""The day's report as an Excel workbook: constant memory, and the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import xlsxwriter

from gateway.reconciliation.outcomes import BREAKS, OUTCOME_VI, Outcome
from gateway.reports.rows import COLUMNS, GROUPS, STATE_VI, DayReport, ReportRow

RowSource = Callable[[Outcome | None], Iterable[ReportRow]]

_WIDTHS = (7, 22, 17, 26, 24, 18, 18, 18, 15, 15, 15, 12, 24, 18, 20, 20, 46, 30)
_HEADER = 5  # rows above the column names
_ROWS_PER_SHEET = 1_000_000  # Excel holds 1,048,576
_ACT_VI = {"propose": "Lập", "approve": "Duyệt", "reject": "Trả lại"}


@dataclass(frozen=True, slots=True)
class _Formats:
    title: Any
    note: Any
    group: Any
    header: Any
    text: Any
    money: Any
    day: Any
    bad: Any
    total: Any
    total_money: Any


def write_xlsx(report: DayReport, rows: RowSource, file: Path) -> Path:
    """Write the workbook: control totals, all rows with the differences first, then a sheet per outcome."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(file), options) as book:
        book.set_properties({"title": _title(report), "created": report.judged_at.replace(tzinfo=None)})
        formats = _formats(book)
        _summary_sheet(book, report, formats)
        _row_sheets(book, "Đối soát", report, rows(None), formats)
        for total in report.totals:
            if total.outcome is not None:
                _row_sheets(book, OUTCOME_VI[total.outcome], report, rows(total.outcome), formats)
    return file


def _title(report: DayReport) -> str:
    return f"KẾT QUẢ ĐỐI SOÁT — TỈNH QUẢNG NINH vs {report.partner_name} — Ngày {report.business_on:%d/%m/%Y}"


def _formats(book: Any) -> _Formats:
    font = {"font_name": "Arial", "font_size": 10, "valign": "vcenter"}
    boxed = {**font, "border": 1, "border_color": "#BFBFBF"}
    head = {**boxed, "bold": True, "bg_color": "#DDEBF7", "align": "center", "text_wrap": True}
    return _Formats(
        title=book.add_format({**font, "bold": True, "font_size": 14}),
        note=book.add_format({**font, "font_color": "#595959"}),
        group=book.add_format({**head, "bg_color": "#BDD7EE"}),
        header=book.add_format(head),
        # quote_prefix: what looks like a formula stays the text it is, even after somebody edits the cell.
        text=book.add_format({**boxed, "num_format": "@", "quote_prefix": True}),
        money=book.add_format({**boxed, "num_format": "#,##0"}),
        day=book.add_format({**boxed, "num_format": "dd/mm/yyyy", "align": "center"}),
        bad=book.add_format({**boxed, "num_format": "@", "bold": True, "font_color": "#9C0006", "bg_color": "#FFC7CE"}),
        total=book.add_format({**boxed, "bold": True, "bg_color": "#F2F2F2"}),
        total_money=book.add_format({**boxed, "bold": True, "bg_color": "#F2F2F2", "num_format": "#,##0"}),
    )


def _summary_sheet(book: Any, report: DayReport, formats: _Formats) -> None:
    sheet = book.add_worksheet("Tổng hợp")
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 4, 20)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, _title(report), formats.title)
    row = _pairs(sheet, 2, _facts(report), formats)
    for column, name in enumerate(("Kết quả", "Số dòng", "Tiền hệ thống", "Tiền đối tác", "Chênh lệch")):
        sheet.write_string(row, column, name, formats.header)
    for total in report.totals:
        row += 1
        name = OUTCOME_VI[total.outcome] if total.outcome else ""
        sheet.write_string(row, 0, name, formats.bad if total.outcome in BREAKS else formats.text)
        for column, value in enumerate((total.count, total.ours, total.theirs, total.theirs - total.ours), start=1):
            sheet.write_number(row, column, value, formats.money)
    row += 1
    whole = report.whole
    sheet.write_string(row, 0, "TỔNG CỘNG", formats.total)
    for column, value in enumerate((whole.count, whole.ours, whole.theirs, whole.theirs - whole.ours), start=1):
        sheet.write_number(row, column, value, formats.total_money)
    row += 2
    for problem in report.problems:
        sheet.write_string(row, 0, problem, formats.note)
        row += 1


def _facts(report: DayReport) -> list[tuple[str, str]]:
    decided = [(f"{_ACT_VI.get(act, act)}", f"{user}, {at:%H:%M %d/%m/%Y}") for act, user, at in report.decisions]
    return [
        ("Đối tác", report.partner_name),
        ("Trạng thái", STATE_VI.get(report.state, report.state)),
        ("Phiên bản", str(report.version)),
        ("Đối soát lúc", f"{report.judged_at:%H:%M %d/%m/%Y}"),
        ("Bộ quy tắc / máy đối soát", f"{report.rules} / {report.engine}"),
        ("Mã băm kết quả (SHA-256)", report.snapshot_sha256),
        *decided,
    ]


def _pairs(sheet: Any, row: int, pairs: list[tuple[str, str]], formats: _Formats) -> int:
    for name, value in pairs:
        sheet.write_string(row, 0, name, formats.note)
        sheet.write_string(row, 1, value, formats.note)
        row += 1
    return row + 1


def _row_sheets(book: Any, name: str, report: DayReport, rows: Iterable[ReportRow], formats: _Formats) -> None:
    """One sheet, and more of them where Excel would overflow."""
    source = iter(rows)
    part = 1
    while True:
        first = list(islice(source, 1))
        if not first and part > 1:
            return
        title = name if part == 1 else f"{name} ({part})"
        _row_sheet(book, _sheet_name(title), report, _chain(first, islice(source, _ROWS_PER_SHEET - 1)), formats)
        part += 1


def _chain(first: list[ReportRow], rest: Iterable[ReportRow]) -> Iterator[ReportRow]:
    yield from first
    yield from rest


def _sheet_name(name: str) -> str:
    return "".join(" " if c in "[]:*?/\\" else c for c in name)[:31]


def _row_sheet(book: Any, name: str, report: DayReport, rows: Iterator[ReportRow], formats: _Formats) -> None:
    sheet = book.add_worksheet(name)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEADER)
    sheet.freeze_panes(_HEADER + 1, 2)
    whole = report.whole
    matched = sum(total.count for total in report.totals if total.outcome is Outcome.MATCHED)
    broken = sum(total.count for total in report.totals if total.outcome in BREAKS)
    sheet.write_string(0, 0, _title(report), formats.title)
    sheet.write_string(
        1, 0,
        f"Tổng: {whole.count} | ✓ Khớp: {matched} | ✗ Lệch: {broken} | Đối soát lúc: {report.judged_at:%H:%M %d/%m/%Y}",
        formats.note,
    )  # fmt: skip
    sheet.write_string(2, 0, f"Phiên bản {report.version}, SHA-256 {report.snapshot_sha256}", formats.note)
    column = 0
    for group, width in GROUPS:
        sheet.merge_range(4, column, 4, column + width - 1, group, formats.group)
        column += width
    for index, title in enumerate(COLUMNS):
        sheet.write_string(_HEADER, index, title, formats.header)
    last = _HEADER
    for row in rows:
        last += 1
        _write_row(sheet, last, row, formats)
    sheet.autofilter(_HEADER, 0, max(last, _HEADER + 1), len(COLUMNS) - 1)


def _write_row(sheet: Any, number: int, row: ReportRow, formats: _Formats) -> None:
    for column, value in enumerate(row.cells()):
        if column == 1 and row.outcome in BREAKS:
            sheet.write_string(number, column, str(value), formats.bad)
        elif isinstance(value, int):
            sheet.write_number(number, column, value, formats.money)
        elif isinstance(value, date):
            sheet.write_datetime(number, column, value, formats.day)
        else:
            sheet.write_string(number, column, value or "", formats.text)
