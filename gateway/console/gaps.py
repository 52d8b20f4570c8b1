"""What pages of all partners say where a calendar is missing: each file once, with the partners that go by it."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.application.calendar_gaps import CalendarGap
from gateway.console.formats import by_name


def by_file(gaps: Mapping[str, CalendarGap], names: Mapping[str, str]) -> list[tuple[CalendarGap, list[str]]]:
    """Every gap and the names of its partners, in the alphabet's order; ``gaps`` are by partner."""
    found: dict[CalendarGap, list[str]] = {}
    for partner, name in by_name(names):
        if partner in gaps:
            found.setdefault(gaps[partner], []).append(name)
    return list(found.items())
