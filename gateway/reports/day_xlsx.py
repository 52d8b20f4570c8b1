"""The day's report as an Excel workbook: constant memory, and the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import xlsxwriter

from gateway.reconciliation.outcomes import BREAKS, CLASS_VI, OUTCOME_VI, Outcome
from gateway.reports.quick_sheet import Cell
from gateway.reports.rows import CHANNEL_VI, COLUMNS, GROUPS, OWN, STATE_VI, DayReport, ReportRow
from gateway.reports.workbook import OPTIONS, Column, Formats, Kind, Sheet, formats, on_paper, write_sheet

RowSource = Callable[[Outcome | None], Iterable[ReportRow]]

ORDERS = (
    Column("STT", 5, "number", "THÔNG TIN CHUNG"),
    Column("Kết quả", 16, "text", "THÔNG TIN CHUNG"),
    Column("Loại GD", 13, "text", "THÔNG TIN CHUNG"),
    Column("Chiều", 6, "text", "THÔNG TIN CHUNG"),
    Column("Số GD (hệ thống)", 18, "text", "BÊN A"),
    Column("Số GD (đối tác)", 18, "text", "BÊN B"),
    Column("Dịch vụ", 10, "text", "GIAO DỊCH"),
    Column("Số tiền", 14, "money", "GIAO DỊCH"),
    Column("Loại tiền", 6, "text", "GIAO DỊCH"),
    Column("Ngày GD", 11, "day", "GIAO DỊCH"),
    Column("Ngân hàng", 14, "text", "GIAO DỊCH"),
    Column("Trạng thái", 13, "text", "GHI CHÚ"),
    Column("Ghi chú", 30, "text", "GHI CHÚ"),
)
"""Kết quả đối soát lệnh, as banks lay it out (domain.md 6.3)."""

_WIDTHS = (5, 11, 9, 15, 12, 16, 12, 9, 13, 13, 12, 11, 9, 9, 11, 11, 19, 9)
_KINDS: dict[str, Kind] = {
    "STT": "number", "Ngày GD": "day", "Tiền hệ thống": "money", "Tiền đối tác": "money", "Chênh lệch": "money",
}  # fmt: skip
DETAILS = tuple(
    Column(title, width, _KINDS.get(title, "text"), group)
    for title, width, group in zip(
        COLUMNS, _WIDTHS, [name for name, count in GROUPS for _ in range(count)], strict=True
    )
)
_ACT_VI = {"propose": "Lập", "approve": "Duyệt", "reject": "Trả lại"}


def write_xlsx(report: DayReport, rows: RowSource, file: Path) -> Path:
    """Write the workbook: control totals, all orders with the differences first, all rows, then a sheet per outcome."""
    with xlsxwriter.Workbook(str(file), OPTIONS) as book:
        book.set_properties({"title": _title(report), "created": report.judged_at.replace(tzinfo=None)})
        shown = formats(book)
        _summary_sheet(book, report, shown)
        orders = (_order(row, report.partner_name) for row in rows(None))
        by_order = _sheet("Kết quả đối soát lệnh", report, ORDERS, orders)
        write_sheet(book, replace(by_order, title=_title(report, "KẾT QUẢ ĐỐI SOÁT LỆNH")), shown)
        write_sheet(book, _sheet("Đối soát", report, DETAILS, _cells(rows(None))), shown)
        for total in report.totals:
            if total.outcome is not None:
                name = OUTCOME_VI[total.outcome]
                write_sheet(book, _sheet(name, report, DETAILS, _cells(rows(total.outcome))), shown)
    return file


def _title(report: DayReport, what: str = "KẾT QUẢ ĐỐI SOÁT") -> str:
    both = f"{report.centre.province.upper()} và {report.partner_name}"
    return f"{what} — {both} — Ngày {report.business_on:%d/%m/%Y}"


def _summary_sheet(book: Any, report: DayReport, shown: Formats) -> None:
    sheet = book.add_worksheet("Tổng hợp")
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 4, 20)
    on_paper(sheet)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, _title(report), shown.title)
    row = _pairs(sheet, 2, _facts(report), shown)
    for column, name in enumerate(("Kết quả", "Số dòng", "Tiền hệ thống", "Tiền đối tác", "Chênh lệch")):
        sheet.write_string(row, column, name, shown.header)
    for total in report.totals:
        row += 1
        name = OUTCOME_VI[total.outcome] if total.outcome else ""
        sheet.write_string(row, 0, name, shown.bad if total.outcome in BREAKS else shown.by_kind["text"])
        for column, value in enumerate((total.count, total.ours, total.theirs, total.theirs - total.ours), start=1):
            sheet.write_number(row, column, value, shown.by_kind["money"])
    row += 1
    whole = report.whole
    sheet.write_string(row, 0, "TỔNG CỘNG", shown.total)
    for column, value in enumerate((whole.count, whole.ours, whole.theirs, whole.theirs - whole.ours), start=1):
        sheet.write_number(row, column, value, shown.total_by_kind["money"])
    row = _moved(sheet, row, report, shown) + 2
    for problem in report.problems:
        sheet.write_string(row, 0, problem, shown.note)
        row += 1


def _moved(sheet: Any, row: int, report: DayReport, shown: Formats) -> int:
    """Under the total: what came from and went to other days; the row that was written last."""
    lines = [(one.label, [one.count, one.ours, one.theirs, one.theirs - one.ours]) for one in report.moved]
    if any(one.here for one in report.moved):
        own = report.own
        lines.append((OWN, [own.count, own.ours, own.theirs, own.theirs - own.ours]))
    for label, values in lines:
        row += 1
        sheet.write_string(row, 0, label, shown.note)
        for column, value in enumerate(values, start=1):
            sheet.write_number(row, column, value, shown.by_kind["money"])
    return row


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


def _pairs(sheet: Any, row: int, pairs: list[tuple[str, str]], shown: Formats) -> int:
    for name, value in pairs:
        sheet.write_string(row, 0, name, shown.note)
        sheet.write_string(row, 1, value, shown.note)
        row += 1
    return row + 1


_BAD = frozenset(OUTCOME_VI[outcome] for outcome in BREAKS)


def _sheet(name: str, report: DayReport, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Sheet:
    whole = report.whole
    matched = sum(total.count for total in report.totals if total.outcome is Outcome.MATCHED)
    broken = sum(total.count for total in report.totals if total.outcome in BREAKS)
    notes = (
        f"Tổng: {whole.count} | ✓ Khớp: {matched} | ✗ Lệch: {broken} | Xuất lúc: {report.judged_at:%H:%M %d/%m/%Y}",
        f"Phiên bản {report.version}, SHA-256 {report.snapshot_sha256}",
    )
    return Sheet(name, _title(report), notes, columns, rows, marked=1, is_bad=lambda row: row[1] in _BAD)


def _cells(rows: Iterable[ReportRow]) -> Iterator[Sequence[Cell]]:
    return (row.cells() for row in rows)


def _order(row: ReportRow, partner: str) -> Sequence[Cell]:
    """One order under ``ORDERS``; its amount is ours, or the partner's where we have none."""
    amount = row.ours or row.theirs
    cells = row.cells()
    return [
        row.number, OUTCOME_VI[row.outcome], CLASS_VI[row.entry_class], "Nợ" if amount < 0 else "Có",
        row.reference if row.is_ours else "", row.transaction, CHANNEL_VI.get(row.channel, row.channel), amount, "VND",
        row.paid_on, partner, row.side or row.field, cells[16],
    ]  # fmt: skip
