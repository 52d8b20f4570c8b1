"""Sheets of a workbook as an accountant wants them: frozen header, filter, real numbers and dates, printable.

Written in constant memory, row after row. Text is never a formula, a number or a link, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.utility import xl_range

from gateway.reports.quick_sheet import LINE_HEIGHT, Cell, QuickSheet, begin_cells

Kind = Literal["text", "number", "money", "count", "day", "ratio"]

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
ROWS_PER_SHEET = 1_000_000  # Excel holds 1,048,576
_HEADER = 5
_SMALLEST_SCALE = 59
"""Letters of 11 points print at 6.5 then. Below it a sheet goes over pages side by side instead."""
_PAGE_WIDTH = 122  # columns' widths that fit across a landscape A4 page at full size


@dataclass(frozen=True, slots=True)
class Column:
    """``group`` stands above neighbouring columns. ``money`` and ``count`` are summed, a ``number`` is not."""

    title: str
    width: int
    kind: Kind = "text"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A title, up to three ``notes`` below it, and rows under ``columns``. ``kept``: columns that stay while scrolling.

    ``is_bad`` says which rows need a person; ``marked`` is the column that shows it.
    """

    name: str
    title: str
    notes: Sequence[str]
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    kept: int = 2
    marked: int | None = None
    is_bad: Callable[[Sequence[Cell]], bool] = field(default=lambda _: False)


@dataclass(frozen=True, slots=True)
class Formats:
    """The cell formats of one book."""

    title: Any
    note: Any
    group: Any
    header: Any
    bad: Any
    total: Any
    by_kind: dict[Kind, Any]
    total_by_kind: dict[Kind, Any]


_NUMBERS: dict[Kind, str] = {
    "text": "@",
    "number": "0",
    "money": "#,##0",
    "count": "#,##0",
    "day": "dd/mm/yyyy",
    "ratio": "0.0%",
}


# quote_prefix: what looks like a formula stays the text it is, even after somebody edits the cell.
_LOOKS: dict[Kind, dict[str, object]] = {
    "text": {"quote_prefix": True, "text_wrap": True},
    "number": {"align": "center"},
    "day": {"align": "center"},
    "money": {"align": "right", "indent": 1},
    "count": {"align": "right", "indent": 1},
    "ratio": {"align": "right", "indent": 1},
}


def formats(book: Any) -> Formats:
    font = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
    boxed = {**font, "border": 1, "border_color": "#BFBFBF"}
    head = {**boxed, "bold": True, "bg_color": "#DDEBF7", "align": "center", "text_wrap": True}
    total = {**boxed, "bold": True, "bg_color": "#F2F2F2"}
    return Formats(
        title=book.add_format({**font, "bold": True, "font_size": 14}),
        note=book.add_format({**font, "font_color": "#404040"}),
        group=book.add_format({**head, "bg_color": "#BDD7EE"}),
        header=book.add_format(head),
        bad=book.add_format(
            {
                **boxed,
                "num_format": "@",
                "bold": True,
                "font_color": "#9C0006",
                "bg_color": "#FFC7CE",
                "text_wrap": True,
            }
        ),
        total=book.add_format(total),
        by_kind={
            kind: book.add_format({**boxed, "num_format": number, **_LOOKS[kind]}) for kind, number in _NUMBERS.items()
        },
        total_by_kind={
            kind: book.add_format({**total, "num_format": number, **_LOOKS[kind]}) for kind, number in _NUMBERS.items()
        },
    )


def write_book(file: Path, title: str, created: datetime, sheets: Iterable[Sheet]) -> Path:
    """Write the sheets one after the other; the same sheets and ``created`` give the same bytes."""
    with xlsxwriter.Workbook(str(file), OPTIONS) as book:
        book.set_properties({"title": title, "created": created.replace(tzinfo=None)})
        shown = formats(book)
        for sheet in sheets:
            write_sheet(book, sheet, shown)
    return file


def write_sheet(book: Any, sheet: Sheet, shown: Formats) -> None:
    """Write one sheet, and more of them where Excel would overflow."""
    source = iter(sheet.rows)
    part = 1
    while True:
        first = list(islice(source, 1))
        if not first and part > 1:
            return
        name = sheet.name if part == 1 else f"{sheet.name} ({part})"
        page = book.add_worksheet(sheet_name(name), worksheet_class=QuickSheet)
        _head(page, sheet, shown)
        _body(page, sheet, chain(first, islice(source, ROWS_PER_SHEET - 1)), shown)
        part += 1


