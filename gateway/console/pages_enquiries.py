"""Tra soát: what partners were asked, by when they owe the answer, what they answered, and what is still to be done."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gateway.application import enquiries
from gateway.application.break_views import EnquiryView
from gateway.console import people_words
from gateway.console.paths import break_path, day_path
from gateway.console.visit import Looking

PAGE_ROWS = 100


def router() -> APIRouter:
    """``GET /enquiries``."""
    pages = APIRouter()
    pages.get("/enquiries")(listed)
    return pages


def listed(visit: Looking, state: str = "open", partner: str = "", after: str = "") -> HTMLResponse:
    """Enquiries, the oldest first: those that nobody concluded, or of another state (``all`` for every one)."""
    wanted = "" if state == "all" else state
    rows = enquiries.enquiries(
        visit.desk, visit.person, state=wanted, partner=partner, after=after, limit=PAGE_ROWS + 1
    )  # fmt: skip
    shown, more = rows[:PAGE_ROWS], len(rows) > PAGE_ROWS
    return visit.page(
        "enquiries.html",
        words=people_words,
        rows=[(one, standing(one)) for one in shown],
        totals=enquiries.totals(visit.desk, visit.person, partner=partner),
        state=state,
        partner=partner,
        partner_names={name: one.name for name, one in visit.desk.partners.items()},
        break_path=break_path,
        day_path=day_path,
        next_page=visit.link("/enquiries", state=state, partner=partner, after=shown[-1].enquiry_id) if more else "",
    )


def standing(one: EnquiryView) -> str:
    """A key of ``people_words.ENQUIRY``."""
    if one.concluded:
        return "concluded"
    return "unconcluded" if one.answer else "overdue" if one.overdue else "asked"
