"""What the stylesheet promises to the tests of pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway import console

pytestmark = pytest.mark.unit

STYLES = (Path(console.__file__).parent / "static" / "console.css").read_text(encoding="utf-8")
OF_A_WIDTH = re.compile(r"@media \((?:min|max)-width[^{]*\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}")
COLOURED = re.compile(r"[;{ ]((?:color|background|background-color|fill|opacity|filter): [^;}]+)")


def test_no_width_has_colours_of_its_own() -> None:
    """Contrast is measured at one width: at another the same words stand on the same grounds."""
    blocks = OF_A_WIDTH.findall(STYLES)
    assert len(blocks) == 2
    told = {declaration for block in blocks for declaration in COLOURED.findall(block)}
    assert told == {"color: var(--soft)"}, "the names of a card's cells, as soft as every other name on a page"
