"""What is late or does not close, as long as it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from gateway.application.access import Act, Person
from gateway.application.desk import Desk


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """One cause. ``partner`` is "" where it is nobody's in particular; ``action`` says what to do."""

    code: str
    partner: str
    text_vi: str
    action: str
    raised_at: datetime


def open_alerts(desk: Desk, person: Person, *, limit: int = 50) -> list[OpenAlert]:
    """The open alerts, the oldest first. Raises Forbidden ``act-not-allowed``."""
    person.require(Act.SEE)
    with desk.connection.cursor(row_factory=class_row(OpenAlert)) as cursor:
        return cursor.execute(
            "SELECT code, partner, text_vi, action, raised_at FROM gateway.alert WHERE cleared_at IS NULL"
            " ORDER BY raised_at, alert_pk LIMIT %s",
            (limit,),
        ).fetchall()
