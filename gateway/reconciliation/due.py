"""Which business dates have inputs, and which of them are to be reconciled (again)."""

from __future__ import annotations

from datetime import date, timedelta

from psycopg import Connection

_OVERLAP = timedelta(minutes=10)
"""A file that was being committed while the day was judged may be missing in it: such a day is judged once more."""

_LOADED = (
    "SELECT business_on, loaded_at FROM gateway.statement WHERE partner = %(partner)s"
    " UNION ALL SELECT e.booked_on, s.loaded_at FROM gateway.statement s"
    "   JOIN gateway.statement_entry_seen n USING (statement_pk) JOIN gateway.statement_entry e USING (entry_pk)"
    "   WHERE s.partner = %(partner)s AND e.booked_on <> s.business_on"
    " UNION ALL SELECT business_on, loaded_at FROM gateway.remittance WHERE partner = %(partner)s"
)


def has_inputs(connection: Connection[tuple[object, ...]], partner: str, business_on: date) -> bool:
    """Whether a statement or remittance of that business date was ever loaded."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM gateway.statement WHERE partner = %(partner)s AND business_on = %(day)s)"
        " OR EXISTS (SELECT FROM gateway.remittance WHERE partner = %(partner)s AND business_on = %(day)s)",
        {"partner": partner, "day": business_on},
    ).fetchone()
    return row is not None and row[0] is True


def days_to_reconcile(connection: Connection[tuple[object, ...]], partner: str) -> list[date]:
    """Business dates with inputs that no version has judged yet, or that came after (or with) the last one."""
    return sorted({*_days_loaded(connection, partner), *days_moved(connection, partner)})


def days_moved(connection: Connection[tuple[object, ...]], partner: str) -> list[date]:
    """Judged business dates that people moved money to, or took it back from, since.

    A day that is stopped is not among them: the file or the release that ends the stop has it judged, with its moves.
    """
    rows = connection.execute(
        "SELECT DISTINCT business_on FROM gateway.day_moves_wait JOIN gateway.recon_day USING (partner, business_on)"
        " WHERE partner = %s AND stopped = '' ORDER BY 1",
        (partner,),
    ).fetchall()
    return [row[0] for row in rows if isinstance(row[0], date)]


def _days_loaded(connection: Connection[tuple[object, ...]], partner: str) -> list[date]:
    rows = connection.execute(
        "WITH loaded AS (" + _LOADED + ")"  # noqa: S608 - a constant of this module
        " SELECT l.business_on FROM loaded l LEFT JOIN gateway.recon_version v"
        "   ON v.partner = %(partner)s AND v.business_on = l.business_on"
        " GROUP BY l.business_on HAVING max(v.as_of) IS NULL OR max(l.loaded_at) >= max(v.as_of) - %(overlap)s"
        " ORDER BY l.business_on",
        {"partner": partner, "overlap": _OVERLAP},
    ).fetchall()
    return [row[0] for row in rows if isinstance(row[0], date)]
