"""``gateway day``, ``reconcile``, ``report``, ``conservation``, ``alerts``: money and its proof."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.answering import AsJson, done, errors_are_told, plain, print_json, print_table, say
from gateway.cli.desk import On, Partner, Who, Why, at_desk, at_work
from gateway.clock import vietnam_date

if TYPE_CHECKING:
    from gateway.reports.verification import Verification

day = typer.Typer(help="The business dates of partners, under four eyes.", no_args_is_help=True)


@errors_are_told
def reconcile(
    partner: Partner,
    on: On,
    verify: bool = typer.Option(False, "--verify", help="Only prove that the stored inputs give the stored bytes."),
    version: Annotated[int | None, typer.Option(help="With --verify: another version than the current one.")] = None,
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Match one partner's business date (again) and write its reports."""
    from gateway.application.access import Act

    if version is not None and not verify:
        raise typer.BadParameter("only --verify looks at another version", param_hint="--version")
    with at_work(user, Act.SEE if verify else Act.RECONCILE) as gateway:
        if verify:
            _tell_verified(gateway.verify_day(partner, on.date(), version), as_json)
            return
        if on.date() > vietnam_date(gateway.clock.now()):  # a typing error would be a day that waits for people
            raise typer.BadParameter(f"{on:%Y-%m-%d} has not begun", param_hint="ON")
        summary = gateway.reconcile(partner, on.date())
    told = ", ".join(f"{name}: {value}" for name, value in summary.counts.items())
    if summary.counts.get("stopped"):
        told = f"{partner} {on:%d/%m/%Y} waits; `gateway day show {partner} {on:%Y-%m-%d}` says for what."
    done(as_json, told, **summary.as_xcom())


def _tell_verified(found: Verification, as_json: bool) -> None:
    """Each thing that was made again: equal or different, and why; exits 1 where one differs."""
    items = [asdict(item) for item in found.items]
    if as_json:
        print_json({"ok": found.equal, "version": found.version, "items": items})
        if not found.equal:
            raise typer.Exit(1)
        return
    print_table(items, ["name", "verdict", "why"])
    found.require()


