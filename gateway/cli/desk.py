"""What the commands of people share: who acts, on which day, and the desk it is done at."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.application.access import Act, Person
    from gateway.application.desk import Desk
    from gateway.bootstrap.gateway import Gateway

Partner = Annotated[str, typer.Argument(help="The partner's id.")]
On = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The business date.")]
To = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Up to this day.")]
Who = Annotated[str, typer.Option("--user", help="Who does it (default: the account you are signed in with).")]
AtMost = Annotated[int, typer.Option("--limit", min=1, help="How many at most.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it stays in the history.")]


@contextmanager
def at_desk(user: str) -> Iterator[tuple[Desk, Person]]:
    """The desk, and the person who acts with the roles granted to their account."""
    from gateway.application.roles import person_of
    from gateway.bootstrap import open_desk

    with open_desk() as desk:
        yield desk, person_of(desk, user or getpass.getuser())


@contextmanager
def at_work(user: str, act: Act) -> Iterator[Gateway]:
    """The machine that does ``act`` for the person, who must have the right to it."""
    from gateway.bootstrap import open_gateway_for

    with open_gateway_for(user or getpass.getuser(), act) as gateway:
        yield gateway


def require_word(told: str, words: Iterable[str], option: str) -> None:
    """Refuse a word that nothing can have: an empty list would say that there is nothing of the kind.

    Raises typer.BadParameter.
    """
    known = [word for word in words if word]
    if told and told not in known:
        raise typer.BadParameter(f"{told!r} is none of {', '.join(known)}", param_hint=option)
