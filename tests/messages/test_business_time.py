"""Days are Vietnam's, whatever UTC says: at 00:30, at 06:30, at the end of a month and of the year."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from gateway.clock import vietnam_date
from gateway.messages import outbox, proof, store
from gateway.messages.store import Connection
from gateway.model import VIETNAM
from tests.messages.partner_double import order, raw

pytestmark = pytest.mark.services

MOMENTS = [
    (datetime(2026, 11, 24, 0, 30, tzinfo=VIETNAM), date(2026, 11, 24)),  # still the 23rd in UTC
    (datetime(2026, 11, 24, 6, 30, tzinfo=VIETNAM), date(2026, 11, 24)),  # still the 23rd in UTC
    (datetime(2026, 11, 30, 23, 59, tzinfo=VIETNAM), date(2026, 11, 30)),
    (datetime(2026, 12, 1, 0, 1, tzinfo=VIETNAM), date(2026, 12, 1)),  # still November in UTC
    (datetime(2026, 12, 31, 23, 59, tzinfo=VIETNAM), date(2026, 12, 31)),
    (datetime(2027, 1, 1, 0, 30, tzinfo=VIETNAM), date(2027, 1, 1)),  # still 2026 in UTC
]


@pytest.mark.parametrize(("at", "day"), MOMENTS, ids=[f"{at:%d-%m %H:%M}" for at, _ in MOMENTS])
def test_a_message_belongs_to_the_day_and_month_of_vietnam(connection: Connection, at: datetime, day: date) -> None:
    store.store(connection, [raw(id="in")], now=at)
    outbox.enqueue(connection, [order(1)], now=at)
    found = connection.execute("SELECT DISTINCT business_on, body_month FROM gateway.message").fetchall()
    assert found == [(day, day.replace(day=1))]
    bodies = connection.execute(
        "SELECT tableoid::regclass::text, count(*) FROM gateway.message_body GROUP BY 1"
    ).fetchall()
    assert bodies == [(f"message_body_{day:%Y%m}", 2)]
    assert vietnam_date(at) == day


def test_the_proof_of_a_day_counts_what_came_after_midnight_to_the_next(connection: Connection) -> None:
    for at, _ in MOMENTS[-2:]:
        store.store(connection, [raw(id=at.isoformat())], now=at)
        outbox.enqueue(connection, [order(at.year)], now=at)
    for at, day in MOMENTS[-2:]:
        lines = {line.name: line for line in proof.prove(connection, day)}
        assert lines["messages out bank-a"].left == 1, at
        # an event that is only stored is not accounted for yet: the proof says so
        assert (lines["messages in dossier"].left, lines["messages in dossier"].closes) == (1, False)
