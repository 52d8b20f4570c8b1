"""Amounts in words, as a Vietnamese voucher writes them (*bằng chữ*)."""

from __future__ import annotations

from num2words import num2words

_BILLION = 1_000_000_000
_UNITS = (("triệu", 1_000_000), ("nghìn", 1_000), ("", 1))


def dong_in_words(amount: int) -> str:
    """``1005000`` -> ``Một triệu không trăm linh năm nghìn đồng``; a negative amount begins with *Âm*."""
    words = _number(abs(amount)) + " đồng"
    text = f"âm {words}" if amount < 0 else words
    return text[0].upper() + text[1:]


def _number(number: int) -> str:
    """Groups of three, joined here: the library repeats *tỷ*, loses *không trăm* and misreads what is below zero."""
    if number == 0:
        return "không"
    high, rest = divmod(number, _BILLION)
    parts = [f"{_number(high)} tỷ"] if high else []
    for unit, size in _UNITS:
        group, rest = divmod(rest, size)
        if group:
            parts.append(f"{_group(group, leads=not parts)} {unit}".rstrip())
    return " ".join(parts)


def _group(number: int, *, leads: bool) -> str:
    """1 to 999; a group that does not lead names its missing hundreds."""
    words = str(num2words(number, lang="vi")).replace(" lẻ ", " linh ")
    if leads or number >= 100:
        return words
    return f"không trăm linh {words}" if number < 10 else f"không trăm {words}"
