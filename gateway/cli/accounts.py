"""``gateway account``: the account book, per account and day, and per unit."""

from __future__ import annotations

from dataclasses import asdict

import typer

from gateway.cli.answering import AsJson, errors_are_told, print_json, print_table
from gateway.cli.desk import On, To, Who, at_desk

app = typer.Typer(help="The account book.", no_args_is_help=True)


@app.command()
@errors_are_told
def book(on: On, to: To = None, user: Who = "", as_json: AsJson = False) -> None:
    """opening + collected - refunded - transferred + other = closing, per account; exits 1 where one does not close."""
    from gateway.application import accounts

    with at_desk(user) as (desk, person):
        found = accounts.accounts(desk, person, on.date(), (to or on).date())
    rows = [asdict(one) for one in found]
    if as_json:
        print_json(rows)
    else:
        columns = ["partner", "account", "on", "opening", "collected", "refunded", "transferred", "other", "closing"]
        print_table(rows, [*columns, "gap", "carry_gap"])
    if any(one.gap or one.carry_gap for one in found):
        raise typer.Exit(1)


@app.command()
@errors_are_told
def units(on: On, to: To = None, user: Who = "", as_json: AsJson = False) -> None:
    """What was paid, by unit: phí, lệ phí and cước apart; exits 1 where they do not add up to what was received."""
    from gateway.application import accounts

    with at_desk(user) as (desk, person):
        found = accounts.units(desk, person, on.date(), (to or on).date())
    if as_json:
        print_json({**asdict(found), "gap": found.gap})
    else:
        columns = ["unit_code", "unit_name", "phi", "le_phi", "cuoc", "given_back", "unidentified"]
        print_table([asdict(one) for one in found.units], columns, title=f"{found.received} đồng received")
    if found.gap:
        raise typer.Exit(1)
