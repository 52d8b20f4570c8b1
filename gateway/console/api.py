"""The same acts for programs: JSON below ``/api``, signed in by Airflow's bearer token, errors as problem+json.

A browser that is signed in by its cookie may use it too and then sends the token of its page in ``X-CSRF-Token``.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from fastapi import APIRouter
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from gateway.application import alerts, breaks, days, enquiries
from gateway.application.breaks import Target
from gateway.console.acts import About, Answer, Decide, DecideMany, Reason, Seen
from gateway.console.visit import Acting, Looking

DAY = "/days/{partner}/{business_on}"
BREAK = f"{DAY}/breaks/{{row_key}}"


def router() -> APIRouter:
    """Everything below ``/api``."""
    api = APIRouter(prefix="/api")
    api.get("/alerts")(open_alerts)
    api.get("/days")(calendar)
    api.get(DAY)(one_day)
    for act in (propose, approve, reject, release, reopen):
        api.post(f"{DAY}/{act.__name__}")(act)
    api.get(f"{DAY}/breaks")(breaks_of)
    api.get(BREAK)(one_break)
    api.post(f"{BREAK}/decide")(decide)
    api.post(f"{BREAK}/undo")(undo)
    api.post(f"{BREAK}/confirm")(confirm)
    api.post(f"{BREAK}/answer")(answer)
    api.post(f"{DAY}/decide")(decide_many)
    return api


def told(value: object) -> JSONResponse:
    """Plain rows as JSON: đồng as integers, times in UTC, dates as ISO."""
    return JSONResponse(jsonable_encoder(value))


def open_alerts(visit: Looking) -> JSONResponse:
    """What is late or does not close, what to do about it, and ``link``, the address of the page where it is done."""
    found = alerts.open_alerts(visit.desk, visit.person)
    return told([{**asdict(alert), "link": visit.link(alert.path)} for alert in found])


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
    """Everything about one break."""
    return told(breaks.break_of(visit.desk, visit.person, partner, business_on, row_key))


def decide(visit: Acting, partner: str, business_on: date, row_key: str, act: Decide) -> JSONResponse:
    """One decision; its number."""
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
    """The same decision about a frozen list, or about none of it; their numbers."""
    frozen = act.frozen(partner, business_on)
    params: dict[str, Any] = {**act.params()}
    made = breaks.decide_many(visit.desk, visit.person, frozen, act.kind, reason=act.reason, **params)
    return told({"decisions": made})


def calendar(visit: Looking, month: date) -> JSONResponse:
    """Every partner and date of the month that ``month`` lies in, up to today."""
    return told(days.calendar(visit.desk, visit.person, month))


def one_day(visit: Looking, partner: str, business_on: date) -> JSONResponse:
    """One partner's business date whole."""
    return told(days.day(visit.desk, visit.person, partner, business_on))


def propose(visit: Acting, partner: str, business_on: date, act: Seen) -> JSONResponse:
    """Propose the snapshot that was seen; the day as it is then."""
    days.propose(visit.desk, visit.person, partner, business_on, snapshot_sha256=act.snapshot_sha256)
    return one_day(visit, partner, business_on)


def approve(visit: Acting, partner: str, business_on: date, act: Seen) -> JSONResponse:
    """Approve the snapshot that was seen; the day as it is then, with its seal."""
    days.approve(visit.desk, visit.person, partner, business_on, snapshot_sha256=act.snapshot_sha256)
    return one_day(visit, partner, business_on)


def reject(visit: Acting, partner: str, business_on: date, act: Reason) -> JSONResponse:
    """Send a proposed day back; the day as it is then."""
    days.reject(visit.desk, visit.person, partner, business_on, reason=act.reason)
    return one_day(visit, partner, business_on)


def release(visit: Acting, partner: str, business_on: date, act: Reason) -> JSONResponse:
    """Vouch for the files that stopped the day; the day as it is then."""
    days.release(visit.desk, visit.person, partner, business_on, reason=act.reason)
    return one_day(visit, partner, business_on)


def reopen(visit: Acting, partner: str, business_on: date, act: Reason) -> JSONResponse:
    """Reopen an approved day as a new version; the day as it is then."""
    days.reopen(visit.desk, visit.person, partner, business_on, reason=act.reason)
    return one_day(visit, partner, business_on)
