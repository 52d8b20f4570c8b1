"""Breaks: what differs on a day, and what people decide about it, one at a time or a frozen list at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.application import break_effects, break_links, break_reading, enquiries
from gateway.application.access import Act, Person
from gateway.application.break_moves import movable, moved_rows, settled_in_bulk
from gateway.application.break_reading import fetch
from gateway.application.break_uses import money_is_free
from gateway.application.break_views import BreakRow, BreakState, BreakView, Decided, Page
from gateway.application.desk import Desk
from gateway.errors import Conflict, NotFound
from gateway.masking import as_stored
from gateway.reconciliation.break_decisions import AT_STAKE, Decision, Entry, Target, append, append_batch, lock_row
from gateway.reconciliation.outcomes import EntryClass

__all__ = [
    "BreakRow", "BreakState", "BreakView", "Decided", "Decision", "FrozenList", "Page", "Target",
    "break_of", "breaks_of", "confirm", "decide", "decide_many", "decision_named", "freeze", "history", "open_breaks",
    "undo",
]  # fmt: skip

LARGEST_PAGE = 500
LARGEST_BATCH = 5000
_ACT = {
    Decision.ENQUIRE: Act.ENQUIRE,
    Decision.WRITE_OFF: Act.WRITE_OFF,
    Decision.CONFIRM: Act.CONFIRM_WRITE_OFF,
}


@dataclass(frozen=True, slots=True)
class FrozenList:
    """A list as a person saw it: its rows, how many, and the sum of the money in question, in đồng."""

    targets: tuple[Target, ...]
    count: int
    amount: int


def breaks_of(
    desk: Desk,
    person: Person,
    partner: str,
    business_on: date,
    *,
    outcome: str = "",
    entry_class: str = "",
    state: str = "",
    text: str = "",
    after: int = 0,
    limit: int = 50,
) -> Page:
    """The rows of the day's current version that are not matched, in their order, after row number ``after``.

    Empty filters are not looked at; ``text`` is searched in reference, dossier codes, values and reason.
    Raises Forbidden ``act-not-allowed``, NotFound ``partner-unknown``.
    """
    person.require(Act.SEE)
    limit = max(1, min(limit, LARGEST_PAGE))
    where, values = _filter(desk.partner(partner).id, business_on, outcome, entry_class, state, text)
    totals = fetch(
        desk,
        f"SELECT count(*) AS count, coalesce(sum({AT_STAKE}), 0)::bigint AS amount {where}",
        values,
    )[0]
    query = break_reading.shown(f"{where} AND r.row_no > %(after)s", "LIMIT %(limit)s")
    rows = fetch(desk, query, {**values, "after": after, "limit": limit + 1})
    shown = tuple(break_reading.break_row(row) for row in rows[:limit])
    return Page(shown, shown[-1].row_no if len(rows) > limit else None, totals["count"], totals["amount"])


def break_of(desk: Desk, person: Person, partner: str, business_on: date, which: int | str) -> BreakView:
    """One row of the day's current version, by its number or its key, with everything behind it.

    Raises Forbidden ``act-not-allowed``, NotFound ``break-unknown``.
    """
    person.require(Act.SEE)
    column = "r.row_no" if isinstance(which, int) else "r.row_key"
    found = fetch(
        desk,
        break_reading.shown(f"{break_reading.ROWS} AND {column} = %(which)s"),
        {"partner": desk.partner(partner).id, "day": business_on, "which": which},
    )
    if not found:
        raise NotFound(
            "the day's current version has no such row",
            code="break-unknown",
            where=f"{partner} {business_on} {which}",
            action="look at the day again",
            facts={"partner": partner, "business_on": business_on},
        )
    stored, row = found[0], break_reading.break_row(found[0])
    moved = moved_rows(desk, row.target.partner, business_on)
    payments = break_reading.payments(desk, stored["payment_pks"])
    refunds = break_reading.refunds(desk, stored["refund_pks"])
    entries = break_reading.entries(desk, partner, stored["entry_pks"])
    not_possible = set() if money_is_free(desk, partner, payments, entries) else set(_OF_MONEY)
    if not movable(desk, row.target, stored):
        not_possible.add(Decision.MOVE_DAY)
    if settled_in_bulk(stored):
        not_possible.add(Decision.LINK)
    return BreakView(
        row=row,
        fields=break_reading.field_pairs(row, (*payments, *refunds), entries),
        payments=payments,
        entries=entries,
        refunds=refunds,
        dossiers=break_reading.dossiers(desk, [*row.dossier_codes, *(one.dossier_code for one in payments)]),
        candidates=tuple(break_reading.candidate(one) for one in stored["candidates"]),
        suggestions=tuple(stored["suggestions"]),
        decisions=break_reading.decided(desk, partner, business_on, row.row_key),
        enquiries=break_reading.enquiries_of(desk, partner, business_on, row.row_key),
        left=break_effects.left(desk, row.target),
        may=_may(person, row) - frozenset(not_possible),
        moved_from=tuple(one for one in moved if row.row_key in one.here_keys and one.to_on == business_on),
        moved_to=tuple(one for one in moved if (one.from_on, one.row_key) == (business_on, row.row_key)),
    )


def history(desk: Desk, person: Person, partner: str, business_on: date, row_key: str) -> list[Decided]:
    """Every decision about a row of a day, of all its versions, oldest first. Raises Forbidden."""
    person.require(Act.SEE)
    return list(break_reading.decided(desk, desk.partner(partner).id, business_on, row_key))


def freeze(rows: Sequence[BreakRow]) -> FrozenList:
    """The list that a person is about to decide on."""
    return FrozenList(tuple(row.target for row in rows), len(rows), sum(row.amount for row in rows))


def open_breaks(desk: Desk, person: Person, partner: str, business_on: date) -> FrozenList:
    """Every open break of the day, as a list to decide on. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    where, values = _filter(desk.partner(partner).id, business_on, "", "", BreakState.OPEN.value, "")
    rows = fetch(desk, break_reading.shown(where), values)
    return freeze([break_reading.break_row(row) for row in rows])


