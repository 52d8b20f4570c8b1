"""``gateway db``: the schema."""

from __future__ import annotations

import typer

from gateway.cli.answering import AsJson, done, errors_are_told

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
    done(as_json, "\n".join(applied) if applied else "The schema is up to date.", applied=applied)
