"""Amounts as written by a bank -> integers in minor units. Floats never appear."""

from __future__ import annotations

from functools import lru_cache

from gateway.errors import Malformed

_NO_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ADP BEF ESP GRD ITL LUF PTE TRL"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_TWO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF "
    "CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK "
    "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR "
    "MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
    "SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER "
    "ZAR ZMW ZWG ZWL ATS CYP DEM EEK FIM FRF IEP LTL LVL MTL NLG ROL SIT SKK BYR"
)

EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_NO_MINOR.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(_FOUR.split(), 4),
}
"""Decimal digits of the minor unit of each currency (ISO 4217), with the older ones that archives still hold."""

DEFAULT_EXPONENT = 2
"""Used where a statement names no currency, or one that ISO 4217 does not know (reported as a problem)."""

_LONGEST = 40
_FACTORS = (1, 10, 100, 1000, 10_000)


def exponent_of(currency: str) -> int:
    """Decimal digits of the minor unit of ``currency``."""
    return EXPONENTS.get(currency, DEFAULT_EXPONENT)


@lru_cache(maxsize=4096)  # a province is paid the same few sums again and again
def minor_units(text: str, currency: str, *, mark: str = ".", negative: bool = False) -> int:
    """``"1050.5"`` in EUR is 105050. ``mark`` is the decimal mark; there are no thousands separators.

    Zeros beyond the minor unit are a habit of banks and accepted (``"1000.00"`` VND is 1000); any other digit there is
    not, nor is ``"50,000"`` in a currency without decimals: whoever wrote that meant fifty thousand. A point where a
    comma was to be is a decimal mark, too, unless three digits follow it. Raises Malformed ``bad-amount`` for these,
    for scientific notation, for anything else that is no plain number, and for a minus sign unless ``negative``
    allows it.
    """
    if len(text) > _LONGEST:
        raise _bad_amount(text, currency, "is too long")
    if mark == "," and "." in text and "," not in text:
        mark = _decimal_point(text)
    whole, _, fraction = text.partition(mark)
    if not fraction and whole.isdecimal() and whole.isascii():  # nearly all amounts in đồng
        return int(whole) * _FACTORS[EXPONENTS.get(currency, DEFAULT_EXPONENT)]
    sign = whole[:1] == "-"
    digits = whole.removeprefix("-") + fraction
    if not (digits.isdecimal() and digits.isascii()):
        raise _bad_amount(text, currency, "is no plain decimal number")
    if sign and not negative:
        raise _bad_amount(text, currency, "is negative where only its mark may say so")
    exponent = exponent_of(currency)
    if mark == "," and not exponent and len(fraction) == 3:
        raise _bad_amount(text, currency, "seems to have a thousands separator")
    if fraction[exponent:].strip("0"):
        raise _bad_amount(text, currency, f"has more than {exponent} decimals")
    amount = int(digits[: len(digits) - len(fraction)] + fraction[:exponent].ljust(exponent, "0") or "0")
    return -amount if sign else amount


def _decimal_point(text: str) -> str:
    """The mark of an amount that was to have a comma: a point before three digits may separate thousands."""
    return "," if len(text.rpartition(".")[2]) == 3 else "."


def _bad_amount(text: str, currency: str, why: str) -> Malformed:
    return Malformed(
        f"the amount {text[:40]!r} {currency} {why}", code="bad-amount", action="Ask the sender for a correct file."
    )
