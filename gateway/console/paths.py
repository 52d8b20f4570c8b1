"""Addresses of the pages below the console's root."""

from __future__ import annotations

from datetime import date


def day_path(partner: str, business_on: date) -> str:
    """The page of a partner's business date."""
    return f"/days/{partner}/{business_on.isoformat()}"


def break_path(partner: str, business_on: date, row_key: str) -> str:
    """The page of one break of that day."""
    return f"{day_path(partner, business_on)}/breaks/{row_key}"


def month_path(partner: str, month: date) -> str:
    """The page of a partner's month."""
    return f"/months/{partner}/{month:%Y-%m}"
