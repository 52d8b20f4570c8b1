"""Decisions about single breaks: appended, never edited. The schema checks version, state, role and amount."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import psycopg
from psycopg import Connection
from psycopg.rows import dict_row

from gateway.errors import Conflict, NotFound, Problem
from gateway.ledger.role_refusals import by_role
from gateway.masking import masked_text
from gateway.reconciliation.break_refusals import refusal

Rows = Connection[tuple[object, ...]]

AT_STAKE = "gateway.at_stake(r.outcome, r.our_amount, r.their_amount, r.our_value, r.their_value)"
"""SQL of the money in question of a row ``r`` of ``gateway.recon_row``, in đồng: what differs, else all of it."""


class Decision(StrEnum):
    """What a person may decide about a break. ``undo`` and ``confirm`` are about another decision."""

    ACCEPT = "accept"
    LINK = "link"
    ATTRIBUTE = "attribute"
    ENQUIRE = "enquire"
    REFUND = "refund"
    WRITE_OFF = "write_off"
    MOVE_DAY = "move_day"
    UNDO = "undo"
    CONFIRM = "confirm"


DECISION_VI: Mapping[Decision, str] = {
    Decision.ACCEPT: "Chấp nhận chênh lệch",
    Decision.LINK: "Ghép bằng tay",
    Decision.ATTRIBUTE: "Gán tiền cho khoản thu",
    Decision.ENQUIRE: "Tra soát đối tác",
    Decision.REFUND: "Đề nghị hoàn tiền",
    Decision.WRITE_OFF: "Xóa chênh lệch nhỏ",
    Decision.MOVE_DAY: "Chuyển sang ngày khác",
    Decision.UNDO: "Hủy quyết định",
    Decision.CONFIRM: "Xác nhận của người thứ hai",
}
"""As the pages say it; what is signed uses the same words."""

WHAT = """CASE b.kind
    WHEN 'attribute' THEN b.params ->> 'dossier_code'
    WHEN 'refund' THEN b.params ->> 'refund_id'
    WHEN 'move_day' THEN to_char((b.params ->> 'to')::date, 'DD/MM/YYYY')
    WHEN 'link' THEN (SELECT string_agg(linked.name, ', ' ORDER BY linked.side, linked.pk) FROM (
        SELECT 1 AS side, p.payment_pk AS pk, p.reference AS name
          FROM jsonb_array_elements_text(b.params -> 'payments') x(pk)
          JOIN gateway.payment p ON p.payment_pk = x.pk::bigint
        UNION ALL
        SELECT 2, e.entry_pk, coalesce(nullif(e.keys, ''), nullif(e.tokens, ''), to_char(e.booked_on, 'DD/MM/YYYY'))
          FROM jsonb_array_elements_text(b.params -> 'entries') x(pk)
          JOIN gateway.statement_entry e ON e.entry_pk = x.pk::bigint AND e.partner = b.partner
        UNION ALL
        SELECT 2, l.line_pk, l.order_number
          FROM jsonb_array_elements_text(b.params -> 'entries') x(pk)
          JOIN gateway.remittance_line l ON l.line_pk = x.pk::bigint
          JOIN gateway.remittance r ON r.remittance_pk = l.remittance_pk AND r.partner = b.partner) linked)
    ELSE '' END"""
"""SQL of what a decision ``b`` gave money to, moved it to or joined: a dossier, refund or date, rows of both sides."""


@dataclass(frozen=True, slots=True)
class Target:
    """One break as a person saw it: the row ``row_key`` of ``version`` of a partner's day."""

    partner: str
    business_on: date
    version: int
    row_key: str

    @property
    def where(self) -> str:
        return f"{self.partner} {self.business_on} {self.row_key}"

    @property
    def day(self) -> Mapping[str, object]:
        """The facts of an error about its day."""
        return {"partner": self.partner, "business_on": self.business_on}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be appended. ``amount`` in đồng; ``about`` names the decision that an undo or a confirm is about."""

    target: Target
    kind: Decision
    reason: str
    amount: int
    params: Mapping[str, object]
    about: int | None = None
    batch_pk: int | None = None


def lock_row(conn: Rows, target: Target) -> dict[str, object]:
    """The row as it is stored, its day locked against everybody else. Raises Conflict ``decision-stale``, NotFound."""
    day = conn.execute(
        "SELECT version, state FROM gateway.recon_day WHERE partner = %s AND business_on = %s FOR UPDATE",
        (target.partner, target.business_on),
    ).fetchone()
    if day is None:
        raise NotFound("this day was never reconciled", code="day-unknown", where=target.where, facts=target.day)
    if day[0] != target.version:
        raise Conflict(
            f"the day is at version {day[0]}, not {target.version}",
            code="decision-stale",
            where=target.where,
            action="look at what changed and decide again",
            problems=changes(conn, target, int(str(day[0]))),
            facts={"current": day[0], "seen": target.version},
        )
    row = _row(conn, target, target.version)
    if row is None:
        raise NotFound(
            "this version has no such row",
            code="break-unknown",
            where=target.where,
            action="look at the day again",
            facts=target.day,
        )
    return row


def append(conn: Rows, entry: Entry, by_user: str, at: datetime) -> int:
    """Append one decision inside the caller's transaction; its number.

    Raises Forbidden ``act-not-allowed``, ``same-person``, ``write-off-limit``; Conflict ``decision-stale``,
    ``decision-day-closed``, ``break-decided-already``, ``decision-not-in-force``, ``amount-does-not-fit``;
    NotFound ``break-unknown``; of money that is moved Conflict ``move-not-possible``, ``undo-not-possible``.
    """
    target = entry.target
    try:
        with conn.transaction():
            row = conn.execute(
                "INSERT INTO gateway.break_decision (partner, business_on, version, row_key, kind, reason, amount,"
                " params, about, batch_pk, by_user, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s)"
                " RETURNING decision_pk",
                (
                    target.partner, target.business_on, target.version, target.row_key, entry.kind.value,
                    entry.reason, entry.amount, json.dumps(entry.params, ensure_ascii=False), entry.about,
                    entry.batch_pk, by_user, at,
                ),
            ).fetchone()  # fmt: skip
    except psycopg.errors.CheckViolation as error:
        raise refusal(error, target.where, _facts(conn, entry, by_user), _standing(conn, target)) from error
    except psycopg.errors.UniqueViolation as error:
        raise Conflict("it is undone or confirmed already", code="decision-not-in-force", where=target.where) from error
    return int(str(row[0])) if row is not None else 0


def append_batch(conn: Rows, kind: Decision, targets: Sequence[Target], amount: int, by_user: str, at: datetime) -> int:
    """The frozen list of a bulk decision, before its decisions; its number.

    The schema checks at the end of the transaction that all of it was decided, count and amount. Raises Forbidden
    ``act-not-allowed``.
    """
    listed = [[one.partner, one.business_on.isoformat(), one.version, one.row_key] for one in targets]
    with by_role(f"{len(targets)} rows", "decision_batch_by_finance", "ask somebody who has the role"):
        row = conn.execute(
            "INSERT INTO gateway.decision_batch (kind, targets, count, amount, by_user, at)"
            " VALUES (%s, %s::jsonb, %s, %s, %s, %s) RETURNING batch_pk",
            (kind.value, json.dumps(listed), len(targets), amount, by_user, at),
        ).fetchone()
    return int(str(row[0])) if row is not None else 0


def changes(conn: Rows, target: Target, current: int) -> list[Problem]:
    """Field by field, what became of the row that was seen in ``target.version``, up to version ``current``."""
    where = f"{target.partner} {target.business_on} v{target.version} → v{current}"
    old = _row(conn, target, target.version)
    if old is None:
        return [Problem(where, "row", "that version had no such row", "never", {"seen": target.version})]
    new = _row(conn, target, current) or _successor(conn, target, current, old)
    if new is None:
        return [Problem(where, "row", "it is no longer there", "gone", {"current": current})]
    told = [_change(where, name, old[name], new[name]) for name in _COMPARED if old[name] != new[name]]
    return told or [Problem(where, "row", "this row did not change, the day around it did", "same")]


def _change(where: str, name: str, old: object, new: object) -> Problem:
    case, facts = _COMPARED[name], {"column": name, "before": old, "after": new}
    if isinstance(old, list) and isinstance(
        new, list
    ):  # numbers of rows tell a person nothing, how many there are does
        facts |= {"before": len(old), "after": len(new)}
        case = "rows" if len(old) != len(new) else "other-rows"
    return Problem(where, name, f"{_text(old)} → {_text(new)}", case, facts)


_COMPARED: Mapping[str, str] = {
    "outcome": "outcome",
    "class": "class",
    "our_amount": "amount",
    "their_amount": "amount",
    **dict.fromkeys(("field", "our_value", "their_value", "reference", "reason"), "text"),
    **dict.fromkeys(("payment_pks", "refund_pks", "entry_pks"), "rows"),
}
"""Column -> the case that tells its change."""
_OF_VERSION = (
    f"SELECT r.*, {AT_STAKE} AS amount, gateway.row_used(v.partner, v.business_on, r.row_key) AS used"  # noqa: S608 - our own words
    " FROM gateway.recon_row r JOIN gateway.recon_version v USING (version_pk)"
    " WHERE v.partner = %(partner)s AND v.business_on = %(day)s AND v.version = %(version)s"
)


def _row(conn: Rows, target: Target, version: int) -> dict[str, object] | None:
    query = f"{_OF_VERSION} AND r.row_key = %(key)s AND r.outcome <> 'matched'"
    return _fetch(conn, query, target, version, {"key": target.row_key})


def _successor(conn: Rows, target: Target, version: int, old: Mapping[str, object]) -> dict[str, object] | None:
    query = (
        f"{_OF_VERSION} AND (r.payment_pks && %(payments)s::bigint[] OR r.entry_pks && %(entries)s::bigint[]"
        " OR r.refund_pks && %(refunds)s::bigint[] OR r.reference = %(reference)s AND r.reference <> '')"
        " ORDER BY r.row_no LIMIT 1"
    )
    more = {
        "payments": old["payment_pks"],
        "entries": old["entry_pks"],
        "refunds": old["refund_pks"],
        "reference": old["reference"],
    }
    return _fetch(conn, query, target, version, more)


def _fetch(
    conn: Rows, query: str, target: Target, version: int, more: Mapping[str, object]
) -> dict[str, object] | None:
    values = {"partner": target.partner, "day": target.business_on, "version": version, **more}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), values).fetchone()


def _facts(conn: Rows, entry: Entry, by_user: str) -> Mapping[str, object]:
    """What a refusal of ``entry`` may tell: the day as it is now, the row's money, the limit, who does what."""
    target = entry.target
    row = _fetch(conn, _STANDS, target, target.version, {"key": target.row_key})
    told = {"seen": target.version, "user": by_user, "act": entry.kind.value, "kind": entry.kind.value}
    return {**target.day, **(row or {}), **told, "amount": entry.amount, "other": _other_day(conn, entry)}


