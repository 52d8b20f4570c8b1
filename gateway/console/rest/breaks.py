"""Breaks: what differs on a day, and what people decide about it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from gateway.application import breaks, enquiries
from gateway.application.break_views import BreakView, EnquiryView, Page
from gateway.application.breaks import Target
from gateway.console.acts import About, Answer, Decide, DecideMany
from gateway.console.rest.answers import told
from gateway.console.visit import Acting, Looking

DAY = "/days/{partner}/{business_on}"
BREAK = f"{DAY}/breaks/{{row_key}}"


def router() -> APIRouter:
    """Below one day: its breaks, one break, the acts on it; and every enquiry."""
    rest = APIRouter(tags=["breaks"])
    rest.get(f"{DAY}/breaks", response_model=Page)(breaks_of)
    rest.get(BREAK, response_model=BreakView)(one_break)
    rest.post(f"{BREAK}/decide")(decide)
    rest.post(f"{BREAK}/undo")(undo)
    rest.post(f"{BREAK}/confirm")(confirm)
    rest.post(f"{BREAK}/answer", response_model=BreakView)(answer)
    rest.post(f"{DAY}/decide")(decide_many)
    rest.get("/enquiries", response_model=list[EnquiryView])(asked)
    return rest


def breaks_of(
    visit: Looking,
    partner: str,
    business_on: date,
    outcome: str = "",
    entry_class: str = "",
    state: str = "",
    text: str = "",
    after: int = 0,
    limit: int = 100,
) -> JSONResponse:
    """A page of the day's rows that are not matched; ``next_after`` leads to the next one."""
    return told(
        breaks.breaks_of(
            visit.desk, visit.person, partner, business_on,
            outcome=outcome, entry_class=entry_class, state=state, text=text, after=after, limit=limit,
        )
    )  # fmt: skip


def one_break(visit: Looking, partner: str, business_on: date, row_key: str) -> JSONResponse:
    """Everything about one break: both sides, the nearest rows, suggestions, decisions, enquiries."""
    return told(breaks.break_of(visit.desk, visit.person, partner, business_on, row_key))


def decide(visit: Acting, partner: str, business_on: date, row_key: str, act: Decide) -> JSONResponse:
    """Decide one break; the number of the decision."""
    target = Target(partner, business_on, act.version, row_key)
    params: dict[str, Any] = {**act.params()}
    return told({"decision": breaks.decide(visit.desk, visit.person, target, act.kind, reason=act.reason, **params)})


def undo(visit: Acting, partner: str, business_on: date, row_key: str, act: About) -> JSONResponse:
    """Take a decision back; the undo's number."""
    return told({"decision": breaks.undo(visit.desk, visit.person, act.decision, reason=act.reason)})


def confirm(visit: Acting, partner: str, business_on: date, row_key: str, act: About) -> JSONResponse:
    """Confirm a write-off as the second person; the confirmation's number."""
    return told({"decision": breaks.confirm(visit.desk, visit.person, act.decision, reason=act.reason)})


def answer(visit: Acting, partner: str, business_on: date, row_key: str, act: Answer) -> JSONResponse:
    """Record what the partner answered to an enquiry; the break as it is then."""
    enquiries.record_answer(visit.desk, visit.person, act.enquiry_id, answer=act.answer, reference=act.reference)
    return one_break(visit, partner, business_on, row_key)


def decide_many(visit: Acting, partner: str, business_on: date, act: DecideMany) -> JSONResponse:
    """The same decision about every row of a frozen list, or about none of it; the numbers of the decisions."""
    frozen = act.frozen(partner, business_on)
    params: dict[str, Any] = {**act.params()}
    made = breaks.decide_many(visit.desk, visit.person, frozen, act.kind, reason=act.reason, **params)
    return told({"decisions": made})


def asked(
    visit: Looking,
    state: str = "",
    partner: str = "",
    after: str = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> JSONResponse:
    """What partners were asked (tra soát), the oldest first, those after the number ``after``.

    ``state``: open (nobody concluded it), asked (no answer yet), overdue, answered, unconcluded, concluded; empty: all.
    """
    return told(
        enquiries.enquiries(visit.desk, visit.person, state=state, partner=partner, after=after, limit=limit)
    )  # fmt: skip
