"""Conservation of messages: what came in and what was created, against what became of them, per business date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gateway.messages.expiry import NEEDED
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
    delivered + in doubt + waiting + given up, and none is held by a worker that is gone. The bytes of each message
    are there that retention did not let go, and always those that may still be needed; counted, not read.
    """
    rows = connection.execute(
        "SELECT direction, partner, state, count(*), min(message_pk), max(message_pk), min(body_month), max(body_month)"
        " FROM gateway.message WHERE business_on = %s"
        " GROUP BY direction, partner, state ORDER BY direction, partner, state",
        (business_on,),
    ).fetchall()
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for direction, partner, state, count, *_ in rows:
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
    lines += [_keys(connection, business_on), _bodies(connection, business_on, rows)]
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


# The identities of a day lie close together: of the bodies of its months only those between its ends are looked at.
_BODIES = """
SELECT count(*), count(b.message_pk) FROM gateway.message m LEFT JOIN gateway.message_body b
    ON (b.month, b.message_pk) = (m.body_month, m.message_pk)
   AND b.month BETWEEN %(early)s AND %(late)s AND b.message_pk BETWEEN %(first)s AND %(last)s
 WHERE m.business_on = %(day)s"""
_EXPIRED = "SELECT max(before) FROM gateway.body_expiry"


def _bodies(connection: Connection, business_on: date, rows: Sequence[Sequence[object]]) -> Line:
    """The bytes that must be there: of all messages whose month did not expire, and of those that may be needed.

    ``rows`` end with the first and last identity and the first and last month of the day's messages.
    """
    if not rows:
        return Line("messages whose bytes are here", 0, 0)
    firsts, lasts, earliest, latest = list(zip(*rows, strict=True))[4:]
    early = min(month for month in earliest if isinstance(month, date))
    values = {"day": business_on, "first": min(firsts), "last": max(lasts), "early": early, "late": max(latest)}
    ((expired,),) = connection.execute(_EXPIRED).fetchall()
    query = _BODIES
    if isinstance(expired, date) and expired > early:
        query += f" AND (m.body_month >= %(expired)s OR {NEEDED})"
        values["expired"] = expired
    ((must, here),) = connection.execute(query.encode(), values).fetchall()
    return Line("messages whose bytes are here", int(str(must)), int(str(here)))
