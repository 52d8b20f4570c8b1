"""``gateway dossier``: find dossiers and money by what one has at hand, as the page *Hồ sơ* does."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from gateway.cli.answering import AsJson, errors_are_told, print_json, print_table, say
from gateway.cli.desk import Who, at_desk

app = typer.Typer(help="Dossiers and their money.", no_args_is_help=True)

_COLUMNS = ["kind", "why", "dossier_code", "text", "reference", "amount", "at"]


@app.command()
@errors_are_told
def find(
    text: Annotated[str, typer.Argument(help="A dossier code, reference, owner, payer, amount or bank reference.")],
    after: Annotated[str, typer.Option("--after", help="Go on where the last answer ended.")] = "",
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Find a dossier or money by a code, reference, name (owner or payer), amount or a bank's number."""
    from gateway.application import dossiers

    with at_desk(user) as (desk, person):
        found = dossiers.find(desk, person, text, after=after)
    if as_json:
        print_json(asdict(found))
        return
    print_table([asdict(hit) for hit in found.hits], _COLUMNS)
    if found.after:
        say(f"More: --after '{found.after}'")
