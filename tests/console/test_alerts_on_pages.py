"""An alert on the page and by REST: what is wrong, what to do, and a link that leads somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from gateway.clock import FixedClock
from gateway.flows.lateness import check
from gateway.flows.lateness.files import ACTION_REFUSED_VI
from gateway.flows.wiring import Work
from gateway.ledger.alert_actions import ACTION_VI
from gateway.partners import Partner
from tests.console import catalogues
from tests.console.world import Monday
from tests.ledger.story import MONDAY

CONFIG = Path(__file__).resolve().parents[2] / "config"
TEN_DAYS_LATER = datetime(2026, 12, 9, 5, 0, tzinfo=UTC)


def looked_at(url: str, partners: Mapping[str, Partner], now: datetime) -> None:
    with psycopg.connect(url, autocommit=True) as worker:
        worker.execute("SET ROLE gateway_worker")
        check.check(Work(worker, FixedClock(now), partners), CONFIG)


def alerts(visitor: TestClient) -> list[Mapping[str, Any]]:
    answer = visitor.get("/gateway/api/alerts")
    assert answer.status_code == 200
    found: list[Mapping[str, Any]] = answer.json()
    return found


@pytest.mark.services
def test_the_page_says_what_to_do_and_leads_there_in_both_languages(monday: Monday, visitor: TestClient) -> None:
    visitor.cookies["user"] = "chi"
    vietnamese = visitor.get("/gateway/").text
    assert ACTION_VI["statement-late"] in vietnamese
    assert 'href="/gateway/statements?kind=statement&amp;partner=bank-b"' in vietnamese
    assert "Mở trang xử lý" in vietnamese
    visitor.get("/gateway/language/en", params={"back": "/"})
    visitor.cookies["gateway_language"] = "en"
    english = visitor.get("/gateway/").text
    assert catalogues.translated("en")[ACTION_VI["statement-late"]] in english


@pytest.mark.services
def test_the_page_and_rest_say_whether_a_mail_left(monday: Monday, visitor: TestClient, database_url: str) -> None:
    visitor.cookies["user"] = "chi"
    (before,) = alerts(visitor)
    assert (before["code"], before["action"]) == ("statement-late", ACTION_VI["statement-late"])
    assert before["link"] == "/gateway/statements?kind=statement&partner=bank-b"
    assert before["told_at"] is None
    assert "đã gửi thư" not in visitor.get("/gateway/").text
    with psycopg.connect(database_url) as owner:
        owner.execute(
            "INSERT INTO gateway.alert_told (alert_pk, audience, gist, step, over, message_id, told_at)"
            " SELECT alert_pk, 'ops', '', 0, false, '<a@b>', '2026-11-24 03:00+00' FROM gateway.alert"
        )
    (after,) = alerts(visitor)
    assert after["told_at"] == "2026-11-24T03:00:00+00:00"
    assert "đã gửi thư" in visitor.get("/gateway/").text


@pytest.mark.services
def test_every_link_of_the_alerts_that_stand_leads_to_a_page(
    monday: Monday, visitor: TestClient, database_url: str, partners: Mapping[str, Partner]
) -> None:
    visitor.cookies["user"] = "an"
    looked_at(database_url, partners, TEN_DAYS_LATER)
    found = alerts(visitor)
    assert {"day-not-closed", "break-too-old"} <= {alert["code"] for alert in found}
    assert f"/gateway/days/bank-a/{MONDAY}" in {alert["link"] for alert in found}
    assert {alert["link"]: visitor.get(alert["link"]).status_code for alert in found} == {
        alert["link"]: 200 for alert in found
    }


@pytest.mark.services
@pytest.mark.parametrize(
    "path",
    [
        "/?month=2026-11",
        "/statements?kind=remittance&partner=vnpost",
        "/statements?kind=statement&partner=bank-a",
        "/refunds?state=in_doubt&partner=bank-a",
        "/refunds?state=proposed&partner=bank-a",
        "/enquiries?state=unconcluded&partner=bank-a",
        f"/cash?from={MONDAY}&to={MONDAY}",
        f"/treasury?from={MONDAY}&to={MONDAY}",
        f"/days/bank-a/{MONDAY}",
        f"/days/bank-a/{MONDAY}/breaks/@underpaid",
    ],
)
def test_every_form_of_link_leads_to_a_page(monday: Monday, visitor: TestClient, path: str) -> None:
    visitor.cookies["user"] = "an"
    assert visitor.get(f"/gateway{monday.address(path)}").status_code == 200


@pytest.mark.unit
def test_what_to_do_about_every_alert_has_its_english() -> None:
    english = catalogues.translated("en")
    assert {code: action for code, action in ACTION_VI.items() if action not in english} == {}
    assert ACTION_REFUSED_VI in english
