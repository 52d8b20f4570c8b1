"""A settlement in bulk that comes after the agreed T+n makes the day of its card payments due again, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.model import Channel
from gateway.reconciliation.day import verify
from gateway.reconciliation.due import days_due_again
from tests.application.office import Office
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
BANK, ACCOUNT = "bank-b", "0511000022233"
WEDNESDAY, FRIDAY = MONDAY + timedelta(days=2), MONDAY + timedelta(days=4)
"""Wednesday is T+1: the 24th is a day off."""
NEXT_MONDAY = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


@pytest.fixture
def unsettled(office: Office) -> Office:
    """Two card payments of Monday that nothing settled until their T+1 had passed."""
    bank = office.partners[BANK]
    matching = bank.matching.model_copy(update={"settles_after": {Channel.POS: 1}})
    office.partners = {**office.partners, BANK: bank.model_copy(update={"matching": matching})}
    for _ in range(2):
        reference = office.owe(100_000, channel="pos")
        office.pay(reference, 100_000, partner=BANK, channel=Channel.POS, account=ACCOUNT)
    office.line(-5_500, text="PHI DICH VU SMS", account=ACCOUNT)
    office.load(BANK)
    goes_on(office, NEXT_MONDAY)
    office.judge(BANK, MONDAY, office.now)
    assert office.outcomes(BANK)[:2] == [("missing_at_partner", 100_000, 0)] * 2
    goes_on(office, NEXT_MONDAY + timedelta(hours=1))
    assert due(office) == []
    return office


def goes_on(office: Office, at: datetime) -> None:
    office.now = at
    office.later(seconds=int((at - office.desk.clock.now()).total_seconds()))


def due(office: Office) -> list[date]:
    return days_due_again(office.conn, office.partners[BANK], office.now)


def comes(office: Office, text: str, on: date, amount: int = 198_000) -> None:
    office.line(amount, text=text, account=ACCOUNT, bank="FT9", on=on)
    office.load(BANK, on)
    office.judge(BANK, on, office.now)


@pytest.mark.parametrize(
    ("on", "outcome"), [(WEDNESDAY, "expected_difference"), (FRIDAY, "wrong_day")], ids=["file-late", "money-late"]
)
def test_a_settlement_that_comes_late_has_the_day_of_its_payments_judged_again(
    unsettled: Office, on: date, outcome: str
) -> None:
    comes(unsettled, "QUYET TOAN POS", on)
    assert due(unsettled) == [MONDAY]
    goes_on(unsettled, NEXT_MONDAY + timedelta(hours=2))
    unsettled.judge(BANK, MONDAY, unsettled.now)
    assert (outcome, 200_000, 0) in unsettled.outcomes(BANK)
    assert due(unsettled) == []
    assert verify(unsettled.conn, unsettled.partners[BANK], MONDAY)


def test_a_credit_that_is_worded_otherwise_makes_no_day_due(unsettled: Office) -> None:
    comes(unsettled, "NGUYEN VAN A NOP TIEN", FRIDAY)
    assert due(unsettled) == []
