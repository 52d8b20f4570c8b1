"""A statement of our account is ours however the bank writes the number, and no account is taken for another."""

from __future__ import annotations

import pytest

from adapters.banking.account_names import agreed_account

pytestmark = pytest.mark.unit

OURS, OTHER = "0511000022233", "0511000022234"


@pytest.mark.parametrize(
    "told",
    [
        "0511000022233", "0511 0000 22233", " 0511000022233\t", "BFTVVNVX/0511000022233", "BFTVVNVXXXX/0511000022233",
        "970436/0511000022233", "0511000022233/VND", "0511000022233VND", "0511000022233 VND", "0511000022233/BFTVVNVX",
        "970436/0511000022233VND", "970436/0511000022233/VND", "bftvvnvx/0511000022233/vnd",
    ],
)  # fmt: skip
def test_the_agreed_account_is_found_in_what_the_bank_writes(told: str) -> None:
    assert agreed_account(told, "VND", {OURS, OTHER}) == OURS


@pytest.mark.parametrize(
    "told",
    [
        "", "/", "VND", "/VND", "970436", "0511000022235", "10511000022233", "05110000222331", "511000022233",
        "0511000022233/01", "0511000022233/9999888877", "9999888877/0511000022233", "0511000022233/970436",
        "0511000022233USD", "0511000022233/USD", f"{OURS}/{OTHER}", f"{OURS} {OTHER}", "970436/970436/0511000022233",
    ],
)  # fmt: skip
def test_what_is_not_its_number_is_another_account(told: str) -> None:
    assert agreed_account(told, "VND", {OURS, OTHER}) is None


def test_a_statement_in_dollars_names_the_account_with_its_own_currency() -> None:
    assert agreed_account("0511000022233/USD", "USD", {OURS}) == OURS
    assert agreed_account("0511000022233/VND", "USD", {OURS}) is None


def test_two_accounts_that_could_be_meant_are_none() -> None:
    assert agreed_account("970436/123/VND", "VND", {"970436/123", "123"}) is None
    assert agreed_account("123VND", "VND", {"123", "1 2 3"}) is None
    assert agreed_account("970436/123", "VND", {"970436/123", "123"}) == "970436/123"


def test_without_a_currency_nothing_is_cut_off() -> None:
    assert agreed_account("0511000022233", "", {OURS}) == OURS
    assert agreed_account("0511000022233/", "", {OURS}) is None
