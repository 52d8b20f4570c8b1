"""The counts behind Chỉ tiêu: summed up every night, and held against the dossiers and payments themselves."""

from __future__ import annotations

from psycopg import Connection

from gateway.errors import DoesNotClose

_DIFFERENT = """
SELECT what, month, unit_code, sum(counted_part), sum(live_part), sum(counted_whole), sum(live_whole) FROM (
    SELECT what, month, unit_code, part AS counted_part, 0 AS live_part, whole AS counted_whole, 0 AS live_whole
      FROM gateway.indicator_count
    UNION ALL
    SELECT what, month, unit_code, 0, part, 0, whole FROM gateway.indicators_live()) both_of_it
 GROUP BY what, month, unit_code
HAVING sum(counted_part) <> sum(live_part) OR sum(counted_whole) <> sum(live_whole) ORDER BY 1, 2, 3 LIMIT 20"""
_MONTHS_DIFFERENT = """
SELECT count(*) FROM ((TABLE gateway.paid_month EXCEPT TABLE gateway.paid_month_live)
    UNION ALL (TABLE gateway.paid_month_live EXCEPT TABLE gateway.paid_month)) d"""


def sum_up(conn: Connection[tuple[object, ...]]) -> None:
    """One row for each unit and month again, in a transaction of its own. Pages wait for nothing meanwhile."""
    with conn.transaction():
        conn.execute("SELECT gateway.sum_indicators()")


def prove(conn: Connection[tuple[object, ...]]) -> None:
    """Raises DoesNotClose ``indicators-differ`` where a count is not what the dossiers and payments say.

    Less than a minute for a million dossiers. Both sides are read as of one moment.
    """
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rows = conn.execute(_DIFFERENT.encode()).fetchall()
        (months,) = conn.execute(_MONTHS_DIFFERENT.encode()).fetchone() or (0,)
    if not rows and not months:
        return
    told = [f"{what} {month} {unit}: {part} of {whole} counted, {live} of {all_live} there are"
            for what, month, unit, part, live, whole, all_live in rows]  # fmt: skip
    raise DoesNotClose(
        "; ".join(told or [f"{months} months of dossiers that paid are not as their payments say"]),
        code="indicators-differ",
        where="indicators",
        action="find who changed dossiers or payments past the triggers; then SELECT gateway.count_indicators_anew()",
    )
