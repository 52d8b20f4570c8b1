"""Four eyes on a day: one person proposes, another approves, bound to the bytes they saw. The schema enforces both.

A proposal binds the digest of the snapshot and of the decisions in force about its breaks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

import psycopg
from psycopg import Connection

from gateway.errors import Conflict, Forbidden, GatewayError, NotFound
from gateway.model import Kind, OutboxRow
from gateway.partners import Partner
from gateway.payloads import DayApproved, SettlementConfirmation
from gateway.reconciliation.completeness import require_balances
from gateway.reconciliation.outcomes import OUTCOME_VI, Outcome

Rows = Connection[tuple[object, ...]]

STATE = "SELECT state FROM gateway.recon_day WHERE partner = %(partner)s AND business_on = %(business_on)s"
"""SQL of a day's state."""
BROKER = "broker"
"""The partner id of what starts our own DAGs."""


def propose(
    conn: Rows, partner: Partner, business_on: date, user: str, *, now: datetime, snapshot_sha256: str = ""
) -> None:
    """One person proposes the day as it stands. ``snapshot_sha256`` is what they saw ("": the current version).

    Raises NotFound ``day-unknown``; Forbidden ``act-not-allowed``; Conflict ``step-not-allowed``, ``snapshot-changed``,
    ``breaks-open``, ``day-stopped``.
    """
    require_balances(conn, partner, business_on)
    _decide(conn, partner, business_on, "propose", user, now, snapshot_sha256, "")


def approve(
    conn: Rows, partner: Partner, business_on: date, user: str, *, now: datetime, snapshot_sha256: str = ""
) -> list[OutboxRow]:
    """Another person approves: the snapshot is final, the partner hears of it, and the settlement run starts.

    What was attributed moves now. Raises Forbidden ``same-person``, Conflict ``amount-does-not-fit`` where a fee or a
    payment has changed since, ``money-used-already`` where the money has another use since, and as ``propose``.
    """
    require_balances(conn, partner, business_on)
    version, digest = _decide(conn, partner, business_on, "approve", user, now, snapshot_sha256, "")
    name = f"XNDS_{partner.id}_{business_on:%Y%m%d}_v{version}.csv"
    payload = SettlementConfirmation(
        partner=partner.id,
        business_on=business_on.isoformat(),
        version=version,
        snapshot_sha256=digest,
        file_name=name,
        content=_confirmation(conn, partner, business_on, version, digest),
    )
    key = f"{partner.id}:{business_on.isoformat()}:{version}"
    approved = DayApproved(partner=partner.id, business_on=business_on.isoformat(), approved_by=user)
    return [
        OutboxRow(
            partner=partner.id, kind=Kind.SETTLEMENT_CONFIRMATION, message_id=f"settlement:{key}", payload={**payload},
            transaction_id=f"settlement:{key}",
        ),
        OutboxRow(partner=BROKER, kind=Kind.DAY_APPROVED, message_id=f"approved:{key}", payload={**approved}),
    ]  # fmt: skip


def reject(conn: Rows, partner: Partner, business_on: date, user: str, reason: str, *, now: datetime) -> None:
    """Send a proposed day back. Raises NotFound, Conflict."""
    _decide(conn, partner, business_on, "reject", user, now, "", reason)


def _decide(
    conn: Rows, partner: Partner, business_on: date, act: str, user: str, now: datetime, seen: str, reason: str
) -> tuple[int, str]:
    where, day = f"{partner.id} {business_on}", {"partner": partner.id, "business_on": business_on}
    row = conn.execute(
        "SELECT d.version, v.snapshot_sha256 FROM gateway.recon_day d JOIN gateway.recon_version v"
        " USING (partner, business_on, version) WHERE partner = %s AND business_on = %s",
        (partner.id, business_on),
    ).fetchone()
    if row is None:
        raise NotFound(
            "this day was never reconciled", code="day-unknown", where=where, action="reconcile it first", facts=day
        )
    version, digest = int(str(row[0])), str(row[1])
    if seen and seen != digest:
        raise Conflict(
            "the day was reconciled anew after it was looked at",
            code="snapshot-changed",
            where=where,
            action="look at the new version and decide again",
            facts={"version": version},
        )
    try:
        with conn.transaction():
            conn.execute(
                "INSERT INTO gateway.recon_decision (partner, business_on, version, act, by_user, at, snapshot_sha256,"
                " reason) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (partner.id, business_on, version, act, user, now, digest, reason),
            )
    except psycopg.errors.CheckViolation as error:
        raise _refusal(conn, error, {**day, "user": user, "act": act, "version": version}) from error
    return version, digest


