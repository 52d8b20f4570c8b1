"""What people decided about the rows of a day, in the words of reports: kind, reason, who, when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TypeVar

from psycopg import Connection

from gateway.masking import masked_text
from gateway.model import VIETNAM
from gateway.reconciliation.break_decisions import DECISION_VI, WHAT, Decision
from gateway.reconciliation.outcomes import dong
from gateway.reports import editions
from gateway.reports.rows import DayReport

Key = TypeVar("Key")
Rows = Connection[tuple[object, ...]]
_WHAT_VI = {
    Decision.ATTRIBUTE: ", hồ sơ {what}, {amount}",
    Decision.REFUND: " {what}, {amount}",
    Decision.LINK: " {what}",
    Decision.MOVE_DAY: " {what}",
}


def decided(conn: Rows, report: DayReport) -> dict[int, str]:
    """Number of a row -> what people had decided about it and why, where that was in force in this edition."""
    found = conn.execute(
        editions.DECIDED.encode(), {"version_pk": report.version_pk, "last": report.edition.decisions}
    ).fetchall()
    return _joined((int(str(number)), _in_words(*facts)) for number, *facts in found)


_DECIDED_BY = f"""
SELECT b.business_on, b.row_key, b.kind, b.reason, b.by_user, b.at, c.by_user,
       NOT b.needs_second OR c.by_user IS NOT NULL, b.amount, {WHAT}
  FROM unnest(%(days)s::date[], %(keys)s::text[]) k(business_on, row_key)
  JOIN gateway.break_decision b USING (business_on, row_key)
  LEFT JOIN gateway.break_decision c ON c.about = b.decision_pk AND c.kind = 'confirm' AND c.at <= %(when)s
 WHERE b.partner = %(partner)s AND b.kind NOT IN ('undo', 'confirm') AND b.at <= %(when)s
   AND NOT EXISTS (SELECT FROM gateway.break_decision u
        WHERE u.about = b.decision_pk AND u.kind = 'undo' AND u.at <= %(when)s)
 ORDER BY b.business_on, b.row_key, b.decision_pk"""  # noqa: S608 - a constant of ours


def decided_by(
    conn: Rows, partner: str, keys: Sequence[tuple[date, str]], when: datetime
) -> dict[tuple[date, str], str]:
    """Day and key of a row -> what was in force about it at ``when``, in words."""
    found = conn.execute(
        _DECIDED_BY.encode(),
        {"partner": partner, "days": [day for day, _ in keys], "keys": [key for _, key in keys], "when": when},
    ).fetchall()
    return _joined(((day, str(key)), _in_words(*facts)) for day, key, *facts in found if isinstance(day, date))


def _in_words(
    kind: object, reason: object, user: object, at: object, confirmed: object, effective: object, amount: object,
    what: object,
) -> str:  # fmt: skip
    decision = Decision(str(kind))
    told = _WHAT_VI.get(decision, "").format(what=what, amount=dong(int(str(amount))))
    day = f"{at.astimezone(VIETNAM):%d/%m/%Y}" if isinstance(at, datetime) else ""
    who = f"{user}, {confirmed}" if confirmed else str(user)
    waits = "" if effective else " (chờ người thứ hai)"
    why = masked_text(str(reason))
    return f"{DECISION_VI[decision]}{told}{waits}: {why} ({who}, {day})"


def _joined(lines: Iterable[tuple[Key, str]]) -> dict[Key, str]:
    told: dict[Key, str] = {}
    for key, line in lines:
        told[key] = f"{told[key]}\n{line}" if key in told else line
    return told
