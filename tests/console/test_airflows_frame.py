"""Airflow shows our pages in a frame with scripts, forms and downloads: no dialogs of the browser, no other windows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway import console

pytestmark = pytest.mark.unit

FOLDER = Path(console.__file__).parent
OURS = [*sorted(FOLDER.glob("templates/**/*.html")), *sorted(FOLDER.glob("static/*.js"))]
FORBIDDEN = re.compile(
    r"\b(?:alert|confirm|prompt|print)\(|\bhx-(?:confirm|prompt)\b|\bwindow\.open\b|\bbeforeunload\b"
    r"|\btarget=[\"']?_(?:blank|top|parent)|\btop\.location\b"
)
"""What ``sandbox="allow-scripts allow-same-origin allow-forms allow-downloads"`` lets do nothing, and says nothing."""


def test_no_page_asks_by_a_dialog_or_opens_a_window_that_the_frame_forbids() -> None:
    assert len(OURS) > 40  # the search itself works
    found = {file.name: told for file in OURS if (told := FORBIDDEN.findall(file.read_text(encoding="utf-8")))}
    assert found == {}


@pytest.mark.parametrize(
    "forbidden",
    [
        "if (!confirm('Xóa?')) return;",
        '<form hx-confirm="Xóa?">',
        '<a href="/" target="_blank">',
        "window.open(address)",
    ],
)
def test_what_the_frame_forbids_is_recognised(forbidden: str) -> None:
    assert FORBIDDEN.search(forbidden)
