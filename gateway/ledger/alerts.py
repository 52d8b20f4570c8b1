"""What people should know: one open alert per cause, repeated only on change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Alert:
    """``cause`` identifies it; while it is open the same cause is told again only where its text changes."""

    cause: str
    code: str
    partner: str
    text_vi: str
    action: str


def raise_alerts(conn: Connection[tuple[object, ...]], alerts: Sequence[Alert], now: datetime) -> None:
    """Open each alert unless it is open already."""
    if alerts:
        conn.cursor().executemany(
            "INSERT INTO gateway.alert AS a (cause, code, partner, text_vi, action, raised_at, changed_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (cause) WHERE cleared_at IS NULL"
            " DO UPDATE SET text_vi = excluded.text_vi, action = excluded.action, changed_at = excluded.changed_at"
            " WHERE (a.text_vi, a.action) IS DISTINCT FROM (excluded.text_vi, excluded.action)",
            [(a.cause, a.code, a.partner, a.text_vi, a.action, now, now) for a in alerts],
        )


def clear_alerts(conn: Connection[tuple[object, ...]], causes: Sequence[str], now: datetime) -> None:
    """Close the open alerts of these causes."""
    if causes:
        conn.execute(
            "UPDATE gateway.alert SET cleared_at = %s, changed_at = %s WHERE cleared_at IS NULL AND cause = ANY(%s)",
            (now, now, list(causes)),
        )
