"""How commands answer: a table for a person, JSON for a machine, and errors that say what to do."""

from __future__ import annotations

import functools
import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

from gateway.errors import ConfigurationError, GatewayError
from gateway.model import VIETNAM

if TYPE_CHECKING:
    from rich.console import Console

P = ParamSpec("P")
_PROSE = 18
"""No column of prose is narrower."""

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
    from gateway.reasons import action_of

    if as_json:
        said: dict[str, object] = {"code": error.code, "message": error.message, "where": error.where}
        said["action"] = action_of(error)
        if isinstance(error, ConfigurationError):
            said["problems"] = [{"file": one.file, "key": one.key, "message": one.message} for one in error.problems]
        print_json({"ok": False, "error": said})
        return
    if isinstance(error, ConfigurationError) and error.problems:
        for problem in error.problems:
            sys.stderr.write(f"{problem}\n")
        sys.stderr.write(f"[{error.code}] {len(error.problems)} problem(s) → {action_of(error)}\n")
        return
    asked = action_of(error)
    sys.stderr.write(f"{error.explain()}{'' if error.action or not asked else f' → {asked}'}\n")


def done(as_json: bool, text: str, **facts: object) -> None:
    """What an act answers: a sentence for a person, or ``ok`` and the facts for a machine."""
    if as_json:
        print_json({"ok": True, **facts})
    else:
        say(text)


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
    """A table for a person: times in Vietnam, amounts to the right, nothing cut off, keys in one piece.

    Prose goes on in the next line; where even so the table is wider than the terminal, each row is told as a record.
    """
    from rich.console import Console

    console = Console(markup=False, highlight=False)
    given = list(rows)
    cells = [[_cell(row.get(column)) for column in columns] for row in given]
    least = [_least(name, [row[index] for row in cells]) for index, name in enumerate(columns)]
    if sum(least) + 3 * len(columns) + 1 <= console.width:
        right = [any(type(row.get(column)) is int for row in given) for column in columns]
        _print_grid(console, cells, columns, least, right, title)
    else:
        _print_records(console, cells, columns, title)


def _least(name: str, cells: Sequence[str]) -> int:
    """The width below which a column would break a word, or prose would become a ladder."""
    words = [word for cell in (name, *cells) for word in cell.split()]
    whole = max(len(cell) for cell in (name, *cells))
    return min(whole, max(_PROSE, *map(len, words)))


def _print_grid(
    console: Console,
    cells: Sequence[Sequence[str]],
    columns: Sequence[str],
    least: Sequence[int],
    right: Sequence[bool],
    title: str,
) -> None:
    from rich.table import Column, Table

    headers = [
        Column(name, min_width=width, justify="right" if to_the_right else "left")
        for name, width, to_the_right in zip(columns, least, right, strict=True)
    ]
    table = Table(*headers, title=title or None, title_justify="left")
    for row in cells:
        table.add_row(*row)
    console.print(table)


def _print_records(console: Console, cells: Sequence[Sequence[str]], columns: Sequence[str], title: str) -> None:
    """Each row as lines ``name  value``, an empty line between rows; empty values are left out."""
    if title:
        say(title)
    if not cells:
        say("(none)")
    names = max(map(len, columns)) + 2
    for number, row in enumerate(cells):
        if number:
            say("")
        for name, value in zip(columns, row, strict=True):
            if value:
                lines = textwrap.wrap(value, max(20, console.width - names), break_long_words=False) or [""]
                say("\n".join(f"{name if not at else '':<{names}}{line}" for at, line in enumerate(lines)))


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(VIETNAM):%Y-%m-%d %H:%M}"
    if isinstance(value, tuple) and all(isinstance(part, tuple) for part in value):  # what a sum is made of
        return " + ".join(" ".join(map(str, part)) for part in value)
    return "" if value is None else str(value)


def plain(value: object) -> str:
    """One value of a record for a person: a time is Vietnam's, to the second."""
    return f"{value.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)


def say(text: str) -> None:
    """One line on standard output."""
    sys.stdout.write(f"{text}\n")
