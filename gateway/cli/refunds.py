"""``gateway refund``: the life of refunds, under four eyes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from gateway.cli.answering import AsJson, done, errors_are_told, plain, print_json, print_table, say
from gateway.cli.desk import AtMost, Who, Why, at_desk, require_word

app = typer.Typer(help="Refunds, under four eyes.", no_args_is_help=True)

RefundId = Annotated[str, typer.Argument(help="The refund's number (HT…).")]
_COLUMNS = ["refund_id", "partner", "dossier_code", "amount", "state", "route", "age_days", "owner", "next_step"]


@app.command("list")
@errors_are_told
def list_refunds(
    partner: Annotated[str, typer.Option(help="Only of this partner.")] = "",
    state: Annotated[str, typer.Option(help="Only in this state (default: the unfinished ones).")] = "",
    receipts: Annotated[bool, typer.Option("--receipts", help="Those whose receipt is to be corrected.")] = False,
    after: Annotated[str, typer.Option(help="Only refunds after this one.")] = "",
    limit: AtMost = 100,
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Refunds with their age, whom they wait for, and the next step, oldest first."""
    from gateway.application import refunds

    require_word(state, refunds.STATES, "--state")
    with at_desk(user) as (desk, person):
        if receipts:
            found = refunds.receipts_to_correct(desk, person)
        else:
            found = refunds.queue(desk, person, partner=partner or None, state=state or None, after=after, limit=limit)
        if partner and not found:
            desk.partner(partner)  # one that was taken out of the configuration still has its refunds
    rows = [asdict(one) for one in found]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, [*_COLUMNS, "receipt_mark"] if receipts else _COLUMNS)


@app.command()
@errors_are_told
def show(refund_id: RefundId, user: Who = "", as_json: AsJson = False) -> None:
    """One refund: who decided, by which way the money goes, what proves it, and its receipt."""
    from gateway.application import refunds

    with at_desk(user) as (desk, person):
        found = asdict(refunds.refund(desk, person, refund_id))
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        if value not in ("", None):
            say(f"{name}: {plain(value)}")


@app.command()
@errors_are_told
def request(
    payment_pk: Annotated[int, typer.Argument(help="The payment that is given back.")],
    amount: Annotated[int, typer.Argument(help="How much of it, in đồng.")],
    why: Why,
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Ask for a refund of money that is free."""
    from gateway.application import refunds

    with at_desk(user) as (desk, person):
        refund_id = refunds.request(desk, person, payment_pk, amount, why)
    done(as_json, f"Refund {refund_id} is requested.", refund_id=refund_id, state="requested")


@app.command()
@errors_are_told
def propose(refund_id: RefundId, user: Who = "", as_json: AsJson = False) -> None:
    """Propose a requested refund."""
    from gateway.application import refunds

    with at_desk(user) as (desk, person):
        refunds.propose(desk, person, refund_id)
    done(as_json, f"Refund {refund_id} is proposed.", state="proposed")


@app.command()
@errors_are_told
def approve(refund_id: RefundId, user: Who = "", as_json: AsJson = False) -> None:
    """Approve a proposed refund, as another person; it is then on its way."""
    from gateway.application import refunds

    with at_desk(user) as (desk, person):
        refunds.approve(desk, person, refund_id)
        route = refunds.refund(desk, person, refund_id).route
    done(as_json, f"Refund {refund_id} is approved; its way: {route}.", state="approved", route=route)


@app.command()
@errors_are_told
def reject(refund_id: RefundId, why: Why, user: Who = "", as_json: AsJson = False) -> None:
    """A requested or proposed refund is not made; its money is free again."""
    from gateway.application import refunds

    with at_desk(user) as (desk, person):
        refunds.reject(desk, person, refund_id, why)
    done(as_json, f"Refund {refund_id} is rejected.", state="rejected")


@app.command()
@errors_are_told
def paid(
    refund_id: RefundId,
    document: Annotated[str, typer.Argument(help="Number of the treasury's order or of the agency's slip.")],
    on: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Its date.")],
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Record the document that a refund was paid on, where no bank was sent an order."""
    from gateway.application import refunds

    with at_desk(user) as (desk, person):
        refunds.pay_by_document(desk, person, refund_id, refunds.Document(document, on.date()))
    done(as_json, f"Refund {refund_id} is paid on {document}.", state="debited")


@app.command("not-paid")
@errors_are_told
def not_paid(refund_id: RefundId, why: Why, user: Who = "", as_json: AsJson = False) -> None:
    """An approved refund that no bank was sent is not paid after all; its money is free again."""
    from gateway.application import refunds

    with at_desk(user) as (desk, person):
        refunds.not_paid(desk, person, refund_id, why)
    done(as_json, f"Refund {refund_id} is not paid.", state="refused")


@app.command()
@errors_are_told
def receipt(
    refund_id: RefundId,
    document: Annotated[str, typer.Argument(help="The minutes or receipt that cancels or adjusts it.")],
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """The marked receipt of the payment was cancelled or adjusted."""
    from gateway.application import refunds

    with at_desk(user) as (desk, person):
        refunds.correct_receipt(desk, person, refund_id, document)
    done(as_json, f"The receipt of refund {refund_id} is corrected.", document=document)
