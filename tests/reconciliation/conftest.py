"""One bank's day told as a story: payments from notices, entries from statements."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gateway.partners import Partner, load_partners
from tests.reconciliation.day_story import DayStory

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def partners() -> dict[str, Partner]:
    return load_partners(REPOSITORY / "config" / "partners", {})


@pytest.fixture
def day(database_url: str, partners: dict[str, Partner]) -> Iterator[DayStory]:
    with psycopg.connect(database_url) as conn:
        story = DayStory(conn, partners)
        story.employ(an="finance_maker", binh="finance_checker")
        yield story
        conn.rollback()
