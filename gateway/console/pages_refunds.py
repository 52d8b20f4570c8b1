"""Hoàn phí: the queue of refunds with age, owner and next step, and every act on one under four eyes."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from gateway.application import refunds
from gateway.application.access import Act
from gateway.application.refunds import Document, RefundView
from gateway.console import people_words
from gateway.console.acts import Reason
from gateway.console.visit import Acting, Looking, Visit

REFUND = "/refunds/{refund_id}"
ALL_STATES = (*refunds.OPEN_STATES, "debited", "returned", "rejected", "refused")
PAGE_ROWS = 100


class Paper(BaseModel):
    """The document that money went back on."""

    number: str
    on: date


class Correction(BaseModel):
    """The document that cancelled or adjusted a receipt."""

    document: str


def router() -> APIRouter:
    """``GET /refunds``, ``/refunds/{refund_id}`` and the acts below it."""
    pages = APIRouter()
    pages.get("/refunds")(queue)
    pages.get(REFUND)(one_refund)
    pages.post(f"{REFUND}/propose")(propose)
    pages.post(f"{REFUND}/approve")(approve)
    pages.post(f"{REFUND}/reject")(reject)
    pages.post(f"{REFUND}/paid")(paid)
    pages.post(f"{REFUND}/not-paid")(not_paid)
    pages.post(f"{REFUND}/receipt")(receipt)
    return pages


def queue(visit: Looking, state: str = "", partner: str = "", after: str = "") -> HTMLResponse:
    """Unfinished refunds, the oldest first, or those of one state; and receipts still to be corrected."""
    rows = refunds.queue(
        visit.desk, visit.person, partner=partner or None, state=state or None, after=after, limit=PAGE_ROWS + 1
    )
    more = len(rows) > PAGE_ROWS
    shown = rows[:PAGE_ROWS]
    return visit.page(
        "refunds.html",
        words=people_words,
        rows=shown,
        states=ALL_STATES,
        state=state,
        partner=partner,
        partner_names={name: one.name for name, one in visit.desk.partners.items()},
        receipts=refunds.receipts_to_correct(visit.desk, visit.person),
        next_page=visit.link("/refunds", state=state, partner=partner, after=shown[-1].refund_id) if more else "",
    )


def one_refund(visit: Looking, refund_id: str) -> HTMLResponse:
    """One refund with its life and the acts that this person may do now."""
    view = refunds.refund(visit.desk, visit.person, refund_id)
    partner = visit.desk.partners.get(view.partner)
    return visit.page(
        "refund.html",
        words=people_words,
        refund=view,
        path=REFUND.format(refund_id=view.refund_id),
        partner_name=partner.name if partner else "",
        may=_may(visit, view),
    )


def _may(visit: Visit, view: RefundView) -> dict[str, bool]:
    """Which forms the page offers now; what is refused all the same is said by the act itself."""
    maker, checker = visit.person.may(Act.PROPOSE_REFUND), visit.person.may(Act.APPROVE_REFUND)
    by_paper = view.state == "approved" and view.next_step in ("treasury_document", "own_document")
    return {
        "propose": view.state == "requested" and maker,
        "approve": view.state == "proposed" and checker and view.proposed_by.lower() != visit.person.user.lower(),
        "reject": (view.state == "requested" and (maker or checker)) or (view.state == "proposed" and checker),
        "paid": by_paper and maker,
        "not_paid": by_paper and checker,
        "receipt": bool(view.receipt_mark) and not view.receipt_done and maker,
    }


def propose(visit: Acting, refund_id: str) -> RedirectResponse:
    """The first of two people."""
    refunds.propose(visit.desk, visit.person, refund_id)
    return _back(visit, refund_id)


def approve(visit: Acting, refund_id: str) -> RedirectResponse:
    """The second of two people; the order leaves."""
    refunds.approve(visit.desk, visit.person, refund_id)
    return _back(visit, refund_id)


def reject(visit: Acting, refund_id: str, form: Annotated[Reason, Form()]) -> RedirectResponse:
    """Not to be made."""
    require_either(visit)
    refunds.reject(visit.desk, visit.person, refund_id, form.reason)
    return _back(visit, refund_id)


def require_either(visit: Visit) -> None:
    """Either of the two people of a refund. Raises Forbidden ``act-not-allowed``."""
    if not visit.person.may(Act.PROPOSE_REFUND):
        visit.person.require(Act.APPROVE_REFUND)


def paid(visit: Acting, refund_id: str, form: Annotated[Paper, Form()]) -> RedirectResponse:
    """It was paid on a document, not by an order of ours to a bank."""
    visit.person.require(Act.PROPOSE_REFUND)
    refunds.pay_by_document(visit.desk, visit.person, refund_id, Document(form.number, form.on))
    return _back(visit, refund_id)


def not_paid(visit: Acting, refund_id: str, form: Annotated[Reason, Form()]) -> RedirectResponse:
    """Approved, and not paid after all."""
    refunds.not_paid(visit.desk, visit.person, refund_id, form.reason)
    return _back(visit, refund_id)


def receipt(visit: Acting, refund_id: str, form: Annotated[Correction, Form()]) -> RedirectResponse:
    """The marked receipt was cancelled or adjusted."""
    refunds.correct_receipt(visit.desk, visit.person, refund_id, form.document)
    return _back(visit, refund_id)


def _back(visit: Visit, refund_id: str) -> RedirectResponse:
    return visit.go(REFUND.format(refund_id=refund_id), done="saved")
