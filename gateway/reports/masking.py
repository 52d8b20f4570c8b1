"""What a report never shows whole: account numbers of other people, addresses, numbers of identity and telephone."""

from __future__ import annotations

import re

_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z.\-])\d{8,19}(?![0-9A-Za-z.\-])")


def masked_account(account: str) -> str:
    """``1120000000101`` -> ``•••0101``."""
    return f"•••{account[-4:]}" if account else ""


def masked_address(address: str) -> str:
    """Only the widest part stays: ``12 Trần Phú, Hồng Gai, Quảng Ninh`` -> ``•••, Quảng Ninh``."""
    if not address:
        return ""
    parts = [part.strip() for part in address.split(",")]
    return f"•••, {parts[-1]}" if len(parts) > 1 else "•••"


def masked_numbers(text: str) -> str:
    """Free text in which every number that may be an account, an identity or a telephone keeps its last four digits."""
    return _LONG_NUMBER.sub(lambda found: masked_account(found.group()), text)
