"""The rows that a person names by their reference when linking by hand: a payment reference or a bank's number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gateway.application.break_reading import fetch
from gateway.application.desk import Desk
from gateway.errors import Conflict, NotFound
from gateway.reconciliation.break_decisions import Target

FARTHEST = timedelta(days=31)
"""How far from the day a row may be that is linked to it by its reference."""


def rows_named(desk: Desk, target: Target, text: str) -> tuple[set[int], set[int]]:
    """Payments and entries of the partner that the words of ``text`` name, within a month of the day.

    Raises NotFound ``entry-unknown`` where a word names nothing, Conflict ``link-not-possible`` where it names several
    rows of a side.
    """
    payments: set[int] = set()
    entries: set[int] = set()
    for word in text.split():
        found = _named(desk, target, word)
        mine = [row["pk"] for row in found if row["side"] == "ours"]
        yours = [row["pk"] for row in found if row["side"] == "theirs"]
        if not mine and not yours:
            raise NotFound(
                f"no row of this partner within a month has the reference {word}",
                code="entry-unknown",
                where=target.where,
                action="look it up on the page of dossiers or of statements",
                case="word",
                facts={"word": word},
            )
        if len(mine) > 1 or len(yours) > 1:
            raise Conflict(
                f"{len(mine) + len(yours)} rows have the reference {word}",
                code="link-not-possible",
                where=target.where,
                action="choose among the nearest rows, or name the bank's own number of the one meant",
                case="several",
                facts={"word": word, "count": len(mine) + len(yours)},
            )
        payments.update(mine)
        entries.update(yours)
    return payments, entries


def _named(desk: Desk, target: Target, word: str) -> list[dict[str, Any]]:
    return fetch(
        desk,
        "SELECT 'ours' AS side, payment_pk AS pk FROM gateway.payment WHERE partner = %(partner)s"
        " AND (reference = %(word)s AND reference <> '' OR partner_transaction_id = %(word)s"
        "   AND partner_transaction_id <> '') AND source <> 'statement' AND business_on BETWEEN %(from)s AND %(to)s"
        " UNION ALL SELECT 'theirs', entry_pk FROM gateway.statement_entry WHERE partner = %(partner)s"
        " AND string_to_array(tokens || ' ' || keys, ' ') @> ARRAY[%(word)s] AND booked_on BETWEEN %(from)s AND %(to)s"
        " ORDER BY 1, 2",
        {
            "partner": target.partner,
            "word": word,
            "from": target.business_on - FARTHEST,
            "to": target.business_on + FARTHEST,
        },
    )
