"""``gateway cash``: what cashiers counted, and what does not fit the counter payments."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.answering import AsJson, done, errors_are_told, print_json, print_table
from gateway.cli.desk import On, To, Who, at_desk

if TYPE_CHECKING:
    from gateway.application.cash import CashProblem

app = typer.Typer(help="Counter cash: daily counts by receipt book.", no_args_is_help=True)


@app.command("list")
@errors_are_told
def list_counts(
    on: On,
    to: To = None,
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """The counts in force of a day (or of several), and everything that does not fit."""
    from gateway.application import cash

    with at_desk(user) as (desk, person):
        book = cash.book(desk, person, on.date(), (to or on).date())
    if as_json:
        print_json(asdict(book))
        return
    columns = ["count_pk", "business_on", "cashier", "unit_code", "receipt_series", "first_number", "last_number"]
    counted = [asdict(one) for one in book.counts]
    shown = [*columns, "receipt_count", "amount", "counted_by", "confirmed_by"]
    print_table(counted, shown, title=f"{len(counted)} counts, {book.total} đồng, {book.confirmed} confirmed")
    found = [_told(one) for one in book.problems]
    print_table(found, ["code", "business_on", "cashier", "receipt_series", "ours", "theirs"], title="problems")
    brought = [asdict(one) for one in book.deposits]
    print_table(brought, ["business_on", "partner", "amount", "outcome", "books"], title="deposits at the banks")


def _told(problem: CashProblem) -> dict[str, object]:
    """A row of the table: what the payments say, and what the count."""
    numbers = ", ".join(str(one) for one in problem.numbers)
    other = " ".join(str(one) for one in (*(problem.other or ()), problem.claimed or ""))
    return {**asdict(problem), "ours": str(problem.taken or numbers), "theirs": str(problem.counted or other)}


@app.command()
@errors_are_told
def record(
    on: On,
    cashier: Annotated[str, typer.Option(help="Who took the money.")],
    unit: Annotated[str, typer.Option(help="The unit's code.")],
    series: Annotated[str, typer.Option(help="The receipt book's series.")],
    first: Annotated[str, typer.Option(help="The first receipt number.")],
    last: Annotated[str, typer.Option(help="The last receipt number.")],
    receipts: Annotated[int, typer.Option(help="How many receipts, without spoilt ones.")],
    amount: Annotated[int, typer.Option(help="What was counted, in đồng.")],
    corrects: Annotated[int, typer.Option(help="The count that this one replaces.")] = 0,
    why: Annotated[str, typer.Option("--why", help="Why it replaces it.")] = "",
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Record a count, or a correction of one."""
    from gateway.application import cash

    count = cash.Count(cashier, on.date(), unit, series, first, last, receipts, amount)
    with at_desk(user) as (desk, person):
        pk = cash.correct(desk, person, corrects, count, why) if corrects else cash.record(desk, person, count)
    done(as_json, f"Count {pk} is recorded; it counts once another person confirmed it.", count_pk=pk)


@app.command()
@errors_are_told
def confirm(
    count_pk: Annotated[int, typer.Argument(help="Its number in `gateway cash list`.")],
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Confirm a count as the second person; from now on it counts."""
    from gateway.application import cash

    with at_desk(user) as (desk, person):
        cash.confirm(desk, person, count_pk)
    done(as_json, f"Count {count_pk} is confirmed.")
