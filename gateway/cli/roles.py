"""``gateway role``: who may do what. People come from Airflow's sign-in, their roles from here."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from gateway.cli.answering import AsJson, done, errors_are_told, print_json, print_table
from gateway.cli.desk import Who, at_desk

app = typer.Typer(help="Roles of people.", no_args_is_help=True)

User = Annotated[str, typer.Argument(help="The person's account.")]
RoleName = Annotated[str, typer.Argument(help="viewer, ops, finance_maker, finance_checker or auditor.")]


@app.command("list")
@errors_are_told
def list_roles(
    history: bool = typer.Option(False, "--history", help="Every grant and revocation, oldest first."),
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """The roles in force, by person."""
    from gateway.application import roles

    with at_desk(user) as (desk, person):
        found = roles.steps(desk, person) if history else roles.people(desk, person)
    rows = [asdict(one) for one in found]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, ["person", "role", "act", "by_user", "at"])


@app.command()
@errors_are_told
def grant(name: User, role: RoleName, user: Who = "", as_json: AsJson = False) -> None:
    """Give a person a role."""
    from gateway.application import roles

    with at_desk(user) as (desk, person):
        roles.grant(desk, person, name, roles.role_named(role))
    done(as_json, f"{name} is {role}.")


@app.command()
@errors_are_told
def revoke(name: User, role: RoleName, user: Who = "", as_json: AsJson = False) -> None:
    """Take a role from a person."""
    from gateway.application import roles

    with at_desk(user) as (desk, person):
        roles.revoke(desk, person, name, roles.role_named(role))
    done(as_json, f"{name} is no longer {role}.")


@app.command()
@errors_are_told
def begin(name: User, as_json: AsJson = False) -> None:
    """Make the first person ops, with the rights of the database's owner; refused once there is one."""
    from gateway.bootstrap import give_first_roles

    give_first_roles({name: ["ops"]})
    done(as_json, f"{name} is ops and grants the other roles.")
