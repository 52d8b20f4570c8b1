"""What people are refused, they read in Vietnamese and exactly, on the pages of the real application."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from html import unescape
from string import Formatter

import psycopg
import pytest
from starlette.testclient import TestClient

from gateway.console import csrf
from gateway.ledger import treasury
from gateway.partners import Partner
from gateway.reasons import REASONS
from tests.console.conftest import SECRET, TUESDAY_MORNING
from tests.console.finance_world import THU, VOUCHER
from tests.console.rights import COUNT
from tests.console.world import PATH, Monday, the_bank_tells_late

pytestmark = pytest.mark.services

NBSP = "\u00a0"


def act(visitor: TestClient, user: str, path: str, **form: object) -> str:
    """The page that answers a refused act."""
    visitor.cookies["user"] = user
    token = {"csrf": csrf.issue(SECRET.encode(), user)}
    answer = visitor.post(f"/gateway{path}", data={**token, **form})
    assert answer.status_code >= 400, answer.text
    return answer.text


def told(page: str) -> list[str]:
    """The title, sentences and problems of a fault; what is technical must be marked as English and stays out."""
    fault = page.split('class="fault"')[1].split("</section>")[0].replace(NBSP, " ")
    fault = fault.split("<h2>Cần làm gì</h2>")[0]
    spoken = re.sub(r'<details>.*?<div lang="en">.*?</details>', "", fault, flags=re.DOTALL)
    assert 'lang="en"' not in spoken
    return [unescape(text).strip() for text in re.findall(r"<(?:h1|h2|p|li)>([^<]+)<", spoken)]


def test_a_stale_decision_says_field_by_field_what_changed(
    monday: Monday, visitor: TestClient, database_url: str, partners: Mapping[str, Partner]
) -> None:
    the_bank_tells_late(database_url, partners)
    path = monday.address(f"{PATH}/breaks/@missing_with_us")
    page = act(visitor, "an", f"{path}/decide", kind="accept", version=1, reason="đã đối chiếu")
    assert told(page) == [
        "Ngày đã được đối soát lại",
        "Ngày đối soát đang ở phiên bản 2; quyết định của bạn là về phiên bản 1.",
        "kết quả: Đối tác có, hệ thống không → Khớp",
        "số tiền trên hệ thống: 0 đ → 320.000 đ",
        "chỗ khác nhau: giao dịch → –",
        "giá trị trên hệ thống: (không có) → –",
        "giá trị của đối tác: 320.000 đ → –",
        "lý do lệch: Đối tác báo có, hệ thống chưa có giao dịch này → Khớp mã, số tiền, tài khoản",
        "khoản thanh toán: trước có 0, nay có 1.",
    ]
    assert "the day is at version 2, not 1" in page  # for support, inside the technical details
    visitor.cookies["gateway_language"] = "en"
    page = act(visitor, "an", f"{path}/decide", kind="accept", version=1, reason="đã đối chiếu")
    assert "the day is at version 2, not 1" in told(page)
    assert "our amount: 0 đ → 320.000 đ" in told(page)


def test_a_day_that_nothing_stops_is_released_neither_on_its_page_nor_by_rest(
    monday: Monday, visitor: TestClient, database_url: str
) -> None:
    assert told(act(visitor, "an", f"{PATH}/release", reason="ngân hàng xác nhận")) == [
        "Ngày không bị dừng",
        "Ngày 23/11/2026 của Ngân hàng A không bị dừng, hoặc đã có người cho phép đối soát.",
    ]
    answer = visitor.post(
        f"/gateway/api{PATH}/release", json={"reason": "x"}, headers={"Authorization": "Bearer an"}
    ).json()
    assert (answer["code"], answer["status"]) == ("day-not-stopped", 409)
    with psycopg.connect(database_url) as owner:
        assert owner.execute("SELECT released_by FROM gateway.recon_day").fetchall() == [(None,)]


def test_refusals_about_a_break_name_amounts_people_and_fields(
    monday: Monday, visitor: TestClient, database_url: str
) -> None:
    with psycopg.connect(database_url) as owner:
        owner.execute("UPDATE gateway.write_off_limit SET amount = 50000")
    path = monday.address(f"{PATH}/breaks/@missing_with_us")
    write_off = {"kind": "write_off", "version": 1, "reason": "chênh lệch nhỏ"}
    assert told(act(visitor, "an", f"{path}/decide", **write_off)) == [
        "Vượt hạn mức xử lý chênh lệch",
        "Chỉ được xóa chênh lệch đến 50.000 đ; khoản này là 320.000 đ.",
    ]
    page = act(visitor, "chi", f"{path}/decide", **write_off)
    assert told(page)[1] == (
        "Tài khoản chi không được làm việc “Xóa chênh lệch nhỏ”. Việc này dành cho: kế toán duyệt, kế toán lập."
    )
    page = act(visitor, "an", f"{path}/decide", kind="move_day", version="một", to="2026-02-30")
    assert told(page)[1:4] == [
        "Lý do: chưa nhập.",
        "phiên bản: cần một số nguyên, chỉ gồm chữ số.",
        "Đến ngày: không phải là ngày có thật.",
    ]
    assert "Input should be" not in page.split('lang="en"')[0]


def test_a_count_that_cannot_be_right_and_one_that_differs_are_told_in_words(
    visitor: TestClient, database_url: str
) -> None:
    page = act(visitor, "an", "/cash/new", **{**COUNT, "receipt_count": "9"})
    assert told(page)[1] == "Đã thu 9 tờ, nhiều hơn số biên lai từ 101 đến 103."
    page = act(visitor, "an", "/cash/new", **{**COUNT, "amount": "nhiều", "business_on": "hôm qua"})
    assert told(page)[1:3] == [
        "Ngày đối soát: không phải là ngày có thật.",
        "Số tiền: cần một số nguyên, chỉ gồm chữ số.",
    ]
    visitor.cookies["user"] = "an"
    data = {**COUNT, "csrf": csrf.issue(SECRET.encode(), "an")}
    recorded = visitor.post("/gateway/cash/new", data=data)
    assert recorded.status_code == 303
    path = recorded.headers["location"].removeprefix("/gateway").partition("?")[0]
    assert told(act(visitor, "an", "/cash/new", **COUNT))[1] == (
        "Quyển biên lai AA/26 của Trần Thu ngày 23/11/2026 đã có phiếu kiểm quỹ."
    )
    listed = visitor.get("/gateway/cash?from=2026-11-23&to=2026-11-23").text.replace(NBSP, " ")
    assert "0 tờ, 0 đ" in listed
    assert "3 tờ, 150.000 đ" in listed
    with psycopg.connect(database_url) as owner:
        owner.execute(
            "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
            " VALUES ('an', 'finance_checker', 'grant', 'owner', %s)",
            (TUESDAY_MORNING,),
        )
    assert told(act(visitor, "an", f"{path}/confirm"))[:2] == [
        "Người duyệt trùng người lập",
        "an là người ghi nhận nên không thể là người thứ hai.",
    ]


def test_months_addresses_and_tokens_are_told_in_vietnamese(visitor: TestClient) -> None:
    page = act(visitor, "binh", "/months/bank-a/2026-11/close")
    assert told(page)[1] == "Tháng 11/2026 kết thúc ngày 30/11/2026; sau ngày đó mới khóa sổ được."
    assert told(visitor.get("/gateway/cash?from=hom-qua").text)[1] == "Từ ngày: không phải là ngày có thật."
    page = visitor.get("/gateway/cash?from=2026-11-23&to=2026-11-01").text
    assert told(page)[1] == "Từ 23/11/2026 đến 01/11/2026: ngày đầu phải trước ngày cuối, nhiều nhất 366 ngày."
    page = visitor.get("/gateway/days/bank-a/2026-11-02").text
    assert told(page)[1].startswith("Ngày 02/11/2026 của Ngân hàng")
    page = act(visitor, "an", "/cash/new", csrf="của người khác")
    assert told(page) == ["Trang đã mở quá lâu hoặc không phải của bạn"]
    visitor.cookies["user"] = "binh"
    headers = {"Authorization": "Bearer binh", "Cookie": "gateway_language=en"}
    answer = visitor.post("/gateway/api/months/bank-a/2026-11/close", headers=headers).json()
    assert answer["detail"] == "the month is not over"
    assert answer["detail_vi"] == "Tháng 11/2026 kết thúc ngày 30/11/2026; sau ngày đó mới khóa sổ được."
    answer = visitor.get("/gateway/api/cash?from=hom-qua", headers=headers).json()
    assert answer["problems_vi"] == ["Từ ngày: không phải là ngày có thật."]


def test_everything_that_the_schema_refuses_of_what_people_record_has_its_sentence(database_url: str) -> None:
    told_of = {"cash_count": "cash-count-invalid", "treasury_voucher": "voucher-invalid"}
    ours = re.compile(r"(counted|recorded|confirmed|cancelled)_|line_no|two_people|_pk")
    with psycopg.connect(database_url) as owner:
        rows = owner.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid::regclass IN"
            " ('gateway.cash_count', 'gateway.treasury_voucher', 'gateway.treasury_voucher_item')"
        ).fetchall()
    assert len(rows) > 15
    silent = []
    for table, name in rows:
        code = told_of[str(table).removeprefix("gateway.").removesuffix("_item")]
        if name not in REASONS[code].details and not ours.search(str(name)):
            silent.append((table, name))
    assert silent == []
    for code, facts in (("cash-count-invalid", asdict(THU)), ("voucher-invalid", treasury._facts(VOUCHER))):
        by_schema = [text for case, text in REASONS[code].details.items() if case.startswith(("cash_", "treasury_"))]
        holes = {name for text in by_schema for _, name, _, _ in Formatter().parse(text) if name}
        assert holes <= set(facts)
