"""One ``Ntry`` of camt.052, .053 or .054, in one walk: only the branches that matter are entered."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from adapters.banking.statements.model import EntryDetail, ParsedEntry
from adapters.banking.statements.money import minor_units

REFERENCE_NAMES: Mapping[str, str] = {
    "NtryRef": "entry",
    "MsgId": "message",
    "AcctSvcrRef": "account_servicer",
    "PmtInfId": "payment_information",
    "InstrId": "instruction",
    "EndToEndId": "end_to_end",
    "UETR": "uetr",
    "TxId": "transaction",
    "MndtId": "mandate",
    "ChqNb": "cheque",
    "ClrSysRef": "clearing_system",
    "AcctOwnrTxId": "account_owner_transaction",
    "AcctSvcrTxId": "account_servicer_transaction",
    "MktInfrstrctrTxId": "market_infrastructure",
    "PrcgId": "processing",
}
"""Elements of ``Refs`` (and of ``Ntry``, ``Btch``) -> our names; ``Prtry`` becomes ``proprietary:<Tp>``."""

_USED = (
    *("Amt", "CdtDbtInd", "Sts", "BookgDt", "ValDt", "NtryDtls", "AddtlNtryInf"),
    *("Btch", "TxDtls", "AmtDtls", "TxAmt", "AddtlTxInf", "Refs", "Prtry", "Tp", "Ref"),
    *("RmtInf", "Ustrd", "Strd", "CdtrRefInf", "AddtlRmtInf"),
    *REFERENCE_NAMES,
)

SIGNS = {"CRDT": 1, "DBIT": -1}


def short_names(namespace: str) -> dict[object, str]:
    """Full tag -> local name, for the elements that are read."""
    return {f"{{{namespace}}}{name}": name for name in _USED}


def line_of(element: etree._Element) -> int:
    """Where the element starts in its file, 0 where the parser does not know."""
    return int(getattr(element, "sourceline", None) or 0)


def clean(text: str | None) -> str:
    """The text without surrounding blanks, NFC."""
    if not text:
        return ""
    text = text.strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def amount_of(element: etree._Element) -> tuple[int, str]:
    """Minor units and currency of an ``Amt``. Raises Malformed ``bad-amount``, ValueError without a currency."""
    currency = element.get("Ccy")
    if currency is None or len(currency) != 3 or not (currency.isascii() and currency.isupper()):
        raise ValueError("an amount has no currency (attribute Ccy)")
    return minor_units((element.text or "").strip().removeprefix("+"), currency), currency


def day_of(element: etree._Element, days: dict[str, date]) -> date:
    """The day of a ``Dt``/``DtTm`` choice, as the bank wrote it. Raises ValueError."""
    if not len(element):
        raise ValueError("a date holds neither Dt nor DtTm")
    text = (element[0].text or "").strip()[:10]
    known = days.get(text)
    if known is None:
        known = days[text] = date.fromisoformat(text)
    return known


@dataclass(slots=True)
class _Collected:
    """What one walk gathers."""

    references: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    transactions: list[etree._Element] = field(default_factory=list)


def entry_of(ntry: etree._Element, names: Mapping[object, str], days: dict[str, date]) -> ParsedEntry:
    """The entry. Raises ValueError where a mandatory element is missing or wrong, Malformed ``bad-amount``."""
    amount, currency, sign, status = None, "", 0, ""
    booked_on: date | None = None
    value_on: date | None = None
    found, additional = _Collected(), ""
    for child in ntry:
        name = names.get(child.tag)
        if name is None:
            continue
        if name == "Amt":
            amount, currency = amount_of(child)
        elif name == "CdtDbtInd":
            sign = SIGNS.get((child.text or "").strip(), 0)
        elif name == "Sts":
            status = (child[0].text if len(child) else child.text) or ""
        elif name == "BookgDt":
            booked_on = day_of(child, days)
        elif name == "ValDt":
            value_on = day_of(child, days)
        elif name == "NtryDtls":
            _details(child, names, found)
        elif name == "Btch":  # version 01
            _references(child, names, found.references, 1)
        elif name == "AddtlNtryInf":
            additional = clean(child.text)
        elif name in REFERENCE_NAMES and (value := clean(child.text)):
            found.references[REFERENCE_NAMES[name]] = value
    if amount is None or not sign or not status:
        raise ValueError("an entry (Ntry) lacks its amount, its CdtDbtInd (CRDT or DBIT) or its status")
    if additional and additional not in found.texts:
        found.texts.append(additional)
    details = _split(found.transactions, names, currency, sign) if len(found.transactions) > 1 else ()
    return ParsedEntry(
        booked_on or value_on,
        value_on or booked_on,
        sign * amount,
        currency,
        found.references,
        "\n".join(found.texts),
        line_of(ntry),
        status.strip() == "BOOK",
        details,
    )


def _details(ntry_details: etree._Element, names: Mapping[object, str], found: _Collected) -> None:
    for child in ntry_details:
        name = names.get(child.tag)
        if name == "TxDtls":
            found.transactions.append(child)
            _transaction(child, names, found, len(found.transactions))
        elif name == "Btch":
            _references(child, names, found.references, 1)


def _transaction(details: etree._Element, names: Mapping[object, str], found: _Collected, number: int) -> None:
    for child in details:
        name = names.get(child.tag)
        if name == "Refs":
            _references(child, names, found.references, number)
        elif name == "RmtInf":
            _remittance(child, names, found, number)
        elif name == "AddtlTxInf" and (text := clean(child.text)) and text not in found.texts:
            found.texts.append(text)


def _references(parent: etree._Element, names: Mapping[object, str], references: dict[str, str], number: int) -> None:
    for child in parent:
        name = names.get(child.tag)
        if name is None:
            continue
        if name == "Prtry":
            kind = value = ""
            for part in child:
                if names.get(part.tag) == "Tp":
                    kind = clean(part.text)
                elif names.get(part.tag) == "Ref":
                    value = clean(part.text)
            name = f"proprietary:{kind}"
        else:
            name, value = REFERENCE_NAMES.get(name, ""), clean(child.text)
        if name and value:
            _put(references, name, value, number)


def _put(references: dict[str, str], name: str, value: str, number: int) -> None:
    """The first transaction of a batch gives the plain name, the n-th ``name#n`` where it says something else."""
    if references.setdefault(name, value) != value:
        references[f"{name}#{number}"] = value


