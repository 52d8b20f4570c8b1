"""The pages of cash, treasury, accounts and months, by real Chromium: at a desk and on a phone, vi and en."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from gateway.local.postgres import PostgresAddress
from gateway.partners import Partner
from gateway.settings import Settings
from tests.console.browser import DESKTOP, PHONE, Reader
from tests.console.conftest import REPOSITORY, Filled, employ
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


@pytest.fixture(scope="session")
def finance_filled(
    monday_filled: Filled,
    postgres_server: PostgresAddress,
    partners: Mapping[str, Partner],
    certs: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Finance]]:
    """The Monday with everything that finance records about it, done once; tests get copies."""
    name = f"finance_{uuid.uuid4().hex}"
    url = postgres_server.create_database(name, template=monday_filled[0])
    employ(url)
    settings = Settings("test", url, "", REPOSITORY / "config", certs, tmp_path_factory.mktemp("finance"))
    yield name, finance_of_a_week(url, partners, settings)
    postgres_server.drop_database(name)


@pytest.fixture
def finance(application: FastAPI, monday: Monday, finance_filled: tuple[str, Finance]) -> Finance:
    """The Monday with everything that finance records about it."""
    return finance_filled[1]


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
        found[name] = an.faults()
        picture(an, name, screen, language)
    assert found == dict.fromkeys(PAGES, ([], 0))


def fill(page: Page, **fields: str) -> None:
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(value)


def type_count(page: Page, **other: str) -> None:
    told = {
        "Ngày thu": "2026-11-24", "Người thu (như trên biên lai)": "Vũ Thị Nhài", "Mã đơn vị": "H49.12",
        "Ký hiệu quyển biên lai": "EE/26P", "Từ số": "0000001", "Đến số": "0000010",
        "Số tờ đã thu (không tính tờ hỏng)": "10", "Số tiền đếm được (đồng)": "1.250.000", **other,
    }  # fmt: skip
    fill(page, **told)
    page.get_by_role("button", name="Ghi phiếu").click()


def test_a_count_is_recorded_by_one_and_confirmed_by_another(finance: Finance, sit_down: SitDown) -> None:
    an, binh = sit_down("an"), sit_down("binh")
    page = an.go("/cash")
    expect(page.locator("#differs")).to_be_visible()
    page.get_by_role("link", name="Ghi phiếu kiểm quỹ").click()
    type_count(page)
    expect(page.get_by_role("status")).to_contain_text("chờ người thứ hai xác nhận")
    expect(page.locator("h1")).to_contain_text("24/11/2026")
    expect(page.locator("main")).to_contain_text("1.250.000 đ")
    expect(page.get_by_role("button", name=re.compile("Xác nhận"))).to_have_count(0)

    page = binh.go("/cash")
    page.get_by_role("row", name="EE/26P").get_by_role("link").first.click()
    page.get_by_role("button", name="Xác nhận 1.250.000 đ").click()
    expect(page.get_by_role("status")).to_contain_text("từ nay được tính")
    expect(page.locator("h1")).to_contain_text("đã xác nhận")


def test_a_count_that_is_refused_keeps_what_was_typed(finance: Finance, sit_down: SitDown) -> None:
    an = sit_down("an")
    page = an.go("/cash/new")
    type_count(page, **{"Số tờ đã thu (không tính tờ hỏng)": "11"})
    expect(page.get_by_role("alert")).to_contain_text("cash-count-invalid")
    expect(page.get_by_label("Số tiền đếm được (đồng)")).to_have_value("1.250.000")
    an.errors.clear()  # the browser itself reports the status 422
    page.get_by_label("Số tờ đã thu (không tính tờ hỏng)").fill("10")
    page.get_by_role("button", name="Ghi phiếu").click()
    expect(page.locator("h1")).to_contain_text("chờ người thứ hai")
    page.get_by_text("Sửa bằng phiếu khác").click()
    page.get_by_label("Số tiền đếm được (đồng)").fill("1 240 000")
    page.get_by_label("Lý do sửa").fill("Đếm lại, thiếu một tờ 10.000 đ")
    page.get_by_role("button", name="Ghi phiếu sửa").click()
    expect(page.locator("#earlier")).to_be_visible()
    expect(page.locator("main")).to_contain_text("1.240.000 đ")


def test_a_voucher_is_recorded_with_enter_and_confirmed_and_cancelled_by_another(
    finance: Finance, sit_down: SitDown
) -> None:
    an, binh = sit_down("an"), sit_down("binh", width=PHONE)
    page = an.go("/treasury/new")
    page.get_by_label("Số giấy nộp tiền").fill("GNT-0014")
    page.get_by_label("Ngày nộp", exact=True).fill("2026-11-24")
    page.get_by_label("Trích từ tài khoản").select_option(label="Ngân hàng A •••0101")
    fill(
        page,
        **{
            "Nộp tiền thu từ ngày": "2026-11-23", "Đến ngày": "2026-11-23", "Người nộp tiền": "Trung tâm PVHCC",
            "Nộp vào Kho bạc Nhà nước": "KBNN Quảng Ninh",
        },
    )  # fmt: skip
    line = page.get_by_role("group", name="Dòng 1")
    for label, value in {
        "Nội dung khoản nộp": "Phí thẩm định", "Số tiền (đồng)": "8.045.000", "Mã chương": "426",
        "Mã NDKT (tiểu mục)": "2716",
    }.items():  # fmt: skip
        line.get_by_label(label).fill(value)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("GNT-0014")
    expect(page.locator("main")).to_contain_text("8.045.000 đ")
    expect(page.locator("main")).not_to_contain_text("1120000000101")

    page = binh.go(an.page.url.removeprefix(f"{an.url}/gateway").partition("?")[0])
    page.get_by_role("button", name="Xác nhận 8.045.000 đ").click()
    expect(page.get_by_role("status")).to_contain_text("từ nay được tính")
    page.get_by_text("Hủy giấy này").click()
    page.get_by_label("Lý do hủy").fill("Ngân hàng không chuyển")
    page.get_by_role("button", name="Hủy giấy nộp tiền").click()
    expect(page.locator("h1")).to_contain_text("đã hủy")
    binh.go("/treasury")
    expect(page.locator("#cancelled")).to_be_visible()


def test_a_known_voucher_is_refused_above_what_was_typed(finance: Finance, sit_down: SitDown) -> None:
    an = sit_down("an")
    page = an.go("/treasury/new")
    page.get_by_label("Số giấy nộp tiền").fill("GNT-0012")
    page.get_by_label("Trích từ tài khoản").select_option(label="Ngân hàng A •••0101")
    fill(
        page,
        **{
            "Nộp tiền thu từ ngày": "2026-11-23", "Đến ngày": "2026-11-23", "Người nộp tiền": "Trung tâm PVHCC",
            "Nộp vào Kho bạc Nhà nước": "KBNN Quảng Ninh",
        },
    )  # fmt: skip
    line = page.get_by_role("group", name="Dòng 1")
    for label, value in {
        "Nội dung khoản nộp": "Phí", "Số tiền (đồng)": "5000000", "Mã chương": "426", "Mã NDKT (tiểu mục)": "2716",
    }.items():  # fmt: skip
        line.get_by_label(label).fill(value)
    page.get_by_role("button", name="Ghi giấy nộp tiền").click()
    expect(page.get_by_role("alert")).to_contain_text("voucher-known")
    expect(line.get_by_label("Số tiền (đồng)")).to_have_value("5000000")
    assert an.complaints() == []
    an.errors.clear()  # the browser itself reports the status 409


def test_a_viewer_sees_the_books_and_can_do_nothing(finance: Finance, sit_down: SitDown) -> None:
    chi = sit_down("chi")
    for path in ("/cash", "/cash/{waiting_count_pk}", "/treasury", "/treasury/{waiting_voucher_pk}", "/accounts",
                 "/months", "/months/bank-b/2026-09"):  # fmt: skip
        page = chi.go(path.format(**asdict(finance)))
        expect(page.locator("h1")).to_be_visible()
        assert page.locator("form[method=post] button").count() == 0, path
    expect(page.get_by_role("link", name="Tải bảng tính")).to_have_count(0)


def test_a_checker_closes_a_month_and_its_minutes_are_prepared_and_downloaded(
    finance: Finance, sit_down: SitDown
) -> None:
    an, binh = sit_down("an"), sit_down("binh")
    page = an.go("/months/vnpost/2026-10")
    expect(page.get_by_role("button", name=re.compile("Đóng tháng"))).to_have_count(0)
    page = binh.go("/months?month=2026-10")
    page.get_by_role("link", name="Tổng công ty Bưu điện Việt Nam").click()
    page.get_by_role("button", name="Đóng tháng 10/2026").click()
    expect(page.get_by_role("status")).to_contain_text("Đã đóng tháng")
    expect(page.locator("h1")).to_contain_text("đã đóng")
    page = an.go("/months/bank-b/2026-10")
    page.get_by_role("button", name="Lập biên bản để ký số").click()
    expect(page.locator("#files ~ ul, ul.thread").first).to_contain_text("chờ ký: Người lập biểu")
    with page.expect_download() as kept:
        page.get_by_role("link", name="Tải bản hiện tại").click()
    assert kept.value.suggested_filename == "bien-ban_bank-b_2026-10_v1.pdf"


def test_the_book_tells_each_account_whole_and_by_unit(finance: Finance, sit_down: SitDown) -> None:
    an = sit_down("an")
    page = an.go("/accounts?from=2026-11-01&to=2026-11-30&partner=bank-a")
    row = page.locator("#book ~ div tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("6.000.000 đ")
    expect(row).to_contain_text("khép, nối tiếp")
    page.get_by_text("Theo loại tiền").click()
    expect(page.get_by_role("row", name="Nộp Kho bạc -6.000.000 đ")).to_be_visible()
    expect(page.get_by_role("row", name="Sở Xây dựng").first).to_contain_text("8.045.000 đ")
