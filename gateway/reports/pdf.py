"""PDF by typst from a template of ours and plain data: what a payer wrote is text, never markup.

The same data and the same moment give the same bytes: only our own fonts are used, and the document's date and id
come from them alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import typst

from gateway.errors import Malformed

FONT_FAMILY = "Tinos"
"""Has the measures of Times New Roman, the type of papers of an authority (NĐ 30/2020/NĐ-CP, Phụ lục I)."""

_HERE = Path(__file__).parent
FONTS = _HERE / "fonts"
TEMPLATES = _HERE / "templates"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the template left room for a signature: page from 1, millimetres from its upper left corner."""

    name: str
    page: int
    x: float
    y: float
    width: float
    height: float


def render(template: str, data: Mapping[str, object], *, at: datetime) -> tuple[bytes, tuple[Place, ...]]:
    """The PDF of ``data`` in ``template``, dated ``at``, and the places for signatures.

    Raises Malformed ``report-not-drawn`` where the template cannot draw the data.
    """
    compiler = typst.Compiler(
        str(TEMPLATES / template),
        root=str(TEMPLATES),
        font_paths=typst.Fonts(False, False, [FONTS]),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, sort_keys=True)},
    )
    try:
        found = compiler.query("<place>", field="value")
        drawn = compiler.compile(format="pdf", timestamp=int(at.timestamp()))
    except typst.TypstError as error:
        raise Malformed(
            f"the report cannot be drawn: {error.message}",
            code="report-not-drawn",
            where=template,
            action="report this; the figures are in the Excel file",
        ) from error
    if not isinstance(drawn, bytes):
        raise TypeError("typst gives one PDF as bytes")
    places = json.loads(found) if isinstance(found, str | bytes) else found
    return drawn, tuple(Place(**place) for place in places)