def _remittance(parent: etree._Element, names: Mapping[object, str], found: _Collected, number: int) -> None:
    for child in parent:
        name = names.get(child.tag)
        if name == "Ustrd":
            if text := clean(child.text):
                found.texts.append(text)
        elif name == "Strd":
            for part in child:
                part_name = names.get(part.tag)
                if part_name == "AddtlRmtInf":
                    if text := clean(part.text):
                        found.texts.append(text)
                elif part_name == "CdtrRefInf":
                    for leaf in part:
                        if names.get(leaf.tag) == "Ref" and (value := clean(leaf.text)):
                            _put(found.references, "creditor_reference", value, number)


def _split(
    transactions: list[etree._Element], names: Mapping[object, str], currency: str, sign: int
) -> tuple[EntryDetail, ...]:
    """The transactions of a batch entry, each on its own."""
    details = []
    for element in transactions:
        one = _Collected()
        _transaction(element, names, one, 1)
        amount, own_currency = _detail_amount(element, names, sign)
        details.append(EntryDetail(amount, own_currency or currency, one.references, "\n".join(one.texts)))
    return tuple(details)


def _detail_amount(details: etree._Element, names: Mapping[object, str], sign: int) -> tuple[int | None, str]:
    """``Amt`` of the transaction (later versions) or ``AmtDtls/TxAmt/Amt`` (version 02), signed like its own mark."""
    found: tuple[int, str] | None = None
    for child in details:
        name = names.get(child.tag)
        if name == "Amt":
            found = amount_of(child)
        elif name == "CdtDbtInd":
            sign = SIGNS.get((child.text or "").strip(), sign)
        elif name == "AmtDtls" and found is None:
            for part in child:
                if names.get(part.tag) == "TxAmt":
                    for leaf in part:
                        if names.get(leaf.tag) == "Amt":
                            found = amount_of(leaf)
    return (sign * found[0], found[1]) if found else (None, "")
