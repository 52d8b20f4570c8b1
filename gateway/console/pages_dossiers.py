"""Hồ sơ: find by what one has at hand, one timeline of everything, and the thread from a break to its evidence."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gateway.application import dossiers
from gateway.application.access import Act
from gateway.application.dossiers import Found
from gateway.application.words import BREAKS, OUTCOME_VI
from gateway.console import people_words
from gateway.console.paths import break_path
from gateway.console.visit import Looking, Visit


def router() -> APIRouter:
    """``GET /dossiers``, ``/dossiers/{dossier_code}`` and ``/threads/{partner}/{business_on}/{row_key}``."""
    pages = APIRouter()
    pages.get("/dossiers")(search)
    pages.get("/dossiers/{dossier_code}")(one_dossier)
    pages.get("/threads/{partner}/{business_on}/{row_key}")(one_thread)
    return pages


def search(visit: Looking, q: str = "", after: str = "") -> HTMLResponse:
    """The search form and, once something is asked, a page of what was found."""
    q = " ".join(q.split())
    found = dossiers.find(visit.desk, visit.person, q, after=after) if q else Found((), "")
    return visit.page(
        "dossiers.html",
        words=people_words,
        q=q,
        found=found,
        partner_names=_names(visit),
        next_page=visit.link("/dossiers", q=q, after=found.after) if found.after else "",
    )


def one_dossier(visit: Looking, dossier_code: str) -> HTMLResponse:
    """The dossier and its timeline."""
    told = dossiers.timeline(visit.desk, visit.person, dossier_code)
    return visit.page(
        "dossier.html",
        words=people_words,
        dossier=told.dossier,
        payers=told.payers,
        events=told.events,
        told_of=told_of,
        break_of=break_of,
        partner_names=_names(visit),
        may_reveal=visit.person.may(Act.REVEAL),
    )


def one_thread(visit: Looking, partner: str, business_on: date, row_key: str) -> HTMLResponse:
    """The evidence behind a break, link by link."""
    told = dossiers.thread(visit.desk, visit.person, partner, business_on, row_key)
    return visit.page(
        "thread.html",
        words=people_words,
        thread=told,
        told_of=told_of,
        back=break_path(partner, business_on, row_key),
        partner_name=visit.desk.partner(partner).name,
        partner_names=_names(visit),
    )


def _names(visit: Visit) -> dict[str, str]:
    return {name: partner.name for name, partner in visit.desk.partners.items()}


def told_of(kind: str, name: str) -> str:
    """An event's name in words: codes are looked up, names stay as they are."""
    tables: dict[str, dict[str, str]] = {
        "message": dict(people_words.MESSAGE_KIND),
        "payment": dict(people_words.CHANNEL),
        "judged": {str(outcome): word for outcome, word in OUTCOME_VI.items()},
    }
    for other, like in (("message_step", "message"), ("message_aside", "message"), ("signature", "message"),
                        ("receipt", "message"), ("request", "payment"), ("request_status", "payment"),
                        ("order", "payment")):  # fmt: skip
        tables[other] = tables[like]
    return tables.get(kind, {}).get(name, name)


def break_of(key: str, outcome: str) -> str:
    """The path of the break that a judged event is about; "" where it is none."""
    what, _, rest = key.partition(":")
    parts = rest.rsplit(":", 2)
    if what != "row" or len(parts) != 3 or outcome not in BREAKS:
        return ""
    return break_path(parts[0], date.fromisoformat(parts[1]), parts[2])