def _other_day(conn: Rows, entry: Entry) -> object:
    """The day to which a decision moves money, or from which its undo takes it back; "" for other decisions."""
    if entry.kind is Decision.MOVE_DAY:
        return date.fromisoformat(str(entry.params["to"]))
    row = conn.execute("SELECT to_on FROM gateway.money_move WHERE decision_pk = %s", (entry.about,)).fetchone()
    return "" if row is None else row[0]


_STANDS = (
    "SELECT d.version AS current, d.state, l.amount AS most, coalesce((SELECT s.amount FROM"  # noqa: S608 - our own words
    f" ({_OF_VERSION} AND r.row_key = %(key)s) s), 0) AS at_stake FROM gateway.recon_day d, gateway.write_off_limit l"
    " WHERE d.partner = %(partner)s AND d.business_on = %(day)s AND l.role = 'finance_checker'"
)


def _standing(conn: Rows, target: Target) -> Sequence[Problem]:
    rows = conn.execute(
        "SELECT kind, by_user, at, reason FROM gateway.break_decision_now"
        " WHERE partner = %s AND business_on = %s AND row_key = %s ORDER BY decision_pk",
        (target.partner, target.business_on, target.row_key),
    ).fetchall()
    return [
        Problem(
            target.where,
            str(kind),
            f"{user}: {masked_text(str(reason))}",
            "standing",
            {"kind": kind, "user": user, "at": at, "reason": masked_text(str(reason))},
        )
        for kind, user, at, reason in rows
    ]


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "∅"
    return str(value) or "∅"
