"""In which standing a version of a day was reported: after which steps of people, with which decisions of its breaks.

Steps and decisions are numbered as they are added, so an edition of long ago is made again whatever people did since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from psycopg import Connection

from gateway.errors import NotFound
from gateway.reconciliation.break_decisions import WHAT

Rows = Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Edition:
    """``steps``: the last step (propose, approve, reject) of the version; ``decisions``: the last one about a break.

    Both are numbers of their tables, 0 for none.
    """

    version: int
    steps: int
    decisions: int


def standing(conn: Rows, partner: str, business_on: date, version: int | None = None) -> Edition:
    """A version (the current one) with everything that people did about it. Raises NotFound ``day-unknown``."""
    row = conn.execute(
        "SELECT v.version, coalesce((SELECT max(s.decision_pk) FROM gateway.recon_decision s"
        "   WHERE (s.partner, s.business_on, s.version) = (v.partner, v.business_on, v.version)), 0),"
        " coalesce((SELECT max(b.decision_pk) FROM gateway.break_decision b"
        "   WHERE (b.partner, b.business_on) = (v.partner, v.business_on) AND b.version <= v.version), 0)"
        " FROM gateway.recon_version v JOIN gateway.recon_day d USING (partner, business_on)"
        " WHERE v.partner = %s AND v.business_on = %s AND v.version = coalesce(%s, d.version)",
        (partner, business_on, version),
    ).fetchone()
    if row is None:
        where = f"{partner} {business_on}" + ("" if version is None else f" v{version}")
        raise NotFound("this day was never reconciled, or has no such version", code="day-unknown", where=where)
    return Edition(*(int(str(value)) for value in row))


# Of decisions about earlier versions those hold whose row says the same. What came after the edition does not count.
DECIDED = f"""
WITH known AS (
    SELECT b.* FROM gateway.recon_version v JOIN gateway.break_decision b USING (partner, business_on)
     WHERE v.version_pk = %(version_pk)s AND b.version <= v.version AND b.decision_pk <= %(last)s)
SELECT r.row_no, b.kind, b.reason, b.by_user, b.at, c.by_user AS confirmed_by,
       NOT b.needs_second OR c.decision_pk IS NOT NULL AS effective, b.amount, {WHAT} AS what
  FROM known b JOIN gateway.recon_row r ON r.version_pk = %(version_pk)s AND r.row_key = b.row_key
  LEFT JOIN known c ON c.about = b.decision_pk AND c.kind = 'confirm'
 WHERE b.kind NOT IN ('undo', 'confirm')
   AND NOT EXISTS (SELECT FROM known u WHERE u.about = b.decision_pk AND u.kind = 'undo')
 ORDER BY r.row_no, b.decision_pk"""  # noqa: S608 - a constant of ours