def decision_named(kind: str) -> Decision:
    """What may be decided, by its name. Raises Conflict ``decision-incomplete``."""
    if kind not in set(Decision) - {Decision.UNDO, Decision.CONFIRM}:
        raise Conflict(
            f"{kind!r} cannot be decided",
            code="decision-incomplete",
            action=f"one of {', '.join(Decision)}",
            case="kind",
            facts={"typed": kind},
        )
    return Decision(kind)


def decide(desk: Desk, person: Person, target: Target, kind: Decision, *, reason: str, **params: object) -> int:
    """Decide about one break; the decision's number. All or nothing, in one transaction.

    ``params`` by kind: attribute ``dossier_code`` and, where one fee is meant, ``fee_id``, ``amount``; link ``entries``
    and ``payments`` (numbers of the other side's rows) or ``references`` (theirs, separated by blanks); refund
    ``amount``, ``payment_pk``; move_day ``to``; enquire ``question``, ``answer_due_on``. Raises what
    ``break_decisions.append`` and ``break_effects.prepare`` raise.
    """
    person.require(_ACT.get(kind, Act.DECIDE))
    return desk.whole(lambda: _decide(desk, person, target, kind, reason, params, None))


def decide_many(
    desk: Desk, person: Person, frozen: FrozenList, kind: Decision, *, reason: str, **params: object
) -> list[int]:
    """Decide the same about every row of a frozen list, or about none.

    Raises as ``decide``, and Conflict ``batch-changed`` where its count or amount is not what was frozen.
    """
    person.require(_ACT.get(kind, Act.DECIDE))
    if kind not in _IN_BULK:
        raise Conflict(
            f"{kind.value} is about one break",
            code="not-in-bulk",
            where=kind.value,
            action="decide them one by one",
            facts={"kind": kind.value},
        )
    sent = len(set(frozen.targets))
    if not 0 < sent == frozen.count <= LARGEST_BATCH:
        told = f"{sent} rows, not {frozen.count} (at most {LARGEST_BATCH})"
        raise batch_changed(told, case="rows", facts={"sent": sent, "frozen": frozen.count, "most": LARGEST_BATCH})
    targets = sorted(frozen.targets, key=lambda one: (one.partner, one.business_on, one.row_key))
    with desk.connection.transaction():
        stored = [lock_row(desk.connection, target) for target in targets]
        amount = sum(break_effects.in_question(desk, target, row) for target, row in zip(targets, stored, strict=True))
        if amount != frozen.amount:
            told = f"the rows are about {amount} đồng, not {frozen.amount}"
            raise batch_changed(told, case="amount", facts={"amount": amount, "frozen": frozen.amount})
        batch = append_batch(desk.connection, kind, targets, amount, person.user, desk.clock.now())
        return [_decide(desk, person, target, kind, reason, params, batch) for target in targets]


def undo(desk: Desk, person: Person, decision_pk: int, *, reason: str) -> int:
    """Take a decision back by another one, and its effect where that is possible; the undo's number.

    Of a link all its rows are undone together. Raises Forbidden ``act-not-allowed``; NotFound ``decision-unknown``;
    Conflict ``undo-not-possible``, ``decision-not-in-force``, ``decision-stale``, ``decision-day-closed``.
    """
    person.require(Act.DECIDE)
    return desk.whole(lambda: break_effects.undo(desk, person, decision_pk, reason))


