"""The decision table of domain.md 4.4: what both sides say of one payment, and the word that follows from the role.

The role is the partner's: ISS sent the money to us, BNB received it from us. Thừa and thiếu flip with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

ISS, BNB = "ISS", "BNB"
AGREED, MORE, LESS, WRONG, RIGHT = "cân khớp", "lệch thừa", "lệch thiếu", "lệch sai", "lệch đúng"


class State(StrEnum):
    """What one side says of a payment. ``TIMED_OUT`` is response 68: success until proven otherwise."""

    SUCCESS = "success"
    TIMED_OUT = "68"
    FAILED = "failed"
    NONE = "none"


TABLE: Mapping[tuple[State, State], tuple[str, str]] = MappingProxyType(
    {
        (State.SUCCESS, State.SUCCESS): (AGREED, AGREED),
        (State.SUCCESS, State.TIMED_OUT): (AGREED, AGREED),
        (State.SUCCESS, State.FAILED): (MORE, LESS),
        (State.SUCCESS, State.NONE): (MORE, LESS),
        (State.TIMED_OUT, State.SUCCESS): (AGREED, AGREED),
        (State.TIMED_OUT, State.TIMED_OUT): (AGREED, AGREED),
        (State.TIMED_OUT, State.FAILED): (MORE, WRONG),
        (State.TIMED_OUT, State.NONE): (MORE, LESS),
        (State.FAILED, State.SUCCESS): (LESS, MORE),
        (State.FAILED, State.TIMED_OUT): (LESS, MORE),
        (State.FAILED, State.FAILED): (AGREED, AGREED),
        (State.FAILED, State.NONE): (AGREED, AGREED),
        (State.NONE, State.SUCCESS): (LESS, MORE),
        (State.NONE, State.TIMED_OUT): (LESS, MORE),
        (State.NONE, State.FAILED): (AGREED, AGREED),
        (State.NONE, State.NONE): (AGREED, AGREED),
    }
)
"""(the partner's state, ours) -> the word for role ISS, the word for role BNB."""


def verdict(role: str, theirs: State, ours: State) -> str:
    """The word of the table for the partner's role."""
    return TABLE[theirs, ours][0 if role == ISS else 1]


def role_of(amount: int) -> str:
    """The partner's role in a movement of ``amount`` đồng seen from us: it sends what comes in, receives the rest."""
    return BNB if amount < 0 else ISS


def state_of_response(response: str) -> State:
    """What a partner's response code says (domain.md 4.4); no code stands on what is booked."""
    if response == "68":
        return State.TIMED_OUT
    return State.SUCCESS if response in ("", "00") else State.FAILED


def state_of_status(status: str) -> State:
    """What our channel told of an attempt: paid, pending, failed, or nothing."""
    return {"paid": State.SUCCESS, "pending": State.TIMED_OUT, "failed": State.FAILED}.get(status, State.NONE)
