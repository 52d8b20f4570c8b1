"""All planted cases of issue 2, "The demo day"."""

from __future__ import annotations

from datetime import date

from gateway.local.day.cases import Case
from gateway.local.day.planted_messages import message_cases
from gateway.local.day.planted_money import money_cases
from gateway.local.day.planted_post import post_cases

BUSINESS_DAY = date(2026, 11, 23)


def planted(on: date = BUSINESS_DAY) -> list[Case]:
    """Every case planted into the day ``on``; names are unique."""
    return [*money_cases(on), *post_cases(on), *message_cases(on)]
