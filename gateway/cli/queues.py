"""``gateway queues``: what the gateway needs on the broker."""

from __future__ import annotations

import typer

from gateway.cli.answering import AsJson, done, errors_are_told

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
    done(as_json, "The queues are there.")