def sheet_name(name: str) -> str:
    """``name`` as Excel allows it: 31 letters and no sign of its own."""
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in name)[:31].strip("'")


def _head(page: Any, sheet: Sheet, shown: Formats) -> None:
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width)
    _for_print(page, sheet)
    page.freeze_panes(_HEADER + 1, sheet.kept)
    page.write_string(0, 0, sheet.title, shown.title)
    for row, note in enumerate(sheet.notes[:3], start=1):
        page.write_string(row, 0, note, shown.note)
    for first, last, group in _groups(sheet.columns):
        if group and last > first:
            page.merge_range(4, first, 4, last, group, shown.group)
        elif group:
            page.write_string(4, first, group, shown.group)
    titles = [(len(column.title), column.width) for column in sheet.columns]
    page.set_row(_HEADER, LINE_HEIGHT * max(-(-length // width) for length, width in titles))
    for index, column in enumerate(sheet.columns):
        page.write_string(_HEADER, index, column.title, shown.header)


def _groups(columns: Sequence[Column]) -> Iterator[tuple[int, int, str]]:
    first = 0
    for index in range(1, len(columns) + 1):
        if index == len(columns) or columns[index].group != columns[first].group:
            yield first, index - 1, columns[first].group
            first = index


def _for_print(page: Any, sheet: Sheet) -> None:
    """Print the header on every page; what would be too small goes over pages side by side, the kept columns repeated.

    The program that prints chooses the scale, so that columns stay whole whatever its fonts are.
    """
    on_paper(page)
    page.repeat_rows(4, _HEADER)
    widths = [column.width for column in sheet.columns]
    across = pages_across(widths, sheet.kept)
    if across > 1:
        page.repeat_columns(0, sheet.kept - 1)
    page.fit_to_pages(across, 0)


def on_paper(page: Any) -> None:
    """A landscape A4 page that says at its foot which sheet it is and its number of how many."""
    page.set_landscape()
    page.set_paper(9)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer("&L&8&A&R&8Trang &P/&N")


def pages_across(widths: Sequence[int], kept: int) -> int:
    """Over how many pages side by side columns of ``widths`` go, so that none is printed too small."""
    widest = _PAGE_WIDTH * 100 // _SMALLEST_SCALE
    if sum(widths) <= widest:
        return 1
    repeated = sum(widths[:kept])
    pages, used = 1, repeated
    for width in widths[kept:]:
        if used + width > widest:
            pages, used = pages + 1, repeated
        used += width
    return pages


def _body(page: QuickSheet, sheet: Sheet, rows: Iterable[Sequence[Cell]], shown: Formats) -> None:
    shapes = [shown.by_kind[column.kind] for column in sheet.columns]
    alarmed = [shown.bad if index == sheet.marked else shape for index, shape in enumerate(shapes)]
    summed = [index for index, column in enumerate(sheet.columns) if column.kind in ("money", "count")]
    plain, bad = begin_cells(shapes), begin_cells(alarmed)
    wrapped = [(index, column.width) for index, column in enumerate(sheet.columns) if column.kind == "text"]
    sums = dict.fromkeys(summed, 0)
    last = _HEADER
    for last, row in enumerate(rows, start=_HEADER + 1):
        page.write_plain_row(last, row, bad if sheet.is_bad(row) else plain, wrapped)
        for index in summed:
            amount = row[index]
            sums[index] += amount if isinstance(amount, int) else 0
    page.autofilter(_HEADER, 0, max(last, _HEADER + 1), len(shapes) - 1)
    if summed and last > _HEADER:
        _totals(page, sheet.columns, sums, last, shown)


def _totals(page: Any, columns: Sequence[Column], sums: dict[int, int], last: int, shown: Formats) -> None:
    """Sums that follow the filter. Excel computes them anew; who cannot compute sees the whole."""
    for index, column in enumerate(columns):
        shape = shown.total_by_kind[column.kind]
        if index in sums:
            formula = f"=SUBTOTAL(109,{xl_range(_HEADER + 1, index, last, index)})"
            page.write_formula(last + 2, index, formula, shape, sums[index])
        elif index == (1 if columns[0].kind == "number" else 0):
            page.write_string(last + 2, index, "TỔNG CỘNG", shown.total)
        else:
            page.write_blank(last + 2, index, None, shape)
