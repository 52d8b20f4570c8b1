"""The bridge from our total to theirs: one bar for each outcome that makes a difference. Plain sums, no judgement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.console.i18n import N_


@dataclass(frozen=True, slots=True)
class Bar:
    """From ``start`` to ``end`` in đồng; ``kind`` is total, more, less or same."""

    label: str
    start: int
    end: int
    kind: str


def bars(ours: int, steps: Iterable[tuple[str, int]]) -> list[Bar]:
    """``steps`` are (label, theirs minus ours); those of zero are left out. The last bar is their total."""
    told = [Bar(N_("Hệ thống"), 0, ours, "total")]
    level = ours
    for label, difference in steps:
        if difference:
            told.append(Bar(label, level, level + difference, "more" if difference > 0 else "less"))
            level += difference
    return [*told, Bar(N_("Đối tác"), 0, level, "total")]
