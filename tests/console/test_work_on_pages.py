"""What waits for whom, and what partners were asked, as people and programs see it."""

from __future__ import annotations

import html
import re

import psycopg
import pytest
from starlette.testclient import TestClient

from tests.console.test_rest import Program
from tests.console.world import Monday
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services

DAY = f"/days/bank-a/{MONDAY}"


def page(visitor: TestClient, user: str, path: str) -> str:
    """The words of a page, without its marks."""
    visitor.cookies["user"] = user
    answer = visitor.get(f"/gateway{path}")
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def asked_and_approved(monday: Monday, visitor: TestClient, url: str) -> str:
    """Every break of the bank's Monday is accepted but one, about which the bank was asked; the question's number."""
    an, binh = Program(visitor, "an"), Program(visitor, "binh")
    key = monday.keys["unidentified"]
    reason = {"version": 1, "reason": "đã xem sao kê"}
    for row in an.get(f"{DAY}/breaks?state=open")["rows"]:
        one = row["target"]["row_key"]
        kind = "enquire" if one == key else "accept"
        an.post(f"{DAY}/breaks/{one}/decide", {"kind": kind, "question": "Ai chuyển khoản này?", **reason})
    snapshot = {"snapshot_sha256": an.get(DAY)["snapshot_sha256"]}
    an.post(f"{DAY}/propose", snapshot)
    binh.post(f"{DAY}/approve", snapshot)
    (asked,) = an.get("/enquiries?state=open&partner=bank-a")
    assert (asked["day_state"], asked["row_key"]) == ("approved", key)
    with psycopg.connect(url) as owner:  # the question is ten days old
        owner.execute("ALTER TABLE gateway.enquiry DISABLE TRIGGER USER")
        owner.execute("UPDATE gateway.enquiry SET answer_due_on = '2026-11-13'")
    return str(asked["enquiry_id"])


def test_today_says_what_waits_for_whom_and_what_the_visitor_may_do(monday: Monday, visitor: TestClient) -> None:
    shown = page(visitor, "an", "/")
    assert "Ngày còn khoản lệch phải quyết định" in shown
    assert "kế toán lập ● bạn" in shown
    assert "● bạn" not in page(visitor, "chi", "/"), "a viewer may do none of it"
    assert f'href="/gateway{DAY}"' in visitor.get("/gateway/").text
    told = {one["kind"]: one for one in Program(visitor, "an").get("/waiting")}
    assert (told["day_reconciled"]["count"], told["day_reconciled"]["mine"]) == (1, 1)
    assert told["day_reconciled"]["owners"] == ["finance_maker"]


def test_what_waits_is_the_same_whatever_month_is_shown(monday: Monday, visitor: TestClient) -> None:
    for month in ("2026-11", "2026-10", "2027-01"):
        assert "Ngày còn khoản lệch phải quyết định" in page(visitor, "an", f"/?month={month}"), month


def test_a_question_is_listed_until_it_is_concluded_though_its_day_was_approved(
    monday: Monday, visitor: TestClient, database_url: str
) -> None:
    number = asked_and_approved(monday, visitor, database_url)
    shown = page(visitor, "chi", "/enquiries")
    assert number in shown
    assert "! quá hạn trả lời" in shown
    assert "chờ đối tác trả lời tra soát" in shown
    assert number not in page(visitor, "chi", "/enquiries?state=unconcluded")
    assert "Tra soát quá hạn trả lời: gọi đối tác" in page(visitor, "an", "/")
    an = Program(visitor, "an")
    key = an.get("/enquiries")[0]["row_key"]
    an.post(f"{DAY}/breaks/{key}/answer", {"enquiry_id": number, "answer": "Ông Bình", "reference": "CV 12"})
    assert "đã trả lời: mở lại ngày để kết luận" in page(visitor, "an", "/enquiries?state=unconcluded&partner=bank-a")
    assert "đã trả lời: mở lại ngày để kết luận" in page(visitor, "an", f"{DAY}/breaks/{key}")
    assert "1 khoản" in page(visitor, "an", "/ageing")
    assert "Tra soát đã có trả lời, ngày đã duyệt: mở lại để kết luận" in page(visitor, "binh", "/")


def test_money_of_an_approved_day_that_nobody_identified_leads_to_the_day(
    monday: Monday, visitor: TestClient, database_url: str
) -> None:
    asked_and_approved(monday, visitor, database_url)
    assert "mở lại ngày để gán hoặc đề nghị hoàn" in page(visitor, "an", "/unidentified")
    assert f'href="/gateway{DAY}#steps"' in visitor.get("/gateway/unidentified").text


def test_a_state_of_enquiries_that_is_none_is_told(monday: Monday, visitor: TestClient) -> None:
    headers = {"Authorization": "Bearer an"}
    answer = visitor.get("/gateway/api/enquiries?state=lost", headers=headers)
    assert answer.json()["code"] == "enquiry-state-unknown"
    visitor.cookies["user"] = "an"
    assert "enquiry-state-unknown" in visitor.get("/gateway/enquiries?state=lost").text


def test_the_page_of_a_break_says_who_has_too_much_by_the_partners_role(
    monday: Monday, visitor: TestClient, database_url: str
) -> None:
    path = f"{DAY}/breaks/{monday.keys['missing_with_us']}"
    assert "Theo vai trò" not in page(visitor, "an", path), "banks tell no states of payments"
    with psycopg.connect(database_url) as owner:  # as in an intermediary's file
        owner.execute("ALTER TABLE gateway.recon_row DISABLE TRIGGER USER")
        owner.execute("UPDATE gateway.recon_row SET verdict = 'lệch thừa', role = 'ISS'")
    assert "Theo vai trò của đối tác (ISS): lệch thừa" in page(visitor, "an", path)
