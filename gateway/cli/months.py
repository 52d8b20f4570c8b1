"""``gateway month``: what the minutes of a month say, and its closing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.answering import AsJson, errors_are_told, print_json, print_table, say
from gateway.cli.desk import Partner, Who, at_desk

if TYPE_CHECKING:
    from gateway.application.months import MonthView

app = typer.Typer(help="Months of a partner: minutes and closing.", no_args_is_help=True)

InMonth = Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="The month.")]


@app.command()
@errors_are_told
def show(partner: Partner, month: InMonth, user: Who = "", as_json: AsJson = False) -> None:
    """Per day totals, by outcome, corrections of closed months, and what is carried."""
    from gateway.application import months

    with at_desk(user) as (desk, person):
        found = months.month(desk, person, partner, month.date())
    _tell(found, as_json)


@app.command()
@errors_are_told
def close(partner: Partner, month: InMonth, user: Who = "", as_json: AsJson = False) -> None:
    """Close a month after all its days are approved; it is never reopened."""
    from gateway.application import months

    with at_desk(user) as (desk, person):
        found = months.close(desk, person, partner, month.date())
    _tell(found, as_json)


def _tell(found: MonthView, as_json: bool) -> None:
    if as_json:
        print_json(asdict(found))
        return
    days = [
        {
            "day": day.business_on,
            "state": day.state,
            "version": day.version,
            "corrects": day.corrects,
            **_sums(day.summary),
        }
        for day in (*found.days, *found.corrections, *found.moved)
    ]
    columns = ["day", "state", "version", "corrects", "rows", "ours", "theirs"]
    print_table(days, columns, title=f"{found.partner} {found.month:%m/%Y}: {found.state} {found.closed_by}")
    outcomes = [{"outcome": name, **_sums({name: told})} for name, told in found.outcomes.items()]
    print_table(outcomes, ["outcome", "rows", "ours", "theirs"])
    for name in ("brought_in", "new", "solved", "carried_out"):
        tally = getattr(found, name)
        say(f"{name}: {tally.count} / {tally.amount} đồng")
    if found.calendar_gap is not None:
        year = f"has no year {found.calendar_gap.year}" if found.calendar_gap.year else "is missing or cannot be read"
        say(f"config/calendars/{found.calendar_gap.file} {year}: nobody knows which other days are to be approved")
    if found.blocking:
        say("to be approved: " + ", ".join(f"{day:%d/%m/%Y}" for day in found.blocking))


def _sums(summary: object) -> dict[str, object]:
    told = list(summary.values()) if isinstance(summary, dict) else []
    return {name: sum(one[place] for one in told) for place, name in enumerate(("rows", "ours", "theirs"))}
