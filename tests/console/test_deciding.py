"""People at work in real browsers: they find what differs, decide it, are refused, meet each other, and sign off."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from gateway.partners import Partner
from tests.console.browser import DESKTOP, PHONE, Reader
from tests.console.test_pages_in_a_browser import picture
from tests.console.world import PATH, Monday, the_bank_tells_late

pytestmark = [pytest.mark.services, pytest.mark.scenario]

SitDown = Callable[..., Reader]
BOTH_SCREENS = pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desktop", "phone"])


def open_break(page: Page, words: str) -> None:
    page.locator("#break-list").get_by_role("link", name=words).first.click()
    expect(page.locator("#decide")).to_be_visible()


def decide_all(page: Page, reason: str) -> None:
    """Choose every open row of the list and accept them as one frozen list."""
    page.get_by_label("Chọn tất cả trên trang").check()
    page.get_by_role("button", name="Quyết định các dòng đã chọn").click()
    page.get_by_label("Lý do").fill(reason)
    page.get_by_role("button", name=re.compile("Ghi quyết định cho")).click()


def test_a_maker_finds_a_break_from_the_start_page_and_decides_it(monday: Monday, sit_down: SitDown) -> None:
    an = sit_down("an")
    page = an.go("/")
    page.get_by_role("table").get_by_role("link", name="23/11/2026").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ngân hàng A")
    page.get_by_label("Kết quả", exact=True).select_option(label="Trùng")
    expect(page.locator("#break-list tbody tr")).to_have_count(1)
    assert "outcome=duplicate" in page.url
    open_break(page, "Trùng")
    form = page.locator("details", has_text="Chấp nhận").first
    form.get_by_label("Lý do").fill("Người nộp nộp hai lần, đã gọi điện xác nhận")
    form.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("Đã ghi quyết định")
    expect(page.locator("h1")).to_contain_text("đã xử lý")
    expect(page.locator("#content")).to_contain_text("đã gọi điện xác nhận")


def test_a_filter_chosen_before_the_scripts_arrived_is_applied_when_they_do(monday: Monday, sit_down: SitDown) -> None:
    an = sit_down("an")
    held: list[Route] = []
    an.page.route("**/htmx.min.js", lambda route: held.append(route))
    an.page.goto(f"{an.url}/gateway{PATH}", wait_until="commit")
    rows = an.page.locator("#break-list tbody tr")
    an.page.get_by_label("Kết quả", exact=True).select_option(label="Trùng")
    expect(rows).to_have_count(9)
    (script,) = held
    script.continue_()
    expect(rows).to_have_count(1)


def test_of_two_filters_chosen_quickly_the_later_one_is_applied(monday: Monday, sit_down: SitDown) -> None:
    page = sit_down("an").go(PATH)
    held: list[Route] = []
    page.route("**/*outcome=underpaid*", lambda route: held.append(route))
    outcome = page.get_by_label("Kết quả", exact=True)
    outcome.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(outcome).to_have_value("overpaid")
    page.wait_for_function("document.querySelector('form.htmx-request')")
    held[0].continue_()
    expect(page).to_have_url(re.compile("outcome=overpaid"))
    expect(outcome).to_have_value("overpaid")
    expect(page.locator("#break-list tbody tr")).to_contain_text(["Thừa tiền"])
    assert len(held) == 1


def test_free_text_is_shown_with_what_was_found_in_it_marked(monday: Monday, sit_down: SitDown) -> None:
    an = sit_down("an")
    page = an.go(f"{PATH}?outcome=unidentified&text=H49")
    open_break(page, "Tiền chưa xác định")
    expect(page.locator("mark").first).to_be_visible()
    expect(page.get_by_label("Mã hồ sơ", exact=True)).to_have_value(re.compile(r"^H49\.12-20261123-\d{7}$"))


@BOTH_SCREENS
def test_one_proposes_and_another_approves_the_sealed_day(monday: Monday, sit_down: SitDown, width: object) -> None:
    an, binh = sit_down("an", width=width), sit_down("binh", width=width)
    page = an.go(PATH)
    expect(page.locator("#content")).to_contain_text("chưa thể đề nghị duyệt")
    for box in page.locator("#break-list input[name=row_key]").all():
        box.check()
    page.get_by_role("button", name="Quyết định các dòng đã chọn").click()
    expect(page.locator("h1")).to_contain_text("7 khoản lệch")
    if width is DESKTOP:
        picture(an, "danh-sach-quyet-dinh", "desktop", "vi")
    page.get_by_label("Lý do").fill("Đã đối chiếu từng khoản với ngân hàng")
    page.get_by_role("button", name=re.compile("Ghi quyết định cho")).click()
    expect(page.get_by_role("status")).to_be_visible()
    page.get_by_role("button", name="Đề nghị duyệt").click()
    expect(page.locator("h1")).to_contain_text("chờ duyệt")
    expect(page.get_by_role("button", name="Duyệt và niêm phong")).to_have_count(0)

    page = binh.go("/")
    expect(page.locator("#content")).to_contain_text("kế toán duyệt")
    page = binh.go(PATH)
    page.get_by_role("button", name="Duyệt và niêm phong").click()
    expect(page.locator("h1")).to_contain_text("đã duyệt")
    expect(page.get_by_role("status")).to_contain_text("niêm phong")
    assert binh.complaints() == []


def test_a_checker_returns_a_day_with_a_reason(monday: Monday, sit_down: SitDown) -> None:
    an, binh = sit_down("an"), sit_down("binh")
    page = an.go(PATH)
    decide_all(page, "Đã đối chiếu từng khoản")
    page.get_by_role("button", name="Đề nghị duyệt").click()
    page = binh.go(PATH)
    page.get_by_text("Trả lại cho người lập").click()
    page.get_by_label("Lý do trả lại").fill("Thiếu giải trình khoản 320.000 đ")
    page.get_by_role("button", name="Trả lại", exact=True).click()
    expect(page.locator("#content")).to_contain_text("Thiếu giải trình khoản 320.000 đ")
    expect(page.locator("h1")).not_to_contain_text("chờ duyệt")


def test_a_viewer_sees_everything_and_can_do_nothing(monday: Monday, sit_down: SitDown) -> None:
    chi = sit_down("chi")
    page = chi.go(PATH)
    expect(page.locator("#break-list tbody tr").first).to_be_visible()
    assert page.locator("form[method=post] button").count() == 0
    open_break(page, "Thiếu tiền")
    assert page.locator("form[method=post] button").count() == 0


def test_of_two_people_at_once_the_second_is_told_what_the_first_decided(monday: Monday, sit_down: SitDown) -> None:
    an, em = sit_down("an"), sit_down("em")
    for one in (an, em):
        one.go(f"{PATH}?outcome=overpaid")
        open_break(one.page, "Thừa tiền")
    for one, reason in ((an, "Hoàn cho người nộp sau"), (em, "Chấp nhận, số nhỏ")):
        form = one.page.locator("details", has_text="Chấp nhận").first
        form.get_by_label("Lý do").fill(reason)
        form.get_by_role("button").click()
    expect(an.page.get_by_role("status")).to_be_visible()
    expect(em.page.locator(".fault")).to_contain_text("break-decided-already")
    expect(em.page.locator(".fault")).to_contain_text("Hoàn cho người nộp sau")
    em.errors.clear()  # the browser itself reports the refusal's status
    em.page.get_by_role("link", name="Xem lại").click()
    expect(em.page.locator("#content")).to_contain_text("Hoàn cho người nộp sau")


def test_a_decision_about_an_older_version_saves_nothing_and_shows_what_changed(
    monday: Monday, sit_down: SitDown, database_url: str, partners: dict[str, Partner]
) -> None:
    an = sit_down("an")
    page = an.go(f"{PATH}?outcome=missing_with_us")
    open_break(page, "Đối tác có")
    the_bank_tells_late(database_url, partners)
    form = page.locator("details", has_text="Chấp nhận").first
    form.get_by_label("Lý do").fill("Chấp nhận")
    form.get_by_role("button").click()
    expect(page.locator(".fault")).to_contain_text("decision-stale")
    expect(page.locator(".fault li").first).to_be_visible()
    an.errors.clear()


def test_money_that_only_the_bank_tells_of_is_asked_back_on_its_page(monday: Monday, sit_down: SitDown) -> None:
    an = sit_down("an")
    page = an.go(f"{PATH}?outcome=unidentified")
    page.locator("#break-list").get_by_role("link", name="Tiền chưa xác định").last.click()
    form = page.locator("details", has=page.get_by_text("Đề nghị hoàn tiền", exact=True).first).first
    form.locator("summary").click()
    expect(form.get_by_label("Khoản thanh toán")).to_have_count(0)
    form.get_by_label("Lý do").fill("Người chuyển xác nhận chuyển nhầm")
    form.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("Đã ghi quyết định")


def test_a_link_names_the_other_row_by_its_reference_and_says_what_it_does_not_find(
    monday: Monday, sit_down: SitDown
) -> None:
    an = sit_down("an")
    an.go(f"{PATH}?outcome=missing_at_partner")
    open_break(an.page, "Hệ thống có, đối tác không")
    form = an.page.locator("details", has=an.page.locator("#references")).first
    form.locator("summary").click()
    form.get_by_label("Hoặc số tham chiếu").fill("FT999")
    form.get_by_label("Lý do").fill("Ngân hàng báo đã ghi có")
    form.get_by_role("button").click()
    expect(an.page.locator(".fault")).to_contain_text("không có dòng nào mang số “FT999”")
    an.errors.clear()  # the browser itself reports the refusal's status


def test_a_break_is_found_and_decided_with_the_keyboard_alone(monday: Monday, sit_down: SitDown) -> None:
    page = sit_down("an").go(PATH)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    outcome = page.get_by_label("Kết quả", exact=True)
    tab_to(page, outcome)
    for shown in ("underpaid", "overpaid"):
        page.keyboard.press("ArrowDown")
        expect(page).to_have_url(re.compile(f"outcome={shown}"))
        expect(outcome).to_be_focused()
    tab_to(page, page.locator("#break-list").get_by_role("link", name="Thừa tiền"))
    page.keyboard.press("Enter")
    expect(page.locator("#decide")).to_be_visible()
    tab_to(page, page.locator("summary", has_text="Xóa chênh lệch nhỏ"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Người nộp không nhận lại")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã ghi quyết định")


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus, which must be seen, is there."""
    for _ in range(60):
        if wanted.evaluate("(one) => one === document.activeElement"):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not lead there")
