"""Months: how each partner's month stands, its closing, its workbook and minutes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File
from fastapi.responses import FileResponse, JSONResponse, Response

from gateway.application import month_report, months, reports
from gateway.application.months import MonthView
from gateway.console.pages_months import workbook_of
from gateway.console.pages_reports import file_signed
from gateway.console.periods import Month
from gateway.console.rest.answers import file, told
from gateway.console.visit import Acting, Looking

MONTH = "/months/{partner}/{month}"


def router() -> APIRouter:
    """``/months``, one month, and what is below it."""
    rest = APIRouter(tags=["months"])
    rest.get("/months", response_model=list[MonthView])(all_months)
    rest.get("/months/{month}.xlsx")(workbook)
    rest.get(MONTH, response_model=MonthView)(one_month)
    rest.post(f"{MONTH}/close", response_model=MonthView)(close)
    rest.get(f"{MONTH}/minutes", response_model=list[reports.Document])(minutes)
    rest.post(f"{MONTH}/minutes", response_model=reports.Document)(prepare)
    rest.get(f"{MONTH}/minutes/{{document_pk}}.pdf")(download)
    rest.post(f"{MONTH}/minutes/{{document_pk}}", response_model=reports.Document)(sign)
    return rest


def all_months(visit: Looking, month: Month) -> JSONResponse:
    """One month of every partner that has business dates: state, days, what is carried in and out."""
    return told(months.all_months(visit.desk, visit.person, month))


def workbook(visit: Looking, month: Month) -> FileResponse:
    """The month's workbook of all partners in the layouts of the province; that it was taken is logged."""
    return workbook_of(visit, month)


def one_month(visit: Looking, partner: str, month: Month) -> JSONResponse:
    """One partner's month: brought in + new - solved = carried out, its days, and the days that block its closing."""
    return told(months.month(visit.desk, visit.person, partner, month))


def close(visit: Acting, partner: str, month: Month) -> JSONResponse:
    """Close a month after its last day, when all its days are approved. It is never reopened."""
    return told(months.close(visit.desk, visit.person, partner, month))


def minutes(visit: Looking, partner: str, month: Month) -> JSONResponse:
    """The minutes prepared for signing, with the signatures they have."""
    return told(reports.documents_of(visit.desk, visit.person, partner, f"{month:%Y-%m}"))


def prepare(visit: Acting, partner: str, month: Month) -> JSONResponse:
    """Make the minutes of a closed month, ready for the first signature; again gives the same document."""
    return told(month_report.prepare_month(visit.desk, visit.person, partner, month))


def download(visit: Looking, partner: str, month: Month, document_pk: int) -> Response:
    """The minutes with every signature so far: the file that the next person signs."""
    made = reports.download(visit.desk, visit.person, document_pk)
    return file(made.name, made.content, made.media_type)


def sign(visit: Acting, partner: str, month: Month, document_pk: int, signed: Annotated[bytes, File()]) -> JSONResponse:
    """Hand in the minutes with one signature more, as a form's file ``signed``; it is judged before it is kept."""
    return told(file_signed(visit, document_pk, signed))
