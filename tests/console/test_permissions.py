"""Every route by every role: what is not allowed is refused, with or without a browser, from here or from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx import Response
from starlette.testclient import TestClient

from gateway.application.access import WHO_MAY
from gateway.console import csrf
from tests.console.conftest import PEOPLE, SECRET
from tests.console.rights import RIGHTS, VALUES, Right
from tests.console.world import Monday

pytestmark = pytest.mark.services

QUERIES = {
    ("GET", "/api/dossiers"): "?q=Hanh",
    ("GET", "/api/months"): "?month=2026-11",
    ("GET", "/api/sent"): "?partner=bank-a&period=2026-11",
}
"""What an address must ask for besides."""
UNSAFE = sorted(key for key in RIGHTS if key[0] != "GET")


def routes(application: FastAPI) -> Iterator[tuple[str, str]]:
    for route in application.state.console_application.routes:
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in route.methods)


def ask(visitor: TestClient, method: str, path: str, right: Right, **headers: str) -> Response:
    address = f"/gateway{path.format(**VALUES)}{QUERIES.get((method, path), '')}"
    if "signed" in right.body:
        signed = {"signed": ("bien-ban.pdf", str(right.body["signed"]).encode(), "application/pdf")}
        return visitor.request(method, address, files=signed, headers=headers)
    if path.startswith("/api"):
        return visitor.request(method, address, json=right.body if method != "GET" else None, headers=headers)
    return visitor.request(method, address, data=dict(right.body), headers=headers)


def code_of(answer: Response) -> str:
    if answer.headers["content-type"].startswith("application/problem+json"):
        return str(answer.json()["code"])
    return answer.text.partition("<code>")[2].partition("</code>")[0]


def test_every_route_has_its_right_and_every_right_its_route(application: FastAPI) -> None:
    assert sorted(routes(application)) == sorted(RIGHTS)


def test_each_role_may_exactly_what_the_table_of_rights_says(visitor: TestClient, monday: Monday) -> None:
    for user, ((method, path), right) in product(sorted(PEOPLE), sorted(RIGHTS.items())):
        visitor.cookies["user"] = user
        token = csrf.issue(SECRET.encode(), user)
        answer = ask(visitor, method, path, right, **{csrf.HEADER: token})
        forbidden = answer.status_code == 403 and code_of(answer) == "act-not-allowed"
        allowed = right.act is None or bool(PEOPLE[user] & WHO_MAY[right.act])
        assert forbidden == (not allowed), (user, method, path, answer.status_code, answer.text[:300])
        assert answer.status_code < 500, (user, method, path, answer.text[:300])


def test_no_act_without_our_token_is_done(visitor: TestClient) -> None:
    visitor.cookies["user"] = "an"
    for method, path in UNSAFE:
        for token in ("", csrf.issue(SECRET.encode(), "binh"), csrf.issue(b"another secret", "an")):
            answer = ask(visitor, method, path, RIGHTS[method, path], **{csrf.HEADER: token})
            assert (path, answer.status_code, code_of(answer)) == (path, 403, "csrf-invalid")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=lambda headers: "-".join(headers.values()),
)
def test_no_act_from_a_foreign_page_is_done_even_with_the_token(visitor: TestClient, headers: dict[str, str]) -> None:
    visitor.cookies["user"] = "an"
    told = {csrf.HEADER: csrf.issue(SECRET.encode(), "an"), **headers}
    for method, path in UNSAFE:
        answer = ask(visitor, method, path, RIGHTS[method, path], **told)
        assert (path, answer.status_code, code_of(answer)) == (path, 403, "foreign-origin")


def test_a_stranger_gets_nowhere(visitor: TestClient) -> None:
    for (method, path), right in RIGHTS.items():
        if right.act is None:
            continue
        answer = ask(visitor, method, path, right)
        if path.startswith("/api"):
            assert (path, answer.status_code, code_of(answer)) == (path, 401, "sign-in-needed")
            assert answer.headers["www-authenticate"] == "Bearer"
        else:
            assert (path, answer.status_code) == (path, 303)
            assert answer.headers["location"].startswith("/auth/login?next=%2Fgateway%2F")


def test_a_bearer_token_acts_without_the_token_of_a_page(visitor: TestClient) -> None:
    answer = visitor.post(
        "/gateway/api/days/bank-a/2026-11-23/propose",
        json={"snapshot_sha256": "0"},
        headers={"Authorization": "Bearer an"},
    )
    assert code_of(answer) == "day-unknown"
