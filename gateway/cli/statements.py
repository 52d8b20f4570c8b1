"""``gateway statement``: read statement files, with or without the database."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.answering import AsJson, done, errors_are_told
from gateway.cli.desk import Who, at_work

app = typer.Typer(help="Statement files.", no_args_is_help=True)


@app.command()
def parse(
    files: Annotated[list[Path], typer.Argument(help="camt.052/053/054, MT940/942 or fixed-width files.")],
    encoding: Annotated[
        str | None, typer.Option(help="The files' encoding: utf-8, utf-16, windows-1258, tcvn3, vni ...")
    ] = None,
) -> None:
    """Describe statement files, one JSON line each. Needs no database; exits 1 where one could not be read."""
    from gateway.bootstrap.files import ESCAPED, normal_name, write_descriptions
    from gateway.errors import Malformed

    try:
        known = encoding if encoding is None else normal_name(encoding)
    except Malformed as unknown:
        raise typer.BadParameter(f"{unknown.message}. {unknown.action}", param_hint="--encoding") from unknown
    if isinstance(sys.stdout, io.TextIOWrapper):  # JSON is UTF-8, whatever the terminal is
        sys.stdout.reconfigure(encoding="utf-8", errors=ESCAPED)
    if not write_descriptions(files, sys.stdout, encoding=known):
        raise typer.Exit(1)


@app.command()
@errors_are_told
def load(
    file: Path,
    partner: Annotated[str, typer.Option("--partner", help="Whose file it is.")],
    signature: Annotated[Path | None, typer.Option(help="Its detached CMS (default: FILE.p7s).")] = None,
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Load one signed file by hand, as if it had been fetched: stored, verified, read, applied once."""
    from gateway.application.access import Act

    with at_work(user, Act.LOAD_FILE) as gateway:
        summary = gateway.load_file(partner, file, signature or file.with_name(file.name + ".p7s"))
    done(as_json, ", ".join(f"{name}: {value}" for name, value in summary.as_xcom().items()), **summary.as_xcom())
