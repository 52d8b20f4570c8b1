"""Finding dossiers and money: by dossier code, payment reference, owner, payer, amount or bank reference.

The ways of finding (``ways``) are tried in a fixed order, exact ones first, and a page goes on where the last one
ended, so that no page costs more than its rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.application.timelines import Thread, Timeline, thread, timeline
from gateway.application.ways import Kind, Way, ways_of
from gateway.errors import Malformed
from gateway.masking import masked_text
from gateway.model import VIETNAM

__all__ = ["Found", "Hit", "Thread", "Timeline", "find", "thread", "timeline", "ways_of"]

MOST = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found. ``why``: the field that fits. ``text`` is masked where it may name people's numbers."""

    kind: Kind
    key: str
    why: str
    dossier_code: str | None
    at: datetime
    amount: int | None
    partner: str
    reference: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits; ``after`` asks for the next one, "" where there is none."""

    hits: tuple[Hit, ...]
    after: str


def find(desk: Desk, person: Person, text: str, *, after: str = "", limit: int = 50) -> Found:
    """What ``text`` finds, exact ways first, the newest first within a way; ``after`` is a page's own.

    Raises Forbidden ``act-not-allowed``; Malformed ``search-too-short``, ``page-cursor-invalid``.
    """
    person.require(Act.SEE)
    ways = ways_of(text)
    number, position = _cursor(after, len(ways))
    limit = max(1, min(limit, MOST))
    hits: list[Hit] = []
    ends: list[tuple[int, str, str]] = []
    with desk.connection.transaction():
        for index in range(number, len(ways)):
            sql, values = ways[index].statement(position if index == number else None, limit + 1 - len(hits))
            for row in desk.connection.execute(sql.encode(), values):
                hits.append(_hit(ways[index], row))
                ends.append((index, str(row[-1]), str(row[0])))
            if len(hits) > limit:
                break
    more = len(hits) > limit
    return Found(tuple(hits[:limit]), "|".join(map(str, ends[limit - 1])) if more else "")


def _hit(way: Way, row: tuple[object, ...]) -> Hit:
    key, code, at, amount, partner, reference, text, _ = row
    if isinstance(at, date) and not isinstance(at, datetime):
        at = datetime.combine(at, time(), VIETNAM)
    assert isinstance(at, datetime)
    assert amount is None or isinstance(amount, int)
    shown = masked_text(str(text)) if way.kind in ("entry", "refund") else str(text)
    return Hit(
        way.kind,
        str(key),
        way.why,
        None if code is None else str(code),
        at,
        amount,
        str(partner),
        str(reference),
        shown,
    )


def _cursor(after: str, ways: int) -> tuple[int, tuple[str, str] | None]:
    if not after:
        return 0, None
    number, _, rest = after.partition("|")
    order, _, key = rest.partition("|")
    plain = re.fullmatch(r"[0-9 :.+\-]{10,40}", order) and re.fullmatch(r"[A-Za-z0-9.\-]{1,64}", key)
    if not number.isdigit() or int(number) >= ways or not plain:
        raise Malformed(
            "the place to go on from is none of ours",
            code="page-cursor-invalid",
            where="after",
            action="begin the search again",
        )
    return int(number), (order, key)
