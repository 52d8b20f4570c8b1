"""Nộp Kho bạc: vouchers C1-02/NS under two pairs of eyes, matched to the debits of the banks."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from gateway.application import treasury
from gateway.application.access import Act
from gateway.application.treasury import Recorded
from gateway.clock import vietnam_date
from gateway.console import formats
from gateway.console.acts import Reason
from gateway.console.faults import refused
from gateway.console.people_words import DETAIL
from gateway.console.periods import Between
from gateway.console.visit import Acting, Looking, Visit
from gateway.errors import Conflict, Malformed

VOUCHER = "/treasury/{voucher_pk}"
ITEM_ROWS = 6
ITEM = ("kind", "content", "amount", "chapter", "subitem", "document", "period")


class VoucherForm(BaseModel):
    """A voucher as it was typed: ``account`` is ``partner:masked``; the fields of its items are columns."""

    voucher_number: str = ""
    account: str = ""
    paid_on: str = ""
    covers_from: str = ""
    covers_to: str = ""
    payer_name: str = ""
    payer_tax_code: str = ""
    payer_address: str = ""
    treasury_name: str = ""
    treasury_account: str = "7111"
    authority: str = ""
    document_number: str = ""
    reference: str = ""
    unit_code: str = ""
    kind: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    amount: tuple[str, ...] = ()
    chapter: tuple[str, ...] = ()
    subitem: tuple[str, ...] = ()
    document: tuple[str, ...] = ()
    period: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, str]]:
        """The lines of the form, ``ITEM_ROWS`` at least, filled in or empty."""
        columns = [getattr(self, name) for name in ITEM]
        count = max(ITEM_ROWS, *(len(column) for column in columns))
        return [
            {name: (column[n].strip() if n < len(column) else "") for name, column in zip(ITEM, columns, strict=True)}
            for n in range(count)
        ]

    def items(self) -> list[dict[str, object]]:
        """The lines that say something besides their kind."""
        filled = [row for row in self.rows() if any(value for name, value in row.items() if name != "kind")]
        return [{**row, "amount": formats.typed_number(row["amount"])} for row in filled]


def router() -> APIRouter:
    """``GET /treasury``, ``/treasury/new`` and ``/treasury/{voucher_pk}``, and the acts below them."""
    pages = APIRouter()
    pages.get("/treasury")(listed)
    pages.get("/treasury/new")(blank)
    pages.post("/treasury/new")(record)
    pages.get(VOUCHER)(one_voucher)
    pages.post(f"{VOUCHER}/confirm")(confirm)
    pages.post(f"{VOUCHER}/cancel")(cancel)
    return pages


def listed(visit: Looking, asked: Annotated[Between, Query()]) -> HTMLResponse:
    """Vouchers and debits of some days: paired, alone on either side, waiting, cancelled."""
    first, last = asked.days(vietnam_date(visit.desk.clock.now()))
    return visit.page(
        "treasury.html",
        first=first,
        last=last,
        found=treasury.matching(visit.desk, visit.person, first, last),
        cancelled=treasury.cancelled(visit.desk, visit.person, first, last),
        partner_names=_names(visit),
        may_record=visit.person.may(Act.RECORD_VOUCHER),
    )


def blank(visit: Looking) -> HTMLResponse:
    """An empty voucher of today."""
    visit.person.require(Act.RECORD_VOUCHER)
    today: date = vietnam_date(visit.desk.clock.now())
    return _form(visit, VoucherForm(paid_on=today.isoformat()))


def record(visit: Acting, form: Annotated[VoucherForm, Form()]) -> Response:
    """Record a voucher; what cannot be right is shown above what was typed."""
    visit.person.require(Act.RECORD_VOUCHER)
    try:
        pk = treasury.record(visit.desk, visit.person, _typed(visit, form))
    except (Malformed, Conflict) as error:
        return _form(visit, form, error)
    return visit.go(VOUCHER.format(voucher_pk=pk), done="recorded")


def one_voucher(visit: Looking, voucher_pk: int) -> HTMLResponse:
    """One voucher whole, the debit that carried it out, and the acts that this person may do now."""
    found = treasury.voucher(visit.desk, visit.person, voucher_pk)
    return visit.page(
        "voucher.html",
        voucher=found,
        pair=treasury.pair_of(visit.desk, visit.person, found),
        kinds=DETAIL,
        path=VOUCHER.format(voucher_pk=voucher_pk),
        partner_names=_names(visit),
        may=_may(visit, found),
    )


def confirm(visit: Acting, voucher_pk: int) -> RedirectResponse:
    """The second of two people."""
    treasury.confirm(visit.desk, visit.person, voucher_pk)
    return visit.go(VOUCHER.format(voucher_pk=voucher_pk), done="confirmed")


def cancel(visit: Acting, voucher_pk: int, form: Annotated[Reason, Form()]) -> RedirectResponse:
    """It was recorded wrong, or not paid."""
    treasury.cancel(visit.desk, visit.person, voucher_pk, form.reason)
    return visit.go(VOUCHER.format(voucher_pk=voucher_pk), done="cancelled")


def _typed(visit: Visit, form: VoucherForm) -> treasury.Voucher:
    told = form.model_dump(include=set(VoucherForm.model_fields) - {*ITEM, "account"})
    partner, _, shown = form.account.partition(":")
    account = treasury.account_shown_as(visit.desk, partner, shown) if shown else ""
    items = form.items()
    return treasury.voucher_of(
        {
            **{name: str(value).strip() for name, value in told.items()},
            "partner": partner,
            "account": account,
            "items": items,
        }
    )


def _form(visit: Visit, form: VoucherForm, error: Malformed | Conflict | None = None) -> HTMLResponse:
    problem = refused(visit.request, error) if error else None
    accounts = treasury.own_accounts(visit.desk)
    return visit.page(
        "voucher_new.html",
        status=problem.status if problem else 200,
        form=form,
        rows=form.rows(),
        kinds={name: DETAIL[name] for name in ("phi", "le_phi")},
        accounts=accounts,
        partner_names=_names(visit),
        problem=problem,
    )


def _may(visit: Visit, found: Recorded) -> dict[str, bool]:
    """Which forms the page offers now; what is refused all the same is said by the act itself."""
    person, standing, confirmed = visit.person, found.cancelled_at is None, found.confirmed_at is not None
    another = found.recorded_by.lower() != person.user.lower()
    second = another and person.may(Act.CONFIRM_RECORD)
    return {
        "confirm": standing and not confirmed and second,
        "cancel": standing and (second if confirmed else person.may(Act.CANCEL_VOUCHER)),
    }


def _names(visit: Visit) -> dict[str, str]:
    return {name: partner.name for name, partner in visit.desk.partners.items()}
