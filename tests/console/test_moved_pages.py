"""The page of a day and of a break lead from moved money to where it is now, and back."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest
from starlette.testclient import TestClient

from gateway import settings
from gateway.application import breaks, roles
from gateway.application.breaks import Decision, Target
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.partners import Partner
from tests.console.world import PATH, TUESDAY_MORNING, Monday
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import ACCOUNT, DayStory

pytestmark = pytest.mark.services
TUESDAY = date(2026, 11, 24)
OTHER = "/days/bank-a/2026-11-24"


def move_what_is_missing(url: str, partners: dict[str, Partner], key: str) -> None:
    """The bank books Monday's 210.000 đ on Tuesday; somebody moves the payment there, and Tuesday is judged again."""
    with psycopg.connect(url, autocommit=True) as conn:
        day = DayStory(conn, partners, number=100)
        day.count, day.files = 1000, 10
        closing = "SELECT max(closing) FROM gateway.statement WHERE account = %s"
        day.balances[ACCOUNT] = int(day.one(closing, ACCOUNT))
        reference = day.one("SELECT reference FROM gateway.payment WHERE amount = 210000")
        day.line(210_000, reference, on=TUESDAY)
        with conn.transaction():
            day.load(on=TUESDAY)
            day.judge(on=TUESDAY)
        desk = Desk(conn, FixedClock(TUESDAY_MORNING + timedelta(minutes=1)), partners, settings.load({}))
        an = roles.person_of(desk, "an")
        breaks.decide(
            desk, an, Target("bank-a", MONDAY, 1, key), Decision.MOVE_DAY, reason="ghi nhầm ngày", to="2026-11-24"
        )
        with conn.transaction():
            assert day.judge(on=TUESDAY, now=TUESDAY_MORNING + timedelta(minutes=2)).version == 2


def test_both_days_and_the_row_lead_to_each_other(
    visitor: TestClient, monday: Monday, database_url: str, partners: dict[str, Partner]
) -> None:
    key = monday.keys["missing_at_partner"]
    move_what_is_missing(database_url, partners, key)
    visitor.cookies["user"] = "an"
    here = visitor.get(f"/gateway{OTHER}").text
    assert f'{PATH}/breaks/{key}"' in here
    assert "Tiền chuyển giữa các ngày" in here
    assert "Của riêng ngày này: đối tác, theo sao kê" in here
    assert "210.000" in here
    away = visitor.get(f"/gateway{PATH}").text
    assert f'{OTHER}"' in away
    row = visitor.get(f"/gateway{PATH}/breaks/{key}")
    assert row.status_code == 200
    assert f'{OTHER}"' in row.text
    assert "Đã chuyển sang ngày" in row.text
    told = visitor.get("/gateway/api/days/bank-a/2026-11-24").json()
    assert [(one["row_key"], one["matched"]) for one in told["moved_here"]] == [(key, True)]
