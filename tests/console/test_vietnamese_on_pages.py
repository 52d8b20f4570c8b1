"""What an accountant reads of files, lines and months: Vietnamese, no invented hour, sums that add up."""

from __future__ import annotations

import re
from collections.abc import Mapping

import psycopg
import pytest
from starlette.testclient import TestClient

from gateway.partners import Partner
from tests.console.people_world import people_of_a_monday
from tests.console.world import PATH, Monday
from tests.reconciliation.day_story import DayStory

pytestmark = pytest.mark.services

PROBLEMS = (
    '[["balance-does-not-add-up", "opening 5 and entries 7 are not closing 13"],'
    ' ["trailer-count-differs", "the trailer counts 3, the file has 2"]]'
)


@pytest.fixture
def reader(visitor: TestClient, monday: Monday) -> TestClient:
    visitor.cookies["user"] = "an"
    return visitor


@pytest.fixture
def file_with_problems(reader: TestClient, database_url: str) -> str:
    """The address of a statement in which two things were found."""
    with psycopg.connect(database_url) as owner:
        row = owner.execute(
            "UPDATE gateway.statement SET problems = %s WHERE statement_pk = (SELECT min(statement_pk)"
            " FROM gateway.statement) RETURNING statement_pk",
            (PROBLEMS,),
        ).fetchone()
    assert row is not None
    return f"/gateway/statements/statement/{row[0]}"


def in_vietnamese(page: str) -> str:
    """What a page says without what is marked as English, and without its switch."""
    return re.sub(r"<(\w+)[^>]*lang=\"en\".*?</\1>", "", page, flags=re.DOTALL)


def test_what_was_found_in_a_file_is_told_in_vietnamese_and_its_english_is_marked(
    reader: TestClient, file_with_problems: str
) -> None:
    page = reader.get(file_with_problems).text
    assert "Số dư không khớp phát sinh" in page
    assert "Sai số dòng ở cuối tệp" in page
    assert "the trailer counts" in page, "what the reader of the file said goes to the bank"
    assert "the trailer counts" not in in_vietnamese(page)
    reader.cookies["gateway_language"] = "en"
    assert "Opening + entries is not closing" in reader.get(file_with_problems).text


def test_of_a_statement_s_line_only_the_day_is_known_and_no_hour_is_invented(reader: TestClient) -> None:
    found = reader.get("/gateway/dossiers?q=100.000").text
    assert "Dòng sao kê" in found
    assert not re.search(r"\b(00:00|23:59) \d\d/\d\d/\d{4}", found)
    code = re.search(r"/gateway/dossiers/(H49[^\"?]+)", found)
    assert code is not None
    told = reader.get(f"/gateway/dossiers/{code.group(1)}").text
    assert "Dòng sao kê" in told
    assert not re.search(r"\b(00:00|23:59) \d\d/\d\d/\d{4}", told)


def test_what_a_month_carries_is_listed_with_the_money_in_question_and_adds_up(reader: TestClient) -> None:
    page = reader.get("/gateway/months/bank-a/2026-11").text
    carried = page[page.index('aria-labelledby="carried"') :]
    amounts = [int(one.replace(".", "")) for one in re.findall(r"data-label=\"Còn treo\">([\d.]+)", carried)]
    assert len(amounts) > 5
    total = re.search(r"= Chuyển kỳ sau.*?<span class=\"value\">([\d.]+)", page, re.DOTALL)
    assert total is not None
    (told,) = re.findall(
        r"<tfoot>.*?data-label=\"Còn treo\"><strong>([\d.]+)", carried.partition("</table>")[0], re.DOTALL
    ) or [""]
    assert sum(amounts) == int(total.group(1).replace(".", "")) == int(told.replace(".", ""))


