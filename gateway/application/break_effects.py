"""What a decision does besides being written down: money given to a fee, a refund asked for, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.application import break_moves
from gateway.application.access import Person
from gateway.application.break_reading import fetch
from gateway.application.break_uses import require_own_money, require_unused
from gateway.application.decision_params import day_named, number
from gateway.application.desk import Desk
from gateway.errors import Conflict, NotFound
from gateway.ledger import refunds
from gateway.reconciliation.break_decisions import Decision, Entry, Target, append, lock_row

Params = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a decision will be about: its money in đồng, and what it remembers."""

    amount: int
    params: dict[str, object]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A decision that another one is about. ``now``: its row in the day's current version."""

    decision_pk: int
    kind: Decision
    now: Target
    amount: int
    params: Mapping[str, Any]
    batch_pk: int | None


def at_stake(row: Mapping[str, object]) -> int:
    """The money in question of a row as read with ``AT_STAKE``, in đồng."""
    return int(str(row["amount"]))


def left(desk: Desk, target: Target) -> int:
    """What decisions have not attributed yet or given back of the money in question of a row, in đồng."""
    query = "SELECT gateway.row_left(%(partner)s, %(day)s, %(key)s) AS amount"
    values = {"partner": target.partner, "day": target.business_on, "key": target.row_key}
    return int(fetch(desk, query, values)[0]["amount"] or 0)


def in_question(desk: Desk, target: Target, row: Mapping[str, object]) -> int:
    """The money that a decision about the whole row, or about what is left of it, is about. ``row``: as locked."""
    return left(desk, target) if row["used"] else at_stake(row)


def require_reason(reason: str, where: str) -> None:
    """Raises Conflict ``reason-missing``: no decision without a why."""
    if not reason.strip():
        raise Conflict("a decision needs a reason", code="reason-missing", where=where, action="say why")


def prepare(
    desk: Desk, person: Person, target: Target, row: Mapping[str, Any], kind: Decision, reason: str, params: Params
) -> Plan:
    """Try what the decision needs, inside the caller's transaction.

    Raises NotFound ``dossier-unknown``, ``fee-unknown``, ``no-payment-on-record``; Conflict ``amount-does-not-fit``,
    ``money-used-already``, ``move-not-possible``, ``step-not-allowed``, ``decision-incomplete``.
    """
    if kind is Decision.ATTRIBUTE:
        return _attribute(desk, target, row, params)
    if kind is Decision.REFUND:
        return _refund(desk, person, target, row, reason, params)
    if kind is Decision.MOVE_DAY:
        to = day_named(params.get("to"), "to")
        break_moves.require_movable(desk, target, row, to)
        return Plan(at_stake(row), {"to": to.isoformat()})
    asked = params if kind is Decision.ENQUIRE else {}
    return Plan(in_question(desk, target, row), {name: str(value) for name, value in asked.items() if value})


def decision(desk: Desk, decision_pk: int) -> Earlier:
    """Raises NotFound ``decision-unknown``."""
    found = fetch(
        desk,
        "SELECT b.*, d.version AS current FROM gateway.break_decision b JOIN gateway.recon_day d"
        " USING (partner, business_on) WHERE b.decision_pk = %(pk)s AND b.kind NOT IN ('undo', 'confirm')",
        {"pk": decision_pk},
    )
    if not found:
        raise NotFound(
            "there is no such decision",
            code="decision-unknown",
            where=str(decision_pk),
            facts={"decision": decision_pk},
        )
    row = found[0]
    now = Target(row["partner"], row["business_on"], row["current"], row["row_key"])
    return Earlier(decision_pk, Decision(row["kind"]), now, row["amount"], row["params"], row["batch_pk"])


