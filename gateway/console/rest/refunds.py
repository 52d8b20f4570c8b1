"""Refunds: the queue, one refund, and every act on it under four eyes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from gateway.application import refunds
from gateway.application.refunds import Document, RefundView
from gateway.console.acts import Reason
from gateway.console.pages_refunds import Correction, Paper, require_either
from gateway.console.rest.answers import told
from gateway.console.visit import Acting, Looking

REFUND = "/refunds/{refund_id}"


class Asked(BaseModel):
    """Which money goes back, how much of it, in đồng, and why."""

    payment_pk: int
    amount: int
    reason: str


def router() -> APIRouter:
    """``/refunds`` and below it, ``/receipts-to-correct``."""
    rest = APIRouter(tags=["refunds"])
    rest.get("/refunds", response_model=list[RefundView])(queue)
    rest.post("/refunds", response_model=RefundView)(request)
    rest.get("/receipts-to-correct", response_model=list[RefundView])(receipts)
    rest.get(REFUND, response_model=RefundView)(one_refund)
    rest.post(f"{REFUND}/propose", response_model=RefundView)(propose)
    rest.post(f"{REFUND}/approve", response_model=RefundView)(approve)
    rest.post(f"{REFUND}/reject", response_model=RefundView)(reject)
    rest.post(f"{REFUND}/paid", response_model=RefundView)(paid)
    rest.post(f"{REFUND}/not-paid", response_model=RefundView)(not_paid)
    rest.post(f"{REFUND}/receipt", response_model=RefundView)(receipt)
    return rest


def queue(
    visit: Looking,
    state: str = "",
    partner: str = "",
    after: str = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JSONResponse:
    """Refunds, the oldest first, those after the id ``after``; unfinished ones where no ``state`` is named."""
    return told(
        refunds.queue(
            visit.desk, visit.person, partner=partner or None, state=state or None, after=after, limit=limit
        )
    )  # fmt: skip


def request(visit: Acting, act: Asked) -> JSONResponse:
    """Ask for a refund of money that is free; the refund as it is then. Two people still decide about it."""
    refund_id = refunds.request(visit.desk, visit.person, act.payment_pk, act.amount, act.reason)
    return one_refund(visit, refund_id)


def receipts(visit: Looking) -> JSONResponse:
    """Refunds whose receipt must still be cancelled or adjusted, the oldest first."""
    return told(refunds.receipts_to_correct(visit.desk, visit.person))


def one_refund(visit: Looking, refund_id: str) -> JSONResponse:
    """One refund: its money, its way, whom it waits for and what comes next."""
    return told(refunds.refund(visit.desk, visit.person, refund_id))


def propose(visit: Acting, refund_id: str) -> JSONResponse:
    """Propose it as the first of two people."""
    refunds.propose(visit.desk, visit.person, refund_id)
    return one_refund(visit, refund_id)


def approve(visit: Acting, refund_id: str) -> JSONResponse:
    """Approve it as the second of two people; an order to a bank leaves with this act."""
    refunds.approve(visit.desk, visit.person, refund_id)
    return one_refund(visit, refund_id)


def reject(visit: Acting, refund_id: str, act: Reason) -> JSONResponse:
    """It is not to be made; its money is free again."""
    require_either(visit)
    refunds.reject(visit.desk, visit.person, refund_id, act.reason)
    return one_refund(visit, refund_id)


def paid(visit: Acting, refund_id: str, act: Paper) -> JSONResponse:
    """Record the document that it was paid on, where no bank was sent an order."""
    refunds.pay_by_document(visit.desk, visit.person, refund_id, Document(act.number, act.on))
    return one_refund(visit, refund_id)


def not_paid(visit: Acting, refund_id: str, act: Reason) -> JSONResponse:
    """It was approved and is not paid after all."""
    refunds.not_paid(visit.desk, visit.person, refund_id, act.reason)
    return one_refund(visit, refund_id)


def receipt(visit: Acting, refund_id: str, act: Correction) -> JSONResponse:
    """Record the document by which the marked receipt was cancelled or adjusted."""
    refunds.correct_receipt(visit.desk, visit.person, refund_id, act.document)
    return one_refund(visit, refund_id)
