"""``gateway messages``: look at messages, release or replay them, set them aside."""

from __future__ import annotations

import getpass
from datetime import date, datetime
from typing import Annotated

import typer

from gateway.cli.answering import AsJson, done, errors_are_told, plain, print_json, print_table, say
from gateway.cli.desk import AtMost, Who, Why, at_desk, at_work, require_word

app = typer.Typer(help="The message spine.", no_args_is_help=True)

Numbers = Annotated[list[int], typer.Argument(help="The numbers of the messages: all of them, or none.")]
_LISTED = ["message_pk", "direction", "partner", "kind", "state", "reason", "dossier_code", "state_at"]
_ASIDE = ["aside_by", "aside_at", "aside_why"]


@app.command("list")
@errors_are_told
def list_messages(
    partner: Annotated[str | None, typer.Option(help="Only of this partner.")] = None,
    state: Annotated[str | None, typer.Option(help="Only in this state (docs/messages.md).")] = None,
    dossier: Annotated[str | None, typer.Option(help="Only about this dossier code.")] = None,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only of this business date.")] = None,
    aside: Annotated[
        bool | None, typer.Option("--aside/--not-aside", help="Only those that people have set aside, or have not.")
    ] = None,
    limit: AtMost = 50,
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Messages that fit, newest first."""
    from gateway.application.access import Act
    from gateway.model import MessageState

    require_word(state or "", MessageState, "--state")
    on: date | None = day.date() if day else None
    with at_work(user, Act.SEE_MESSAGES) as gateway:
        rows = gateway.find_messages(
            partner=partner, state=state, dossier_code=dossier, business_on=on, aside=aside, limit=limit
        )
        if not rows and partner is not None:
            gateway.partner(partner)  # one that was taken out of the configuration still has its messages
    if as_json:
        print_json(rows)
    else:
        print_table(rows, _LISTED + (_ASIDE if any(row["aside_by"] for row in rows) else []))


@app.command()
@errors_are_told
def show(message_pk: int, user: Who = "", as_json: AsJson = False) -> None:
    """Everything known of one message: record, run, history, attempts, receipt, and whether it was set aside."""
    from gateway.application.access import Act
    from gateway.reasons import REASONS

    with at_work(user, Act.SEE_MESSAGES) as gateway:
        found = gateway.show_message(message_pk)
    if as_json:
        print_json(found)
        return
    if reason := REASONS.get(str(found.get("reason"))):
        found = {**found, "reason": f"{reason.code}: {reason.en}", "what to do": reason.action}
    for name, value in found.items():
        if isinstance(value, list):
            for row in value:
                say(f"  {name}: {' '.join(f'{key}={plain(item)}' for key, item in row.items())}")
        elif value not in (None, ""):
            say(f"{name}: {plain(value)}")


@app.command()
@errors_are_told
def release(message_pks: Numbers, why: Why, user: Who = "", as_json: AsJson = False) -> None:
    """Judge quarantined, dead-lettered or parked messages again, from their original bytes."""
    from gateway.application.access import Act

    with at_work(user, Act.ACT_ON_MESSAGE) as gateway:
        gateway.release_messages(message_pks, actor=user or getpass.getuser(), why=why)
    _done(message_pks, "released", as_json)


@app.command()
@errors_are_told
def aside(message_pks: Numbers, why: Why, user: Who = "", as_json: AsJson = False) -> None:
    """Set messages aside that need nothing more: no alert asks about them until their next step."""
    from gateway.application import messages

    with at_desk(user) as (desk, person):
        messages.set_aside(desk, person, message_pks, reason=why)
    _done(message_pks, "set aside", as_json)


@app.command()
@errors_are_told
def replay(message_pk: int, why: Why, user: Who = "", as_json: AsJson = False) -> None:
    """Send a given-up message again: same id, same payload, fresh signature."""
    from gateway.application.access import Act

    with at_work(user, Act.ACT_ON_MESSAGE) as gateway:
        gateway.replay_message(message_pk, actor=user or getpass.getuser(), why=why)
    done(as_json, f"Message {message_pk} is replayed.", message=message_pk, done="replayed")


@app.command()
@errors_are_told
def expire(
    before: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Months that ended before this date.")],
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Let the bytes of settled, reconciled messages go; their records, digests and receipts stay."""
    from gateway.application.access import Act

    with at_work(user, Act.ACT_ON_MESSAGE) as gateway:
        gone = gateway.expire_bodies(before.date())
    done(as_json, f"{gone} bodies expired.", expired=gone)


def _done(message_pks: list[int], what: str, as_json: bool) -> None:
    numbers = list(dict.fromkeys(message_pks))
    text = f"Message {numbers[0]} is" if len(numbers) == 1 else f"Messages {', '.join(map(str, numbers))} are"
    done(as_json, f"{text} {what}.", messages=numbers, done=what)
