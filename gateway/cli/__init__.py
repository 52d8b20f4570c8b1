"""The command line: ``gateway …``. Each command is thin; what it does lives in the core, reached through bootstrap."""

from __future__ import annotations

import typer

from gateway.cli import (
    accounts,
    breaks,
    cash,
    certs,
    days,
    dossiers,
    messages,
    minutes,
    months,
    partners,
    queues,
    refunds,
    roles,
    schema,
    sent,
    statements,
    treasury,
)
from gateway.cli.answering import errors_are_told

app = typer.Typer(
    name="gateway",
    help="Integration gateway of a province: messages, money, and the proof of both.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(schema.app, name="db")
app.add_typer(queues.app, name="queues")
app.add_typer(certs.app, name="certs")
app.add_typer(partners.app, name="partners")
app.add_typer(messages.app, name="messages")
app.add_typer(statements.app, name="statement")
app.add_typer(days.day, name="day")
app.add_typer(breaks.app, name="breaks")
app.add_typer(roles.app, name="role")
app.add_typer(refunds.app, name="refund")
app.add_typer(cash.app, name="cash")
app.add_typer(treasury.app, name="treasury")
app.add_typer(accounts.app, name="account")
app.add_typer(months.app, name="month")
app.add_typer(minutes.app, name="minutes")
app.add_typer(sent.app, name="sent")
app.add_typer(dossiers.app, name="dossier")
app.command("reconcile")(days.reconcile)
app.command("report")(days.report)
app.command("conservation")(days.conservation)
app.command("alerts")(days.alerts)


@app.command()
@errors_are_told
def demo(
    once: bool = typer.Option(False, "--once", help="Play the day, check that planted = found, stop everything."),
) -> None:
    """Play one business day of a province through real Airflow DAGs, and leave it running."""
    from gateway.local.demo import play

    raise typer.Exit(play(once=once))
