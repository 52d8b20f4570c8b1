"""A payment whose half stands on another date is told on both dates, also beside other lines of its reference."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from gateway.model import Channel
from gateway.reconciliation.day import verify
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory

pytestmark = pytest.mark.services
WEDNESDAY = date(2026, 11, 25)
"""The next working day: the 24th is a day off."""
MONDAY_NIGHT = datetime(2026, 11, 23, 16, 50, tzinfo=UTC)
WEDNESDAY_NOON = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
"""After the deadline of what was paid near Monday's cut-off."""
PLATFORM: dict[str, Any] = {"channel": Channel.PLATFORM, "account": "9704790000001", "partner": "intermediary"}

Told = list[tuple[str, int, int]]


def both_days(day: DayStory, reference: str, partner: str = "bank-a") -> tuple[Told, Told]:
    """How Monday and Wednesday tell the money of a reference; both prove their bytes."""
    for on in (MONDAY, WEDNESDAY):
        assert day.judge(partner, on, now=THURSDAY).stopped == ""
        assert verify(day.conn, day.partners[partner], on)
    monday, wednesday = (
        [
            (str(row["outcome"]), int(row["our_amount"]), int(row["their_amount"]))
            for row in day.found(partner, on)
            if row["reference"] == reference
        ]
        for on in (MONDAY, WEDNESDAY)
    )
    return monday, wednesday


def test_a_top_up_near_the_cut_off_that_the_bank_books_on_the_next_date_is_no_break(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 60_000, "T1")
    day.line(60_000, reference)
    day.pay(reference, 40_000, "T2", paid_at=MONDAY_NIGHT)
    day.load()
    day.line(40_000, reference, on=WEDNESDAY)
    day.load(on=WEDNESDAY)
    assert both_days(day, reference) == (
        [("expected_difference", 40_000, 0), ("matched", 60_000, 60_000)],
        [("expected_difference", 0, 40_000)],
    )


@pytest.mark.parametrize("late", ["T1", "T2"])
def test_of_two_equal_payments_the_one_that_the_bank_books_on_the_next_date_is_named_on_both(
    day: DayStory, late: str
) -> None:
    """The first in the order of the bank's numbers has the line of its own date, whenever it was recorded."""
    reference = day.owe(100_000)
    other = {"T1": "T0", "T2": "T1"}[late]
    day.pay(reference, 100_000, late, paid_at=MONDAY_NIGHT)
    day.pay(reference, 100_000, other)
    day.line(100_000, reference)
    day.load()
    day.line(100_000, reference, on=WEDNESDAY, bank="FT2")
    day.load(on=WEDNESDAY)
    assert both_days(day, reference) == (
        [("expected_difference", 100_000, 0), ("matched", 100_000, 100_000)],
        [("expected_difference", 0, 100_000)],
    )
    (row,) = day.found(on=WEDNESDAY)
    pk = day.one("SELECT payment_pk FROM gateway.payment WHERE partner_transaction_id = %s", late)
    assert [one["pk"] for one in row["candidates"]] == [pk]


def test_a_line_beside_the_one_of_its_own_date_is_the_half_of_an_earlier_payment(day: DayStory) -> None:
    """Two lines of Wednesday, one of them for Monday's payment: the bank booked nothing twice."""
    reference = day.owe(100_000)
    day.pay(reference, 100_000, "T1", paid_at=MONDAY_NIGHT)
    day.line(7_000, text="NHAP LAI")
    day.load()
    day.pay(reference, 100_000, "T2", paid_at=WEDNESDAY_NOON)
    for number in (1, 2):
        day.line(100_000, reference, on=WEDNESDAY, bank=f"FT{number}")
    day.load(on=WEDNESDAY)
    assert both_days(day, reference) == (
        [("expected_difference", 100_000, 0)],
        [("duplicate", 100_000, 100_000), ("expected_difference", 0, 100_000)],
    )


def test_a_second_line_for_one_payment_is_a_duplicate_still(day: DayStory) -> None:
    reference = day.owe(100_000)
    day.pay(reference, 100_000, "T1")
    for number in (1, 2):
        day.line(100_000, reference, bank=f"FT{number}")
    day.load()
    day.line(100_000, reference, on=WEDNESDAY, bank="FT3")
    day.load(on=WEDNESDAY)
    assert both_days(day, reference) == (
        [("duplicate", 0, 100_000), ("matched", 100_000, 100_000)],
        [("duplicate", 0, 100_000)],
    )


def test_an_attempt_that_failed_before_does_not_hide_the_half_of_the_one_that_succeeded(day: DayStory) -> None:
    reference = day.owe(100_000, channel="platform")
    day.pay(reference, 100_000, paid_at=MONDAY_NIGHT, **PLATFORM)
    day.line(100_000, account="9704790000001", trace=reference, response_code="51")
    day.load("intermediary")
    day.line(100_000, account="9704790000001", on=WEDNESDAY, trace=reference, response_code="00")
    day.load("intermediary", on=WEDNESDAY)
    assert both_days(day, reference, "intermediary") == (
        [("expected_difference", 100_000, 0), ("matched", 0, 0)],
        [("expected_difference", 0, 100_000)],
    )
