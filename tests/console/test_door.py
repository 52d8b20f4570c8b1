"""Who comes in: strangers are led to the sign-in, foreign pages do nothing, every answer carries its guards."""

from __future__ import annotations

import time

import pytest
from starlette.testclient import TestClient

from gateway.console import csrf

pytestmark = pytest.mark.services


def test_a_stranger_is_sent_to_the_sign_in_and_back(visitor: TestClient) -> None:
    answer = visitor.get("/gateway/?month=2026-11")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/auth/login?next=%2Fgateway%2F%3Fmonth%3D2026-11"


def test_a_person_without_a_role_sees_nothing_and_is_told_whom_to_ask(visitor: TestClient) -> None:
    visitor.cookies["user"] = "khach"
    answer = visitor.get("/gateway/")
    assert answer.status_code == 403
    assert "act-not-allowed" in answer.text


def test_every_answer_carries_the_security_headers(visitor: TestClient) -> None:
    visitor.cookies["user"] = "an"
    for path in ("/gateway/", "/gateway/nowhere", "/gateway/static/console.css"):
        headers = visitor.get(path).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe-inline" not in policy
        assert "frame-ancestors 'self'" in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_an_unknown_page_is_told_in_vietnamese_and_in_english(visitor: TestClient) -> None:
    visitor.cookies["user"] = "an"
    assert "Không có trang này" in visitor.get("/gateway/nowhere").text
    visitor.cookies["gateway_language"] = "en"
    told = visitor.get("/gateway/nowhere")
    assert "There is no such page" in told.text
    assert '<html lang="en">' in told.text


@pytest.mark.parametrize("elsewhere", ["https://evil.test/", "//evil.test/", "/other"])
def test_the_switch_of_languages_leads_nowhere_else(visitor: TestClient, elsewhere: str) -> None:
    assert visitor.get("/gateway/language/en", params={"next": elsewhere}).headers["location"] == "/gateway/"


def test_a_token_is_good_for_its_own_person_and_for_half_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1000)
    token = csrf.issue(b"secret", "an")
    monkeypatch.setattr(time, "time", lambda: 2000)
    assert csrf.holds(b"secret", "an", token)
    assert not csrf.holds(b"secret", "binh", token)
    assert not csrf.holds(b"another", "an", token)
    assert not csrf.holds(b"secret", "an", "")
    monkeypatch.setattr(time, "time", lambda: 1000 + csrf.GOOD_FOR_SECONDS)
    assert csrf.holds(b"secret", "an", token)
    monkeypatch.setattr(time, "time", lambda: 1000 + csrf.GOOD_FOR_SECONDS + 1)
    assert not csrf.holds(b"secret", "an", token)