def undo(desk: Desk, person: Person, decision_pk: int, reason: str) -> int:
    """Append the undo of a decision, and of a link's other rows, inside the caller's transaction."""
    earlier = decision(desk, decision_pk)
    require_reason(reason, earlier.now.where)
    lock_row(desk.connection, earlier.now)
    _take_back(desk, person, earlier, reason)
    entry = Entry(earlier.now, Decision.UNDO, reason.strip(), earlier.amount, {}, about=decision_pk)
    undone = append(desk.connection, entry, person.user, desk.clock.now())
    if earlier.kind is Decision.LINK:
        for other in _others_of_link(desk, earlier):
            append(
                desk.connection,
                Entry(other.now, Decision.UNDO, reason.strip(), other.amount, {}, about=other.decision_pk),
                person.user,
                desk.clock.now(),
            )
    return undone


def _take_back(desk: Desk, person: Person, earlier: Earlier, reason: str) -> None:
    where = f"decision {earlier.decision_pk}"
    if earlier.kind is Decision.ENQUIRE:
        raise Conflict(
            "a question that was asked cannot be unasked",
            code="undo-not-possible",
            case="enquiry",
            where=where,
            action="record its answer, or decide the break otherwise: an enquiry hinders no other decision",
        )
    if earlier.kind is Decision.ATTRIBUTE:
        done = fetch(
            desk, "SELECT 1 FROM gateway.attribution WHERE decision_pk = %(pk)s LIMIT 1", {"pk": earlier.decision_pk}
        )
        if done:
            raise Conflict(
                "the money was given to its fee when the day was approved, and the dossier system was told",
                code="undo-not-possible",
                case="given",
                where=where,
                action="request a refund of the payment instead",
            )
    if earlier.kind is Decision.REFUND:
        _withdraw(desk, person, str(earlier.params["refund_id"]), reason, where)


def _withdraw(desk: Desk, person: Person, refund_id: str, reason: str, where: str) -> None:
    found = fetch(desk, "SELECT state FROM gateway.refund WHERE refund_id = %(id)s", {"id": refund_id})
    state = found[0]["state"] if found else "rejected"
    if state in ("requested", "proposed"):
        refunds.reject(desk.connection, refund_id, desk.clock.now(), person.user, reason.strip())
    elif state not in ("rejected", "refused"):
        raise Conflict(
            f"the refund {refund_id} is {state}",
            code="undo-not-possible",
            where=where,
            action="money that is on its way comes back as a returned transfer, if at all",
            case="refund",
            facts={"refund_id": refund_id, "state": state},
        )


def _others_of_link(desk: Desk, earlier: Earlier) -> list[Earlier]:
    rows = fetch(
        desk,
        "SELECT decision_pk FROM gateway.break_decision_now WHERE batch_pk = %(batch)s AND decision_pk <> %(pk)s"
        " ORDER BY decision_pk",
        {"batch": earlier.batch_pk, "pk": earlier.decision_pk},
    )
    return [decision(desk, row["decision_pk"]) for row in rows]


def _attribute(desk: Desk, target: Target, row: Mapping[str, Any], params: Params) -> Plan:
    code, fee_id = str(params.get("dossier_code") or ""), str(params.get("fee_id") or "")
    payment_pk, free = _payment(desk, target, row, params)
    fees = _due_fees(desk, code, fee_id, target)
    amount = _amount(params, free)
    left, shares = amount, []
    for fee_pk, due in fees:
        share = min(due, left)
        if share > 0:
            shares.append([fee_pk, share])
            left -= share
    if not 0 < amount <= free or left:
        owed = sum(due for _, due in fees)
        raise Conflict(
            f"{amount} đồng do not fit: {free} are free, {owed} are owed",
            code="amount-does-not-fit",
            where=target.where,
            action="attribute what is owed, and refund the rest",
            case="attribute",
            facts={"amount": amount, "free": free, "owed": owed},
        )
    return Plan(amount, {"payment_pk": payment_pk, "dossier_code": code, "fees": shares})


