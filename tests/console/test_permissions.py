"""Every route by every role: what is not allowed is refused, with or without a browser, from here or from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

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

UNSAFE = sorted(key for key in RIGHTS if key[0] != "GET")


def routes(application: FastAPI) -> Iterator[tuple[str, str]]:
    for route in application.state.console_application.routes:
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in route.methods)


def ask(visitor: TestClient, method: str, path: str, right: Right, **headers: str) -> Response:
    address = f"/gateway{path.format(**VALUES)}"
    if path.startswith("/api"):
        return visitor.request(method, address, json=right.body if method != "GET" else None, headers=headers)
    return visitor.request(method, address, data=dict(right.body), headers=headers)


def code_of(answer: Response) -> str:
    if answer.headers["content-type"].startswith("application/problem+json"):
        return str(answer.json()["code"])
    return answer.text.partition("<code>")[2].partition("</code>")[0]


def test_every_route_has_its_right_and_every_right_its_route(application: FastAPI) -> None:
    assert sorted(routes(application)) == sorted(RIGHTS)


@pytest.mark.parametrize("user", sorted(PEOPLE))
def test_each_role_may_exactly_what_the_table_of_rights_says(visitor: TestClient, monday: Monday, user: str) -> None:
    visitor.cookies["user"] = user
    token = csrf.issue(SECRET.encode(), user)
    for (method, path), right in sorted(RIGHTS.items()):
        answer = ask(visitor, method, path, right, **{csrf.HEADER: token})
        forbidden = answer.status_code == 403 and code_of(answer) == "act-not-allowed"
        allowed = right.act is None or bool(PEOPLE[user] & WHO_MAY[right.act])
        assert forbidden == (not allowed), (user, method, path, answer.status_code, answer.text[:300])
        assert answer.status_code < 500, (user, method, path, answer.text[:300])


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_an_act_without_our_token_is_refused(visitor: TestClient, method: str, path: str) -> None:
    visitor.cookies["user"] = "an"
    for token in ("", csrf.issue(SECRET.encode(), "binh"), csrf.issue(b"another secret", "an")):
        answer = ask(visitor, method, path, RIGHTS[method, path], **{csrf.HEADER: token})
        assert (answer.status_code, code_of(answer)) == (403, "csrf-invalid")


@pytest.mark.parametrize(("method", "path"), UNSAFE)
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
def test_an_act_from_a_foreign_page_is_refused_even_with_the_token(
    visitor: TestClient, method: str, path: str, headers: dict[str, str]
) -> None:
    visitor.cookies["user"] = "an"
    token = csrf.issue(SECRET.encode(), "an")
    answer = ask(visitor, method, path, RIGHTS[method, path], **{csrf.HEADER: token, **headers})
    assert (answer.status_code, code_of(answer)) == (403, "foreign-origin")


@pytest.mark.parametrize(("method", "path"), sorted(key for key, right in RIGHTS.items() if right.act))
def test_a_stranger_gets_nowhere(visitor: TestClient, method: str, path: str) -> None:
    answer = ask(visitor, method, path, RIGHTS[method, path])
    if path.startswith("/api"):
        assert (answer.status_code, code_of(answer)) == (401, "sign-in-needed")
        assert answer.headers["www-authenticate"] == "Bearer"
    else:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/auth/login?next=%2Fgateway%2F")


def test_a_bearer_token_acts_without_the_token_of_a_page(visitor: TestClient) -> None:
    answer = visitor.post(
        "/gateway/api/days/bank-a/2026-11-23/propose",
        json={"snapshot_sha256": "0"},
        headers={"Authorization": "Bearer an"},
    )
    assert code_of(answer) not in ("csrf-invalid", "sign-in-needed", "act-not-allowed")
