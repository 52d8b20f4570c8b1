"""Tries every act by every role that may not do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.application.access import WHO_MAY, Act, Person, Role
from gateway.application.desk import Desk
from gateway.errors import Forbidden

Doors = Mapping[str, tuple[Act, Callable[[Desk, Person], object]]]
"""Name of an act -> the right that it needs, and how it is done."""


def forbidden(doors: Doors) -> list[tuple[str, Role | None]]:
    """Every act with every role (and none) that is not enough for it."""
    return [(name, role) for name, (act, _) in doors.items() for role in (None, *Role) if role not in WHO_MAY[act]]


def not_refused(desk: Desk, doors: Doors) -> list[tuple[str, Role | None]]:
    """The forbidden tries that were not answered with ``act-not-allowed``."""
    return [(name, role) for name, role in forbidden(doors) if not _is_refused(desk, doors[name][1], role)]


def _is_refused(desk: Desk, act: Callable[[Desk, Person], object], role: Role | None) -> bool:
    try:
        act(desk, Person("x", frozenset() if role is None else frozenset({role})))
    except Forbidden as refusal:
        return refusal.code == "act-not-allowed"
    return False
