"""``gateway minutes``: prepare minutes, sign them, check and keep what was signed; the workbook of a month."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.answering import AsJson, done, errors_are_told, print_json, print_table
from gateway.cli.desk import Partner, Who, at_desk

app = typer.Typer(help="Minutes that people sign with their own certificates.", no_args_is_help=True)

Period = Annotated[str, typer.Argument(help="A business date (2026-11-23) or a month (2026-11).")]
Month = Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="The month.")]
Number = Annotated[int, typer.Argument(help="The number of the document (`minutes prepare` tells it).")]
Signed = Annotated[Path, typer.Argument(help="The signed PDF.", exists=True, dir_okay=False)]
Out = Annotated[Path | None, typer.Option("--out", help="Where to write (default: its own name, here).")]


@app.command()
@errors_are_told
def prepare(partner: Partner, period: Period, user: Who = "", as_json: AsJson = False) -> None:
    """Prepare the minutes of an approved day or a closed month for signing; again gives the same document."""
    from gateway.application import month_report, reports

    first, whole_month = _period(period)
    with at_desk(user) as (desk, person):
        made = month_report.prepare_month if whole_month else reports.prepare_day
        document = made(desk, person, partner, first)
    told = f"Document {document.document_pk}, SHA-256 {document.sha256}; next to sign: {document.next_field}"
    done(as_json, told, document=document.document_pk, sha256=document.sha256)


@app.command("list")
@errors_are_told
def list_documents(partner: Partner, period: Period, user: Who = "", as_json: AsJson = False) -> None:
    """The documents of a day or month and who has signed them."""
    from gateway.application import reports

    with at_desk(user) as (desk, person):
        found = reports.documents_of(desk, person, partner, period)
    rows = [
        {
            "document": one.document_pk,
            "version": one.version,
            "signed": ", ".join(f"{signature.field}: {signature.person}" for signature in one.signatures),
            "next": one.next_field,
        }
        for one in found
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, ["document", "version", "signed", "next"])


@app.command()
@errors_are_told
def download(document: Number, out: Out = None, user: Who = "", as_json: AsJson = False) -> None:
    """The document with every signature so far: what the next person signs."""
    from gateway.application import reports

    with at_desk(user) as (desk, person):
        file = reports.download(desk, person, document)
    written(file.name, file.content, out, as_json)


@app.command()
@errors_are_told
def sign(
    pdf: Signed,
    office: Annotated[str, typer.Argument(help="The field: lap_bieu, ke_toan_truong, thu_truong or doi_tac.")],
    key: Annotated[Path, typer.Option("--key", help="The personal key (PEM), its certificate beside it as .crt.")],
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Sign a downloaded document with a key in a file, as the demo's people do; a token's own tool does the same."""
    from gateway.application.signing import sign_file

    content = sign_file(pdf.read_bytes(), office, key)
    written(f"{pdf.stem}-{office}.pdf", content, out, as_json)


@app.command("sign-check")
@errors_are_told
def sign_check(document: Number, pdf: Signed, user: Who = "", as_json: AsJson = False) -> None:
    """Whether a signed PDF would be accepted from you; nothing is kept."""
    from gateway.application import reports

    with at_desk(user) as (desk, person):
        found = reports.check_signed(desk, person, document, pdf.read_bytes())
    done(as_json, f"{found.field}: {found.signer.subject}", field=found.field, signer=found.signer.subject)


@app.command()
@errors_are_told
def accept(document: Number, pdf: Signed, user: Who = "", as_json: AsJson = False) -> None:
    """Keep a signed PDF: your own signature, or the partner's countersigned copy."""
    from gateway.application import reports

    with at_desk(user) as (desk, person):
        found = reports.accept_signed(desk, person, document, pdf.read_bytes())
    done(
        as_json,
        f"Kept. Next to sign: {found.next_field or 'nobody'}",
        document=found.document_pk,
        next=found.next_field,
    )


@app.command()
@errors_are_told
def register(
    person_name: Annotated[str, typer.Argument(metavar="PERSON", help="The person whose certificate it is.")],
    office: Annotated[str, typer.Argument(help="What the person signs as: lap_bieu, ke_toan_truong or thu_truong.")],
    certificate: Annotated[Path, typer.Argument(help="The certificate, PEM or DER.", exists=True, dir_okay=False)],
    withdraw: bool = typer.Option(False, "--withdraw", help="Nothing signed with it is accepted any more."),
    user: Who = "",
    as_json: AsJson = False,
) -> None:
    """Say whose certificate it is; operations do, never the person itself."""
    from gateway.application import signers

    act = signers.withdraw_certificate if withdraw else signers.register_certificate
    with at_desk(user) as (desk, person):
        act(desk, person, person_name, office, certificate.read_bytes())
        rows = [asdict(one) for one in signers.certificates(desk, person)]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, ["person", "signs_as", "subject", "not_after", "thumbprint"])


@app.command()
@errors_are_told
def workbook(month: Month, out: Out = None, user: Who = "", as_json: AsJson = False) -> None:
    """The month's workbook: what closes, day by day, and the tables of fees, refunds and treasury transfers."""
    from gateway.application import month_report

    with at_desk(user) as (desk, person):
        file = month_report.export_month(desk, person, month.date(), out or Path.cwd())
    done(as_json, str(file), files=[str(file)])


def _period(text: str) -> tuple[date, bool]:
    """The first day of a period, and whether it is a month."""
    for form, whole_month in (("%Y-%m-%d", False), ("%Y-%m", True)):
        with contextlib.suppress(ValueError):
            return datetime.strptime(text, form).date(), whole_month  # noqa: DTZ007 - a date has no zone
    raise typer.BadParameter("a date like 2026-11-23 or a month like 2026-11")


def written(name: str, content: bytes, out: Path | None, as_json: bool) -> None:
    """Write a file under its own name, or as ``out``, and tell where."""
    file = out or Path(name)
    file.write_bytes(content)
    done(as_json, str(file), files=[str(file)])