def confirm(desk: Desk, person: Person, decision_pk: int, *, reason: str) -> int:
    """A second person confirms a write-off that is above one person's limit; the confirmation's number.

    Raises Forbidden ``act-not-allowed``, ``same-person``; NotFound ``decision-unknown``; Conflict.
    """
    person.require(Act.CONFIRM_WRITE_OFF)
    with desk.connection.transaction():
        earlier = break_effects.decision(desk, decision_pk)
        break_effects.require_reason(reason, earlier.now.where)
        entry = Entry(earlier.now, Decision.CONFIRM, reason.strip(), earlier.amount, {}, about=decision_pk)
        return append(desk.connection, entry, person.user, desk.clock.now())


_IN_BULK = frozenset({Decision.ACCEPT, Decision.WRITE_OFF, Decision.MOVE_DAY, Decision.ENQUIRE})


def _decide(
    desk: Desk,
    person: Person,
    target: Target,
    kind: Decision,
    reason: str,
    params: dict[str, object],
    batch: int | None,
) -> int:
    break_effects.require_reason(reason, target.where)
    row = lock_row(desk.connection, target)
    if kind is Decision.LINK:
        return break_links.link(desk, person, target, row, reason, params)
    plan = break_effects.prepare(desk, person, target, row, kind, reason, params)
    entry = Entry(target, kind, reason.strip(), plan.amount, plan.params, batch_pk=batch)
    pk = append(desk.connection, entry, person.user, desk.clock.now())
    if kind is Decision.ENQUIRE:
        enquiries.send(desk, target, row, pk, plan)
    return pk


_OF_MONEY = frozenset({Decision.ATTRIBUTE, Decision.REFUND})
"""Decisions about money that came in: there must be a payment on record, or one credit to book one from."""


_OF_THE_REST = _OF_MONEY | {Decision.ACCEPT, Decision.WRITE_OFF, Decision.UNDO}
"""What may be decided about the rest of a row's money, after parts of it were attributed or given back."""


def _may(person: Person, row: BreakRow) -> frozenset[Decision]:
    """The decisions that this person could make about the row now, as far as roles and its state tell."""
    if row.state is BreakState.WAITING:
        confirms = person.may(Act.CONFIRM_WRITE_OFF) and person.user.lower() != row.decided_by.lower()
        kinds = {Decision.CONFIRM} if confirms else set()
        return frozenset(kinds | ({Decision.UNDO} if person.may(Act.DECIDE) else set()))
    if row.state is BreakState.DECIDED:
        kinds = {Decision.UNDO}
        if row.decision is Decision.ACCEPT and row.entry_class == EntryClass.UNIDENTIFIED and not row.our_amount:
            kinds |= _OF_MONEY  # what is understood is still to be given to a fee or back
        return frozenset(kinds if person.may(Act.DECIDE) else set())
    kinds = set(_OF_THE_REST) if row.state is BreakState.PARTLY else set(Decision) - {Decision.UNDO, Decision.CONFIRM}
    if row.state is BreakState.ASKED:
        kinds -= {Decision.ENQUIRE}
    return frozenset(kind for kind in kinds if person.may(_ACT.get(kind, Act.DECIDE)))


def _filter(
    partner: str, business_on: date, outcome: str, entry_class: str, state: str, text: str
) -> tuple[str, dict[str, object]]:
    where = break_reading.ROWS
    values: dict[str, object] = {"partner": partner, "day": business_on}
    for column, name, value in (("r.outcome", "outcome", outcome), ("r.class", "class", entry_class)):
        if value:
            where += f" AND {column} = %({name})s"
            values[name] = value
    if state:
        where += break_reading.OF_STATE[BreakState(state)] if state in set(BreakState) else " AND false"
    if text.strip():
        where += (
            " AND concat_ws(' ', r.reference, array_to_string(r.dossier_codes, ' '), r.reason, r.our_value,"
            " r.their_value, r.our_amount, r.their_amount) ILIKE %(text)s"
        )
        escaped = as_stored(text.strip()).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values["text"] = f"%{escaped}%"
    return where, values


def batch_changed(message: str, *, case: str, facts: Mapping[str, object]) -> Conflict:
    """To raise where a list is not the one that was frozen."""
    action = "look at the list and decide again"
    return Conflict(message, code="batch-changed", where="bulk decision", action=action, case=case, facts=facts)
