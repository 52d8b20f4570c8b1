"""How commands answer: a table for a person, JSON for a machine, and errors that say what to do."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, ParamSpec

import typer

from gateway.errors import ConfigurationError, GatewayError
from gateway.model import VIETNAM

P = ParamSpec("P")

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, one document.")]


def errors_are_told(command: Callable[P, None]) -> Callable[P, None]:
    """A command whose GatewayErrors end as one clear line each on standard error, and exit code 1."""

    @functools.wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except GatewayError as error:
            _tell(error, as_json=bool(kwargs.get("as_json", False)))
            raise typer.Exit(1) from error

    return told


def _tell(error: GatewayError, *, as_json: bool) -> None:
    if as_json:
        said = {"code": error.code, "message": error.message, "where": error.where, "action": error.action}
        print_json({"ok": False, "error": said})
        return
    if isinstance(error, ConfigurationError) and error.problems:
        for problem in error.problems:
            sys.stderr.write(f"{problem}\n")
        sys.stderr.write(f"[{error.code}] {len(error.problems)} problem(s) → {error.action}\n")
        return
    sys.stderr.write(f"{error.explain()}\n")


def print_json(value: object) -> None:
    """One JSON document on standard output; times and dates as ISO 8601."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return str(value)


def print_table(rows: Iterable[Mapping[str, object]], columns: Sequence[str], *, title: str = "") -> None:
    """A table for a person: times in Vietnam; what is too wide goes on in the next line and is never cut off."""
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(*(Column(name, overflow="fold") for name in columns), title=title or None, title_justify="left")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    Console(markup=False).print(table)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(VIETNAM):%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)


def say(text: str) -> None:
    """One line on standard output."""
    sys.stdout.write(f"{text}\n")
