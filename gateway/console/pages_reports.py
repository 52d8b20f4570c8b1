"""Files of a day: exports for Excel, and the minutes that people sign with their own certificates."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, File
from fastapi.responses import RedirectResponse, Response

from gateway.application import reports, sent_reports
from gateway.console.paths import day_path
from gateway.console.visit import Acting, Looking, Visit
from gateway.errors import Malformed

DAY = "/days/{partner}/{business_on}"
LARGEST_UPLOAD = 20 * 1024 * 1024
"""Of a signed PDF, in bytes; ours are a few hundred KB."""


def router() -> APIRouter:
    """Downloads and signing below a day's page, and what was sent."""
    pages = APIRouter()
    pages.get(f"{DAY}/export.{{form}}")(export)
    pages.post(f"{DAY}/minutes")(prepare)
    pages.get(f"{DAY}/minutes/{{document_pk}}.pdf")(download)
    pages.post(f"{DAY}/minutes/{{document_pk}}")(upload)
    pages.get("/sent/{delivery_pk}")(sent_file)
    return pages


def sent_file(visit: Looking, delivery_pk: int) -> Response:
    """A report as it was sent; that it was taken is logged."""
    return attached(sent_reports.download_sent(visit.desk, visit.person, delivery_pk))


def export(visit: Looking, partner: str, business_on: date, form: reports.Form) -> Response:
    """The day's current version as a file; that it was taken is logged."""
    return attached(reports.export_day(visit.desk, visit.person, partner, business_on, form))


def prepare(visit: Acting, partner: str, business_on: date) -> RedirectResponse:
    """Make the minutes of an approved day, ready for the first signature."""
    reports.prepare_day(visit.desk, visit.person, partner, business_on)
    return visit.go(f"{day_path(partner, business_on)}", done="prepared")


def download(visit: Looking, partner: str, business_on: date, document_pk: int) -> Response:
    """The minutes with every signature so far: what the next person signs."""
    return attached(reports.download(visit.desk, visit.person, document_pk))


def upload(
    visit: Acting, partner: str, business_on: date, document_pk: int, signed: Annotated[bytes, File()]
) -> RedirectResponse:
    """The minutes with one signature more, judged before they are kept."""
    file_signed(visit, document_pk, signed)
    return visit.go(day_path(partner, business_on), done="signed")


def file_signed(visit: Visit, document_pk: int, signed: bytes) -> reports.Document:
    """Keep a signed copy of minutes. Raises Malformed ``upload-too-large``, and as ``reports.accept_signed``."""
    if len(signed) > LARGEST_UPLOAD:
        raise Malformed(
            f"{len(signed)} bytes, at most {LARGEST_UPLOAD}",
            code="upload-too-large",
            where="signed",
            action="upload the PDF that was downloaded here and signed",
            facts={"size": len(signed), "most": LARGEST_UPLOAD},
        )
    return reports.accept_signed(visit.desk, visit.person, document_pk, signed)


def attached(file: reports.ReportFile) -> Response:
    """A file for the browser to keep, never to open in the page's own origin."""
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)
