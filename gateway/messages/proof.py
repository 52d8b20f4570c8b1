"""Conservation of messages: what came in and what was created, against what became of them, per business date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gateway.messages.store import Connection

_IN = ("applied", "duplicate", "quarantined", "parked", "dead_lettered")
_OUT = ("delivered", "in_doubt", "waiting", "given_up")


@dataclass(frozen=True, slots=True)
class Line:
    """One sum of the proof: ``left`` must equal ``right``. ``parts`` says what ``right`` is made of."""

    name: str
    left: int
    right: int
    parts: Sequence[tuple[str, int]] = ()

    @property
    def closes(self) -> bool:
        return self.left == self.right


def prove(connection: Connection, business_on: date) -> list[Line]:
    """The lines of a business date, per direction and partner.

    In: received = applied + duplicate + quarantined + parked + dead-lettered, and none is unprocessed. Out: created =
    delivered + in doubt + waiting + given up, and none is held by a worker that is gone. Each body that has not
    expired is there and is told by its digest; that is checked by count here.
    """
    rows = connection.execute(
        "SELECT direction, partner, state, count(*) FROM gateway.message WHERE business_on = %s"
        " GROUP BY direction, partner, state ORDER BY direction, partner, state",
        (business_on,),
    ).fetchall()
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for direction, partner, state, count in rows:
        counted.setdefault((str(direction), str(partner)), {})[str(state)] = int(str(count))
    lines = []
    for (direction, partner), states in counted.items():
        known = _IN if direction == "in" else _OUT
        parts = [(state, states[state]) for state in known if state in states]
        if direction == "out":
            # Held by a living worker at this moment: on its way, not vanished. Its lease decides.
            parts.append(("sending", _held(connection, business_on, partner)))
        lines.append(
            Line(
                name=f"messages {direction} {partner}",
                left=sum(states.values()),
                right=sum(count for _, count in parts),
                parts=tuple(part for part in parts if part[1]),
            )
        )
    lines.append(_keys(connection, business_on))
    return lines


def _held(connection: Connection, business_on: date, partner: str) -> int:
    row = connection.execute(
        "SELECT count(*) FROM gateway.message WHERE state = 'sending' AND business_on = %s AND partner = %s"
        " AND claimed_until >= clock_timestamp()",
        (business_on, partner),
    ).fetchone()
    return 0 if row is None else int(str(row[0]))


def _keys(connection: Connection, business_on: date) -> Line:
    """Every applied or parked message holds its id, so none can be applied twice."""
    row = connection.execute(
        "SELECT count(*), count(k.message_pk) FROM gateway.message m LEFT JOIN gateway.message_key k USING (message_pk)"
        " WHERE m.direction = 'in' AND m.business_on = %s AND m.state IN ('applied', 'parked')",
        (business_on,),
    ).fetchone()
    assert row is not None  # an aggregate
    return Line("applied messages that hold their id", int(str(row[0])), int(str(row[1])))
