"""What a person typed as a parameter of a decision, read as what it must be."""

from __future__ import annotations

from datetime import date

from gateway.errors import Conflict


def day_named(value: object, name: str) -> date:
    """A date of a decision's parameter. Raises Conflict ``decision-incomplete``."""
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise Conflict(
            f"{value!r} is no date",
            code="decision-incomplete",
            where=name,
            action="write it as 2026-11-23",
            case="date" if value else "missing",
            facts={"field": name, "typed": value},
        ) from error


def number(value: object, name: str) -> int:
    """A whole number of a decision's parameter. Raises Conflict ``decision-incomplete``."""
    try:
        return int(str(value))
    except ValueError as error:
        raise Conflict(
            f"{value!r} is no whole number",
            code="decision-incomplete",
            where=name,
            action="write digits only",
            case="number",
            facts={"field": name, "typed": value},
        ) from error
