"""Every page in a real Chromium, at a desk and on a phone, in both languages.

With ``GATEWAY_PICTURES`` naming a folder the Vietnamese pages are also kept there as pictures (docs/pages).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.console.browser import DESKTOP, PHONE, Reader
from tests.console.world import PATH, Monday

pytestmark = [pytest.mark.services, pytest.mark.scenario]

PAGES = {
    "hom-nay": "/",
    "ngay-doi-soat": PATH,
    "ngay-doi-soat-loc": f"{PATH}?outcome=unidentified",
    "mot-khoan-lech": f"{PATH}/breaks/@suggested",
    "khoan-lech-gan": f"{PATH}/breaks/@near",
    "khoan-lech-thua-tien": f"{PATH}/breaks/@overpaid",
    "khong-co-trang": "/khong-co",
}
TALLEST = 1500
"""How much of a page a picture shows, in pixels."""
WIDTHS = {"desktop": DESKTOP, "phone": PHONE}


@pytest.mark.parametrize("screen", WIDTHS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_is_accessible_and_fits_the_screen(
    monday: Monday, sit_down: Callable[..., Reader], screen: str, language: str
) -> None:
    an = sit_down("an", width=WIDTHS[screen], language=language)
    found = {}
    for name, path in PAGES.items():
        an.go(monday.address(path))
        expect(an.page.locator("h1")).to_be_visible()
        found[name] = an.faults()
        if name == "khong-co-trang":
            an.errors.clear()  # the browser itself reports the status 404
        picture(an, name, screen, language)
    assert found == dict.fromkeys(PAGES, ([], 0))


def picture(reader: Reader, name: str, screen: str, language: str) -> None:
    folder = os.environ.get("GATEWAY_PICTURES")
    if folder and language == "vi":
        kept = Path(folder) / f"{name}{'' if screen == 'desktop' else '-dien-thoai'}.png"
        height = int(reader.page.evaluate("document.documentElement.scrollHeight"))
        seen = {"x": 0, "y": 0, "width": WIDTHS[screen]["width"], "height": min(height, TALLEST)}
        reader.page.screenshot(path=kept, full_page=True, clip=seen)
