"""The single fields of MT940 and MT942 (SWIFT Standards, category 9), as banks really write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from adapters.banking.statements.dates import day
from adapters.banking.statements.model import Balance
from adapters.banking.statements.money import minor_units

# :61: 6!n[4!n]2a[1!a]15d1!a3!c16x[//16x]; four spaces for the entry date, a missing type, longer references and blanks
# between the parts occur.
# The type is N, S or F and three characters (SWIFT); banks use other letters, too; "1e5" is no amount of 1,
# and NONREF, which is no reference, no type NONR.
STATEMENT_LINE = re.compile(
    r"[ ]*([0-9]{6})([0-9]{4}|[ ]{4})?([REre]?[DCdc])([A-Za-z])?[ ]*([0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)[ ]*"
    r"(?:((?![Ee][0-9]|NONREF)[A-Za-z][A-Za-z0-9 ]{3})|(?=//|NONREF)|$)(.*)"
)
SIGNS = {"C": 1, "D": -1, "RC": -1, "RD": 1, "EC": 1, "ED": -1}
"""R reverses, E is only expected (MT942)."""

_BALANCE = re.compile(r"([DC])(\d{6})([A-Z]{3})?(\d*(?:[.,]\d*)?)", re.IGNORECASE | re.ASCII)
_FLOOR_LIMIT = re.compile(r"([A-Z]{3})[DC ]?[\d.,]*", re.ASCII)
_TOTAL = re.compile(r"(\d{0,5})([A-Z]{3})(\d*(?:[.,]\d*)?)", re.ASCII)
_SUBFIELDS = {
    # A code and "?" say enough; the marks of other countries may be text, unless a second subfield follows.
    "?": (re.compile(r"\d{3}\?\d\d", re.ASCII), re.compile(r"\?([0-6]\d)", re.ASCII)),
    **{
        mark: (
            re.compile(rf"\d{{3}}{re.escape(mark)}(?:00|10|20).*?{re.escape(mark)}[0-6]\d", re.ASCII),
            re.compile(rf"{re.escape(mark)}([0-6]\d)", re.ASCII),
        )
        for mark in "~<^+"
    },
}
_WIDTH_OF_NARRATIVE = 65
_KEYWORD = re.compile(
    r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|PURP|MDAT|SQTP|ORCR|ORMR|DDAT|COAM|OAMT|IBAN|BIC )(?:\+|: )"
)
_SLASHED = re.compile(r"(?:^|/)(EREF|PREF|MARF|CSID)/")
_NEXT_SLASHED = re.compile(r"/(?:[A-Z]{3,4}|ID)/")  # two other letters may stand within a reference
_REFERENCE_OF = {
    "EREF": "end_to_end",
    "PREF": "payment_information",
    "KREF": "ordering_customer",
    "MREF": "mandate",
    "MARF": "mandate",
    "CRED": "creditor_id",
    "CSID": "creditor_id",
}
_WIDTH_OF_REFERENCE = 16


@dataclass(frozen=True, slots=True)
class Total:
    """What field 90D or 90C says: number and sum of entries."""

    count: int
    amount: int
    currency: str


def balance(text: str, currency: str, seen: dict[str, date]) -> Balance:
    """Fields 60 and 62; ``currency`` where the bank forgot its own. Raises ValueError or Malformed ``bad-amount``."""
    match = _BALANCE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is no balance")
    mark, on, written, amount = match.groups()
    written = (written or currency).upper()
    units = minor_units(amount, written, mark=",")
    return Balance(day(on, seen), -units if mark in "Dd" else units, written)


def balance_currency(text: str) -> str:
    """The currency of fields 64 and 65 (available balances), empty where it is unreadable."""
    match = _BALANCE.fullmatch(text.strip())
    return (match[3] or "").upper() if match else ""


def floor_limit_currency(text: str) -> str:
    """The currency of field 34F, empty where it is unreadable."""
    match = _FLOOR_LIMIT.match(text)
    return match[1] if match else ""


def total(text: str) -> Total:
    """Fields 90D and 90C. Raises ValueError or Malformed ``bad-amount``."""
    match = _TOTAL.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is no number and sum of entries")
    return Total(int(match[1] or 0), minor_units(match[3], match[2], mark=","), match[2])


def account_currency(text: str) -> str:
    """The currency some banks append to field 25 (``.../HUF``, ``9223382012EUR``), empty where there is none."""
    match = re.search(r"(?<![A-Z])([A-Z]{3})$", text.strip())
    return match[1] if match else ""


def references(rest: str, supplement: Sequence[str]) -> dict[str, str]:
    """What follows the type in field 61: customer reference, ``//`` bank reference, and the supplementary details."""
    found: dict[str, str] = {}
    customer, slashes, bank = rest.partition("//")
    overflow = ""
    if len(customer) > _WIDTH_OF_REFERENCE and not slashes:
        customer, overflow = _cut(customer)
    if customer := customer.strip():
        found["customer"] = customer
    if bank := bank.strip():
        found["bank"] = bank
    if not supplement and not overflow:
        return found
    if not slashes and supplement and supplement[0].lstrip().startswith("//"):  # the line was wrapped before it
        found["bank"], supplement = supplement[0].strip()[2:], supplement[1:]
    details = "\n".join(part for line in (overflow, *supplement) if (part := line.strip()))
    if details:
        found["supplementary"] = details
    return found


