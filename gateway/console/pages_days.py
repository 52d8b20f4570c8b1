"""Ngày đối soát: totals of both sides, the bridge between them, the breaks, and the day's two pairs of eyes."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from gateway.application import breaks, days, reports, sent_reports
from gateway.application.access import Act
from gateway.application.breaks import Page
from gateway.application.day_views import DayView, shown_as
from gateway.application.words import OUTCOME_VI, Outcome
from gateway.console import bridge
from gateway.console.acts import DecideMany, Reason, Seen
from gateway.console.paths import break_path, day_path
from gateway.console.visit import Acting, Looking, Visit
from gateway.errors import Conflict
from gateway.reasons import REASONS

DAY = "/days/{partner}/{business_on}"
PAGE_ROWS = 100
IN_BULK = ("accept", "write_off", "enquire", "move_day")


class Asked(BaseModel):
    """How the list of breaks is filtered; empty is not looked at."""

    outcome: str = ""
    entry_class: str = ""
    state: str = ""
    text: str = ""
    after: int = 0


class Chosen(Asked):
    """Rows of a list that was filtered so."""

    version: int
    row_key: tuple[str, ...] = ()


def router() -> APIRouter:
    """``GET /days/{partner}/{business_on}`` and the acts below it."""
    pages = APIRouter()
    pages.get(DAY)(one_day)
    pages.post(f"{DAY}/frozen")(frozen)
    pages.post(f"{DAY}/decide")(decide)
    pages.post(f"{DAY}/propose")(propose)
    pages.post(f"{DAY}/approve")(approve)
    pages.post(f"{DAY}/reject")(reject)
    pages.post(f"{DAY}/release")(release)
    pages.post(f"{DAY}/reopen")(reopen)
    return pages


def one_day(visit: Looking, partner: str, business_on: date, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    """The whole day; the list of breaks is filtered and paged by ``asked``."""
    view = days.day(visit.desk, visit.person, partner, business_on)
    listed = _listed(visit, partner, business_on, asked)
    filters = asked.model_dump(exclude={"after"})
    path = day_path(partner, business_on)
    stopped = REASONS.get(view.stopped)
    documents = reports.documents_of(visit.desk, visit.person, partner, business_on.isoformat())
    signable = view.state == "approved" and visit.person.may(Act.SIGN_MINUTES)
    prepared = any(document.version == view.version for document in documents)
    return visit.page(
        "day.html",
        day=view,
        partner_id=view.partner,
        break_path=break_path,
        day_path=day_path,
        partner_name=visit.desk.partner(partner).name,
        path=path,
        shown=shown_as(view.state.value, works=True, late=False, stopped=view.stopped, open_breaks=view.open_breaks),
        stopped=stopped,
        bridge=bridge.bars(view.ours, [(OUTCOME_VI[Outcome(s.name)], s.amount) for s in view.bridge[1:-1]]),
        rows=sum(line.count for line in view.outcomes),
        listed=listed,
        asked=asked,
        next_page="" if listed.next_after is None else visit.link(path, **filters, after=listed.next_after),
        documents=documents,
        sent=sent_reports.sent(visit.desk, visit.person, partner, business_on.isoformat()),
        may={**_may(visit, view), "prepare": signable and not prepared},
    )


def frozen(visit: Acting, partner: str, business_on: date, form: Annotated[Chosen, Form()]) -> HTMLResponse:
    """The chosen rows as a list that is decided on as a whole. Raises Conflict ``batch-changed``."""
    visit.person.require(Act.DECIDE)
    wanted = set(form.row_key)
    rows = [row for row in _listed(visit, partner, business_on, form).rows if row.row_key in wanted]
    if not wanted or len(rows) != len(wanted):
        raise Conflict(
            f"{len(rows)} of {len(wanted)} chosen rows are there",
            code="batch-changed",
            where=f"{partner} {business_on}",
            action="look at the list and choose again",
            case="chosen",
            facts={"found": len(rows), "wanted": len(wanted)},
        )
    list_ = breaks.freeze(rows)
    postal = visit.desk.partner(partner).role == "postal"
    return visit.page(
        "frozen.html",
        business_on=business_on,
        partner_name=visit.desk.partner(partner).name,
        path=day_path(partner, business_on),
        version=form.version,
        rows=rows,
        count=list_.count,
        amount=list_.amount,
        kinds=[kind for kind in IN_BULK if not (postal and kind == "move_day")],
    )


def decide(visit: Acting, partner: str, business_on: date, form: Annotated[DecideMany, Form()]) -> RedirectResponse:
    """The same decision about every row of the list, or about none."""
    list_ = form.frozen(partner, business_on)
    breaks.decide_many(visit.desk, visit.person, list_, form.kind, reason=form.reason, **form.params())
    return visit.go(day_path(partner, business_on), done="decided")


def propose(visit: Acting, partner: str, business_on: date, form: Annotated[Seen, Form()]) -> RedirectResponse:
    """The maker proposes what they saw."""
    days.propose(visit.desk, visit.person, partner, business_on, snapshot_sha256=form.snapshot_sha256)
    return visit.go(day_path(partner, business_on), done="proposed")


def approve(visit: Acting, partner: str, business_on: date, form: Annotated[Seen, Form()]) -> RedirectResponse:
    """Another person approves what they saw: frozen and sealed."""
    days.approve(visit.desk, visit.person, partner, business_on, snapshot_sha256=form.snapshot_sha256)
    return visit.go(day_path(partner, business_on), done="approved")


def reject(visit: Acting, partner: str, business_on: date, form: Annotated[Reason, Form()]) -> RedirectResponse:
    """The checker sends it back."""
    days.reject(visit.desk, visit.person, partner, business_on, reason=form.reason)
    return visit.go(day_path(partner, business_on), done="rejected")


def release(visit: Acting, partner: str, business_on: date, form: Annotated[Reason, Form()]) -> RedirectResponse:
    """Somebody vouches for the strange statement that stopped the day."""
    days.release(visit.desk, visit.person, partner, business_on, reason=form.reason)
    return visit.go(day_path(partner, business_on), done="released")


def reopen(visit: Acting, partner: str, business_on: date, form: Annotated[Reason, Form()]) -> RedirectResponse:
    """An approved day gets a new version that must be approved again."""
    days.reopen(visit.desk, visit.person, partner, business_on, reason=form.reason)
    return visit.go(day_path(partner, business_on), done="reopened")


def _listed(visit: Visit, partner: str, business_on: date, asked: Asked) -> Page:
    return breaks.breaks_of(
        visit.desk,
        visit.person,
        partner,
        business_on,
        **asked.model_dump(include=set(Asked.model_fields)),
        limit=PAGE_ROWS,
    )


def _may(visit: Visit, view: DayView) -> dict[str, bool]:
    """Which forms the page offers this person now; what is refused all the same is said by the act itself."""
    person, state = visit.person, view.state.value
    working = state in ("reconciled", "reopened")
    return {
        "decide": working and person.may(Act.DECIDE),
        "propose": working and not view.stopped and person.may(Act.PROPOSE_DAY),
        "approve": state == "proposed"
        and person.may(Act.APPROVE_DAY)
        and view.proposed_by.lower() != person.user.lower(),
        "release": bool(view.stopped) and not view.released_by and person.may(Act.RELEASE_DAY),
        "reopen": state == "approved" and person.may(Act.REOPEN_DAY),
    }
