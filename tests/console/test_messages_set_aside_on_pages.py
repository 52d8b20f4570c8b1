"""Hồ sơ and a break's thread tell that a message was set aside; who may not see messages is told nothing."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
import pytest
from starlette.testclient import TestClient

from gateway.console.i18n import COOKIE
from gateway.partners import Partner
from tests.reconciliation.day_story import DayStory

pytestmark = pytest.mark.services


@pytest.fixture
def dossier(visitor: TestClient, database_url: str, partners: Mapping[str, Partner]) -> str:
    """A dossier of which a forged message was refused and set aside."""
    with psycopg.connect(database_url) as conn:
        day = DayStory(conn, partners)
        day.owe(100_000)
        pk = day.message()
        conn.execute(
            "UPDATE gateway.message SET state = 'quarantined', reason = 'wrong-signature', dossier_code = %s"
            " WHERE message_pk = %s",
            (day.code(), pk),
        )
        conn.execute(
            "INSERT INTO gateway.message_aside (message_pk, by_user, at, reason)"
            " VALUES (%s, 'ops', now(), 'giả mạo, gọi 0912345678')",
            (pk,),
        )
        return day.code()


def page(visitor: TestClient, path: str, user: str, language: str = "vi") -> str:
    visitor.cookies["user"] = user
    visitor.cookies[COOKIE] = language
    answer = visitor.get(f"/gateway{path}")
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ("Gác lại thông điệp", "đã gác lại, không cần xử lý thêm")),
        ("en", ("Message set aside", "set aside, needs nothing more")),
    ],
)
def test_the_dossier_tells_who_set_its_message_aside_and_why(
    visitor: TestClient, dossier: str, language: str, words: tuple[str, ...]
) -> None:
    told = page(visitor, f"/dossiers/{dossier}", "ops", language)
    for word in (*words, "<code>ops</code>", "giả mạo, gọi •••••••678"):
        assert word in told
    assert "0912345678" not in told
    assert words[0] not in page(visitor, f"/dossiers/{dossier}", "chi", language)


def test_programs_read_it_in_the_timeline(visitor: TestClient, dossier: str) -> None:
    answer = visitor.get(f"/gateway/api/dossiers/{dossier}", headers={"Authorization": "Bearer dung"})
    (event,) = [event for event in answer.json()["events"] if event["kind"] == "message_aside"]
    assert (event["state"], event["reference"], event["detail"]) == ("aside", "ops", "giả mạo, gọi •••••••678")
