"""Every page has its picture in the documents, taken by the browser tests (``GATEWAY_PICTURES``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console import test_pages_finance, test_pages_in_a_browser, test_pages_people

pytestmark = pytest.mark.unit

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {*test_pages_finance.PAGES, *test_pages_in_a_browser.PAGES, *test_pages_people.PAGES}
SEEN_ELSEWHERE = {
    "khoan-lech-gan", "khoan-lech-thua-tien", "khong-co-trang", "mot-thang-da-dong", "ngay-doi-soat-loc",
    "giay-nop-tien-cho", "phieu-kiem-quy-cho",
}  # fmt: skip
"""Another state of a page that is shown."""


def test_every_page_has_its_picture_in_the_documents() -> None:
    text = (DOCS / "pages.md").read_text(encoding="utf-8")
    assert SEEN_ELSEWHERE <= PAGES
    assert [name for name in sorted(PAGES - SEEN_ELSEWHERE) if f"(pages/{name}.png)" not in text] == []


def test_every_picture_is_shown() -> None:
    text = (DOCS / "pages.md").read_text(encoding="utf-8")
    assert [file.name for file in sorted((DOCS / "pages").glob("*.png")) if f"(pages/{file.name})" not in text] == []
