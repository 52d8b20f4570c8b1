"""Months of a partner: what the minutes say, and the closing that nothing reopens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date

import psycopg

from gateway.application.access import Act, Person
from gateway.application.calendar_gaps import CalendarGap, gap_of, worked_days
from gateway.application.desk import Desk
from gateway.application.month_views import MonthDay, MonthView
from gateway.clock import vietnam_date
from gateway.errors import ConfigurationError, Conflict, Forbidden, GatewayError
from gateway.partners import Partner
from gateway.reconciliation import month_moves, month_store, months
from gateway.reconciliation.month_store import CountedDay, Summary
from gateway.reconciliation.months import Carried, Item, Roll, Tally

__all__ = ["Carried", "Item", "MonthDay", "MonthView", "Tally", "all_months", "close", "month", "ready_to_close"]

_NO_DAY: Summary = {}


def month(desk: Desk, person: Person, partner: str, first: date) -> MonthView:
    """The month that ``first`` lies in: as it was closed, or as it stands.

    Raises Forbidden ``act-not-allowed``, NotFound ``partner-unknown``.
    """
    person.require(Act.SEE)
    whose = desk.partner(partner)
    with desk.connection.transaction():
        return _read(desk, whose, first.replace(day=1))[0]


def all_months(desk: Desk, person: Person, first: date) -> list[MonthView]:
    """The month that ``first`` lies in, of every partner that has business dates, by partner.

    Raises Forbidden ``act-not-allowed``.
    """
    person.require(Act.SEE)
    dated = sorted(partner.id for partner in desk.partners.values() if partner.calendar is not None)
    return [month(desk, person, partner, first) for partner in dated]


def ready_to_close(desk: Desk, person: Person) -> list[tuple[str, date]]:
    """Partner and month that a checker may close now: over, the next in order, all of its days approved.

    None of a partner whose calendar cannot be read: nobody knows which days it owed. Raises Forbidden
    ``act-not-allowed``.
    """
    person.require(Act.SEE)
    this_month = vietnam_date(desk.clock.now()).replace(day=1)
    found = []
    for partner in sorted(desk.partners.values(), key=lambda one: one.id):
        begins = None if partner.calendar is None else month_store.next_open(desk.connection, partner.id)
        if begins is None or begins >= this_month:
            continue
        counted = month_store.days(desk.connection, partner.id, begins)
        corrected = [day.state for day in counted if day.replaces is not None]
        days, gap = _days(desk, partner, begins, counted)
        if gap is None and {*corrected, *(day.state for day in days)} <= {"approved"}:
            found.append((partner.id, begins))
    return found


def close(desk: Desk, person: Person, partner: str, first: date) -> MonthView:
    """Close a month after all its days are approved. It is never reopened: what comes later stands in the open month.

    Raises Forbidden ``act-not-allowed``, NotFound, Conflict ``month-not-over``, ``month-closed``, ``month-order``,
    ``month-days-open`` (naming the days), ConfigurationError ``calendar-unknown``.
    """
    person.require(Act.CLOSE_MONTH)
    whose, begins = desk.partner(partner), first.replace(day=1)
    where = f"{whose.id} {begins:%Y-%m}"
    try:
        with desk.connection.transaction():
            desk.connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"gateway.recon_month {whose.id}",))
            found, counted, rolled = _read(desk, whose, begins)
            _require_closable(desk, whose, found, where)
            month_store.freeze(
                desk.connection, whose.id, begins, person.user, desk.clock.now(), _minutes(found), counted, rolled
            )
            return _read(desk, whose, begins)[0]
    except psycopg.errors.CheckViolation as error:
        raise _refusal(error, where, begins, person.user) from error


def _refusal(error: psycopg.errors.CheckViolation, where: str, month: date, user: str) -> GatewayError:
    name, message = error.diag.constraint_name, error.diag.message_primary or "not now"
    action = "look at the month again: `gateway month show`"
    if name == "month_by_checker":
        return Forbidden(
            message,
            code="act-not-allowed",
            where=where,
            action="ask somebody who is finance_checker",
            facts={"user": user, "act": Act.CLOSE_MONTH, "roles": ["finance_checker"]},
        )
    if name == "month_order":
        return Conflict(message, code="month-order", where=where, action=action, case="later", facts={"month": month})
    return Conflict(message, code="month-days-open", where=where, action=action, case="since", facts={"month": month})


def _require_closable(desk: Desk, partner: Partner, found: MonthView, where: str) -> None:
    if found.state == "closed":
        raise Conflict(
            f"{found.closed_by} closed it",
            code="month-closed",
            where=where,
            action="post corrections to the open month; they cite the old day",
            facts={"closed_by": found.closed_by, "month": found.month},
        )
    ends = month_store.last_day(found.month)
    if vietnam_date(desk.clock.now()) <= ends:
        raise Conflict(
            "the month is not over",
            code="month-not-over",
            where=where,
            action="close it after its last day",
            facts={"month": found.month, "ends": ends},
        )
    began = month_store.began_on(desk.connection, partner.id)
    earlier = month_store.month_before(found.month)
    if began is not None and began < found.month and month_store.closed(desk.connection, partner.id, earlier) is None:
        raise Conflict(
            f"{earlier:%m/%Y} is not closed",
            code="month-order",
            where=where,
            action=f"close {earlier:%m/%Y} first",
            facts={"earlier": earlier},
        )
    if found.calendar_gap is not None:
        worked_days(desk, partner, found.month, ends)  # raises what the gap is
    if found.blocking:
        told = ", ".join(f"{day:%d/%m/%Y}" for day in found.blocking)
        raise Conflict(
            f"not approved yet: {told}",
            code="month-days-open",
            where=where,
            action="approve these days, then close",
            facts={"days": found.blocking},
        )


def _read(desk: Desk, partner: Partner, begins: date) -> tuple[MonthView, list[CountedDay], Roll]:
    conn = desk.connection
    done = month_store.closed(conn, partner.id, begins)
    if done is None:
        counted = month_store.days(conn, partner.id, begins)
        rolled = months.roll(month_store.inputs(conn, partner.id, begins, counted))
    else:
        counted = month_store.counted_days(conn, partner.id, begins)
        rolled = Roll(tuple(month_store.items(conn, partner.id, begins)))
    days, gap = _days(desk, partner, begins, counted, closed=done is not None)
    corrections = [_correction(day) for day in counted if day.replaces is not None]
    moved = _moved(conn, partner, counted)
    view = MonthView(
        partner.id,
        begins,
        "open" if done is None else "closed",
        "" if done is None else done.by,
        None if done is None else done.at,
        "" if done is None else done.minutes_sha256,
        tuple(days),
        tuple(corrections),
        tuple(moved),
        _added(day.summary for day in (*days, *corrections, *moved)),
        rolled.tally(origin="brought_in"),
        rolled.tally(origin="new"),
        rolled.tally(fate="solved"),
        rolled.tally(fate="carried"),
        rolled.items,
        tuple(day.business_on for day in (*corrections, *days) if done is None and day.state != "approved"),
        gap,
    )
    return view, counted, rolled


def _days(
    desk: Desk, partner: Partner, begins: date, counted: Sequence[CountedDay], *, closed: bool = False
) -> tuple[list[MonthDay], CalendarGap | None]:
    """The days that need approval: those that are worked, those that have money, those that somebody reconciled.

    A postal partner's days are those of its remittances, whenever it sends one; those of a closed month are those that
    it counted. Where others need the calendar and it does not say which are worked: the rest, and the calendar's gap.
    """
    began = month_store.began_on(desk.connection, partner.id)
    if began is None or partner.calendar is None:
        return [], None
    first, last = max(began, begins), month_store.last_day(begins)
    works, gap = dict[date, bool](), None
    try:
        works = worked_days(desk, partner, first, last)
    except ConfigurationError as error:
        gap = gap_of(error)
    known = {day.business_on: day for day in counted if day.replaces is None}
    if closed or partner.role == "postal":
        needed, gap = set(known), None
    else:
        with_money = month_store.days_with_money(desk.connection, partner.id, begins)
        needed = {*known, *with_money, *(on for on, worked in works.items() if worked)}
    return [_one_day(on, works.get(on), known.get(on)) for on in sorted(needed)], gap


def _one_day(on: date, works: bool | None, known: CountedDay | None) -> MonthDay:
    if known is None:
        return MonthDay(on, works, "missing", 0, _NO_DAY)
    return MonthDay(on, works, known.state, known.version, _plain(known.summary))


def _moved(conn: month_store.Rows, partner: Partner, counted: Sequence[CountedDay]) -> list[MonthDay]:
    """Money that a day of this month took from another day is counted once: here, and no longer there."""
    versions = [(day.business_on, day.version, 1) for day in counted]
    versions += [(day.business_on, day.replaces, -1) for day in counted if day.replaces]
    left = month_moves.leaving(conn, partner.id, versions)
    return [MonthDay(one.from_on, True, "moved", 0, one.summary) for one in left]


def _plain(summary: Summary) -> Summary:
    return {name: (int(told[0]), int(told[1]), int(told[2])) for name, told in summary.items()}


def _correction(day: CountedDay) -> MonthDay:
    negative = {name: (-told[0], -told[1], -told[2]) for name, told in (day.replaced or {}).items()}
    changed = {name: told for name, told in _added([day.summary, negative]).items() if told != (0, 0, 0)}
    return MonthDay(day.business_on, True, day.state, day.version, changed, day.replaces)


def _added(summaries: Iterable[Summary]) -> Summary:
    totals: dict[str, tuple[int, int, int]] = {}
    for summary in summaries:
        for name, told in summary.items():
            sums = totals.get(name, (0, 0, 0))
            totals[name] = (sums[0] + int(told[0]), sums[1] + int(told[1]), sums[2] + int(told[2]))
    return dict(sorted(totals.items()))


def _minutes(view: MonthView) -> Mapping[str, object]:
    """What is frozen: everything the minutes say, but not who closes the month and when."""
    return {
        "partner": view.partner,
        "month": f"{view.month:%Y-%m}",
        "days": [_line(day) for day in view.days],
        "corrections": [_line(day) for day in view.corrections],
        "outcomes": view.outcomes,
        **{name: asdict(getattr(view, name)) for name in ("brought_in", "new", "solved", "carried_out")},
        "items": len(view.items),
        # only where there are any: the minutes of other months keep their digest
        **({"moved": [_line(day) for day in view.moved]} if view.moved else {}),
    }


def _line(day: MonthDay) -> Mapping[str, object]:
    return {
        "business_on": day.business_on.isoformat(),
        "version": day.version,
        "summary": day.summary,
        "corrects": day.corrects,
    }
