"""One ``Ntry`` of camt.052, .053 or .054, in one walk: only the branches that matter are entered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from lxml import etree

from adapters.banking.statements.camt_amounts import (
    SIGNS,
    Parts,
    amount_of,
    amount_of_part,
    clean,
    doubts_about,
    unreadable_part,
)
from adapters.banking.statements.model import EntryDetail, ParsedEntry
from gateway.errors import Malformed

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
    *("Amt", "CdtDbtInd", "Sts", "BookgDt", "ValDt", "NtryDtls", "AddtlNtryInf", "RvslInd", "BkTxCd"),
    *("Btch", "TxDtls", "AmtDtls", "TxAmt", "AddtlTxInf", "Refs", "Prtry", "Tp", "Ref"),
    *("RmtInf", "Ustrd", "Strd", "CdtrRefInf", "AddtlRmtInf", "RfrdDocInf", "Nb"),
    *("RltdPties", "Dbtr", "Cdtr", "Nm", "NbOfTxs", "TtlAmt", "Chrgs"),
    *REFERENCE_NAMES,
)

_DAYS_REMEMBERED = 10_000
_FEW_LINES = 8


class Lines(list[str]):
    """Lines of text in their order; whether one is among them is known without looking at all of them."""

    known: set[str] | None = None  # the first ``looked_at`` of them
    looked_at = 0

    def once(self, text: str) -> None:
        """Adds ``text`` unless it is a line already: a batch of ten thousand payments tells ten thousand of them."""
        if len(self) < _FEW_LINES:
            if text not in self:
                self.append(text)
            return
        if self.known is None:
            self.known = set()
        self.known.update(self[self.looked_at :])
        self.looked_at = len(self)
        if text not in self.known:
            self.append(text)


def short_names(qualifier: str) -> dict[object, str]:
    """Full tag -> local name, for the elements that are read."""
    return {f"{qualifier}{name}": name for name in _USED}


def line_of(element: etree._Element) -> int:
    """Where the element starts in its file, 0 where the parser does not know."""
    return int(getattr(element, "sourceline", None) or 0)


def day_of(element: etree._Element, days: dict[str, date]) -> date:
    """The day of a ``Dt``/``DtTm`` choice, as the bank wrote it. Raises ValueError."""
    if not len(element):
        raise ValueError("a date holds neither Dt nor DtTm")
    written = element[0].text or ""
    known = days.get(written)
    if known is None:
        text = written.strip()[:10]
        known = date.fromisoformat(text)
        if len(days) < _DAYS_REMEMBERED:  # date-times are without number
            days[written] = known
    return known


class StatusMissing(ValueError):
    """An entry does not say whether it is booked."""


def entry_of(
    ntry: etree._Element, names: Mapping[object, str], days: dict[str, date], doubts: list[str], status: str = ""
) -> ParsedEntry:
    """The entry; ``status`` is the one it has where it says none. What its parts contradict is added to ``doubts``.

    Raises StatusMissing, ValueError where another mandatory element is missing or wrong, Malformed ``bad-amount``.
    """
    amount, currency, sign, additional, type_code, reversal = -1, "", 0, "", "", ""
    booked_on: date | None = None
    value_on: date | None = None
    references: dict[str, str] = {}
    texts = Lines()
    parts = Parts()
    for child in ntry:
        name = names.get(child.tag)
        if name is None:
            continue
        if name == "Amt":
            amount, currency = amount_of(child)
        elif name == "CdtDbtInd":
            sign = SIGNS.get(child.text or "") or SIGNS.get(clean(child.text), 0)
        elif name == "Sts":
            status = (child[0].text if len(child) else child.text) or status
        elif name == "BookgDt":
            booked_on = day_of(child, days)
        elif name == "ValDt":
            value_on = day_of(child, days)
        elif name == "NtryDtls":
            _transactions(child, names, references, texts, parts)
        elif name == "AddtlNtryInf":
            additional = clean(child.text)
        elif name == "BkTxCd":
            type_code = _type_code(child)
        elif name == "RvslInd":
            reversal = "REVERSAL" if clean(child.text) in ("true", "1") else ""
        elif name == "Btch":  # version 01
            _references(child, names, references, 1)
            parts.batches.append((child, None))
        elif name in REFERENCE_NAMES and (value := clean(child.text)):
            references[REFERENCE_NAMES[name]] = value
    _require(amount, sign, status)
    if additional:
        texts.once(additional)
    if not texts and parts.transactions:
        texts.extend(_counterparties(parts.transactions, names, "Dbtr" if sign > 0 else "Cdtr"))
    details: tuple[EntryDetail, ...] = ()
    if len(parts.transactions) > 1:
        details = _split(parts.transactions, names, currency, sign, doubts)
    if details or parts.batches or parts.amounts:
        doubts += doubts_about(ntry, names, parts, details, sign * amount, currency)
    return ParsedEntry(
        booked_on or value_on,
        value_on or booked_on,
        sign * amount,
        currency,
        references,
        "\n".join(texts),
        line_of(ntry),
        status.strip() == "BOOK",
        details,
        f"{type_code} {reversal}".strip(),
    )


def _require(amount: int, sign: int, status: str) -> None:
    if amount < 0 or not sign:
        raise ValueError("an entry (Ntry) lacks its amount or its CdtDbtInd (CRDT or DBIT)")
    if not status:
        raise StatusMissing("an entry (Ntry) lacks its status (Sts)")


def _counterparties(transactions: list[etree._Element], names: Mapping[object, str], role: str) -> Iterator[str]:
    """The names of those who paid or were paid: all that a person can read where no purpose is said."""
    for details in transactions:
        for parties in details:
            if names.get(parties.tag) == "RltdPties":
                for party in parties:
                    if names.get(party.tag) == role:
                        yield from filter(
                            None, (clean(leaf.text) for leaf in party.iter() if names.get(leaf.tag) == "Nm")
                        )


def _type_code(element: etree._Element) -> str:
    """``PMNT RCDT ESCT`` (domain, family, sub-family) and the bank's own code, as they follow each other; capitals."""
    return " ".join(_leaves(element)).upper()


