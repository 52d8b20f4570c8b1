"""One request of a person: who they are, in which language, at which desk; and how a page answers them.

A route takes ``visit: Looking`` to show something and ``visit: Acting`` to do something; the second also demands the
form's token. A bearer token is sent by a program on purpose and never by a browser alone: such a request needs none.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment

from gateway import organisation
from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.clock import vietnam_date
from gateway.console import csrf, navigation
from gateway.console.guard import is_foreign
from gateway.console.i18n import COOKIE, language_of
from gateway.errors import Forbidden

Identify = Callable[[Request], str | Awaitable[str | None] | None]


class SignInNeeded(Exception):
    """The visitor is nobody yet: no fault, they are led to Airflow's sign-in and back."""


@dataclass(frozen=True, slots=True)
class Console:
    """What the application is built with; found at ``request.app.state.console``."""

    identify: Identify
    person_of: Callable[[Desk, str], Person]
    open_desk: Callable[[], AbstractContextManager[Desk]]
    secret: bytes = field(repr=False)
    sign_in: str
    environments: Mapping[str, Environment]


@dataclass(frozen=True, slots=True)
class Visit:
    """The surroundings of one request."""

    request: Request
    desk: Desk
    person: Person

    def page(self, template: str, /, *, status: int = 200, **context: object) -> HTMLResponse:
        """A template filled in; it also finds what ``surroundings`` gives."""
        now = self.desk.clock.now()
        centre = organisation.load(self.desk.settings.config).on(vietnam_date(now))
        given = {**surroundings(self.request, self.person), "clock_now": now, "centre": centre, **context}
        return HTMLResponse(environment_of(self.request).get_template(template).render(given), status)

    def link(self, path: str, /, **query: object) -> str:
        """The address of a page of the console."""
        return link(self.request, path, **query)

    def go(self, path: str, /, **query: object) -> RedirectResponse:
        """After an act: to another page of the console (303, so that reloading repeats nothing).

        ``done`` in the query names the sentence that the page then shows (``templates/_done.html``).
        """
        return RedirectResponse(link(self.request, path, **query), 303)


def console_of(request: Request) -> Console:
    """What this application was built with."""
    console: Console = request.app.state.console
    return console


def environment_of(request: Request) -> Environment:
    """The templates in the visitor's language."""
    return console_of(request).environments[language_of(request.cookies.get(COOKIE))]


def link(request: Request, path: str, /, **query: object) -> str:
    """The address of a page of the console: ``path`` begins with ``/``; what is None or "" stays out of the query."""
    told = {name: value for name, value in query.items() if value is not None and value != ""}
    root = str(request.scope.get("root_path", ""))
    return f"{root}{path}" + (f"?{urlencode(told)}" if told else "")


def own_path(request: Request) -> str:
    """The request's path below the console's root."""
    root = str(request.scope.get("root_path", ""))
    path = request.url.path
    return path[len(root) :] or "/" if path.startswith(root) else path


def surroundings(request: Request, person: Person | None) -> dict[str, object]:
    """What every template may use: links, the menu, the person, the token for forms, the enumeration of acts."""
    path = own_path(request)

    def to(path: str, /, **query: object) -> str:
        return link(request, path, **query)

    return {
        "link": to,
        "person": person,
        "Act": Act,
        "menu": [(entry, navigation.is_current(entry, path)) for entry in navigation.MENU],
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "csrf": csrf.issue(console_of(request).secret, person.user) if person else "",
        "done": request.query_params.get("done", ""),
        "partial": request.headers.get("HX-Request") == "true",
    }


async def signed_in(request: Request) -> str:
    """The visitor's account. Raises SignInNeeded; Forbidden ``foreign-origin``."""
    if is_foreign(request.method, request.headers):
        raise Forbidden(
            "the request was made by a page of another origin",
            code="foreign-origin",
            where=request.headers.get("origin", ""),
            action="open the page itself and do it there",
        )
    found = console_of(request).identify(request)
    user = await found if inspect.isawaitable(found) else found
    if not user:
        raise SignInNeeded
    return user


async def _with_token(request: Request, user: Annotated[str, Depends(signed_in)]) -> str:
    if request.headers.get("authorization", "").lower().startswith("bearer "):
        return user
    token = request.headers.get(csrf.HEADER, "")
    if not token:
        told = (await request.form()).get(csrf.FIELD, "")
        token = told if isinstance(told, str) else ""
    if not csrf.holds(console_of(request).secret, user, token):
        raise Forbidden(
            "the form's token is missing, too old or another person's",
            code="csrf-invalid",
            where=csrf.FIELD,
            action="open the page again and repeat",
        )
    return user


@contextmanager
def _visit(request: Request, user: str) -> Iterator[Visit]:
    console = console_of(request)
    with console.open_desk() as desk:
        # An error is answered after the desk was left: it still names partners as the pages do.
        request.state.partner_names = {name: partner.name for name, partner in desk.partners.items()}
        yield Visit(request, desk, console.person_of(desk, user))


def looking(request: Request, user: Annotated[str, Depends(signed_in)]) -> Iterator[Visit]:
    """A visit that shows something; without any role there is nothing to see. Raises Forbidden ``act-not-allowed``."""
    with _visit(request, user) as visit:
        visit.person.require(Act.SEE)
        yield visit


def acting(request: Request, user: Annotated[str, Depends(_with_token)]) -> Iterator[Visit]:
    """A visit that does something, from a form of ours. Raises Forbidden ``csrf-invalid``."""
    with _visit(request, user) as visit:
        yield visit


Looking = Annotated[Visit, Depends(looking)]
Acting = Annotated[Visit, Depends(acting)]
