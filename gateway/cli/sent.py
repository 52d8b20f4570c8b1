"""``gateway sent``: the archive of reports that left, and the bytes of each."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from gateway.cli.answering import AsJson, errors_are_told, print_json, print_table
from gateway.cli.desk import Partner, Who, at_desk
from gateway.cli.minutes import Out, Period, written

app = typer.Typer(help="Reports that were sent, as they were sent.", no_args_is_help=True)

_COLUMNS = ["delivery_pk", "sent_at", "way", "recipient", "file_name", "size", "sha256"]


@app.command("list")
@errors_are_told
def list_sent(partner: Partner, period: Period, user: Who = "", as_json: AsJson = False) -> None:
    """What was sent about a day or month: when, by what way, to whom (masked), which file."""
    from gateway.application import sent_reports

    with at_desk(user) as (desk, person):
        rows = [asdict(one) for one in sent_reports.sent(desk, person, partner, period)]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, _COLUMNS)


@app.command()
@errors_are_told
def download(
    number: Annotated[int, typer.Argument(help="The number of the delivery (`sent list` tells it).")],
    out: Out = None,
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """The bytes that left; that you took them is logged."""
    from gateway.application import sent_reports

    with at_desk(user) as (desk, person):
        file = sent_reports.download_sent(desk, person, number)
    written(file.name, file.content, out, as_json)
