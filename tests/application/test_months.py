"""Months close after all their days, are never reopened, and carry what is open over the year, counted once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from gateway.application import breaks, days, months
from gateway.application.breaks import Target
from gateway.application.months import MonthView, Tally
from gateway.errors import Conflict, Forbidden
from tests.application.office import Office

pytestmark = pytest.mark.services

EVE, SATURDAY, MONDAY = date(2026, 12, 31), date(2027, 1, 2), date(2027, 1, 4)
DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)
BANK = "bank-a"


@pytest.fixture
def eve(office: Office) -> Office:
    """The last evening of 2026."""
    at(office, EVE, 16, 50)  # 23:50 in Viet Nam
    return office


def at(office: Office, on: date, hour: int = 3, minute: int = 0) -> None:
    office.now = datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC)
    office.later(seconds=int((office.now - office.desk.clock.now()).total_seconds()))


def judged(office: Office, on: date) -> None:
    """The day's file arrives the next morning and is reconciled."""
    at(office, on + timedelta(days=1))
    office.load(BANK, on)
    office.judge(BANK, on, office.now)


def approved(office: Office, on: date) -> None:
    for row in office.rows_of_day(BANK, on):
        if row.state == "open":
            target = Target(BANK, on, row.version, row.row_key)
            breaks.decide(office.desk, office.an, target, breaks.Decision.ACCEPT, reason="đã xem")
    days.propose(office.desk, office.an, BANK, on)
    days.approve(office.desk, office.binh, BANK, on)


def seen(office: Office, first: date) -> MonthView:
    return months.month(office.desk, office.an, BANK, first)


def closed(office: Office, first: date) -> MonthView:
    return months.close(office.desk, office.binh, BANK, first)


def paid_on_the_eve(office: Office) -> str:
    reference = office.owe(100_000)
    office.pay(reference, 100_000)
    matched = office.owe(40_000)
    office.pay(matched, 40_000)
    office.line(40_000, matched, on=EVE)
    return reference


def test_paid_on_31_12_and_settled_on_2_1_is_carried_over_the_year_and_counted_once(eve: Office) -> None:
    reference = paid_on_the_eve(eve)
    judged(eve, EVE)
    approved(eve, EVE)
    at(eve, SATURDAY)
    december = closed(eve, DECEMBER)
    assert (december.new, december.solved, december.carried_out) == (Tally(1, 100_000), Tally(0, 0), Tally(1, 100_000))
    eve.line(100_000, reference, on=SATURDAY)
    judged(eve, SATURDAY)
    january = seen(eve, JANUARY)
    assert (january.brought_in, january.new) == (Tally(1, 100_000), Tally(0, 0))
    assert (january.solved, january.carried_out) == (Tally(1, 100_000), Tally(0, 0))
    assert january.blocking[0] == SATURDAY, "a Saturday with money needs approval, too"
    both = [december.outcomes, january.outcomes]
    assert sum(told[1] for one in both for told in one.values()) == 140_000, "ours once"
    assert sum(told[2] for one in both for told in one.values()) == 140_000, "theirs once"


def test_a_month_is_closed_by_a_checker_after_its_last_day_and_all_its_days(eve: Office) -> None:
    paid_on_the_eve(eve)
    judged(eve, EVE)
    with pytest.raises(Forbidden) as maker:
        months.close(eve.desk, eve.an, BANK, DECEMBER)
    assert maker.value.code == "act-not-allowed"
    with pytest.raises(Conflict) as waiting:
        closed(eve, DECEMBER)
    assert waiting.value.code == "month-days-open"
    assert "31/12/2026" in waiting.value.message
    approved(eve, EVE)
    at(eve, EVE, 9)
    with pytest.raises(Conflict) as early:
        closed(eve, DECEMBER)
    assert early.value.code == "month-not-over"
    at(eve, date(2027, 2, 1))
    with pytest.raises(Conflict) as order:
        closed(eve, JANUARY)
    assert order.value.code == "month-order"
    assert closed(eve, DECEMBER).state == "closed"
    with pytest.raises(Conflict) as twice:
        closed(eve, DECEMBER)
    assert twice.value.code == "month-closed"
    with pytest.raises(Conflict) as missing:
        closed(eve, JANUARY)
    assert missing.value.code == "month-days-open"
    assert "04/01/2027" in missing.value.message, "the first working day of the year; 1/1 is a holiday"
    assert "01/01/2027" not in missing.value.message


