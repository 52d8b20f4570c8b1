"""Một khoản lệch: what a person reads about it, whatever a partner wrote and however little one side knows."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping

import psycopg
import pytest
from starlette.testclient import TestClient

from gateway.model import EventType, PaymentState
from gateway.partners import Partner
from tests.console.browser import PHONE, Reader
from tests.console.test_rest import Program
from tests.console.world import PATH, Monday
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory
from tests.reconciliation.test_other_partners import PLATFORM

pytestmark = [pytest.mark.services, pytest.mark.scenario]

WITHOUT_A_BLANK = f"/EREF/QN26112300001RK/REMI/{'NOPPHITHUTUCHANHCHINH' * 6}/"
"""As a file of MT940 has it."""
Lines = list[tuple[str, str, str]]
"""Label, our value, their value."""


@pytest.fixture
def bank_that_wrote_less(database_url: str, partners: Mapping[str, Partner]) -> str:
    """The address of a break whose line has the same reference and another amount."""
    with psycopg.connect(database_url) as conn:
        day = DayStory(conn, partners)
        reference = day.owe(307_000)
        day.pay(reference, 307_000)
        day.line(297_000, reference, text=WITHOUT_A_BLANK)
        day.line(987_654_321_000, text=WITHOUT_A_BLANK)
        accepted = {"accepted_at": "2026-11-23T07:10:00+07:00", "due_at": "2026-12-08T07:10:00+07:00"}
        day.tell(EventType.DOSSIER_ACCEPTED, {**accepted, "officer": "Phạm Thu Trang"}, day.code())
        day.settle_day()
        day.pay(day.owe(50_000), 50_000)
        reason = "Hồ sơ không thuộc thẩm quyền giải quyết của Trung tâm Phục vụ hành chính công tỉnh"
        day.tell(EventType.DOSSIER_REFUSED, {"reason": reason, "refused_at": "2026-11-23T10:00:00+07:00"}, day.code())
        return f"{PATH}/breaks/{day.one('SELECT row_key FROM gateway.recon_row ORDER BY row_no LIMIT 1')}"


@pytest.fixture
def request_without_an_answer(database_url: str, partners: Mapping[str, Partner]) -> tuple[str, str]:
    """The address of a row about a payment that its channel never answered finally, and the payment's reference."""
    with psycopg.connect(database_url) as conn:
        day = DayStory(conn, partners)
        reference = day.owe(100_000, channel="platform")
        day.pay(reference, 100_000, state=PaymentState("pending"), **PLATFORM)
        day.line(7_000, account="9704790000001", trace="QN1", response_code="00")
        day.settle_day("intermediary")
        key = day.one("SELECT row_key FROM gateway.recon_row WHERE outcome = 'pending'")
        return f"/days/intermediary/{MONDAY}/breaks/{key}", reference


def told(visitor: TestClient, path: str) -> tuple[Lines, str]:
    """The table of both sides, and the whole page."""
    visitor.cookies["user"] = "an"
    page = visitor.get(f"/gateway{path}").text
    table = page.partition('<table class="sides">')[2].partition("</table>")[0].partition("<tbody>")[2]
    cells = [
        [re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", " ", cell))).strip() for cell in re.findall(
            r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    ]  # fmt: skip
    return [(label, ours, theirs) for label, ours, theirs in cells], page


@pytest.mark.usefixtures("application")
def test_an_amount_that_differs_is_told_once(visitor: TestClient, bank_that_wrote_less: str) -> None:
    lines, page = told(visitor, bank_that_wrote_less)
    assert lines[0] == ("số tiền", "307.000 đ", "297.000 đ ≠ khác")
    assert [label for label, *_ in lines if "số tiền" in label.lower()] == ["số tiền"]
    assert "mà bộ quy tắc nêu ra" not in page, "no line has its mark"


def test_a_request_without_a_final_answer_tells_its_reference(
    visitor: TestClient, request_without_an_answer: tuple[str, str]
) -> None:
    path, reference = request_without_an_answer
    lines, page = told(visitor, path)
    assert ("mã tham chiếu", reference, "–") in lines
    assert ("Trạng thái *", "68", "(không có) ≠ khác") in lines
    assert "mà bộ quy tắc nêu ra" in page


def test_the_history_leads_to_the_dossier_that_the_money_was_given_to(monday: Monday, visitor: TestClient) -> None:
    """Also where it is another one than the text suggests."""
    path, other = monday.address(f"{PATH}/breaks/@missing_with_us"), "H49.12-20261123-0000022"
    given = {"kind": "attribute", "version": 1, "reason": "người nộp báo nhầm hồ sơ", "dossier_code": other}
    Program(visitor, "an").post(f"{path}/decide", {**given, "amount": 320_000})
    _, page = told(visitor, path)
    history = page.partition('id="history"')[2]
    assert f'href="/gateway/dossiers/{other}"' in history
    assert "Gán tiền cho khoản thu" in history


def test_no_text_without_a_blank_no_date_and_no_amount_makes_a_page_wider_than_a_phone(
    bank_that_wrote_less: str, sit_down: Callable[..., Reader], database_url: str
) -> None:
    with psycopg.connect(database_url) as conn:
        row = conn.execute("SELECT statement_pk FROM gateway.statement").fetchone()
        codes = conn.execute("SELECT dossier_code FROM gateway.dossier ORDER BY dossier_code").fetchall()
    assert row is not None
    assert len(codes) == 2
    thread = bank_that_wrote_less.replace("/days/", "/threads/").replace("/breaks", "")
    an = sit_down("an", width=PHONE)
    wide = {}
    for path in (bank_that_wrote_less, thread, PATH, "/unidentified", f"/statements/statement/{row[0]}",
                 *(f"/dossiers/{code}" for (code,) in codes), "/dossiers?q=297.000"):  # fmt: skip
        an.go(path)
        assert an.page.locator("h1").is_visible()
        wide[path] = an.faults()
    assert wide == dict.fromkeys(wide, ([], 0))