@pytest.mark.parametrize(
    "path", [PATH, "/ageing", "/indicators", "/accounts", "/months/bank-a/2026-11", "/dossiers?q=H49"]
)
def test_tables_of_more_than_three_columns_stand_in_full_on_a_phone(reader: TestClient, path: str) -> None:
    """A wide table is cut at the edge of a phone; one that is stacked is not, and each of its cells says its column."""
    tables = re.findall(r"<table.*?</table>", reader.get(f"/gateway{path}").text, re.DOTALL)
    wide = [one for one in tables if len(re.findall("<th[ >]", one.partition("</thead>")[0])) > 3]
    assert wide, "the search itself works"
    for table in wide:
        assert 'class="stacked"' in table.partition(">")[0], table[:200]
        body = table.partition("<tbody>")[2].partition("</tbody>")[0]
        assert not re.search(r"<td(?![^>]*data-label)", body), body[:300]


def test_a_person_names_a_dossier_by_its_code_and_the_log_says_whose_it_was(reader: TestClient) -> None:
    page = reader.get("/gateway/personal").text
    form = {
        "csrf": re.search(r'name="csrf" value="([^"]+)"', page).group(1),  # type: ignore[union-attr]  # every form has one
        "subject": "H49.12-20261123-0000001", "field": "phone", "reason": "Gọi người nộp xác nhận",
    }  # fmt: skip
    told = reader.post("/gateway/personal/reveal", data=form, headers={"Origin": "http://gateway.test"}).text
    assert "0912345678" in told
    assert re.search(r"hồ sơ <code>H49\.12-20261123-0000001</code>", told)
    assert "dossier:" not in told.replace('value="dossier:', "")


@pytest.mark.parametrize("page", ["/accounts?from=2026-10-01&to=2026-10-31", "/indicators?year=2026&month=10"])
def test_what_is_read_anew_says_where_the_figures_of_a_closed_month_are(reader: TestClient, page: str) -> None:
    told = reader.get(f"/gateway{page}").text
    assert "Số liệu là của hiện nay" in told
    assert 'href="/gateway/months?month=2026-10"' in told


def test_a_receipt_to_correct_is_listed_with_its_money_and_its_dossier(
    reader: TestClient, database_url: str, partners: Mapping[str, Partner]
) -> None:
    refund_id = people_of_a_monday(database_url, partners).refund
    with psycopg.connect(database_url) as owner:
        owner.execute("UPDATE gateway.refund SET receipt_mark = 'cancel' WHERE refund_id = %s", (refund_id,))
    page = reader.get("/gateway/refunds").text
    receipts = page[page.index('id="receipts"') :]
    assert "150.000\u00a0đ" in receipts
    assert re.search(r'href="/gateway/dossiers/H49[^"]+"', receipts)


def test_a_fee_that_was_paid_short_is_told_as_asked_and_paid_not_as_two_sides_that_differ(reader: TestClient) -> None:
    listed = reader.get(f"/gateway{PATH}?outcome=underpaid").text
    address = re.search(rf'href="(/gateway{PATH}/breaks/[0-9a-f]+)"', listed)
    assert address is not None
    page = reader.get(address.group(1)).text
    assert "Người nộp còn thiếu" in page
    assert re.search(r"Phải thu / đã nộp \*</th><td>[\d.]+ đ</td>", page)
    assert "Số tiền *" not in page


def test_partners_stand_in_the_order_of_the_alphabet_not_of_their_codes(
    reader: TestClient, database_url: str, partners: Mapping[str, Partner]
) -> None:
    """``intermediary`` comes before ``vnpost``, *Tổng công ty Bưu điện* before *Trung gian thanh toán*."""
    with psycopg.connect(database_url) as conn:
        day = DayStory(conn, partners)
        day.remit(("QN-LA", 99_000, 0))
        day.judge("vnpost")
        day.line(98_000, account="9704790000001", trace="QN-LA", response_code="00")
        day.settle_day("intermediary")
    rows = reader.get("/gateway/ageing").text.partition('id="ageing-table"')[2].partition("<tbody>")[2]
    names = list(dict.fromkeys(re.findall(r'data-label="Đối tác">([^<]+)<', rows)))
    assert names == ["Ngân hàng A", "Tổng công ty Bưu điện Việt Nam", "Trung gian thanh toán"]