def test_a_late_statement_of_a_closed_month_is_a_correction_of_the_open_one(eve: Office) -> None:
    reference = paid_on_the_eve(eve)
    judged(eve, EVE)
    approved(eve, EVE)
    at(eve, SATURDAY)
    before = closed(eve, DECEMBER)
    eve.line(100_000, reference, on=EVE)
    eve.load(BANK, EVE, sha256="late")
    eve.judge(BANK, EVE, eve.now)
    assert seen(eve, DECEMBER) == before, "the closed month says what it said"
    january = seen(eve, JANUARY)
    (correction,) = january.corrections
    assert (correction.business_on, correction.corrects, correction.version) == (EVE, 1, 2)
    assert correction.summary == {"matched": (1, 100_000, 100_000), "pending": (-1, -100_000, 0)}
    assert january.blocking[0] == EVE, "its new version is to be approved"
    assert (january.brought_in, january.new, january.solved, january.carried_out) == (
        Tally(1, 100_000), Tally(0, 0), Tally(1, 100_000), Tally(0, 0),
    )  # fmt: skip
    assert [(one.fate, one.how) for one in january.items] == [("solved", "correction")]
    approved(eve, EVE)
    at(eve, date(2027, 2, 1))
    assert seen(eve, JANUARY).blocking[0] == MONDAY


def test_an_open_question_to_the_bank_is_carried_and_a_decision_ends_it(eve: Office) -> None:
    eve.line(55_000, text="ai do chuyen", on=EVE)
    eve.line(77_000, text="ai nua", on=EVE)
    judged(eve, EVE)
    first, second = eve.rows_of_day(BANK, EVE)
    asked = Target(BANK, EVE, 1, first.row_key)
    breaks.decide(eve.desk, eve.an, asked, breaks.Decision.ENQUIRE, reason="ai chuyển?")
    breaks.decide(eve.desk, eve.an, Target(BANK, EVE, 1, second.row_key), breaks.Decision.REFUND, reason="đã rõ")
    approved(eve, EVE)
    at(eve, SATURDAY)
    december = closed(eve, DECEMBER)
    assert (december.new.count, december.solved.count, december.carried_out.count) == (2, 1, 1)
    assert december.new.amount - december.solved.amount == december.carried_out.amount
    assert seen(eve, JANUARY).brought_in == december.carried_out


def test_a_closed_month_is_never_reopened_in_the_database_either(eve: Office) -> None:
    paid_on_the_eve(eve)
    judged(eve, EVE)
    with pytest.raises(psycopg.errors.CheckViolation, match="not approved"):
        eve.conn.execute(
            "INSERT INTO gateway.recon_month VALUES (%s, %s, 'binh', now(), '{}', encode(sha256('{}'), 'hex'))",
            (BANK, DECEMBER),
        )
    approved(eve, EVE)
    at(eve, SATURDAY)
    closed(eve, DECEMBER)
    for change in (
        "DELETE FROM gateway.recon_month",
        "UPDATE gateway.recon_month SET closed_by = 'x'",
        "DELETE FROM gateway.recon_month_item",
        "UPDATE gateway.recon_month_day SET version = 9",
    ):
        with pytest.raises(psycopg.errors.CheckViolation, match="never edited"):
            eve.conn.execute(change.encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            eve.desk.connection.execute(change.encode())
