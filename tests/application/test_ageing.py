"""Ageing counts open breaks once, by partner, class and age, in count and amount."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from gateway.application import breaks
from gateway.application.ageing import BUCKETS, Count, ageing, bucket_of
from gateway.application.breaks import Decision, Target
from gateway.errors import Forbidden
from tests.application.people_office import AN, CHI, STRANGER, Office, office_at
from tests.reconciliation.day_story import MONDAY

pytestmark = pytest.mark.services


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with office_at(database_url) as one:
        yield one


@pytest.mark.unit
def test_every_age_is_in_exactly_one_bucket() -> None:
    assert [bucket_of(age) for age in (-1, 0, 1, 2, 5, 6, 10, 11, 30, 31, 400)] == [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert BUCKETS[-1][1] is None


def differing(office: Office) -> None:
    """A day with one underpaid fee and one line that nothing explains."""
    story = office.story
    reference = story.owe(100_000)
    story.pay(reference, 100_000)
    story.line(90_000, reference)
    story.line(70_000, text="khong ro")
    story.settle_day()


def test_open_breaks_are_counted_by_class_and_age(office: Office) -> None:
    differing(office)
    told = ageing(office.open(datetime(2026, 11, 27, 3, 0, tzinfo=UTC)), CHI)
    assert {(row.partner, row.entry_class): row.buckets[1] for row in told.rows} == {
        ("bank-a", "fee"): Count(1, 10_000),
        ("bank-a", "unidentified"): Count(1, 70_000),
    }
    assert told.total == Count(2, 80_000) == told.buckets[1]
    assert {row.oldest_on for row in told.rows} == {MONDAY}
    older = ageing(office.open(datetime(2027, 1, 15, tzinfo=UTC)), CHI, partner="bank-a")
    assert older.buckets[4] == Count(2, 80_000)
    assert ageing(office.open(), CHI, partner="bank-b").rows == ()


def test_a_decided_break_is_no_longer_open_and_an_undone_one_is_again(office: Office) -> None:
    differing(office)
    desk = office.open()
    with psycopg.connect(office.url) as owner:
        owner.execute(
            "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
            " VALUES ('an', 'finance_maker', 'grant', 'x', now())"
        )
    row = next(row for row in office.story.found() if row["outcome"] == "underpaid")
    number = breaks.decide(
        desk, AN, Target("bank-a", MONDAY, 1, row["row_key"]), Decision.ACCEPT, reason="Phí chuyển tiền của ngân hàng"
    )
    assert ageing(desk, CHI).total == Count(1, 70_000)
    breaks.undo(desk, AN, number, reason="Nhầm dòng, xem lại")
    assert ageing(desk, CHI).total == Count(2, 80_000)


def test_a_stranger_sees_no_ageing(office: Office) -> None:
    with pytest.raises(Forbidden) as raised:
        ageing(office.open(), STRANGER)
    assert raised.value.code == "act-not-allowed"