def _cut(text: str) -> tuple[str, str]:
    """A reference of 16 characters is followed by details at once, but an unbroken longer word is one (an IBAN)."""
    if " " in text[: _WIDTH_OF_REFERENCE + 1]:
        return text[:_WIDTH_OF_REFERENCE], text[_WIDTH_OF_REFERENCE:]
    word, _, after = text.partition(" ")
    return word, after


def narrative(lines: Sequence[str], found: dict[str, str]) -> str:
    """Field 86 as text for a person; the references inside it are added to ``found``.

    Free text keeps its lines. Subfields (``166?00...?20...``) give posting text, purpose and name, each on its line.
    """
    kept = [line for raw in lines if (line := raw.rstrip())]
    while kept and kept[-1] == "-":  # the end of a message that ends without its closing balance
        kept.pop()
    joined = "".join(kept).lstrip()
    mark = joined[3:4]
    if mark in _SUBFIELDS and _SUBFIELDS[mark][0].match(joined):
        if any(map(_ends_with_a_word, lines)):
            joined = "".join(
                f"{line.rstrip()} " if _ends_with_a_word(line) else line.rstrip() for line in lines
            ).lstrip()
        return _structured(joined, mark, found, "\n" if joined.count(mark) <= len(kept) else "")
    if len(kept) > 1 and len(kept[0]) == 3 and kept[1].startswith(kept[0]) and kept[1][3:4] in _SUBFIELDS:
        return narrative(kept[1:], found)  # the code stood in a field of its own, too (Poland)
    if "/" in joined and ("EREF/" in joined or "MARF/" in joined or "PREF/" in joined):
        _slashed(joined, found)
    return "\n".join(kept).strip()


def _ends_with_a_word(line: str) -> bool:
    """A line that is full and ends with one blank; more blanks only fill it up."""
    return len(line) == _WIDTH_OF_NARRATIVE and line[-1] == " " and line[-2] != " "


def _slashed(text: str, found: dict[str, str]) -> None:
    pieces = _SLASHED.split(text)
    for keyword, value in zip(pieces[1::2], pieces[2::2], strict=True):
        end = _NEXT_SLASHED.search(value)
        _remember(found, keyword, (value[: end.start()] if end else value).strip().rstrip("/"))


def _structured(text: str, mark: str, found: dict[str, str], between: str) -> str:
    """``between`` parts of the purpose stands nothing, as they break within words, unless each has its own line."""
    parts = _SUBFIELDS[mark][1].split(text)
    fields: dict[str, list[str]] = {}
    for key, value in zip(parts[1::2], parts[2::2], strict=True):
        fields.setdefault(key, []).append(value)
    purpose = _joined(fields, "20", "29" if mark == "?" else "26", between)
    pieces = _KEYWORD.split(purpose)
    for keyword, value in zip(pieces[1::2], pieces[2::2], strict=True):
        _remember(found, keyword, value.replace("\n", ""))
    purpose += between + _joined(fields, "60", "65", between)
    name = _joined(fields, "32", "33", "")
    if mark != "?":  # Poland: who pays stands in 27 to 29, too
        name = "\n".join(part for part in (_joined(fields, "27", "29", ""), name) if part)
    return "\n".join(part for raw in (_joined(fields, "00", "00", ""), purpose, name) if (part := raw.strip()))


def _joined(fields: Mapping[str, Sequence[str]], first: str, last: str, between: str) -> str:
    return between.join(value for key, values in fields.items() if first <= key <= last for value in values)


def _remember(found: dict[str, str], keyword: str, value: str) -> None:
    name, value = _REFERENCE_OF.get(keyword), value.strip()
    if name and value:
        found.setdefault(name, value)


def non_swift(lines: Sequence[str]) -> str:
    """Field NS (a German extension): the values of its two-digit subfields, each on its line."""
    return "\n".join(part for line in lines if (part := (line[2:] if line[:2].isdigit() else line).strip()))


REFERENCE_NAMES: Mapping[str, str] = {
    "customer": "field 61, reference for the account owner (NONREF: none)",
    "bank": "field 61, after //",
    "supplementary": "field 61, second line",
    **{name: f"field 86, {keyword}" for keyword, name in _REFERENCE_OF.items()},
}
