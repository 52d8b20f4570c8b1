"""Codes that name money and dossiers: their grammar, and how ours are made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import NAMESPACE_URL, uuid5

# domain.md 1.7: old and new dossier codes, tolerant of both date lengths.
DOSSIER_CODE = re.compile(r"^(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(?:\.\w+)*-(?:\d{6}|\d{8})-\d{4,7}$", re.ASCII)

# No I, L, O, U: a reference is read aloud on the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DIGITS = 7
REFERENCE = re.compile(rf"(?<![A-Z0-9])(?:QN|HT)\d{{6}}[{_ALPHABET}]{{{_DIGITS}}}(?![A-Z0-9])")

# What banks write where nobody gave a reference: ISO 20022, SWIFT field 61.
_NO_REFERENCE = ("", "NOTPROVIDED", "NONREF")

# MT940 leaves 16 characters for a reference, so ours have 15.
PAYMENT, REFUND = "QN", "HT"


def make_reference(prefix: str, on: date, number: int) -> str:
    """``QN261123000001A``: prefix, day, counter in base 32. Unique for ever, as ``number`` is (up to 34e9)."""
    digits = []
    for _ in range(_DIGITS):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return f"{prefix}{on:%y%m%d}{''.join(reversed(digits))}"


def own_references(structured: Iterable[str]) -> tuple[str, ...]:
    """Our references that structured fields of a statement entry name whole, sorted, each once."""
    found = {match for value in structured for match in REFERENCE.findall(value.upper())}
    return tuple(sorted(found))


def structured_keys(references: Mapping[str, str]) -> tuple[str, ...]:
    """Every structured reference of an entry as one word each, sorted: to be joined with transaction numbers."""
    words = {"".join(value.split()) for value in references.values()}
    return tuple(sorted(word for word in words if word.upper() not in _NO_REFERENCE))


def message_id_of(cause: int, what: str, number: int = 0) -> str:
    """The identity of an outbox row: the same cause and subject give the same id, whoever computes it and when."""
    return str(uuid5(NAMESPACE_URL, f"gateway:{cause}/{what}/{number}"))
