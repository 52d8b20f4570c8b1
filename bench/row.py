"""One row of the table of ``make bench``: what was measured beside its limit or its peer, in the same run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

Row = Mapping[str, object]
"""Exactly ``FIELDS``; ``ratio`` is value over reference value, None where there is no reference."""

FIELDS = ("name", "value", "unit", "reference", "reference_value", "ratio", "target", "met")


def row(
    name: str,
    value: float,
    unit: str,
    reference: str,
    reference_value: float,
    *,
    target: str,
    met: bool,
    digits: int = 0,
) -> Row:
    """A row whose figures are rounded to ``digits`` places, the ratio to two."""
    return {
        "name": name,
        "value": round(value, digits) if digits else round(value),
        "unit": unit,
        "reference": reference,
        "reference_value": round(reference_value, digits) if digits else round(reference_value),
        "ratio": round(value / reference_value, 2) if reference_value else None,
        "target": target,
        "met": bool(met),
    }


def rows_of(part: str) -> Sequence[Row]:
    """Measure one module of ``bench``."""
    found: Sequence[Row] = import_module(f"bench.{part}").rows()
    return found
