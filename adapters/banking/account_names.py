"""Which agreed account a statement names: banks write more than the number in field 25, or break it with blanks."""

from __future__ import annotations

import re
from collections.abc import Collection

_BANK = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")  # BIC
_BANK_NUMBER = re.compile(r"\d{3,8}", re.ASCII)  # BIN, the State Bank's bank code


def agreed_account(told: str, currency: str, accounts: Collection[str]) -> str | None:
    """The one of ``accounts`` that ``told`` names; None where it is none of them, or could be two of them.

    Beside the number may stand blanks, a bank (``BFTVVNVX/``, ``970436/`` before it, ``/BFTVVNVX`` behind it) and the
    statement's own ``currency`` (``/VND``, ``VND``). Anything else is another account, like a number behind a slash.
    """
    if told in accounts:
        return told
    names = _names(_bare(told), currency)
    found = [account for account in accounts if _bare(account) in names]
    return found[0] if len(found) == 1 else None


def _names(told: str, currency: str) -> set[str]:
    """What the number may be: all of it, or what is left without bank and currency."""
    parts = told.split("/")
    if currency and parts[-1] == currency:
        parts.pop()
    whole = "/".join(parts)
    if len(parts) > 1 and (_BANK.fullmatch(parts[0]) or _BANK_NUMBER.fullmatch(parts[0])):
        parts = parts[1:]
    elif len(parts) > 1 and _BANK.fullmatch(parts[-1]):
        parts.pop()
    number = "/".join(parts)
    return {told, *(name for one in (whole, number) for name in (one, one.removesuffix(currency)))}


def _bare(text: str) -> str:
    return "".join(text.split()).upper()
