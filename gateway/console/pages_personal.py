"""Dữ liệu cá nhân: show one field for a reason, answer a data subject, erase what may be erased, and the logs of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from gateway.application import personal, subjects
from gateway.application.access import Act
from gateway.console import people_words
from gateway.console.acts import Reason
from gateway.console.visit import Acting, Looking, Visit


class Reveal(Reason):
    """Which field of which row, and why."""

    subject: str
    field: str


class Subject(Reason):
    """Whose data, and by which request."""

    cccd: str


def router() -> APIRouter:
    """``GET /personal`` and the acts below it."""
    pages = APIRouter()
    pages.get("/personal")(overview)
    pages.post("/personal/reveal")(reveal)
    pages.post("/personal/subject")(subject)
    pages.post("/personal/erase")(erase)
    pages.post("/personal/retention")(retention)
    return pages


def overview(visit: Looking, subject: str = "", field: str = "phone") -> HTMLResponse:
    """The forms and the logs; ``subject`` and ``field`` fill in the form (a link on a dossier's page)."""
    visit.person.require(Act.REVEAL)
    return _page(visit, subject=subject, field=field)


def reveal(visit: Acting, form: Annotated[Reveal, Form()]) -> HTMLResponse:
    """One field as it is, on this page once; the address holds nothing of it. A bare code is a dossier's."""
    named = form.subject.strip()
    named = named if ":" in named else f"dossier:{named}"
    value = personal.reveal(visit.desk, visit.person, named, form.field, reason=form.reason)
    return _page(visit, subject=named, field=form.field, value=value, shown=True)


def subject(visit: Acting, form: Annotated[Subject, Form()]) -> HTMLResponse:
    """What is held about a number."""
    held = subjects.subject_request(visit.desk, visit.person, form.cccd, reason=form.reason)
    return _page(visit, held=held, cccd=form.cccd)


def erase(visit: Acting, form: Annotated[Subject, Form()]) -> HTMLResponse:
    """Erase contact data as far as nothing needs it, and say what stays and why."""
    erased = subjects.erase_subject(visit.desk, visit.person, form.cccd, reason=form.reason)
    return _page(visit, erased=erased)


def retention(visit: Acting) -> RedirectResponse:
    """Erase contact data whose time is over."""
    subjects.apply_retention(visit.desk, visit.person)
    return visit.go("/personal", done="saved")


def _page(visit: Visit, **given: object) -> HTMLResponse:
    may_answer = visit.person.may(Act.ANSWER_SUBJECT)
    context: dict[str, Any] = {
        "subject": "", "field": "phone", "value": "", "shown": False, "held": None, "cccd": "", "erased": None, **given,
    }  # fmt: skip
    return visit.page(
        "personal.html",
        words=people_words,
        fields=sorted({(table, column) for table, column in personal.FIELDS}),
        looks=personal.revealed(visit.desk, visit.person),
        exports=personal.exported(visit.desk, visit.person),
        steps=subjects.subject_steps(visit.desk, visit.person) if may_answer else [],
        due=len(subjects.retention_due(visit.desk, visit.person)) if may_answer else 0,
        may_answer=may_answer,
        **context,
    )