@errors_are_told
def report(
    partner: Partner,
    on: On,
    folder: Annotated[Path | None, typer.Option(help="Where to write (default: GATEWAY_VAR/reports).")] = None,
    form: Annotated[str, typer.Option("--format", help="pdf, xlsx or csv (default: all three).")] = "",
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Take the reports of a reconciled day away: XLSX, CSV and the unsigned minutes as PDF, in Vietnamese."""
    from gateway.application import reports

    with at_desk(user) as (desk, person):
        files = [str(file) for file in reports.write_day(desk, person, partner, on.date(), folder, form)]
    done(as_json, "\n".join(files), files=files)


@errors_are_told
def conservation(on: On, user: Who = "", as_json: AsJson = False) -> None:
    """Prove that nothing vanished on a business date; exits 1 where a sum does not close."""
    from gateway.application import day_listing

    with at_desk(user) as (desk, person):
        lines = day_listing.proof(desk, person, on.date())
    closed = all(line.closes for line in lines)
    if as_json:
        print_json({"ok": closed, "lines": [_line(line) for line in lines]})
    else:
        print_table([_line(line) for line in lines], ["name", "left", "right", "closes", "parts"])
    if not closed:
        raise typer.Exit(1)


def _line(line: object) -> dict[str, object]:
    names = ("name", "left", "right", "closes", "parts")
    return {name: getattr(line, name, "") for name in names}


@errors_are_told
def alerts(user: Who = "", as_json: AsJson = False) -> None:
    """What people should know now: one line per cause."""
    from gateway.application.alerts import open_alerts

    with at_desk(user) as (desk, person):
        rows = [asdict(alert) for alert in open_alerts(desk, person)]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, ["raised_at", "code", "partner", "text_vi", "action", "path"])


@day.command("list")
@errors_are_told
def list_days(user: Who = "", as_json: AsJson = False) -> None:
    """Every business date, its state and how many rows a person must decide about, newest first."""
    from gateway.application import day_listing

    with at_desk(user) as (desk, person):
        rows = day_listing.list_days(desk, person)
    if as_json:
        print_json(rows)
    else:
        print_table(rows, ["partner", "business_on", "state", "version", "matched", "pending", "breaks", "open_breaks"])


@day.command("show")
@errors_are_told
def show_day(partner: Partner, on: On, user: Who = "", as_json: AsJson = False) -> None:
    """One partner's business date: state, totals, every row that is not matched and why."""
    from gateway.application import day_listing

    with at_desk(user) as (desk, person):
        found = day_listing.show_day(desk, person, partner, on.date())
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        if name != "rows":
            say(f"{name}: {plain(value)}")
    rows = found["rows"]
    if isinstance(rows, list):
        print_table(rows, ["outcome", "side", "reference", "ours", "theirs", "reason"])


@day.command("propose")
@errors_are_told
def propose_day(partner: Partner, on: On, user: Who = "", as_json: AsJson = False) -> None:
    """Propose a reconciled day for approval. Binds the digests of its snapshot and of the decisions in force."""
    from gateway.application import days

    with at_desk(user) as (desk, person):
        days.propose(desk, person, partner, on.date())
    done(as_json, f"{partner} {on:%d/%m/%Y} is proposed.", state="proposed")


@day.command("approve")
@errors_are_told
def approve_day(partner: Partner, on: On, user: Who = "", as_json: AsJson = False) -> None:
    """Approve a proposed day, as another person than the one who proposed it: it is sealed, and settlement starts."""
    from gateway.application import days
    from gateway.bootstrap import open_gateway

    with at_desk(user) as (desk, person):
        days.approve(desk, person, partner, on.date())
    with open_gateway() as gateway:
        # Where the broker is away just now, the approval stands, and the lateness run tells it.
        gateway.dispatch("approvals")
    done(as_json, f"{partner} {on:%d/%m/%Y} is approved and sealed.", state="approved")


@day.command("reject")
@errors_are_told
def reject_day(partner: Partner, on: On, why: Why, user: Who = "", as_json: AsJson = False) -> None:
    """Send a proposed day back to whom proposed it."""
    from gateway.application import days

    with at_desk(user) as (desk, person):
        days.reject(desk, person, partner, on.date(), reason=why)
    done(as_json, f"{partner} {on:%d/%m/%Y} is sent back.", state="reconciled")


@day.command("release")
@errors_are_told
def release_day(partner: Partner, on: On, why: Why, user: Who = "", as_json: AsJson = False) -> None:
    """Vouch for the strange statement that stopped a day; the next reconciliation judges it."""
    from gateway.application import days

    with at_desk(user) as (desk, person):
        days.release(desk, person, partner, on.date(), reason=why)
    done(as_json, f"{partner} {on:%d/%m/%Y} may be judged.", state="open")


@day.command("reopen")
@errors_are_told
def reopen_day(partner: Partner, on: On, why: Why, user: Who = "", as_json: AsJson = False) -> None:
    """Reopen an approved day as a new version of the same bytes; the old version and its seal stay."""
    from gateway.application import days

    with at_desk(user) as (desk, person):
        version = days.reopen(desk, person, partner, on.date(), reason=why)
    done(as_json, f"{partner} {on:%d/%m/%Y} is open again as version {version}.", state="reopened", version=version)


@day.command("seal")
@errors_are_told
def verify_seal(
    partner: Partner,
    on: On,
    version: int = typer.Argument(help="Its version."),
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Verify the seal of an approved version: snapshot, decisions and signature, from what is stored."""
    from gateway.application import days

    with at_desk(user) as (desk, person):
        found = days.verify_seal(desk, person, partner, on.date(), version)
    signed_at = "" if found.signed_at is None else found.signed_at.isoformat()
    done(
        as_json,
        f"{partner} {on:%d/%m/%Y} version {version} is sealed by {found.signer.thumbprint}, {signed_at}.",
        signer=found.signer.thumbprint,
        signed_at=signed_at,
    )
