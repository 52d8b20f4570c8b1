"""``gateway treasury``: vouchers of transfers to the treasury, and the debits that carried them out."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.answering import AsJson, done, errors_are_told, print_json, print_table
from gateway.cli.desk import On, To, Who, Why, at_desk
from gateway.errors import Malformed

app = typer.Typer(help="Transfers to the treasury (C1-02/NS).", no_args_is_help=True)


@app.command("list")
@errors_are_told
def list_vouchers(
    on: On,
    to: To = None,
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Vouchers and debits of class *treasury*: paired, and alone on either side."""
    from gateway.application import treasury

    with at_desk(user) as (desk, person):
        found = treasury.matching(desk, person, on.date(), (to or on).date())
    if as_json:
        print_json(
            {
                "pairs": [_pair(one) for one in found.pairs],
                "vouchers": [_voucher(one) for one in found.vouchers],
                "debits": [_debit(one) for one in found.debits],
                "waiting": [_voucher(one) for one in found.waiting],
            }
        )
        return
    columns = ["voucher_pk", "voucher_number", "paid_on", "total"]
    print_table([_pair(one) for one in found.pairs], [*columns, "entry_pk", "booked_on", "certain"], title="paired")
    print_table([_voucher(one) for one in found.vouchers], columns, title="vouchers without a debit")
    print_table([_debit(one) for one in found.debits], ["entry_pk", "booked_on", "amount"], title="debits without one")
    print_table([_voucher(one) for one in found.waiting], [*columns, "recorded_by"], title="wait for a second person")


def _voucher(one: object) -> dict[str, object]:
    names = ("voucher_pk", "voucher_number", "partner", "paid_on", "covers_from", "covers_to", "total", "recorded_by")
    return {name: getattr(one, name) for name in names}


def _debit(one: object) -> dict[str, object]:
    told = {name: getattr(one, name) for name in ("entry_pk", "partner", "amount")}
    return {**told, "booked_on": getattr(one, "on", None)}


def _pair(one: object) -> dict[str, object]:
    voucher, debit = getattr(one, "voucher", None), getattr(one, "debit", None)
    return {**_debit(debit), **_voucher(voucher), "certain": getattr(one, "certain", False)}


@app.command()
@errors_are_told
def record(
    file: Annotated[Path, typer.Argument(help="A TOML file with the voucher's fields and its [[items]].")],
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Record a voucher."""
    from gateway.application import treasury

    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise Malformed(
            f"it cannot be read: {error}", code="voucher-invalid", where=str(file), action="write it as TOML in UTF-8"
        ) from error
    with at_desk(user) as (desk, person):
        pk = treasury.record(desk, person, treasury.voucher_of(raw))
    done(as_json, f"Voucher {pk} is recorded; it counts once another person confirmed it.", voucher_pk=pk)


@app.command()
@errors_are_told
def confirm(
    voucher_pk: Annotated[int, typer.Argument(help="Its number in `gateway treasury list`.")],
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Confirm a voucher as the second person; from now on it counts."""
    from gateway.application import treasury

    with at_desk(user) as (desk, person):
        treasury.confirm(desk, person, voucher_pk)
    done(as_json, f"Voucher {voucher_pk} is confirmed.")


@app.command()
@errors_are_told
def cancel(
    voucher_pk: Annotated[int, typer.Argument(help="Its number in `gateway treasury list`.")],
    why: Why,
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Cancel a voucher that was recorded wrong; it stays on record. A confirmed one only a checker cancels."""
    from gateway.application import treasury

    with at_desk(user) as (desk, person):
        treasury.cancel(desk, person, voucher_pk, why)
    done(as_json, f"Voucher {voucher_pk} is cancelled.")
