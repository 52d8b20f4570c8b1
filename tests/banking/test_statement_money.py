"""An unreadable amount is an error with a code; it never becomes 0, another amount or a float."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.banking.statements.money import EXPONENTS, exponent_of, minor_units
from gateway.errors import Malformed

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "currency", "mark", "units"),
    [
        ("50000", "VND", ".", 50000),
        ("50000,", "VND", ",", 50000),
        ("50000,00", "VND", ",", 50000),
        ("50000.00000", "VND", ".", 50000),
        ("0", "VND", ".", 0),
        ("10,5", "EUR", ",", 1050),
        ("000000001,62", "EUR", ",", 162),
        ("8.850", "EUR", ".", 885),
        (",5", "EUR", ",", 50),
        ("1.234", "KWD", ".", 1234),
        ("2700", "JPY", ".", 2700),
        ("10,5", "", ",", 1050),
    ],
)
def test_an_amount_is_whole_minor_units(text: str, currency: str, mark: str, units: int) -> None:
    assert minor_units(text, currency, mark=mark) == units


@pytest.mark.parametrize(
    ("text", "currency", "mark"),
    [
        ("1e3", "VND", "."),
        ("1E3", "EUR", "."),
        ("50000.5", "VND", "."),
        ("50000,01", "VND", ","),
        ("50,000", "VND", ","),  # a thousands separator, not fifty đồng
        ("50.000", "VND", ","),
        ("1.234,56", "EUR", ","),
        ("10.005", "EUR", "."),
        ("-5", "EUR", "."),
        ("- 5", "EUR", "."),
        ("", "VND", "."),
        (",", "VND", ","),
        (".", "EUR", "."),
        ("abc", "EUR", "."),
        ("NaN", "EUR", "."),
        ("Infinity", "EUR", "."),
        ("1 000", "VND", "."),
        ("0x10", "VND", "."),
        ("１２", "VND", "."),  # full-width digits
        ("1_000", "VND", "."),
    ],
)
def test_what_is_no_plain_amount_is_refused(text: str, currency: str, mark: str) -> None:
    with pytest.raises(Malformed) as refused:
        minor_units(text, currency, mark=mark)
    assert refused.value.code == "bad-amount"


def test_a_minus_sign_needs_to_be_allowed() -> None:
    assert minor_units("-10.50", "EUR", negative=True) == -1050


def test_the_dong_has_no_minor_unit() -> None:
    assert exponent_of("VND") == 0
    assert {exponent_of(currency) for currency in EXPONENTS} == {0, 2, 3, 4}


@pytest.mark.property
@given(st.integers(min_value=0, max_value=10**18), st.sampled_from(sorted(EXPONENTS)), st.sampled_from(",."))
def test_every_amount_survives_being_written_and_read(units: int, currency: str, mark: str) -> None:
    exponent = exponent_of(currency)
    whole, fraction = divmod(units, 10**exponent)
    text = f"{whole}{mark}{fraction:0{exponent}d}" if exponent else f"{whole}"
    assert minor_units(text, currency, mark=mark) == units


@pytest.mark.property
@given(st.text(max_size=12), st.sampled_from(["VND", "EUR", "KWD"]))
def test_any_text_is_an_amount_or_refused_with_a_code(text: str, currency: str) -> None:
    try:
        code = "" if isinstance(minor_units(text, currency), int) else "no integer"
    except Malformed as refused:
        code = refused.code
    assert code in ("", "bad-amount")
