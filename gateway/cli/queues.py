"""``gateway queues``: what the gateway needs on the broker."""

from __future__ import annotations

import typer

from gateway.cli.answering import AsJson, errors_are_told, print_json, say

app = typer.Typer(help="The broker's queues.", no_args_is_help=True)


@app.callback()
def _several() -> None:
    """The broker's queues."""


@app.command()
@errors_are_told
def declare(as_json: AsJson = False) -> None:
    """Declare exchanges, quorum queues and dead letters on GATEWAY_AMQP_URL; harmless where they are there."""
    from gateway.bootstrap import declare_queues

    declare_queues()
    if as_json:
        print_json({"ok": True})
    else:
        say("The queues are there.")