def _refusal(conn: Rows, error: psycopg.errors.CheckViolation, told: Mapping[str, object]) -> GatewayError:
    """The schema's refusal in our words; ``told``: the day, its version as it was read, who does what."""
    where = f"{told['partner']} {told['business_on']}"
    name, message = error.diag.constraint_name or "", error.diag.message_primary or "not now"
    if name in ("decision_two_people", "decision_role"):
        return _not_by_this_person(name, message, where, told)
    if name == "decision_about_what_is":
        message, action, facts = "the day has a newer version", "look at it again", {"version": told["version"]}
        return Conflict(message, code="snapshot-changed", where=where, action=action, case="since", facts=facts)
    if name == "decision_breaks_open":
        count = asked(conn, "SELECT gateway.open_breaks(%(partner)s, %(business_on)s)", told)
        action, breaks = "decide every break, then propose", {"count": count}
        return Conflict(message, code="breaks-open", where=where, action=action, facts=breaks)
    if name == "decision_day_stopped":
        return Conflict(
            message,
            code="day-stopped",
            where=where,
            action="see why, correct it or release it, then reconcile it again",
            facts={"business_on": told["business_on"], "partner": told["partner"]},
        )
    if name == "decision_moves_wait":
        action, day = "have the day judged again, look at it, then propose", {"business_on": told["business_on"]}
        return Conflict(message, code="moves-not-judged", where=where, action=action, facts=day)
    if name in ("fee_paid_within_amount", "payment_not_given_twice", "fee_cancelled_holds_nothing"):
        return Conflict(
            "an attribution no longer fits its fee or payment",
            code="amount-does-not-fit",
            where=where,
            action="reject the proposal, undo that attribution and decide again",
            case="since",
        )
    if name == "money_used_once":
        return Conflict(
            "money that was attributed has another use since",
            code="money-used-already",
            where=where,
            action="reject the proposal, undo that attribution and decide again",
            case="since",
        )
    state = {"state": asked(conn, STATE, told), "act": told["act"]}
    return Conflict(message, code="step-not-allowed", where=where, case="day", facts=state)


def _not_by_this_person(name: str, message: str, where: str, told: Mapping[str, object]) -> Forbidden:
    user, act = told["user"], told["act"]
    if name == "decision_two_people":
        return Forbidden(
            "the person who proposed cannot approve",
            code="same-person",
            where=where,
            action="let another person approve",
            case="day",
            facts={"user": user},
        )
    return Forbidden(
        message,
        code="act-not-allowed",
        where=where,
        action=f"grant {user} the role, or ask another",
        facts={"user": user, "act": act, "roles": ["finance_maker" if act == "propose" else "finance_checker"]},
    )


def asked(conn: Rows, query: str, told: Mapping[str, object]) -> object:
    """The one value that a refusal tells, read in the transaction that was refused."""
    row = conn.execute(query.encode(), told).fetchone()
    return row[0] if row is not None else ""


def _confirmation(conn: Rows, partner: Partner, business_on: date, version: int, digest: str) -> str:
    """The confirmation as text (project-defined): totals per outcome, then every line that is not matched."""
    summary = conn.execute(
        "SELECT version_pk, summary FROM gateway.recon_version"
        " WHERE partner = %s AND business_on = %s AND version = %s",
        (partner.id, business_on, version),
    ).fetchone()
    version_pk, totals = summary if summary is not None else (0, {})
    totals = json.loads(totals) if isinstance(totals, str) else totals
    lines = [f"XNDS|{partner.id}|{business_on.isoformat()}|{version}|{digest}"]
    if isinstance(totals, Mapping):
        lines += [
            f"TONG|{outcome}|{OUTCOME_VI[Outcome(outcome)]}|{count}|{ours}|{theirs}"
            for outcome, (count, ours, theirs) in sorted(totals.items())
        ]
    rows = conn.execute(
        "SELECT row_no, outcome, reference, our_amount, their_amount, side FROM gateway.recon_row"
        " WHERE version_pk = %s AND outcome <> 'matched' ORDER BY row_no",
        (version_pk,),
    ).fetchall()
    lines += ["LECH|" + "|".join(str(value) for value in row) for row in rows]
    lines.append(f"HET|{len(rows)}")
    return "\r\n".join(lines) + "\r\n"
