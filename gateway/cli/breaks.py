"""``gateway breaks``: what differs on a day, and what people decide about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import typer

from gateway.cli.answering import AsJson, done, errors_are_told, print_json, print_table, say
from gateway.cli.desk import AtMost, On, Partner, Who, Why, at_desk, require_word

app = typer.Typer(help="Differences of a day, and what people decide about them.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="The row's key (`gateway breaks list`).")]
_COLUMNS = ["row_no", "row_key", "outcome", "state", "our_amount", "their_amount", "reference", "reason"]


@app.command("list")
@errors_are_told
def list_breaks(
    partner: Partner,
    on: On,
    outcome: Annotated[str, typer.Option(help="Only of this outcome.")] = "",
    state: Annotated[
        str,
        typer.Option(help="Only in this state: open, waiting, partly, asked, answered, decided, carried, explained."),
    ] = "",
    text: Annotated[str, typer.Option(help="Only with this text in reference, dossier, values or reason.")] = "",
    after: Annotated[int, typer.Option(help="Only rows after this number.")] = 0,
    limit: AtMost = 100,
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """The rows of a day that are not matched."""
    from gateway.application import breaks
    from gateway.application.words import Outcome

    require_word(outcome, Outcome, "--outcome")
    require_word(state, breaks.BreakState, "--state")
    with at_desk(user) as (desk, person):
        page = breaks.breaks_of(
            desk, person, partner, on.date(), outcome=outcome, state=state, text=text, after=after, limit=limit
        )
    rows = [{**asdict(one), "row_key": one.row_key} for one in page.rows]
    if as_json:
        print_json({"rows": rows, "count": page.count, "amount": page.amount, "next_after": page.next_after})
    else:
        print_table(rows, _COLUMNS, title=f"{page.count} rows, {page.amount} đồng")


@app.command()
@errors_are_told
def show(partner: Partner, on: On, key: Key, user: Who = "", as_json: AsJson = False) -> None:
    """One row with both sides field by field, candidates, suggestions and decisions."""
    from gateway.application import breaks

    with at_desk(user) as (desk, person):
        found = asdict(breaks.break_of(desk, person, partner, on.date(), key))
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        if isinstance(value, tuple):
            for one in value:
                say(f"  {name}: {_line(one)}")
        else:
            say(f"{name}: {_line(value)}")


@app.command()
@errors_are_told
def decide(
    partner: Partner,
    on: On,
    key: Key,
    kind: Annotated[str, typer.Argument(help="accept, link, attribute, enquire, refund, write_off or move_day.")],
    why: Why,
    dossier: Annotated[str, typer.Option(help="attribute: the dossier whose fees are paid.")] = "",
    fee: Annotated[str, typer.Option(help="attribute: only this fee of it.")] = "",
    amount: Annotated[int, typer.Option(help="attribute, refund: đồng (default: what is free).")] = 0,
    entries: Annotated[list[int] | None, typer.Option("--entry", help="link: entries of the partner.")] = None,
    payments: Annotated[list[int] | None, typer.Option("--payment", help="link: payments of ours.")] = None,
    references: Annotated[
        list[str] | None, typer.Option("--reference", help="link: rows by payment reference or the bank's number.")
    ] = None,
    to: Annotated[str, typer.Option(help="move_day: the other business date, YYYY-MM-DD.")] = "",
    question: Annotated[str, typer.Option(help="enquire: what the partner is asked.")] = "",
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Decide about one row as it stands now."""
    from gateway.application import breaks

    told = {
        "dossier_code": dossier, "fee_id": fee, "amount": amount or None, "entries": entries, "payments": payments,
        "references": " ".join(references or []), "to": to, "question": question,
    }  # fmt: skip
    with at_desk(user) as (desk, person):
        row = breaks.break_of(desk, person, partner, on.date(), key).row
        params = {name: value for name, value in told.items() if value}
        pk = breaks.decide(desk, person, row.target, breaks.decision_named(kind), reason=why, **params)
    done(as_json, f"Decision {pk}: {kind}.", decision_pk=pk)


@app.command("accept-all")
@errors_are_told
def accept_all(partner: Partner, on: On, why: Why, user: Who = "", as_json: AsJson = False) -> None:
    """Accept every open break of a day for one reason: the list as it stands now, all of it or none."""
    from gateway.application import breaks

    with at_desk(user) as (desk, person):
        frozen = breaks.open_breaks(desk, person, partner, on.date())
        made = breaks.decide_many(desk, person, frozen, breaks.Decision.ACCEPT, reason=why) if frozen.count else []
    done(as_json, f"{len(made)} breaks are accepted, {frozen.amount} đồng.", count=len(made), amount=frozen.amount)


@app.command()
@errors_are_told
def undo(decision: int, why: Why, user: Who = "", as_json: AsJson = False) -> None:
    """Take a decision back by another one."""
    from gateway.application import breaks

    with at_desk(user) as (desk, person):
        pk = breaks.undo(desk, person, decision, reason=why)
    done(as_json, f"Decision {decision} is undone by {pk}.", decision_pk=pk)


@app.command()
@errors_are_told
def confirm(decision: int, why: Why, user: Who = "", as_json: AsJson = False) -> None:
    """Confirm another person's write-off that is above what one person may write off."""
    from gateway.application import breaks

    with at_desk(user) as (desk, person):
        pk = breaks.confirm(desk, person, decision, reason=why)
    done(as_json, f"Decision {decision} is confirmed by {pk}.", decision_pk=pk)


@app.command()
@errors_are_told
def history(partner: Partner, on: On, key: Key, user: Who = "", as_json: AsJson = False) -> None:
    """Every decision about a row, of all versions of its day."""
    from gateway.application import breaks

    with at_desk(user) as (desk, person):
        rows = [asdict(one) for one in breaks.history(desk, person, partner, on.date(), key)]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, ["decision_pk", "kind", "version", "by_user", "at", "amount", "reason", "about", "in_force"])


@app.command()
@errors_are_told
def enquiries(
    state: Annotated[
        str, typer.Option(help="Only open, asked, overdue, answered, unconcluded or concluded ones.")
    ] = "",
    partner: Annotated[str, typer.Option(help="Only of this partner.")] = "",
    after: Annotated[str, typer.Option(help="Only those after this number.")] = "",
    limit: AtMost = 200,
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """What partners were asked, and what they answered."""
    from gateway.application.enquiries import OF_STATE
    from gateway.application.enquiries import enquiries as read

    require_word(state, OF_STATE, "--state")
    with at_desk(user) as (desk, person):
        found = read(desk, person, state=state, partner=partner, after=after, limit=limit)
        if partner and not found:
            desk.partner(partner)  # one that was taken out of the configuration still has its enquiries
        rows = [{**asdict(one), "state": one.state, "next_step": one.next_step} for one in found]
    if as_json:
        print_json(rows)
    else:
        columns = ["enquiry_id", "partner", "business_on", "state", "answer_due_on", "next_step", "question", "answer"]
        print_table(rows, columns)


@app.command()
@errors_are_told
def answer(
    enquiry_id: str,
    text: Annotated[str, typer.Option("--answer", help="What the partner said.")],
    reference: Annotated[str, typer.Option(help="Its letter, call or file.")],
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Record what a partner answered; the break then waits for a conclusion."""
    from gateway.application.enquiries import record_answer

    with at_desk(user) as (desk, person):
        record_answer(desk, person, enquiry_id, answer=text, reference=reference)
    done(as_json, f"{enquiry_id} is answered.", state="answered")


def _line(value: object) -> str:
    return " ".join(f"{name}={item}" for name, item in value.items()) if isinstance(value, Mapping) else str(value)
