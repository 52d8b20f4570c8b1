"""What people should know: one open alert per cause, and what is news about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection

Rows = Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Alert:
    """``cause`` identifies it; ``path`` is the page, below the console's root, where it is dealt with.

    The figures in ``text_vi`` may move. People are told again only of another ``gist``, or of a ``step`` higher than
    any they were told of. No text holds personal data: it leaves by mail.
    """

    cause: str
    code: str
    partner: str
    text_vi: str
    action: str
    path: str = "/"
    gist: str = ""
    step: int = 0


def raise_alerts(conn: Rows, alerts: Sequence[Alert], now: datetime, *, quiet: timedelta = timedelta(0)) -> None:
    """Open each alert unless it is open already; one that was cleared less than ``quiet`` ago goes on as it was."""
    if not alerts:
        return
    conn.execute(
        "UPDATE gateway.alert a SET cleared_at = NULL, changed_at = %(now)s"
        " WHERE a.cause = ANY(%(causes)s) AND a.cleared_at > %(since)s AND NOT EXISTS (SELECT FROM gateway.alert b"
        "   WHERE b.cause = a.cause AND (b.cleared_at IS NULL OR b.alert_pk > a.alert_pk))",
        {"causes": [alert.cause for alert in alerts], "since": now - quiet, "now": now},
    )
    conn.cursor().executemany(
        "INSERT INTO gateway.alert AS a (cause, code, partner, text_vi, action, path, gist, step, raised_at,"
        " changed_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (cause) WHERE cleared_at IS NULL"
        " DO UPDATE SET text_vi = excluded.text_vi, action = excluded.action, path = excluded.path,"
        " gist = excluded.gist, step = excluded.step, changed_at = excluded.changed_at"
        " WHERE (a.text_vi, a.action, a.path, a.gist, a.step)"
        " IS DISTINCT FROM (excluded.text_vi, excluded.action, excluded.path, excluded.gist, excluded.step)",
        [(a.cause, a.code, a.partner, a.text_vi, a.action, a.path, a.gist, a.step, now, now) for a in alerts],
    )


def clear_alerts(
    conn: Rows,
    codes: Sequence[str],
    standing: Sequence[str],
    now: datetime,
    *,
    kept: Collection[tuple[str, str]] = (),
) -> int:
    """Close the open alerts of these codes whose causes no longer stand; how many. ``kept``: (code, partner)s left."""
    return conn.execute(
        "UPDATE gateway.alert SET cleared_at = %(now)s, changed_at = %(now)s"
        " WHERE cleared_at IS NULL AND code = ANY(%(codes)s) AND cause <> ALL(%(standing)s) AND NOT EXISTS ("
        "  SELECT FROM unnest(%(of)s::text[], %(at)s::text[]) k (code, partner)"
        "   WHERE (k.code, k.partner) = (alert.code, alert.partner))",
        {
            "now": now,
            "codes": list(codes),
            "standing": list(standing),
            "of": [code for code, _ in kept],
            "at": [partner for _, partner in kept],
        },
    ).rowcount
