"""``gateway partners``: the configuration of partners."""

from __future__ import annotations

import typer

from gateway.cli.answering import AsJson, errors_are_told, print_json, print_table

app = typer.Typer(help="Partners and their configuration.", no_args_is_help=True)


@app.callback()
def _several() -> None:
    """Partners and their configuration."""


@app.command()
@errors_are_told
def check(as_json: AsJson = False) -> None:
    """Validate every partner file, references to keys and secrets included; all problems at once."""
    from gateway.bootstrap import check_partners

    rows: list[dict[str, object]] = [
        {"id": partner.id, "role": partner.role, "name": partner.name} for partner in check_partners()
    ]
    if as_json:
        print_json({"ok": True, "partners": rows})
    else:
        print_table(rows, ["id", "role", "name"])