def _refund(desk: Desk, person: Person, target: Target, row: Mapping[str, Any], reason: str, params: Params) -> Plan:
    payment_pk, free = _payment(desk, target, row, params)
    amount = _amount(params, free)
    if not 0 < amount <= free:
        raise Conflict(
            f"{amount} đồng do not fit: {free} are free",
            code="amount-does-not-fit",
            where=target.where,
            action="look at the fees and refunds of the payment",
            case="refund",
            facts={"amount": amount, "free": free},
        )
    refund_id = refunds.request(desk.connection, payment_pk, amount, reason.strip(), desk.clock.now(), by=person.user)
    return Plan(amount, {"payment_pk": payment_pk, "refund_id": refund_id})


def _payment(desk: Desk, target: Target, row: Mapping[str, Any], params: Params) -> tuple[int, int]:
    """The payment that a decision is about, and how much of it is free; booked from the entry where there is none."""
    pks = list(row["payment_pks"])
    if params.get("payment_pk"):
        pks = [pk for pk in pks if pk == number(params["payment_pk"], "payment_pk")]
    if not pks:
        pks = [_booked(desk, target, row)]
    found = fetch(
        desk,
        "SELECT payment_pk, amount - allocated - refunding - coalesce((SELECT sum(n.amount)::bigint"
        "   FROM gateway.break_decision_now n WHERE n.kind = 'attribute'"
        "    AND n.params ->> 'payment_pk' = payment_pk::text"
        "    AND NOT EXISTS (SELECT FROM gateway.attribution a WHERE a.decision_pk = n.decision_pk)), 0) AS free"
        " FROM gateway.payment WHERE payment_pk = ANY (%(pks)s) ORDER BY 2 DESC, 1",
        {"pks": pks},
    )
    payment_pk = int(found[0]["payment_pk"])
    require_own_money(desk, target, payment_pk)
    return payment_pk, int(found[0]["free"])


def _booked(desk: Desk, target: Target, row: Mapping[str, Any]) -> int:
    credits = []
    if desk.partner(target.partner).role != "postal":
        credits = fetch(
            desk,
            "SELECT entry_pk FROM gateway.statement_entry WHERE entry_pk = ANY (%(pks)s) AND amount > 0",
            {"pks": list(row["entry_pks"])},
        )
    if len(credits) != 1:
        raise NotFound(
            "the row has neither a payment on record nor one credit of a statement",
            code="no-payment-on-record",
            where=target.where,
            action="link it, accept it with a reason, or ask the partner",
        )
    require_unused(desk, target, credits[0]["entry_pk"])
    booked = desk.connection.execute(
        "SELECT gateway.book_entry(%s, %s)", (credits[0]["entry_pk"], desk.clock.now())
    ).fetchone()
    return int(str(booked[0])) if booked is not None else 0


def _due_fees(desk: Desk, code: str, fee_id: str, target: Target) -> list[tuple[int, int]]:
    """Fees that still owe, in their order, less what other decisions have promised them."""
    rows = fetch(
        desk,
        "SELECT f.fee_pk, f.amount - f.paid - coalesce((SELECT sum((s ->> 1)::bigint)::bigint"
        "   FROM gateway.break_decision_now n CROSS JOIN LATERAL jsonb_array_elements(n.params -> 'fees') s"
        "   WHERE n.kind = 'attribute' AND (s ->> 0)::bigint = f.fee_pk"
        "     AND NOT EXISTS (SELECT FROM gateway.attribution a WHERE a.decision_pk = n.decision_pk)), 0) AS due"
        " FROM gateway.fee f WHERE f.dossier_code = %(code)s AND f.state <> 'cancelled'"
        "  AND (%(fee)s = '' OR f.fee_id = %(fee)s) ORDER BY f.fee_pk",
        {"code": code, "fee": fee_id},
    )
    if not rows:
        raise NotFound(
            f"{code or 'no dossier'} has no fee {fee_id}".rstrip(),
            code="fee-unknown",
            where=target.where,
            action="look at the dossier's code and its fees",
            case="" if code and fee_id else "none" if code else "no-dossier",
            facts={"dossier_code": code, "fee_id": fee_id},
        )
    return [(int(row["fee_pk"]), int(row["due"])) for row in rows]


def _amount(params: Params, free: int) -> int:
    given = params.get("amount")
    return free if given in (None, "") else number(given, "amount")
