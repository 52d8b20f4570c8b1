"""The pages of cash, treasury, accounts and months, by real Chromium: at a desk and on a phone, vi and en."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import expect

from gateway.partners import Partner
from gateway.settings import Settings
from tests.console.browser import DESKTOP, PHONE, Reader
from tests.console.conftest import REPOSITORY
from tests.console.finance_world import Finance, finance_of_a_week
from tests.console.test_pages_in_a_browser import picture
from tests.console.world import Monday

pytestmark = [pytest.mark.services, pytest.mark.scenario]

PAGES = {
    "kiem-quy": "/cash",
    "ghi-phieu-kiem-quy": "/cash/new",
    "mot-phieu-kiem-quy": "/cash/{count_pk}",
    "phieu-kiem-quy-cho": "/cash/{waiting_count_pk}",
    "nop-kho-bac": "/treasury",
    "ghi-giay-nop-tien": "/treasury/new",
    "mot-giay-nop-tien": "/treasury/{voucher_pk}",
    "giay-nop-tien-cho": "/treasury/{waiting_voucher_pk}",
    "so-tai-khoan": "/accounts?from=2026-11-01&to=2026-11-24&partner=bank-a",
    "thang": "/months",
    "mot-thang": "/months/bank-a/2026-11",
    "mot-thang-da-dong": "/months/bank-b/2026-10",
}
WIDTHS = {"desktop": DESKTOP, "phone": PHONE}
SitDown = Callable[..., Reader]


@pytest.fixture
def finance(
    application: FastAPI,
    monday: Monday,
    database_url: str,
    partners: Mapping[str, Partner],
    certs: Path,
    tmp_path: Path,
) -> Finance:
    """The Monday with everything that finance records about it."""
    return finance_of_a_week(
        database_url, partners, Settings("test", database_url, "", REPOSITORY / "config", certs, tmp_path)
    )


@pytest.mark.parametrize("screen", WIDTHS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_is_accessible_and_fits_the_screen(
    finance: Finance, sit_down: SitDown, screen: str, language: str
) -> None:
    an = sit_down("an", width=WIDTHS[screen], language=language)
    found = {}
    for name, path in PAGES.items():
        an.go(path.format(**asdict(finance)))
        expect(an.page.locator("h1")).to_be_visible()
        assert an.page.locator("code", has_text="unexpected").count() == 0, name
        found[name] = (an.complaints(), an.sticks_out())
        picture(an, name, screen, language)
    assert found == dict.fromkeys(PAGES, ([], 0))
