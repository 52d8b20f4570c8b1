"""What is late or does not close, as long as it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from gateway.application.access import Act, Person
from gateway.application.desk import Desk


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """One cause. ``partner`` is "" where it is nobody's in particular.

    ``action`` says what to do and ``path`` on which page below the console's root. ``told_at``: when the last mail
    about it left, None where none did.
    """

    code: str
    partner: str
    text_vi: str
    action: str
    path: str
    raised_at: datetime
    told_at: datetime | None


def open_alerts(desk: Desk, person: Person, *, limit: int = 50) -> list[OpenAlert]:
    """The open alerts, the oldest first. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    with desk.connection.cursor(row_factory=class_row(OpenAlert)) as cursor:
        return cursor.execute(
            "SELECT code, partner, text_vi, action, path, raised_at, (SELECT max(told_at) FROM gateway.alert_told t"
            "   WHERE t.alert_pk = a.alert_pk) AS told_at"
            " FROM gateway.alert a WHERE cleared_at IS NULL ORDER BY raised_at, alert_pk LIMIT %s",
            (limit,),
        ).fetchall()
