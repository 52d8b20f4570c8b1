"""Một khoản lệch: both sides, what comes near, what was decided, and the decisions that this person may make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from gateway.application import breaks, enquiries
from gateway.application.breaks import BreakView, Target
from gateway.console import people_words
from gateway.console.acts import About, Answer, Decide
from gateway.console.formats import dong
from gateway.console.i18n import N_
from gateway.console.paths import break_path, day_path
from gateway.console.visit import Acting, Looking
from gateway.console.words import FIELD_VI

BREAK = "/days/{partner}/{business_on}/breaks/{row_key}"
AMOUNT, ASKED_AND_PAID = "số tiền", N_("Phải thu / đã nộp *")
"""What rules call an amount; and what it is where both sides have the same money and the request asked for another."""
AROUND = 60
"""How much of an entry's text is shown on each side of what was found in it."""


def router() -> APIRouter:
    """``GET …/breaks/{row_key}`` and the acts below it."""
    pages = APIRouter()
    pages.get(BREAK)(one_break)
    pages.post(f"{BREAK}/decide")(decide)
    pages.post(f"{BREAK}/undo")(undo)
    pages.post(f"{BREAK}/confirm")(confirm)
    pages.post(f"{BREAK}/answer")(answer)
    return pages


def one_break(visit: Looking, partner: str, business_on: date, row_key: str) -> HTMLResponse:
    """Everything about one row of the day's current version."""
    view = breaks.break_of(visit.desk, visit.person, partner, business_on, row_key)
    free = max((payment.free for payment in view.payments), default=0)
    fields = list(compared(view))
    return visit.page(
        "break.html",
        words=people_words,
        view=view,
        row=view.row,
        partner_id=partner,
        break_path=break_path,
        day_path_of=day_path,
        partner_name=visit.desk.partner(partner).name,
        day_path=day_path(partner, business_on),
        path=break_path(partner, business_on, row_key),
        fields=fields,
        rules_named=any(label.endswith("*") for label, *_ in fields),
        suggestions=list(highlighted(view)),
        refundable=min(view.left, free) or view.left,
    )


def decide(
    visit: Acting, partner: str, business_on: date, row_key: str, form: Annotated[Decide, Form()]
) -> RedirectResponse:
    """One decision about this break."""
    target = Target(partner, business_on, form.version, row_key)
    breaks.decide(visit.desk, visit.person, target, form.kind, reason=form.reason, **form.params())
    return visit.go(break_path(partner, business_on, row_key), done="decided")


def undo(
    visit: Acting, partner: str, business_on: date, row_key: str, form: Annotated[About, Form()]
) -> RedirectResponse:
    """Take an earlier decision back by another one."""
    breaks.undo(visit.desk, visit.person, form.decision, reason=form.reason)
    return visit.go(break_path(partner, business_on, row_key), done="undone")


def confirm(
    visit: Acting, partner: str, business_on: date, row_key: str, form: Annotated[About, Form()]
) -> RedirectResponse:
    """The second person's word about a write-off above one person's limit."""
    breaks.confirm(visit.desk, visit.person, form.decision, reason=form.reason)
    return visit.go(break_path(partner, business_on, row_key), done="decided")


def answer(
    visit: Acting, partner: str, business_on: date, row_key: str, form: Annotated[Answer, Form()]
) -> RedirectResponse:
    """The partner's answer to an enquiry about this break."""
    enquiries.record_answer(visit.desk, visit.person, form.enquiry_id, answer=form.answer, reference=form.reference)
    return visit.go(break_path(partner, business_on, row_key), done="answered")


def compared(view: BreakView) -> Iterator[tuple[str, object, object, bool]]:
    """Label, our value, their value, and whether the page marks them as different.

    A side that is not there differs in everything; that is said once, by the amount. Each side numbers a transaction in
    its own way: that is no difference. What the rules themselves named comes last, in the words they used, unless it is
    the amounts of the first line again.
    """
    row = view.row
    agree = row.our_amount == row.their_amount
    for pair in view.fields:
        both = pair.name == "amount" or bool(pair.ours and pair.theirs and pair.name != "transaction")
        if pair.name in FIELD_VI:
            yield FIELD_VI[pair.name], pair.ours, pair.theirs, pair.differs and both
        elif pair.differs and pair.name == AMOUNT and agree:  # of what was asked for, not between the sides
            yield ASKED_AND_PAID, pair.ours, pair.theirs, True
        elif pair.differs and (pair.ours, pair.theirs) != (_spaced(row.our_amount), _spaced(row.their_amount)):
            yield pair.name[:1].upper() + pair.name[1:] + " *", pair.ours, pair.theirs, True


def _spaced(amount: int) -> str:
    """As the rules write an amount."""
    return dong(amount).replace("\N{NO-BREAK SPACE}", " ")


def highlighted(view: BreakView) -> Iterator[Mapping[str, object]]:
    """Each suggestion with the text around what was found, cut so that the page can mark it."""
    text = " ".join(entry.text for entry in view.entries[:1])
    for one in view.suggestions:
        start, end = int(str(one["from"])), int(str(one["to"]))
        fits = text[start:end] == one["found"]
        before = text[max(0, start - AROUND) : start] if fits else ""
        yield {**one, "before": before, "after": text[end : end + AROUND] if fits else ""}
