"""Programs do by REST what people do on the pages, and the description tells them how, in words."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from gateway.partners import Partner
from tests.console.rights import COUNT, ITEM, VOUCHER
from tests.console.world import Monday
from tests.reconciliation.day_story import ACCOUNT, DayStory

pytestmark = pytest.mark.services

WEEK = "from=2026-11-18&to=2026-11-24"


class Program:
    """Somebody's program, signed in by a bearer token."""

    def __init__(self, visitor: TestClient, user: str) -> None:
        self.visitor, self.headers = visitor, {"Authorization": f"Bearer {user}"}

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def post(self, path: str, body: object = None) -> Any:
        return self._ask("POST", path, body if body is not None else {})

    def refused(self, path: str, body: object = None) -> str:
        answer = self.visitor.post(f"/gateway/api{path}", json=body or {}, headers=self.headers)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        return str(answer.json()["code"])

    def _ask(self, method: str, path: str, body: object) -> Any:
        answer = self.visitor.request(method, f"/gateway/api{path}", json=body, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


def test_a_count_is_recorded_by_one_program_and_confirmed_by_another_s(visitor: TestClient) -> None:
    an, binh = Program(visitor, "an"), Program(visitor, "binh")
    (first,) = an.post("/cash", {**COUNT, "amount": 140_000})
    assert an.refused("/cash", COUNT) == "cash-count-known"
    assert an.refused(f"/cash/{first['count_pk']}/confirm") == "act-not-allowed"
    corrected = an.post(f"/cash/{first['count_pk']}/correct", {"count": COUNT, "reason": "đếm lại"})
    assert [one["amount"] for one in corrected] == [150_000, 140_000]
    assert binh.post(f"/cash/{corrected[0]['count_pk']}/confirm")[0]["confirmed_by"] == "binh"
    assert binh.refused(f"/cash/{corrected[0]['count_pk']}/confirm") == "confirmed-already"
    book = Program(visitor, "chi").get(f"/cash?{WEEK}")
    assert (book["total"], book["confirmed"]) == (150_000, 150_000)
    assert an.refused("/cash", {**COUNT, "receipt_count": 9, "business_on": "2026-11-22"}) == "cash-count-invalid"
    assert an.refused("/cash", {**COUNT, "amount": "nhiều"}) == "request-invalid"


def test_a_voucher_is_recorded_confirmed_and_cancelled_by_the_right_people(visitor: TestClient) -> None:
    an, binh = Program(visitor, "an"), Program(visitor, "binh")
    told = {**VOUCHER, "partner": "bank-a", "account": ACCOUNT, "items": [ITEM]}
    voucher = an.post("/treasury", told)
    assert voucher["account"] == "•••0101"
    path = f"/treasury/{voucher['voucher_pk']}"
    assert [one["voucher_pk"] for one in an.get(f"/treasury?{WEEK}")["waiting"]] == [voucher["voucher_pk"]]
    assert binh.post(f"{path}/confirm")["confirmed_by"] == "binh"
    assert an.refused(f"{path}/cancel", {"reason": "ghi sai số tiền"}) == "act-not-allowed"
    assert binh.post(f"{path}/cancel", {"reason": "ghi sai số tiền"})["cancelled_by"] == "binh"
    assert binh.refused(f"{path}/confirm") == "voucher-unknown"


def test_queues_accounts_and_months_are_told_as_on_the_pages(visitor: TestClient, monday: Monday) -> None:
    chi = Program(visitor, "chi")
    queue = chi.get("/unidentified")
    assert (queue["count"], len(queue["items"])) == (4, 4)
    (account,) = chi.get(f"/accounts?{WEEK}&partner=bank-a")
    sides = account["opening"] + account["collected"] - account["refunded"] - account["transferred"]
    assert sides + account["other"] == account["closing"] == 8_725_734
    assert (account["account"], account["gap"], account["carry_gap"]) == ("•••0101", 0, 0)
    units = chi.get(f"/units?{WEEK}")
    assert (units["gap"], units["units"][0]["unit_name"]) == (0, "Sở Xây dựng")
    assert {one["partner"]: one["state"] for one in chi.get("/months?month=2026-11")}["bank-a"] == "open"
    month = chi.get("/months/bank-a/2026-11")
    assert (month["blocking"][0], month["carried_out"]["count"]) == ("2026-11-23", 7)
    assert Program(visitor, "binh").refused("/months/bank-a/2026-11/close") == "month-not-over"
    assert chi.get("/enquiries") == []
    assert chi.get("/refunds") == []


def test_dossiers_and_statements_are_read_with_masks(visitor: TestClient, monday: Monday) -> None:
    an = Program(visitor, "an")
    hits = an.get("/dossiers?q=H49.12-20261123-0000001")["hits"]
    assert hits[0]["dossier_code"] == "H49.12-20261123-0000001"
    text = str(an.get("/dossiers/H49.12-20261123-0000001"))
    assert "0912345678" not in text
    assert "022190000001" not in text
    file = an.get("/statements")["files"][0]
    assert file["account"] == "•••0101"
    assert an.get(f"/statements/statement/{file['pk']}/lines")["lines"][0]["line_no"] == 1


@pytest.mark.parametrize("span", ["from=2026-11-24&to=2026-11-23", "from=2020-01-01&to=2026-11-23"])
def test_a_period_that_is_none_or_too_long_is_refused(visitor: TestClient, span: str) -> None:
    for path in ("/cash", "/treasury", "/accounts", "/units"):
        answer = visitor.get(f"/gateway/api{path}?{span}", headers={"Authorization": "Bearer chi"})
        assert (answer.status_code, answer.json()["code"]) == (422, "period-invalid")


def test_files_of_a_day_and_a_month_leave_with_a_log(
    visitor: TestClient, monday: Monday, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    headers = {"Authorization": "Bearer dung"}
    day = visitor.get("/gateway/api/days/bank-a/2026-11-23/export.csv", headers=headers)
    assert (day.status_code, day.headers["content-disposition"].startswith("attachment")) == (200, True)
    month = visitor.get("/gateway/api/months/2026-11.xlsx", headers=headers)
    assert month.content[:2] == b"PK"
    with psycopg.connect(database_url) as conn:
        told = conn.execute("SELECT what, by_user FROM gateway.export_log ORDER BY export_pk").fetchall()
    assert told == [("day-csv:bank-a:2026-11-23", "dung"), ("month-xlsx:2026-11", "dung")]
    assert not list(tmp_path.glob("gateway-report-*")), "nothing stays on the disk"


def test_every_route_is_described_in_words(visitor: TestClient, application: FastAPI) -> None:
    told = Program(visitor, "chi").get("/openapi.json")
    described = {
        (method.upper(), path): one for path, methods in told["paths"].items() for method, one in methods.items()
    }
    served = {
        (method, route.path)
        for route in application.state.console_application.routes
        if isinstance(route, APIRoute) and route.path.startswith("/api/")
        for method in route.methods
    } - {("GET", "/api/openapi.json")}
    assert set(described) == served
    assert {
        key for key, one in described.items() if not one.get("tags") or len(one.get("description", "")) < 20
    } == set()
    assert told["servers"] == [{"url": "/gateway"}]
    assert "đồng" in told["info"]["description"]
    assert "Voucher" in told["components"]["schemas"]


def test_a_program_finds_a_payer_who_is_not_the_owner(visitor: TestClient, payer_of_another: str) -> None:
    chi = Program(visitor, "chi")
    (hit,) = chi.get("/dossiers?q=tran+van+binh")["hits"]
    assert (hit["kind"], hit["why"], hit["dossier_code"], hit["text"]) == (
        "payer", "payer_name", payer_of_another, "Trần Văn Bình",
    )  # fmt: skip
    (payer,) = chi.get(f"/dossiers/{payer_of_another}")["payers"]
    assert (payer["name"], payer["address"], payer["is_owner"]) == ("Trần Văn Bình", "•••, Phường Bãi Cháy", False)


@pytest.fixture
def payer_of_another(monday: Monday, database_url: str, partners: dict[str, Partner]) -> str:
    """The code of a dossier that Bình pays for Hường."""
    with psycopg.connect(database_url) as conn:
        day = DayStory(conn, partners)
        day.count, day.number = 2000, 500
        day.owe(150_000, owner_name="Đặng Thị Hường", payer_name="Trần Văn Bình", payer_address="Tổ 9, Phường Bãi Cháy")
        return day.code()


@pytest.fixture
def sent(monday: Monday, database_url: str) -> tuple[int, bytes]:
    """Number and bytes of a mail that left about Monday."""
    content = b"Subject: doi soat\n\nxong"
    with psycopg.connect(database_url) as conn:
        row = conn.execute(
            "INSERT INTO gateway.report_delivery (partner, period, way, recipient, file_name, size, sha256, content,"
            " sent_by, sent_at) VALUES ('bank-a', '2026-11-23', 'mail', 'ke-toan@quangninh.example', 'a.eml', %s,"
            " encode(sha256(%s), 'hex'), %s, 'system', '2026-11-24T02:00:00Z') RETURNING delivery_pk",
            (len(content), content, content),
        ).fetchone()
    assert row is not None
    return row[0], content


def test_a_program_lists_and_takes_what_was_sent(visitor: TestClient, sent: tuple[int, bytes]) -> None:
    number, content = sent
    an = Program(visitor, "an")
    for period in ("2026-11-23", "2026-11"):
        (one,) = an.get(f"/sent?partner=bank-a&period={period}")
        assert (one["delivery_pk"], one["recipient"], one["file_name"]) == (number, "k•••@quangninh.example", "a.eml")
    got = visitor.get(f"/gateway/api/sent/{number}", headers=an.headers)
    assert (got.status_code, got.content) == (200, content)
    assert got.headers["content-type"] == "message/rfc822"


@pytest.mark.parametrize("page", ["/days/bank-a/2026-11-23", "/months/bank-a/2026-11"])
def test_the_pages_of_day_and_month_list_what_was_sent(visitor: TestClient, sent: tuple[int, bytes], page: str) -> None:
    number, content = sent
    visitor.cookies["user"] = "an"
    told = visitor.get(f"/gateway{page}").text
    assert "k•••@quangninh.example" in told
    assert "ke-toan@quangninh.example" not in told
    assert f'href="/gateway/sent/{number}"' in told
    assert visitor.get(f"/gateway/sent/{number}").content == content
    visitor.cookies["user"] = "chi"
    assert f'href="/gateway/sent/{number}"' not in visitor.get(f"/gateway{page}").text


def test_the_page_of_a_dossier_names_the_payer_and_offers_the_address_for_a_reason(
    visitor: TestClient, payer_of_another: str
) -> None:
    visitor.cookies["user"] = "an"
    told = visitor.get(f"/gateway/dossiers/{payer_of_another}").text
    assert "Trần Văn Bình" in told
    assert "•••, Phường Bãi Cháy" in told
    assert "Tổ 9" not in told
    assert "subject=payer%3A" in told
    found = visitor.get("/gateway/dossiers?q=tran+van+binh").text
    assert "tên người nộp tiền" in found
