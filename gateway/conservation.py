"""The daily proof that nothing vanished, over messages and money, in count and in amount."""

from __future__ import annotations

from datetime import date

from gateway.errors import DoesNotClose
from gateway.ledger import proof as money
from gateway.messages import proof as messages
from gateway.messages.proof import Line
from gateway.messages.store import Connection
from gateway.model import Summary

__all__ = ["Line", "lines", "prove"]


def lines(connection: Connection, business_on: date) -> list[Line]:
    """Every sum of the business date, messages first, then money per account."""
    return [
        *messages.prove(connection, business_on),
        *(Line(line.name, line.left, line.right) for line in money.prove_money(connection, business_on)),
    ]


def prove(connection: Connection, business_on: date) -> Summary:
    """Raises DoesNotClose ``day-does-not-close``, naming every sum that is off and by how much."""
    found = lines(connection, business_on)
    broken = [line for line in found if not line.closes]
    if broken:
        told = "; ".join(f"{line.name}: {line.left} ≠ {line.right} (by {line.left - line.right})" for line in broken)
        raise DoesNotClose(
            told,
            code="day-does-not-close",
            where=business_on.isoformat(),
            action="`gateway conservation` lists the sums; find the messages with `gateway messages list --day`",
        )
    return Summary({"lines": len(found), "closed": len(found)})