def _leaves(element: etree._Element) -> Iterator[str]:
    for child in element:
        if len(child):
            yield from _leaves(child)
        elif text := clean(child.text):
            yield text


def _transactions(
    details: etree._Element, names: Mapping[object, str], references: dict[str, str], texts: Lines, parts: Parts
) -> None:
    """Reads the ``TxDtls`` of one ``NtryDtls``; ``parts`` has those of earlier ones of the same entry."""
    before, batch = len(parts.transactions), None
    for part in details:
        kind = names.get(part.tag)
        if kind == "TxDtls":
            parts.transactions.append(part)
            parts.amounts |= _transaction(part, names, references, texts, len(parts.transactions))
        elif kind == "Btch":
            batch = part
            _references(part, names, references, 1)
    parts.groups += 1
    if batch is not None:
        parts.batches.append((batch, len(parts.transactions) - before))


def _transaction(
    details: etree._Element, names: Mapping[object, str], references: dict[str, str], texts: Lines, number: int
) -> bool:
    """Adds the references and the text of the ``number``-th ``TxDtls`` of an entry; whether it says an amount."""
    amount = False
    for child in details:
        name = names.get(child.tag)
        if name == "Refs":
            _references(child, names, references, number)
        elif name == "RmtInf":
            for part in child:
                kind = names.get(part.tag)
                if kind == "Ustrd" and (text := clean(part.text)):
                    texts.append(text)
                elif kind == "Strd":
                    _structured(part, names, references, texts, number)
        elif name == "AddtlTxInf" and (text := clean(child.text)):
            texts.once(text)
        elif name == "Amt" or name == "AmtDtls":
            amount = True
    return amount


def _structured(
    remittance: etree._Element, names: Mapping[object, str], references: dict[str, str], texts: Lines, number: int
) -> None:
    for part in remittance:
        name = names.get(part.tag)
        if name == "AddtlRmtInf" and (text := clean(part.text)):
            texts.append(text)
        elif name == "CdtrRefInf":
            for leaf in part:
                if names.get(leaf.tag) == "Ref" and (value := clean(leaf.text)):
                    _put(references, "creditor_reference", value, number)
        elif name == "RfrdDocInf":
            for leaf in part:
                if names.get(leaf.tag) == "Nb" and (value := clean(leaf.text)):
                    _put(references, "document", value, number)


def _references(parent: etree._Element, names: Mapping[object, str], references: dict[str, str], number: int) -> None:
    for child in parent:
        tag = names.get(child.tag)
        if tag is None:
            continue
        if tag == "Prtry":
            said = {names.get(part.tag): clean(part.text) for part in child}
            name, value = f"proprietary:{said.get('Tp', '')}", said.get("Ref", "")
        else:
            name, value = REFERENCE_NAMES.get(tag, ""), clean(child.text)
        if name and value:
            _put(references, name, value, number)


def _put(references: dict[str, str], name: str, value: str, number: int) -> None:
    """The first transaction of a batch gives the plain name, the n-th ``name#n`` where it says something else.

    One that says several (a payment of several invoices) gives ``name#n.k`` for the others; ``k`` tells them apart.
    """
    if references.setdefault(name, value) != value:
        numbered = f"{name}#{number}"
        if references.setdefault(numbered, value) != value:
            references[f"{numbered}.{len(references)}"] = value


def _split(
    transactions: list[etree._Element], names: Mapping[object, str], currency: str, sign: int, doubts: list[str]
) -> tuple[EntryDetail, ...]:
    """The transactions of a batch entry, each on its own; one that is unreadable costs its amount, not the entry."""
    details = []
    for element in transactions:
        references: dict[str, str] = {}
        texts = Lines()
        _transaction(element, names, references, texts, 1)
        try:
            amount, own_currency = amount_of_part(element, names, sign)
        except (ValueError, Malformed) as unreadable:
            doubts.append(unreadable_part(unreadable))
            amount, own_currency = None, ""
        details.append(EntryDetail(amount, own_currency or currency, references, "\n".join(texts)))
    return tuple(details)
