"""Why a day that people had proposed or approved has a newer version: told with the day, never erased."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import psycopg
from psycopg import Connection

from gateway.errors import Conflict, Forbidden, NotFound
from gateway.reconciliation import grounds
from gateway.reconciliation.decisions import STATE, asked

Rows = Connection[tuple[object, ...]]

_WHAT: Mapping[str, str] = {
    "ours": "sổ của hệ thống thay đổi sau khi đối soát",
    "theirs": "sao kê hoặc bảng kê của đối tác đến sau",
    "near_ours": "giao dịch ngày lân cận của hệ thống thay đổi",
    "near_theirs": "dòng ngày lân cận của đối tác đến sau",
}
RULES_CHANGED = "bộ quy tắc hoặc phiên bản đối soát thay đổi"
# Where both sides are the same: what else an agreed day is judged from, as the grounds of its versions name it.
_GROUNDS: Mapping[str, str] = {
    "waiting": "hạn chờ kết luận đã qua",
    "settled": "báo có gộp của ngày khác thay đổi",
    "near_bulk": "báo có gộp đến sau",
    "batches": "lô quyết toán thay đổi",
    "beside": "lô quyết toán thay đổi",
    "remittances": "bảng kê thu hộ thay đổi",
    "counts": "số kiểm quỹ thay đổi",
    "partner": "cấu hình của đối tác thay đổi",
    "days": "lịch làm việc của đối tác thay đổi",
}


def record(conn: Rows, partner: str, business_on: date, version: int, *, was: str, now: datetime) -> None:
    """A machine judged otherwise than in ``version``: say what had changed, inside the caller's transaction."""
    rows = conn.execute(
        "SELECT inputs, rules, engine FROM gateway.recon_version WHERE partner = %s AND business_on = %s"
        " AND version IN (%s, %s) ORDER BY version",
        (partner, business_on, version, version + 1),
    ).fetchall()
    old, new = rows[0], rows[-1]
    before, after = dict(old[0]), dict(new[0])  # type: ignore[call-overload]  # jsonb objects
    told = [text for name, text in _WHAT.items() if before.get(name) != after.get(name)]
    if not told:
        told = _grounds_changed(conn, partner, business_on, version)
    if old[1:] != new[1:] or not told:
        told.append(RULES_CHANGED)
    conn.execute(
        "INSERT INTO gateway.day_reopening (partner, business_on, from_version, to_version, was, reason, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (partner, business_on, version, version + 1, was, "; ".join(told), now),
    )


def _grounds_changed(conn: Rows, partner: str, business_on: date, version: int) -> list[str]:
    """What else the version after ``version`` was judged from that is not as it was then."""
    then, now = (grounds.stored(conn, partner, business_on, number) for number in (version, version + 1))
    if then is None or now is None:
        return []
    before, after = ({**{name: getattr(one, name, None) for name in _GROUNDS}, **one.seen} for one in (then, now))
    return list(dict.fromkeys(text for name, text in _GROUNDS.items() if before.get(name) != after.get(name)))


def reopen(conn: Rows, partner: str, business_on: date, user: str, reason: str, *, now: datetime) -> int:
    """A person reopens an approved day: a new version with the same bytes, to be decided and approved again.

    Raises NotFound ``day-unknown``; Forbidden ``act-not-allowed``; Conflict ``step-not-allowed``.
    """
    where, day = f"{partner} {business_on}", {"partner": partner, "business_on": business_on}
    try:
        with conn.transaction():
            row = conn.execute(
                "SELECT gateway.reopen_day(%s, %s, %s, %s, %s)", (partner, business_on, user, reason, now)
            ).fetchone()
    except psycopg.errors.CheckViolation as error:
        message = error.diag.message_primary or "not now"
        if error.diag.constraint_name == "decision_role":
            raise Forbidden(
                message,
                code="act-not-allowed",
                where=where,
                action="ask a finance checker",
                facts={"user": user, "act": "reopen", "roles": ["finance_checker"]},
            ) from error
        raise Conflict(
            message,
            code="step-not-allowed",
            where=where,
            action="only an approved day is reopened",
            case="day",
            facts={"state": asked(conn, STATE, day), "act": "reopen"},
        ) from error
    if row is None or row[0] is None:
        raise NotFound("this day was never reconciled", code="day-unknown", where=where, facts=day)
    return int(str(row[0]))
