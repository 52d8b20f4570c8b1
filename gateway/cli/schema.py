"""``gateway db``: the schema."""

from __future__ import annotations

import typer

from gateway.cli.answering import AsJson, errors_are_told, print_json, say

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def _several() -> None:
    """The database."""


@app.command()
@errors_are_told
def migrate(as_json: AsJson = False) -> None:
    """Bring the schema up to date; the files applied now."""
    from gateway.bootstrap import migrate_database

    applied = migrate_database()
    if as_json:
        print_json({"ok": True, "applied": applied})
    else:
        say("\n".join(applied) if applied else "The schema is up to date.")
