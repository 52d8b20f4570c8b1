"""Rows that people moved to another day, as a page or a command reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class MovedRow:
    """A row that a decision in force moved from ``from_on`` to ``to_on``.

    ``here_keys``: its rows on the other day that are not matched; ``judged``: the other day was judged with it;
    ``matched``: all of it is matched there.
    """

    decision_pk: int
    from_on: date
    to_on: date
    row_key: str
    outcome: str
    reference: str
    our_amount: int
    their_amount: int
    judged: bool
    matched: bool
    here_keys: tuple[str, ...]
