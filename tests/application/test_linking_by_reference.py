"""Linking by hand where nothing comes near: the row is named by its payment reference or by the bank's number."""

from __future__ import annotations

import pytest

from gateway.application import breaks
from gateway.application.breaks import BreakRow, BreakState, Decision
from gateway.errors import Conflict, NotFound
from tests.application.office import Office
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services


def day_with(office: Office, *bank_numbers: str) -> BreakRow:
    """A payment of 300.000 đ that the bank does not know, and credits under these numbers that sum up to it."""
    reference = office.owe(300_000)
    office.pay(reference, 300_000)
    for number in bank_numbers:
        office.line(300_000 // len(bank_numbers), text="NOP TIEN", bank=number)
    office.settle_day()
    return next(row for row in office.rows_of_day(state="open") if row.reference == reference)


def link(office: Office, row: BreakRow, references: str) -> int:
    params = {"references": references}
    return breaks.decide(office.desk, office.an, row.target, Decision.LINK, reason="cùng một khoản", **params)


def test_one_payment_is_linked_to_the_many_credits_that_the_accountant_names(office: Office) -> None:
    """Six are more than the rules add up by themselves."""
    numbers = [f"FT00{number}" for number in range(1, 7)]
    row = day_with(office, *numbers)
    link(office, row, f" {'  '.join(numbers)} ")
    assert {one.state for one in office.rows_of_day()} == {BreakState.DECIDED}


def test_a_credit_is_linked_to_the_payment_reference_that_the_accountant_names(office: Office) -> None:
    row = day_with(office, "FT001")
    credit = next(one for one in office.rows_of_day(state="open") if one.target != row.target)
    link(office, credit, row.reference)
    assert {one.state for one in office.rows_of_day()} == {BreakState.DECIDED}


def test_a_number_that_nobody_has_is_told_and_nothing_is_saved(office: Office) -> None:
    row = day_with(office, "FT001")
    with pytest.raises(NotFound) as unknown:
        link(office, row, "FT009")
    assert unknown.value.code == "entry-unknown"
    assert "FT009" in unknown.value.message
    assert row.target in {one.target for one in office.rows_of_day(state="open")}


def test_a_number_that_several_entries_have_is_never_a_guess(office: Office) -> None:
    row = day_with(office, *["FT001"] * 6)
    with pytest.raises(Conflict) as several:
        link(office, row, "FT001")
    assert several.value.code == "link-not-possible"
    assert "6 rows have the reference FT001" in several.value.message


def test_another_partners_number_is_not_found(office: Office) -> None:
    row = day_with(office, "FT001")
    office.line(300_000, text="NOP TIEN", bank="FB777", partner="bank-b", account="0200000000202")
    office.load("bank-b", MONDAY)
    with pytest.raises(NotFound) as unknown:
        link(office, row, "FB777")
    assert unknown.value.code == "entry-unknown"


def test_money_without_a_payment_offers_a_refund_and_a_fee_only_where_one_credit_stands_behind_it(
    office: Office,
) -> None:
    row = day_with(office, "FT001")
    credit = next(one for one in office.rows_of_day(state="open") if one.target != row.target)
    offered = breaks.break_of(office.desk, office.an, "bank-a", MONDAY, credit.target.row_key).may
    assert {Decision.REFUND, Decision.ATTRIBUTE} <= offered
    office.line(-300_000, text="CHUYEN DI")
    office.settle_day()
    debit = next(one for one in office.rows_of_day(state="open") if one.their_amount < 0)
    may = breaks.break_of(office.desk, office.an, "bank-a", MONDAY, debit.target.row_key).may
    assert not may & {Decision.REFUND, Decision.ATTRIBUTE}
    assert Decision.ACCEPT in may
