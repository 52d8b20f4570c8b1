"""Tra soát: what partners were asked, and what they answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from gateway.application.access import Act, Person
from gateway.application.break_effects import Plan, require_reason
from gateway.application.break_reading import ENQUIRIES, enquiry_view, entries, fetch
from gateway.application.break_views import EnquiryView
from gateway.application.decision_params import day_named
from gateway.application.desk import Desk
from gateway.clock import vietnam_date
from gateway.errors import Conflict, Forbidden, Malformed, NotFound
from gateway.ledger.references import make_reference
from gateway.messages import outbox
from gateway.reconciliation import calendar
from gateway.reconciliation.break_decisions import Target
from gateway.reconciliation.enquiries import ENQUIRY, outbox_row

OF_STATE: Mapping[str, str] = {
    "": "true",
    "open": "NOT e.concluded",
    "asked": "e.answer = '' AND NOT e.concluded",
    "overdue": "e.answer = '' AND NOT e.concluded AND e.answer_due_on < %(today)s",
    "answered": "e.answer <> ''",
    "unconcluded": "e.answer <> '' AND NOT e.concluded",
    "concluded": "e.concluded",
}
"""What narrows ``ENQUIRIES``: all; not concluded; without an answer yet; of these overdue; with one; with one and not
concluded; concluded."""


@dataclass(frozen=True, slots=True)
class EnquiryTotals:
    """How many wait for the partner, how many of these are overdue, and how many answers wait for a conclusion."""

    asked: int
    overdue: int
    unconcluded: int


ANSWERED_WITHIN = 3
"""Working days of the partner that it has for an answer, where the person who asks says nothing else."""


def send(desk: Desk, target: Target, row: Mapping[str, Any], decision_pk: int, plan: Plan) -> None:
    """Write the signed question to the outbox, in the transaction of its decision.

    Raises Conflict ``partner-takes-no-files`` where the partner has no folder for our files.
    """
    partner = desk.partner(target.partner)
    files = partner.statements or partner.remittances
    if files is None or not files.outbox:
        raise Conflict(
            f"{partner.name} takes no files of ours",
            code="partner-takes-no-files",
            where=f"{partner.id}.toml",
            action="ask by letter or telephone, and decide the break otherwise",
            facts={"partner": partner.id},
        )
    now = desk.clock.now()
    enquiry_id = make_reference(ENQUIRY, vietnam_date(now), decision_pk)
    question = str(plan.params.get("question") or f"Đề nghị tra soát: {row['reason']}")
    due = _due(desk, target, plan)
    lines = entries(desk, target.partner, row["entry_pks"])
    message = outbox_row(enquiry_id, target, row, " ".join(one.keys for one in lines), question, due)
    keys = outbox.enqueue(desk.connection, [message], now=now)
    desk.connection.execute(
        "INSERT INTO gateway.enquiry (decision_pk, enquiry_id, message_pk, question, answer_due_on)"
        " VALUES (%s, %s, %s, %s, %s)",
        (decision_pk, enquiry_id, keys[0], question, due),
    )


def enquiries(
    desk: Desk, person: Person, *, state: str = "", partner: str = "", after: str = "", limit: int = 200
) -> list[EnquiryView]:
    """Enquiries, the oldest first, those after the number ``after``; ``state`` is one of ``OF_STATE``.

    Raises Forbidden ``act-not-allowed``; Malformed ``enquiry-state-unknown``.
    """
    person.require(Act.SEE)
    if state not in OF_STATE:
        raise Malformed(
            f"there is no state {state}",
            code="enquiry-state-unknown",
            where="state",
            action="one of " + ", ".join(name for name in OF_STATE if name),
            facts={"typed": state},
        )
    query = (
        f"{ENQUIRIES} WHERE {OF_STATE[state]} AND (%(partner)s = '' OR e.partner = %(partner)s) AND e.decision_pk >"  # noqa: S608 - constants
        " coalesce((SELECT decision_pk FROM gateway.enquiry WHERE enquiry_id = %(after)s), 0)"
        " ORDER BY e.decision_pk LIMIT %(limit)s"
    )
    values = {"partner": partner, "after": after, "limit": limit, "today": vietnam_date(desk.clock.now())}
    return [enquiry_view(row) for row in fetch(desk, query, values)]


def totals(desk: Desk, person: Person, *, partner: str = "") -> EnquiryTotals:
    """How many enquiries wait for what, of all partners or of one. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    counted = (f"count(*) FILTER (WHERE {OF_STATE[name]}) AS {name}" for name in ("asked", "overdue", "unconcluded"))
    query = f"SELECT {', '.join(counted)} FROM ({ENQUIRIES} WHERE %(partner)s = '' OR e.partner = %(partner)s) e"  # noqa: S608 - constants
    (row,) = fetch(desk, query, {"partner": partner, "today": vietnam_date(desk.clock.now())})
    return EnquiryTotals(**row)


def record_answer(desk: Desk, person: Person, enquiry_id: str, *, answer: str, reference: str) -> None:
    """A person records what the partner answered and by which letter, call or file.

    The break is then open for a conclusion. Raises Forbidden ``act-not-allowed``; NotFound ``enquiry-unknown``;
    Conflict ``enquiry-answered``, ``reason-missing``.
    """
    person.require(Act.ENQUIRE)
    require_reason(answer, enquiry_id)
    require_reason(reference, enquiry_id)
    try:
        with desk.connection.transaction():
            done = desk.connection.execute(
                "INSERT INTO gateway.enquiry_answer (decision_pk, answer, reference, by_user, at)"
                " SELECT decision_pk, %s, %s, %s, %s FROM gateway.enquiry WHERE enquiry_id = %s",
                (answer.strip(), reference.strip(), person.user, desk.clock.now(), enquiry_id),
            )
    except psycopg.errors.CheckViolation as error:
        raise Forbidden(
            "you may not record an answer",
            code="act-not-allowed",
            where=enquiry_id,
            action="ask a finance maker",
            facts={"user": person.user, "act": Act.ENQUIRE, "roles": ["finance_maker"]},
        ) from error
    except psycopg.errors.UniqueViolation as error:
        raise Conflict(
            "it is answered already",
            code="enquiry-answered",
            where=enquiry_id,
            action="look at its answer",
            facts={"enquiry_id": enquiry_id},
        ) from error
    if done.rowcount == 0:
        raise NotFound(
            "there is no such enquiry",
            code="enquiry-unknown",
            where=enquiry_id,
            action="check its number",
            facts={"enquiry_id": enquiry_id},
        )


def _due(desk: Desk, target: Target, plan: Plan) -> date:
    given = plan.params.get("answer_due_on")
    if given:
        return day_named(given, "answer_due_on")
    today = vietnam_date(desk.clock.now())
    named = desk.partner(target.partner).calendar
    if named is None:
        return today
    return calendar.load(desk.settings.config / "calendars", named.name).add(today, ANSWERED_WITHIN)
