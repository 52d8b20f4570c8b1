"""Business dates: the calendar, one day, its steps, its files and minutes."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, File
from fastapi.responses import JSONResponse, Response

from gateway.application import days, reports
from gateway.application.day_views import DayState, DayView
from gateway.console.acts import Reason, Seen
from gateway.console.pages_reports import file_signed
from gateway.console.rest.answers import file, told
from gateway.console.visit import Acting, Looking

DAY = "/days/{partner}/{business_on}"


def router() -> APIRouter:
    """``/days`` and what is below one day."""
    rest = APIRouter(tags=["days"])
    rest.get("/days", response_model=list[DayState])(calendar)
    rest.get(DAY, response_model=DayView)(one_day)
    for act in (propose, approve, reject, release, reopen):
        rest.post(f"{DAY}/{act.__name__}", response_model=DayView)(act)
    rest.get(f"{DAY}/export.{{form}}")(export)
    rest.get(f"{DAY}/minutes", response_model=list[reports.Document])(minutes)
    rest.post(f"{DAY}/minutes", response_model=reports.Document)(prepare)
    rest.get(f"{DAY}/minutes/{{document_pk}}.pdf")(download)
    rest.post(f"{DAY}/minutes/{{document_pk}}", response_model=reports.Document)(sign)
    return rest


def calendar(visit: Looking, month: date) -> JSONResponse:
    """Every partner and business date of the month that ``month`` lies in, up to today."""
    return told(days.calendar(visit.desk, visit.person, month))


def one_day(visit: Looking, partner: str, business_on: date) -> JSONResponse:
    """One partner's business date whole: totals, outcomes, the bridge between both sides, its steps and its seal."""
    return told(days.day(visit.desk, visit.person, partner, business_on))


def propose(visit: Acting, partner: str, business_on: date, act: Seen) -> JSONResponse:
    """Propose the snapshot that was seen; the day as it is then. Nothing may be open any more."""
    days.propose(visit.desk, visit.person, partner, business_on, snapshot_sha256=act.snapshot_sha256)
    return one_day(visit, partner, business_on)


def approve(visit: Acting, partner: str, business_on: date, act: Seen) -> JSONResponse:
    """Approve, as another person, the snapshot that was seen; the day as it is then, with its seal."""
    days.approve(visit.desk, visit.person, partner, business_on, snapshot_sha256=act.snapshot_sha256)
    return one_day(visit, partner, business_on)


def reject(visit: Acting, partner: str, business_on: date, act: Reason) -> JSONResponse:
    """Send a proposed day back to its maker; the day as it is then."""
    days.reject(visit.desk, visit.person, partner, business_on, reason=act.reason)
    return one_day(visit, partner, business_on)


def release(visit: Acting, partner: str, business_on: date, act: Reason) -> JSONResponse:
    """Vouch for the strange files that stopped the day; the day as it is then."""
    days.release(visit.desk, visit.person, partner, business_on, reason=act.reason)
    return one_day(visit, partner, business_on)


def reopen(visit: Acting, partner: str, business_on: date, act: Reason) -> JSONResponse:
    """Reopen an approved day as a new version; the day as it is then."""
    days.reopen(visit.desk, visit.person, partner, business_on, reason=act.reason)
    return one_day(visit, partner, business_on)


def export(visit: Looking, partner: str, business_on: date, form: reports.Form) -> Response:
    """The day's current version as PDF, XLSX or CSV; that it was taken is logged."""
    made = reports.export_day(visit.desk, visit.person, partner, business_on, form)
    return file(made.name, made.content, made.media_type)


def minutes(visit: Looking, partner: str, business_on: date) -> JSONResponse:
    """The minutes prepared for signing, the newest version first, with the signatures they have."""
    return told(reports.documents_of(visit.desk, visit.person, partner, business_on.isoformat()))


def prepare(visit: Acting, partner: str, business_on: date) -> JSONResponse:
    """Make the minutes of an approved day, ready for the first signature; again gives the same document."""
    return told(reports.prepare_day(visit.desk, visit.person, partner, business_on))


def download(visit: Looking, partner: str, business_on: date, document_pk: int) -> Response:
    """The minutes with every signature so far: the file that the next person signs."""
    made = reports.download(visit.desk, visit.person, document_pk)
    return file(made.name, made.content, made.media_type)


def sign(
    visit: Acting, partner: str, business_on: date, document_pk: int, signed: Annotated[bytes, File()]
) -> JSONResponse:
    """Hand in the minutes with one signature more, as a form's file ``signed``; it is judged before it is kept."""
    return told(file_signed(visit, document_pk, signed))
