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
from gateway.reconciliation.outcomes import OUTCOME_VI, Outcome

Rows = Connection[tuple[object, ...]]

BROKER = "broker"
"""The partner id of what starts our own DAGs."""


def propose(
    conn: Rows, partner: Partner, business_on: date, user: str, *, now: datetime, snapshot_sha256: str = ""
) -> None:
    """One person proposes the day as it stands. ``snapshot_sha256`` is what they saw ("": the current version).

    Raises NotFound ``day-unknown``; Forbidden ``act-not-allowed``; Conflict ``step-not-allowed``, ``snapshot-changed``,
    ``breaks-open``.
    """
    _decide(conn, partner, business_on, "propose", user, now, snapshot_sha256, "")


def approve(
    conn: Rows, partner: Partner, business_on: date, user: str, *, now: datetime, snapshot_sha256: str = ""
) -> list[OutboxRow]:
    """Another person approves: the snapshot is final, the partner hears of it, and the settlement run starts.

    What was attributed moves now. Raises Forbidden ``same-person``, Conflict ``amount-does-not-fit`` where a fee or a
    payment has changed since, and as ``propose``.
    """
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
    where = f"{partner.id} {business_on}"
    row = conn.execute(
        "SELECT d.version, v.snapshot_sha256 FROM gateway.recon_day d JOIN gateway.recon_version v"
        " USING (partner, business_on, version) WHERE partner = %s AND business_on = %s",
        (partner.id, business_on),
    ).fetchone()
    if row is None:
        raise NotFound("this day was never reconciled", code="day-unknown", where=where, action="reconcile it first")
    version, digest = int(str(row[0])), str(row[1])
    if seen and seen != digest:
        raise Conflict(
            "the day was reconciled anew after it was looked at",
            code="snapshot-changed",
            where=where,
            action="look at the new version and decide again",
        )
    try:
        with conn.transaction():
            conn.execute(
                "INSERT INTO gateway.recon_decision (partner, business_on, version, act, by_user, at, snapshot_sha256,"
                " reason) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (partner.id, business_on, version, act, user, now, digest, reason),
            )
    except psycopg.errors.CheckViolation as error:
        raise _refusal(error, where, user) from error
    return version, digest


def _refusal(error: psycopg.errors.CheckViolation, where: str, user: str) -> GatewayError:
    name, message = error.diag.constraint_name or "", error.diag.message_primary or "not now"
    if name == "decision_two_people":
        return Forbidden(
            "the person who proposed cannot approve",
            code="same-person",
            where=where,
            action="let another person approve",
        )
    if name == "decision_role":
        return Forbidden(message, code="act-not-allowed", where=where, action=f"grant {user} the role, or ask another")
    if name == "decision_about_what_is":
        return Conflict("the day has a newer version", code="snapshot-changed", where=where, action="look at it again")
    if name == "decision_breaks_open":
        return Conflict(message, code="breaks-open", where=where, action="decide every break, then propose")
    if name == "decision_moves_wait":
        return Conflict(
            message, code="moves-not-judged", where=where, action="have the day judged again, look at it, then propose"
        )
    if name in ("fee_paid_within_amount", "payment_not_given_twice", "fee_cancelled_holds_nothing"):
        return Conflict(
            "an attribution no longer fits its fee or payment",
            code="amount-does-not-fit",
            where=where,
            action="reject the proposal, undo that attribution and decide again",
        )
    return Conflict(message, code="step-not-allowed", where=where)


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
