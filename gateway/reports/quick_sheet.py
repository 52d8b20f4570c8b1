"""A worksheet that takes whole rows: half of xlsxwriter's work per cell is finding out what it was given.

By the library's public functions alone (``write_string``, ``write_number``, constant memory) a row takes four to five
times as long, and the month of 200,000 rows misses its bound of 25 s.

Rows go out as the library itself writes them in constant memory (inline strings, its own escapes). A test reads them
back with another library, so that a change of xlsxwriter's insides cannot pass unseen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | date | None

LINE_HEIGHT = 15
"""Points of one line."""

_EPOCH = date(1899, 12, 30)
_LONGEST = 32_767  # Excel holds no longer text in a cell
_SPECIAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\s|\s$")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")


class QuickSheet(Worksheet):  # type: ignore[misc]  # xlsxwriter has no types
    """Use with ``constant_memory`` only, rows from top to bottom."""

    def write_plain_row(
        self, number: int, cells: Sequence[Cell], begun: Sequence[tuple[str, str]], wrapped: Sequence[tuple[int, int]]
    ) -> None:
        """Write row ``number`` (from 0): text, integers, shares and dates as what they are, None and "" as empty.

        ``begun``: its cells by ``begin_cells``. ``wrapped``: columns whose text goes on in further lines, and their
        widths; the row is as high as they need.
        """
        if self._check_dimensions(number, 0) or self._check_dimensions(number, len(cells) - 1):
            raise ValueError(f"row {number} does not follow the rows that were written")
        self._write_single_row(number)
        line = str(number + 1)
        long = (
            _lines(cell, width)
            for index, width in wrapped
            if isinstance(cell := cells[index], str) and (len(cell) > width or "\n" in cell)
        )
        lines = max(long, default=1)
        height = f' ht="{lines * LINE_HEIGHT}" customHeight="1"' if lines > 1 else ""
        parts = [f'<row r="{line}"{height}>']
        for (begin, style), cell in zip(begun, cells, strict=True):
            if cell is None or cell == "":
                parts.append(f"{begin}{line}{style}/>")
            elif isinstance(cell, str):
                parts.append(f'{begin}{line}{style} t="inlineStr"><is>{_text(cell)}</is></c>')
            elif isinstance(cell, date):
                parts.append(f"{begin}{line}{style}><v>{(cell - _EPOCH).days}</v></c>")
            else:
                value = f"{cell:.16G}" if isinstance(cell, float) else cell
                parts.append(f"{begin}{line}{style}><v>{value}</v></c>")
        parts.append("</row>")
        self.fh.write("".join(parts))


def begin_cells(shapes: Sequence[Any]) -> Sequence[tuple[str, str]]:
    """What stands before and behind the row's number at the beginning of each cell of a row with these formats."""
    return [(f'<c r="{xl_col_to_name(index)}', f'" s="{shape._get_xf_index()}"') for index, shape in enumerate(shapes)]


def _lines(text: str, width: int) -> int:
    """How many lines a text needs; seven units of a column's width hold eight letters of its font."""
    return sum(max(1, -(-7 * len(part) // (8 * width))) for part in text.split("\n"))


def _text(text: str) -> str:
    if not _SPECIAL.search(text):
        return f"<t>{text}</t>"
    text = _ESCAPE.sub("_x005F_", text[:_LONGEST])
    text = _CONTROL.sub(lambda found: f"_x{ord(found.group()):04X}_", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<t xml:space="preserve">{text}</t>'
