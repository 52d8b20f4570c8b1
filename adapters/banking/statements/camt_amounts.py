"""The amounts of an entry in camt, and whether its parts give it: ``TxDtls`` and ``Btch`` say it a second time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from adapters.banking.statements.model import EntryDetail
from adapters.banking.statements.money import EXPONENTS, minor_units
from gateway.errors import Malformed

SIGNS = {"CRDT": 1, "DBIT": -1}
_CURRENCY = re.compile("[A-Z]{3}")
_DIGITS_OF_COUNT = 15  # Max15NumericText


def clean(text: str | None) -> str:
    """The text without surrounding blanks, NFC."""
    if not text:
        return ""
    text = text.strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def amount_of(element: etree._Element) -> tuple[int, str]:
    """Minor units and currency of an ``Amt``. Raises Malformed ``bad-amount``, ValueError without a currency."""
    currency = element.get("Ccy")
    if currency not in EXPONENTS and (currency is None or not _CURRENCY.fullmatch(currency)):
        raise ValueError("an amount has no currency (attribute Ccy)")
    return minor_units((element.text or "").strip().removeprefix("+"), currency), currency


class Parts:
    """What an entry holds: its ``TxDtls``; each ``Btch`` with the number of them beside it (None: beside the entry,
    version 01); how many ``NtryDtls`` there are; and whether any of the parts says an amount.
    """

    __slots__ = ("amounts", "batches", "groups", "transactions")

    def __init__(self) -> None:  # no dataclass: made for every entry
        self.transactions: list[etree._Element] = []
        self.batches: list[tuple[etree._Element, int | None]] = []
        self.groups, self.amounts = 0, False


def amount_of_part(details: etree._Element, names: Mapping[object, str], sign: int) -> tuple[int | None, str]:
    """``Amt`` of the transaction (later versions) or ``AmtDtls/TxAmt/Amt`` (version 02), signed like its own mark.

    An empty one says none. Raises ValueError or Malformed ``bad-amount``.
    """
    found: tuple[int, str] | None = None
    for child in details:
        name = names.get(child.tag)
        if name == "Amt" and clean(child.text):
            found = amount_of(child)
        elif name == "CdtDbtInd":
            sign = SIGNS.get((child.text or "").strip(), sign)
        elif name == "AmtDtls" and found is None:
            for part in child:
                if names.get(part.tag) == "TxAmt":
                    for leaf in part:
                        if names.get(leaf.tag) == "Amt" and clean(leaf.text):
                            found = amount_of(leaf)
    return (sign * found[0], found[1]) if found else (None, "")


def unreadable_part(error: Exception) -> str:
    """The doubt about an entry a part of which is no amount."""
    return f"a part of the entry is unreadable: {error.message if isinstance(error, Malformed) else error}"


def doubts_about(
    ntry: etree._Element,
    names: Mapping[object, str],
    parts: Parts,
    details: Sequence[EntryDetail],
    amount: int,
    currency: str,
) -> Iterator[str]:
    """How the parts of an entry contradict its signed ``amount``, where all of them say theirs in its ``currency``.

    Charges (``Chrgs``) may stand between the two; they are not added.
    """
    sign = -1 if amount < 0 else 1
    try:
        told = [(one.amount, one.currency) for one in details] or [
            amount_of_part(one, names, sign) for one in parts.transactions
        ]
        batches = _batch_total(parts, names, sign, currency)
    except (ValueError, Malformed) as unreadable:
        yield unreadable_part(unreadable)
        return
    amounts = [own for own, named in told if own is not None and named == currency]
    counts = list(_counts(parts, names))
    whole = amounts and len(amounts) == len(told) and not any(number > listed for number, listed in counts)
    wrong = [("its transactions (TxDtls) add up to", sum(amounts))] if whole else []
    if batches is not None:
        wrong.append(("its batch (Btch) says", batches))
    for what, total in wrong:
        if total != amount and not any(names.get(part.tag) == "Chrgs" for part in ntry.iter()):
            yield f"the entry is {amount}, but {what} {total} (minor units of {currency})"
    for number, listed in counts:
        if number < listed:
            yield f"its batch (Btch) has {number} transactions, the file lists {listed} of them"


def _counts(parts: Parts, names: Mapping[object, str]) -> Iterator[tuple[int, int]]:
    """How many transactions each batch says it has, and how many the file lists: none, some or all of them."""
    for batch, beside in parts.batches:
        number = next((clean(part.text) for part in batch if names.get(part.tag) == "NbOfTxs"), "")
        listed = len(parts.transactions) if beside is None else beside
        if listed and number.isdecimal() and len(number) <= _DIGITS_OF_COUNT:
            yield int(number), listed


def _batch_total(parts: Parts, names: Mapping[object, str], sign: int, currency: str) -> int | None:
    """What the batches of an entry say together; None unless all of it stands in batches that say their total."""
    if len(parts.batches) != max(parts.groups, 1):
        return None
    total = 0
    for batch, _ in parts.batches:
        found, own_sign = None, sign
        for part in batch:
            name = names.get(part.tag)
            if name == "TtlAmt":
                found = amount_of(part)
            elif name == "CdtDbtInd":
                own_sign = SIGNS.get(clean(part.text), sign)
        if found is None or found[1] != currency:
            return None
        total += own_sign * found[0]
    return total
