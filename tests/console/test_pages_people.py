"""The pages about dossiers, statements, money and people, by real Chromium: at a desk and on a phone, vi and en."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import psycopg
import pytest
from playwright.sync_api import expect

from gateway.partners import Partner
from tests.console.browser import DESKTOP, PHONE, Reader
from tests.console.people_world import CODE, People, people_of_a_monday
from tests.console.test_pages_in_a_browser import picture
from tests.console.world import Monday

pytestmark = [pytest.mark.services, pytest.mark.scenario]

PAGES = {
    "ho-so": "/dossiers?q=Nguyen+Thi+Hanh",
    "ho-so-dien-bien": f"/dossiers/{CODE}",
    "mach-chung-cu": "/threads/bank-a/2026-11-23/@underpaid",
    "sao-ke": "/statements",
    "mot-tep-sao-ke": "/statements/statement/@@statement",
    "tien-chua-xac-dinh": "/unidentified",
    "tra-soat": "/enquiries?state=all",
    "tuoi-lech": "/ageing",
    "chi-tieu": "/indicators",
    "hoan-phi": "/refunds",
    "mot-khoan-hoan": "/refunds/@@refund",
    "du-lieu-ca-nhan": "/personal",
}
WIDTHS = {"desktop": DESKTOP, "phone": PHONE}


def address(monday: Monday, people: People, path: str) -> str:
    """``path`` with the key of a row in the place of ``@@table``, or of ``@outcome`` of the Monday."""
    before, _, table = path.partition("@@")
    return before + str(getattr(people, table)) if table else monday.address(path)


@pytest.fixture
def places(monday: Monday, database_url: str, partners: Mapping[str, Partner]) -> Callable[[str], str]:
    """The Monday, and a refused dossier whose money must go back; ``@@table`` in a path is the first row's name."""
    people = people_of_a_monday(database_url, partners)
    return lambda path: address(monday, people, path)


@pytest.mark.parametrize("screen", WIDTHS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_is_accessible_and_fits_the_screen(
    places: Callable[[str], str], sit_down: Callable[..., Reader], screen: str, language: str
) -> None:
    dung = sit_down("dung", width=WIDTHS[screen], language=language)
    found = {}
    for name, path in PAGES.items():
        dung.go(places(path))
        expect(dung.page.locator("h1")).to_be_visible()
        assert dung.page.locator("code", has_text="unexpected").count() == 0, name
        found[name] = dung.faults()
        picture(dung, name, screen, language)
    assert found == dict.fromkeys(PAGES, ([], 0))


def test_a_dossier_is_found_by_its_owner_and_told_from_first_to_last(
    places: Callable[[str], str], sit_down: Callable[..., Reader]
) -> None:
    an = sit_down("an")
    page = an.go("/dossiers")
    page.get_by_label("Tìm hồ sơ hoặc khoản tiền").fill("dang thi huong")
    page.get_by_role("button", name="Tìm").click()
    page.get_by_role("link", name="H49.12-20261123-0000501").click()
    expect(page.locator("h1")).to_contain_text("Không được tiếp nhận")
    expect(page.locator(".thread li").first).to_contain_text("Hồ sơ")
    expect(page.locator(".thread")).to_contain_text("150.000")
    expect(page.locator("main")).not_to_contain_text("0912345678")
    page.get_by_role("link", name="Xem khoản hoàn").first.click()
    expect(page.locator("h1")).to_contain_text("Hoàn 150.000")


def test_a_personal_field_is_shown_for_a_reason_once_and_logged(
    places: Callable[[str], str], sit_down: Callable[..., Reader]
) -> None:
    an = sit_down("an")
    page = an.go(f"/dossiers/{CODE}")
    page.get_by_role("link", name="xem, có lý do điện thoại").click()
    page.get_by_label("Lý do xem").fill("Gọi người nộp tiền để xác nhận")
    page.get_by_role("button", name="Xem và ghi lại").click()
    expect(page.locator(".revealed")).to_have_text("0912345678")
    assert "0912345678" not in page.url
    an.go("/personal")
    expect(page.locator("main")).not_to_contain_text("0912345678")
    expect(page.get_by_role("row", name="Gọi người nộp tiền để xác nhận")).to_contain_text("an")
    expect(page.get_by_label("Số CCCD, CMND hoặc mã số thuế")).to_have_count(0)


def test_the_auditor_answers_a_data_subject_and_sees_what_may_not_be_erased(
    places: Callable[[str], str], sit_down: Callable[..., Reader]
) -> None:
    dung = sit_down("dung")
    page = dung.go("/personal")
    page.get_by_label("Số CCCD, CMND hoặc mã số thuế").fill("022190000001")
    page.get_by_label("Căn cứ (số, ngày của yêu cầu)").fill("Đơn số 12 ngày 24/11/2026")
    page.get_by_role("button", name="Liệt kê đang giữ gì").click()
    expect(page.locator("#held")).to_contain_text("•••0001")
    page.get_by_label("Căn cứ (số, ngày của yêu cầu)").fill("Đơn số 12 ngày 24/11/2026")
    page.get_by_role("button", name="Xóa dữ liệu liên hệ").click()
    expect(page.locator("#erased")).to_be_visible()
    expect(page.locator("main")).to_contain_text("hồ sơ đang xử lý")
    expect(page.locator("main")).to_contain_text("đang hoàn phí")


def test_a_refund_is_proposed_by_one_and_approved_by_another(
    places: Callable[[str], str], sit_down: Callable[..., Reader]
) -> None:
    path = places("/refunds/@@refund")
    an = sit_down("an")
    page = an.go(path)
    page.get_by_role("button", name="Lập đề nghị hoàn").click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu")
    expect(page.get_by_role("button", name="Duyệt hoàn")).to_have_count(0)
    binh = sit_down("binh")
    page = binh.go(path)
    page.get_by_role("button", name="Duyệt hoàn").click()
    expect(page.locator("h1")).to_contain_text("đã duyệt")
    binh.go("/refunds")
    expect(page.locator("main")).to_contain_text("hệ thống gửi lệnh")


def test_a_break_leads_to_the_queue_and_back_to_its_evidence(
    places: Callable[[str], str], sit_down: Callable[..., Reader]
) -> None:
    an = sit_down("an")
    page = an.go("/unidentified")
    expect(page.locator("tbody tr")).not_to_have_count(0)
    page.get_by_role("link", name="gán vào khoản thu hoặc đề nghị hoàn").first.click()
    expect(page).to_have_url(re.compile("/breaks/[0-9a-f]{32}"))
    an.go("/ageing")
    expect(page.locator("#ageing-table tbody tr")).not_to_have_count(0)


def test_a_statement_without_its_bytes_says_so_and_a_viewer_gets_none(
    places: Callable[[str], str], sit_down: Callable[..., Reader], database_url: str
) -> None:
    with psycopg.connect(database_url) as conn:
        conn.execute("DELETE FROM gateway.message_body")  # as their term does
    chi = sit_down("chi")
    page = chi.go(places("/statements/statement/@@statement"))
    expect(page.get_by_role("button", name="Tải bản gốc")).to_have_count(0)
    an = sit_down("an")
    page = an.go(places("/statements/statement/@@statement"))
    page.get_by_role("button", name="Tải bản gốc").click()
    expect(page.locator("main")).to_contain_text("original-expired")
    an.errors.clear()  # the browser itself reports the status 404
