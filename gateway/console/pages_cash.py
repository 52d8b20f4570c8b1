"""Kiểm quỹ: what cashiers counted, under two pairs of eyes, against counter receipts and deposits at the bank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from gateway.application import cash
from gateway.application.access import Act
from gateway.application.cash import CashBook, Counted
from gateway.clock import vietnam_date
from gateway.console import formats
from gateway.console.faults import refused
from gateway.console.periods import Between
from gateway.console.visit import Acting, Looking, Visit
from gateway.errors import Conflict, Malformed, NotFound
from gateway.reasons import REASONS

COUNT = "/cash/{count_pk}"
DAYS_BACK = 6


class CountForm(BaseModel):
    """A count as it was typed; what it must be is the application layer's to say."""

    cashier: str = ""
    business_on: str = ""
    unit_code: str = ""
    receipt_series: str = ""
    first_number: str = ""
    last_number: str = ""
    receipt_count: str = ""
    amount: str = ""

    def typed(self) -> dict[str, object]:
        """The fields with the points that people group digits by taken out of the numbers."""
        told = {name: value.strip() for name, value in self.model_dump(include=set(CountForm.model_fields)).items()}
        return {**told, **{name: formats.typed_number(told[name]) for name in ("receipt_count", "amount")}}


class CorrectionForm(CountForm):
    """Another count in the place of an earlier one, and why."""

    reason: str = ""


def router() -> APIRouter:
    """``GET /cash``, ``/cash/new`` and ``/cash/{count_pk}``, and the acts below them."""
    pages = APIRouter()
    pages.get("/cash")(listed)
    pages.get("/cash/new")(blank)
    pages.post("/cash/new")(record)
    pages.get(COUNT)(one_count)
    pages.post(f"{COUNT}/confirm")(confirm)
    pages.post(f"{COUNT}/correct")(correct)
    return pages


def listed(visit: Looking, asked: Annotated[Between, Query()]) -> HTMLResponse:
    """The counts of some days, what differs, and what came to the bank."""
    first, last = asked.days(vietnam_date(visit.desk.clock.now()), DAYS_BACK)
    book = cash.book(visit.desk, visit.person, first, last)
    return visit.page(
        "cash.html",
        first=first,
        last=last,
        book=book,
        waiting=[one for one in book.counts if one.confirmed_at is None],
        deposited=sum(one.amount for one in book.deposits),
        may_record=visit.person.may(Act.RECORD_CASH),
        words=_words(visit),
    )


def blank(visit: Looking) -> HTMLResponse:
    """An empty form for a count of today."""
    visit.person.require(Act.RECORD_CASH)
    today = vietnam_date(visit.desk.clock.now())
    return _form(visit, CountForm(business_on=today.isoformat()))


def record(visit: Acting, form: Annotated[CountForm, Form()]) -> Response:
    """Record a count; what cannot be right is shown beside what was typed."""
    try:
        pk = cash.record(visit.desk, visit.person, cash.count_of(form.typed()))
    except (Malformed, Conflict) as error:
        return _form(visit, form, error)
    return visit.go(COUNT.format(count_pk=pk), done="recorded")


def one_count(visit: Looking, count_pk: int) -> HTMLResponse:
    """One count with what it replaced, and the acts that this person may do now."""
    return _count_page(visit, count_pk)


def confirm(visit: Acting, count_pk: int) -> RedirectResponse:
    """The second of two people."""
    cash.confirm(visit.desk, visit.person, count_pk)
    return visit.go(COUNT.format(count_pk=count_pk), done="confirmed")


def correct(visit: Acting, count_pk: int, form: Annotated[CorrectionForm, Form()]) -> Response:
    """Another count in its place."""
    try:
        count = cash.count_of(form.typed())
        pk = cash.correct(visit.desk, visit.person, count_pk, count, form.reason.strip())
    except (Malformed, Conflict) as error:
        visit.person.require(Act.RECORD_CASH)
        return _count_page(visit, count_pk, form, error)
    return visit.go(COUNT.format(count_pk=pk), done="recorded")


def _form(visit: Visit, form: CountForm, error: Malformed | Conflict | None = None) -> HTMLResponse:
    visit.person.require(Act.RECORD_CASH)
    problem = refused(visit.request, error) if error else None
    return visit.page("cash_new.html", status=problem.status if problem else 200, form=form, problem=problem)


def _count_page(
    visit: Visit, count_pk: int, form: CorrectionForm | None = None, error: Malformed | Conflict | None = None
) -> HTMLResponse:
    chain = cash.history(visit.desk, visit.person, count_pk)
    if not chain:
        raise NotFound(
            "there is no such count",
            code="cash-count-unknown",
            where=f"count {count_pk}",
            action="choose one of the list",
            facts={"count": count_pk},
        )
    one = chain[0]
    book = cash.book(visit.desk, visit.person, one.business_on, one.business_on)
    problem = refused(visit.request, error) if error else None
    return visit.page(
        "cash_count.html",
        status=problem.status if problem else 200,
        count=one,
        earlier=chain[1:],
        form=form or _as_typed(one),
        problem=problem,
        problems=[each for each in book.problems if _is_about(each, one)],
        deposit=book.deposited.get(count_pk),
        path=COUNT.format(count_pk=count_pk),
        may=_may(visit, one, book),
        words=_words(visit),
    )


def _as_typed(one: Counted) -> CorrectionForm:
    return CorrectionForm(
        **{name: str(getattr(one, name)) for name in CountForm.model_fields if name != "amount"},
        amount=formats.number(one.amount),
    )


def _is_about(problem: cash.CashProblem, one: Counted) -> bool:
    return (problem.cashier, problem.receipt_series) == (one.cashier, one.receipt_series)


def _may(visit: Visit, one: Counted, book: CashBook) -> dict[str, bool]:
    """Which forms the page offers now; what is refused all the same is said by the act itself."""
    newest = any(each.count_pk == one.count_pk for each in book.counts)
    another = one.counted_by.lower() != visit.person.user.lower()
    return {
        "confirm": newest and one.confirmed_at is None and another and visit.person.may(Act.CONFIRM_RECORD),
        "correct": newest and visit.person.may(Act.RECORD_CASH),
        "is_newest": newest,
    }


def _words(visit: Visit) -> Mapping[str, object]:
    return {
        "reasons": REASONS,
        "partner_names": {name: partner.name for name, partner in visit.desk.partners.items()},
    }
