"""Pieces of work that take turns: a partner that answers slowly keeps no other waiting, nor a run for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.messages.turn import Seconds, Turn

Piece = Callable[[Turn], bool]
"""Works until it is done or its turn is over; whether something is left."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of one turn, and after which no further round begins: a run ends before its task times out."""

    turn: float = 10.0
    run: float = 180.0
    now: Seconds = field(default=time.monotonic, repr=False)


def take_turns(pieces: Sequence[Piece], pace: Pace) -> bool:
    """Each has one turn, then those that are not done have more, as long as the run may last; whether any is not done.

    A turn ends between two calls to the partner, so it lasts at most one call (or one batch of them) longer.
    """
    ends_at = pace.now() + pace.run
    waiting = [piece for piece in pieces if piece(Turn(pace.now() + pace.turn, pace.now))]
    while waiting and pace.now() < ends_at:
        piece = waiting.pop(0)
        if piece(Turn(pace.now() + pace.turn, pace.now)):
            waiting.append(piece)
    return bool(waiting)
