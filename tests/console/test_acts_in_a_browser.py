"""Every act that a page offers is done on it in a real browser: its form sends what the act needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

import psycopg
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from gateway.ledger import refunds
from gateway.model import EventType
from gateway.partners import Partner
from tests.console.browser import PHONE, Reader
from tests.console.people_world import people_of_a_monday
from tests.console.test_deciding import decide_all, open_break
from tests.console.world import PATH, Monday
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory
from tests.reports.test_layouts import at_the_counter

pytestmark = [pytest.mark.services, pytest.mark.scenario]

SitDown = Callable[..., Reader]
Partners = Mapping[str, Partner]


def form_of(page: Page, kind: str) -> Locator:
    """The form of one kind of decision, opened."""
    form = page.locator("#decide ~ details", has=page.locator(f"input[name=kind][value={kind}]"))
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    return form


def decide(page: Page, kind: str, reason: str, **fields: str) -> None:
    form = form_of(page, kind)
    for name, value in fields.items():
        form.locator(f"[name={name}]").fill(value)
    form.get_by_label("Lý do").fill(reason)
    form.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("Đã ghi quyết định")


def test_suggested_money_is_given_to_its_dossier_and_that_is_undone(monday: Monday, sit_down: SitDown) -> None:
    page = sit_down("an").go(monday.address(f"{PATH}/breaks/@suggested"))
    decide(page, "attribute", "Nội dung có mã hồ sơ")
    expect(page.locator("h1")).to_contain_text("đã xử lý")
    expect(page.locator("#history ~ ol").get_by_role("link", name="H49.12-20261123-0000022")).to_be_visible()
    page.get_by_text("Hủy quyết định này").click()
    page.get_by_label("Lý do hủy").fill("Nhầm hồ sơ")
    page.get_by_role("button", name="Hủy quyết định").click()
    expect(page.get_by_role("status")).to_contain_text("hủy quyết định")
    expect(page.locator("h1")).to_contain_text("chưa xử lý")


def test_a_break_is_found_and_decided_without_scripts(monday: Monday, chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="vi-VN")
    context.add_cookies([{"name": "user", "value": "an", "url": address}])
    page = context.new_page()
    page.goto(f"{address}/gateway{PATH}")
    page.locator("select[name=outcome]").select_option(label="Thừa tiền")
    page.get_by_role("button", name="Lọc").click()
    expect(page.locator("#break-list tbody tr")).to_have_count(1)
    open_break(page, "Thừa tiền")
    form = page.locator("details", has=page.locator("input[value=accept]"))
    form.get_by_label("Lý do").fill("Người nộp không nhận lại")
    form.get_by_role("button").click()
    expect(page.locator("h1")).to_contain_text("đã xử lý")
    context.close()


def test_a_partner_is_asked_and_its_answer_is_recorded(monday: Monday, sit_down: SitDown) -> None:
    page = sit_down("an", width=PHONE).go(monday.address(f"{PATH}/breaks/@missing_with_us"))
    decide(page, "enquire", "Chưa rõ ai chuyển", question="Ai chuyển khoản này?")
    expect(page.locator("h1")).to_contain_text("đang tra soát")
    page.get_by_text("Ghi trả lời của đối tác").click()
    page.get_by_label("Văn bản, cuộc gọi hoặc tệp trả lời").fill("CV 12/NHA")
    page.get_by_label("Nội dung trả lời").fill("Ông Bình, nộp phí xây dựng")
    page.get_by_role("button", name="Ghi trả lời").click()
    expect(page.get_by_role("status")).to_contain_text("Đã ghi trả lời")
    expect(page.locator("h1")).to_contain_text("đã có trả lời")


def test_money_of_another_day_is_moved_there(monday: Monday, sit_down: SitDown) -> None:
    page = sit_down("an").go(monday.address(f"{PATH}/breaks/@missing_with_us"))
    decide(page, "move_day", "Thuộc ngày sau", to=(MONDAY + timedelta(days=1)).isoformat())
    expect(page.locator("#history ~ ol")).to_contain_text("Chuyển sang ngày khác 24/11/2026")


def test_a_loss_above_one_person_s_limit_waits_for_the_second(monday: Monday, sit_down: SitDown) -> None:
    path = monday.address(f"{PATH}/breaks/@missing_at_partner")
    page = sit_down("an").go(path)
    decide(page, "write_off", "Ngân hàng không tìm ra")
    expect(page.locator("h1")).to_contain_text("chờ người thứ hai")
    page = sit_down("binh").go(path)
    page.get_by_text("Xác nhận với tư cách người thứ hai").click()
    page.get_by_label("Lý do xác nhận").fill("Đã xem hồ sơ tra soát")
    page.get_by_role("button", name="Xác nhận", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Đã ghi quyết định")
    expect(page.locator("h1")).to_contain_text("đã xử lý")


def test_rows_of_both_sides_are_linked_by_the_bank_s_number(
    sit_down: SitDown, database_url: str, partners: Partners
) -> None:
    with psycopg.connect(database_url) as conn:
        day = DayStory(conn, partners)
        day.pay(day.owe(300_000), 300_000)
        day.line(300_000, text="NOP TIEN", bank="FT26327001")
        day.settle_day()
    page = sit_down("an").go(f"{PATH}?outcome=missing_at_partner")
    open_break(page, "Hệ thống có, đối tác không")
    decide(page, "link", "Cùng một khoản", references="FT26327001")
    expect(page.locator("#history ~ ol")).to_contain_text("FT26327001")
    page.goto(page.url.partition("/breaks/")[0] + "?outcome=unidentified")
    expect(page.locator("#break-list tbody tr")).to_contain_text("đã xử lý")


def test_an_approved_day_is_reopened_by_a_checker_for_a_reason(monday: Monday, sit_down: SitDown) -> None:
    an, binh = sit_down("an"), sit_down("binh")
    decide_all(an.go(PATH), "Đã đối chiếu từng khoản")
    an.page.get_by_role("button", name="Đề nghị duyệt").click()
    page = binh.go(PATH)
    page.get_by_role("button", name="Duyệt và niêm phong").click()
    page.get_by_text("Mở lại ngày đã duyệt").click()
    page.get_by_label("Lý do mở lại").fill("Ngân hàng gửi sao kê bổ sung")
    page.get_by_role("button", name="Mở lại", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("phiên bản mới")
    expect(page.locator("#content")).to_contain_text("Ngân hàng gửi sao kê bổ sung")
    expect(page.locator("h1")).to_contain_text("mở lại")


def test_a_day_that_stopped_is_released_by_who_vouches_for_its_statement(
    sit_down: SitDown, database_url: str, partners: Partners
) -> None:
    with psycopg.connect(database_url) as conn:
        day = DayStory(conn, partners)
        day.pay(day.owe(300_000), 300_000)
        day.load()
        assert day.judge().stopped == "statement-empty"
    page = sit_down("an").go(PATH)
    page.get_by_text("Cho phép đối soát sao kê này").click()
    page.get_by_label("Vì sao sao kê này đúng").fill("Ngân hàng xác nhận cả ngày không có giao dịch")
    page.get_by_role("button", name="Cho phép").click()
    expect(page.get_by_role("status")).to_contain_text("Đã cho phép")
    expect(page.get_by_role("button", name="Cho phép")).to_have_count(0)


def test_a_refund_is_turned_down_with_a_reason(
    monday: Monday, sit_down: SitDown, database_url: str, partners: Partners
) -> None:
    refund = people_of_a_monday(database_url, partners).refund
    page = sit_down("binh").go(f"/refunds/{refund}")
    page.get_by_text("Không chấp thuận").click()
    page.get_by_label("Lý do", exact=True).fill("Người nộp xin giữ lại cho hồ sơ mới")
    page.get_by_role("button", name="Không hoàn").click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu")
    expect(page.locator("main")).to_contain_text("Người nộp xin giữ lại cho hồ sơ mới")


@pytest.fixture
def cash_to_give_back(database_url: str, partners: Partners) -> str:
    """An approved refund of money that a citizen paid at the counter."""
    with psycopg.connect(database_url) as conn:
        day = DayStory(conn, partners)
        day.owe(100_000, channel="cash")
        at_the_counter(day, "0000001", 100_000, "p1")
        reason = {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "thiếu giấy tờ"}
        day.tell(EventType.DOSSIER_REFUSED, reason, day.code())
        refund = str(day.one("SELECT refund_id FROM gateway.refund"))
        day.employ(lan="finance_maker", minh="finance_checker")
        refunds.propose(conn, refund, "lan", day.now)
        refunds.approve(conn, refund, "minh", day.now)
    return refund


def test_cash_is_given_back_by_a_voucher_and_its_receipt_is_corrected(
    sit_down: SitDown, cash_to_give_back: str
) -> None:
    page = sit_down("an").go(f"/refunds/{cash_to_give_back}")
    page.get_by_label("Số chứng từ chi").fill("PC-09")
    page.get_by_label("Ngày chứng từ").fill("2026-11-24")
    page.get_by_role("button", name="Ghi đã chi").click()
    expect(page.locator("main")).to_contain_text("PC-09, 24/11/2026")
    page.get_by_label("Số biên bản hủy hoặc điều chỉnh biên lai").fill("BB-31")
    page.get_by_role("button", name="Ghi đã sửa biên lai").click()
    expect(page.locator("main")).to_contain_text("đã làm theo BB-31")


def test_cash_that_nobody_fetched_is_not_given_back(sit_down: SitDown, cash_to_give_back: str) -> None:
    page = sit_down("binh").go(f"/refunds/{cash_to_give_back}")
    page.get_by_text("Không chi nữa").click()
    page.get_by_label("Lý do", exact=True).fill("Người nộp không đến nhận")
    page.get_by_role("button", name="Ghi không chi").click()
    expect(page.locator("main")).to_contain_text("Người nộp không đến nhận")


def test_lists_are_filtered_as_a_person_chooses(
    monday: Monday, sit_down: SitDown, database_url: str, partners: Partners
) -> None:
    people_of_a_monday(database_url, partners)
    page = sit_down("an", width=PHONE).go("/unidentified")
    rows = page.locator("main tbody tr")
    expect(rows).not_to_have_count(0)
    page.get_by_label("Đối tác").select_option(label="Ngân hàng B")
    expect(page).to_have_url(re.compile("partner=bank-b"))
    expect(rows).to_have_count(0)
    an = sit_down("an")
    an.go("/statements")
    expect(an.page.locator("main tbody tr")).not_to_have_count(0)
    an.page.get_by_label("Loại").select_option(label="Bảng kê thu hộ của bưu điện")
    expect(an.page.locator("main")).to_contain_text("Chưa có tệp nào.")
    an.go("/refunds")
    expect(an.page.locator("main tbody tr")).to_have_count(1)
    an.page.get_by_label("Tình trạng").select_option(label="đã chi")
    expect(an.page.locator("main")).to_contain_text("Không có khoản hoàn nào.")
    an.go("/ageing")
    expect(an.page.locator("#ageing-table tbody tr")).not_to_have_count(0)
    an.page.get_by_label("Đối tác", exact=True).select_option(label="Ngân hàng B")
    expect(an.page.locator("main canvas")).to_have_count(0)


def test_an_original_and_the_workbook_of_a_month_are_taken_away(
    monday: Monday, sit_down: SitDown, database_url: str
) -> None:
    with psycopg.connect(database_url) as conn:
        row = conn.execute(
            "SELECT s.statement_pk, b.body FROM gateway.statement s JOIN gateway.message_body b USING (message_pk)"
            " ORDER BY s.statement_pk LIMIT 1"
        ).fetchone()
        assert row is not None
        conn.execute("UPDATE gateway.statement SET file_sha256 = encode(sha256(%s), 'hex')", (row[1],))
    page = sit_down("an").go(f"/statements/statement/{row[0]}")
    with page.expect_download() as original:
        page.get_by_role("button", name="Tải bản gốc").click()
    assert original.value.path().read_bytes() == bytes(row[1])
    page = sit_down("an").go("/months?month=2026-11")
    with page.expect_download() as workbook:
        page.get_by_role("link", name="Tải bảng tính thu phí của tháng").click()
    assert workbook.value.path().read_bytes().startswith(b"PK")
