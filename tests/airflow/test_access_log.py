"""Airflow's access log learns which page was opened, not what was asked of it: people type names into the search."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from airflow.api_fastapi.common.http_access_log import HttpAccessLogMiddleware
from fastapi import FastAPI
from starlette.testclient import TestClient

from gateway.console import guard
from gateway.console.app import build_application
from gateway.errors import Unavailable

pytestmark = pytest.mark.unit

NAME = "Đặng Thị Mật"


def no_desk() -> object:
    raise Unavailable("no database", code="database-away")


def logged(path: str, asked: dict[str, str], user: str | None) -> tuple[dict[str, object], str]:
    """The line of Airflow's own access log about one request, and where the answer leads."""
    airflow = FastAPI()
    airflow.mount("/gateway", build_application(lambda request: user, open_desk=no_desk))  # type: ignore[arg-type]  # none is opened
    airflow.add_middleware(HttpAccessLogMiddleware)
    with structlog.testing.capture_logs() as lines:
        answer = TestClient(airflow).get(f"/gateway{path}", params=asked, follow_redirects=False)
    (line,) = (dict(one) for one in lines if one["event"] == "request finished")
    return line, answer.headers.get("location", "")


@pytest.mark.parametrize("path", ["/dossiers", "/api/dossiers"])
def test_a_name_that_somebody_searched_for_is_not_in_the_access_log(path: str) -> None:
    line, _ = logged(path, {"q": NAME}, "an")
    assert (line["path"], line["query"], line["status_code"]) == (f"/gateway{path}", "", 503)


def test_a_name_that_somebody_searched_for_is_not_in_the_address_of_the_sign_in() -> None:
    """That address is Airflow's, and its log has it whole: the search is typed again after the sign-in."""
    line, location = logged("/dossiers", {"q": NAME}, None)
    assert (line["query"], parse_qs(urlsplit(location).query)) == ("", {"next": ["/gateway/dossiers"]})


def test_a_stranger_comes_back_to_the_filters_that_name_nobody() -> None:
    asked = {"outcome": "underpaid", "text": "0987654321"}
    _, location = logged("/days/bank-a/2026-11-23", asked, None)
    assert parse_qs(urlsplit(location).query) == {"next": ["/gateway/days/bank-a/2026-11-23?outcome=underpaid"]}


def test_every_field_to_search_with_is_one_whose_words_stay_out_of_addresses_that_others_log() -> None:
    templates = (Path(guard.__file__).parent / "templates").glob("*.html")
    fields = {name for file in templates for name in re.findall(r'type="search" name="(\w+)"', file.read_text("utf-8"))}
    assert fields == guard.TYPED
