"""Tháng: how each partner's month stands, what still blocks its closing, what is carried, and its minutes."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from gateway.application import month_report, months, reports, sent_reports
from gateway.application.access import Act
from gateway.application.months import MonthView
from gateway.clock import vietnam_date
from gateway.collation import vi_key
from gateway.console.gaps import by_file
from gateway.console.pages_reports import attached, file_signed
from gateway.console.paths import day_path, month_path
from gateway.console.periods import Month, OptionalMonth, neighbours
from gateway.console.visit import Acting, Looking, Visit

MONTH = "/months/{partner}/{month}"
ITEMS_SHOWN = 200


def router() -> APIRouter:
    """``GET /months``, the workbook, and ``/months/{partner}/{month}`` with closing and minutes below it."""
    pages = APIRouter()
    pages.get("/months")(listed)
    pages.get("/months/{month}.xlsx")(workbook)
    pages.get(MONTH)(one_month)
    pages.post(f"{MONTH}/close")(close)
    pages.post(f"{MONTH}/minutes")(prepare)
    pages.get(f"{MONTH}/minutes/{{document_pk}}.pdf")(download)
    pages.post(f"{MONTH}/minutes/{{document_pk}}")(upload)
    return pages


def listed(visit: Looking, month: OptionalMonth = None) -> HTMLResponse:
    """The month of every partner, this month where none is named."""
    first = (month or vietnam_date(visit.desk.clock.now())).replace(day=1)
    before, after = neighbours(first)
    names = _names(visit)
    found = months.all_months(visit.desk, visit.person, first)
    return visit.page(
        "months.html",
        month=first,
        before=before,
        after=after,
        today=vietnam_date(visit.desk.clock.now()),
        months=sorted(found, key=lambda one: vi_key(names.get(one.partner, one.partner))),
        without_calendar=by_file({one.partner: one.calendar_gap for one in found if one.calendar_gap}, names),
        month_path=month_path,
        partner_names=names,
    )


def workbook(visit: Looking, month: Month) -> FileResponse:
    """The month's workbook in the layouts of the province; that it was taken is logged."""
    return workbook_of(visit, month)


def workbook_of(visit: Visit, month: date) -> FileResponse:
    """The file, from a folder that is gone when it was sent."""
    folder = Path(tempfile.mkdtemp(prefix="gateway-report-"))
    try:
        file = month_report.export_month(visit.desk, visit.person, month, folder)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return FileResponse(file, filename=file.name, background=BackgroundTask(shutil.rmtree, folder))


def one_month(visit: Looking, partner: str, month: Month) -> HTMLResponse:
    """One partner's month whole."""
    view = months.month(visit.desk, visit.person, partner, month)
    before, after = neighbours(view.month)
    documents = reports.documents_of(visit.desk, visit.person, partner, f"{view.month:%Y-%m}")
    today = vietnam_date(visit.desk.clock.now())
    carried = [one.item for one in view.items if one.fate == "carried"]
    return visit.page(
        "month.html",
        month=view,
        before=before,
        after=after,
        today=today,
        due=[on for on in view.blocking if on < today],
        path=month_path(partner, view.month),
        day_path=day_path,
        partner_name=visit.desk.partner(partner).name,
        carried=carried[:ITEMS_SHOWN],
        documents=documents,
        sent=sent_reports.sent(visit.desk, visit.person, partner, f"{view.month:%Y-%m}"),
        may=_may(visit, view, prepared=bool(documents)),
    )


def close(visit: Acting, partner: str, month: Month) -> RedirectResponse:
    """Close the month for good."""
    view = months.close(visit.desk, visit.person, partner, month)
    return visit.go(month_path(partner, view.month), done="closed")


def prepare(visit: Acting, partner: str, month: Month) -> RedirectResponse:
    """Make the minutes of a closed month, ready for the first signature."""
    month_report.prepare_month(visit.desk, visit.person, partner, month)
    return visit.go(month_path(partner, month), done="prepared")


def download(visit: Looking, partner: str, month: Month, document_pk: int) -> Response:
    """The minutes with every signature so far: what the next person signs."""
    return attached(reports.download(visit.desk, visit.person, document_pk))


def upload(
    visit: Acting, partner: str, month: Month, document_pk: int, signed: Annotated[bytes, File()]
) -> RedirectResponse:
    """The minutes with one signature more, judged before they are kept."""
    file_signed(visit, document_pk, signed)
    return visit.go(month_path(partner, month), done="signed")


def _may(visit: Visit, view: MonthView, *, prepared: bool) -> dict[str, bool]:
    """Which forms the page offers now; what is refused all the same is said by the act itself."""
    over = vietnam_date(visit.desk.clock.now()).replace(day=1) > view.month
    return {
        "over": over,
        "close": view.state == "open"
        and over
        and not view.blocking
        and view.calendar_gap is None
        and visit.person.may(Act.CLOSE_MONTH),
        "prepare": view.state == "closed" and not prepared and visit.person.may(Act.SIGN_MINUTES),
    }


def _names(visit: Visit) -> dict[str, str]:
    return {name: partner.name for name, partner in visit.desk.partners.items()}
