"""The pages in a real Chromium, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.console.browser import DESKTOP, PHONE, Reader

pytestmark = [pytest.mark.services, pytest.mark.scenario]


@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_start_page_is_accessible_and_fits_the_screen(
    sit_down: Callable[..., Reader], width: object, language: str
) -> None:
    an = sit_down("an", width=width, language=language)
    an.go("/")
    assert an.page.locator("h1").inner_text().startswith({"vi": "Hôm nay", "en": "Today"}[language])
    assert an.complaints() == []
    assert an.sticks_out() == 0
