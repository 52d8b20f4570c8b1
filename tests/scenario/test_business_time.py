"""Business time at its edges: midnight, dawn, month end and year end are those of Viet Nam, whatever UTC says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import psycopg
import pytest

from gateway.ledger.outbox import business_day
from gateway.ledger.proof import prove_money
from gateway.messages import outbox, store
from gateway.model import VIETNAM, Kind, OutboxRow, RawMessage
from gateway.partners import load_partners
from gateway.reconciliation.due import days_to_reconcile
from tests.reconciliation.day_story import DayStory

pytestmark = [pytest.mark.scenario, pytest.mark.services]
REPOSITORY = Path(__file__).resolve().parents[2]
NEW_YEARS_EVE, SECOND = date(2026, 12, 31), date(2027, 1, 2)


@pytest.fixture
def day(database_url: str) -> Iterator[DayStory]:
    with psycopg.connect(database_url) as connection:
        yield DayStory(connection, load_partners(REPOSITORY / "config" / "partners", {}))
        connection.rollback()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("at", "business_on", "month"),
    [
        ("2026-11-24T00:30", "2026-11-24", "2026-11-01"),
        ("2026-11-24T06:30", "2026-11-24", "2026-11-01"),
        ("2026-11-30T23:30", "2026-11-30", "2026-11-01"),
        ("2026-12-01T00:30", "2026-12-01", "2026-12-01"),
        ("2026-12-31T23:59:59", "2026-12-31", "2026-12-01"),
        ("2027-01-01T00:30", "2027-01-01", "2027-01-01"),
        ("2027-01-01T06:30", "2027-01-01", "2027-01-01"),
    ],
)
def test_a_message_belongs_to_the_date_and_the_month_of_viet_nam(
    day: DayStory, at: str, business_on: str, month: str
) -> None:
    raw = RawMessage("dossier", Kind.EVENT, b"{}", "t1", "application/jose")
    store.store(day.conn, [raw], now=local(at))
    outbox.enqueue(day.conn, [OutboxRow("dossier", Kind.EVENT, "m-1", {})], now=local(at))
    told = day.rows("SELECT direction, business_on, body_month FROM gateway.message ORDER BY direction")
    wanted = (date.fromisoformat(business_on), date.fromisoformat(month))
    assert told == [("in", *wanted), ("out", *wanted)]
    bodies = day.rows("SELECT tableoid::regclass::text FROM gateway.message_body")
    assert [(name.removeprefix("gateway."),) for (name,) in bodies] == [
        (f"message_body_{month[:7].replace('-', '')}",)
    ] * 2


@pytest.mark.parametrize(
    ("at", "business_on"),
    [
        ("2026-11-23T16:00", date(2026, 11, 23)),
        ("2026-11-23T16:00:01", date(2026, 11, 24)),
        ("2026-11-30T20:00", date(2026, 12, 1)),
        ("2026-12-31T20:00", date(2027, 1, 1)),
        ("2027-01-01T00:30", date(2027, 1, 1)),
        ("2027-01-01T06:30", date(2027, 1, 1)),
    ],
)
def test_a_payment_after_the_cut_off_belongs_to_the_next_business_date(
    day: DayStory, at: str, business_on: date
) -> None:
    bank = day.partners["bank-a"]
    assert bank.calendar is not None
    early = bank.calendar.model_copy(update={"cutoff": time(16, 0)})
    closing_early = bank.model_copy(update={"calendar": early})
    assert business_day(closing_early, local(at)) == business_on
    day.partners = {**day.partners, "bank-a": closing_early}
    reference = day.owe(100_000)
    day.pay(reference, 100_000, paid_at=local(at))
    assert day.one("SELECT business_on FROM gateway.payment") == business_on


def test_a_payment_of_new_years_eve_in_the_statement_of_2_january_is_counted_once(day: DayStory) -> None:
    day.now = local("2026-12-31T23:00")
    usual, late = day.owe(100_000), day.owe(70_000)
    day.pay(usual, 100_000)
    day.pay(late, 70_000)
    day.line(100_000, usual, on=NEW_YEARS_EVE)
    assert day.load(on=NEW_YEARS_EVE).days == (NEW_YEARS_EVE,)
    assert day.judge(on=NEW_YEARS_EVE, now=local("2027-01-01T10:00")).stopped == ""
    assert ("missing_at_partner", 70_000, 0) in day.outcomes(on=NEW_YEARS_EVE)
    day.now = local("2027-01-03T06:00")
    day.line(70_000, late, on=SECOND)
    day.load(on=SECOND)
    due = days_to_reconcile(day.conn, day.partners["bank-a"], day.now)
    assert due == [NEW_YEARS_EVE, SECOND], "the half makes the day of its payment due, too"
    for on in due:
        assert day.judge(on=on, now=local("2027-01-03T10:00")).stopped == ""
    assert sorted(day.outcomes(on=NEW_YEARS_EVE)) == [("matched", 100_000, 100_000), ("wrong_day", 70_000, 0)]
    assert day.outcomes(on=SECOND) == [("wrong_day", 0, 70_000)]
    assert day.one("SELECT count(*), sum(amount) FROM gateway.payment") == (2, 170_000)
    lines = [line for on in (NEW_YEARS_EVE, SECOND) for line in prove_money(day.conn, on)]
    assert [line for line in lines if not line.closes] == []


def test_lines_of_the_old_year_in_a_file_of_the_new_one_ask_for_both_days(day: DayStory) -> None:
    day.now = local("2026-12-31T23:00")
    reference = day.owe(70_000)
    day.pay(reference, 70_000)
    day.now = local("2027-01-03T06:00")
    day.line(70_000, reference, on=NEW_YEARS_EVE)
    assert day.load(on=SECOND).days == (NEW_YEARS_EVE,), "the dates whose money is new"
    assert days_to_reconcile(day.conn, day.partners["bank-a"], day.now) == [NEW_YEARS_EVE, SECOND]
    for on in (NEW_YEARS_EVE, SECOND):
        assert day.judge(on=on, now=local("2027-01-03T10:00")).stopped == ""
    assert day.outcomes(on=NEW_YEARS_EVE) == [("matched", 70_000, 70_000)]
    assert day.outcomes(on=SECOND) == []
    assert days_to_reconcile(day.conn, day.partners["bank-a"], day.now) == []
