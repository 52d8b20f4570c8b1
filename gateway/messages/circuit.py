"""One circuit breaker per partner: a partner that is away costs lateness, and consumes no attempts.

Closed: messages go. Open: nothing is tried until ``open_until``. Then one probe is let through; its success closes the
circuit, its failure opens it again. It closes by itself, after a restart too: its state is a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.messages.store import Connection


class Gate(StrEnum):
    CLOSED = "closed"
    PROBE = "probe"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """Opens after ``failures`` in a row, for ``open_for``; for up to 16 times as long while probes keep failing."""

    failures: int = 5
    open_for: timedelta = timedelta(seconds=60)

    def opens_for(self, failures: int) -> timedelta:
        """How long it stays open after so many failures in a row."""
        return self.open_for * (1 << min(max(failures - self.failures, 0), 4))


def gate(connection: Connection, partner: str, now: datetime) -> Gate:
    """Whether messages may go to this partner now."""
    row = connection.execute("SELECT open_until FROM gateway.circuit WHERE partner = %s", (partner,)).fetchone()
    if row is None or not isinstance(row[0], datetime):
        return Gate.CLOSED
    return Gate.OPEN if now < row[0] else Gate.PROBE


def succeeded(connection: Connection, partner: str, now: datetime) -> None:
    """The partner answered: close."""
    connection.execute(
        "UPDATE gateway.circuit SET failures = 0, open_until = NULL, changed_at = %s"
        " WHERE partner = %s AND (failures > 0 OR open_until IS NOT NULL)",
        (now, partner),
    )


def failed(connection: Connection, partner: str, breaker: Breaker, now: datetime, *, times: int = 1) -> bool:
    """The partner did not answer so many ``times``; whether the circuit is open now.

    Calls that end together open it for one pause: only a probe that fails makes the next one longer.
    """
    row = connection.execute(
        "INSERT INTO gateway.circuit AS c (partner, failures, changed_at) VALUES (%s, 0, %s)"
        " ON CONFLICT (partner) DO UPDATE SET changed_at = EXCLUDED.changed_at RETURNING c.failures, c.open_until",
        (partner, now),
    ).fetchone()
    assert row is not None  # RETURNING of an upsert
    failures, open_until = int(str(row[0])), row[1]
    if isinstance(open_until, datetime):
        if now < open_until:
            return True  # the call was under way when it opened
        failures += 1
    else:
        failures = min(failures + times, breaker.failures)
    is_open = failures >= breaker.failures
    connection.execute(
        "UPDATE gateway.circuit SET failures = %s, open_until = %s WHERE partner = %s",
        (failures, now + breaker.opens_for(failures) if is_open else None, partner),
    )
    return is_open
