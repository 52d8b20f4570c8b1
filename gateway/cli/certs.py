"""``gateway certs``: the development PKI, and how long certificates last."""

from __future__ import annotations

from dataclasses import asdict

import typer

from gateway.cli.answering import AsJson, done, errors_are_told, print_json, print_table, say

app = typer.Typer(help="Keys and certificates.", no_args_is_help=True)


@app.command()
@errors_are_told
def init(
    force: bool = typer.Option(False, "--force", help="Make new ones although there are some."), as_json: AsJson = False
) -> None:
    """Make the development PKI: root, intermediate, one leaf per party, CRLs, and deliberately bad ones."""
    from gateway.bootstrap import make_development_certificates

    folder = make_development_certificates(force=force)
    done(as_json, f"Development certificates are in {folder}.", folder=str(folder))


@app.command()
@errors_are_told
def status(as_json: AsJson = False) -> None:
    """Every certificate, whom it is for and how long it lasts."""
    from gateway.bootstrap import certificate_status

    rows = [asdict(item) for item in certificate_status()]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows, list(rows[0]))
    else:
        say("There are no certificates; make some with `gateway certs init`.")
