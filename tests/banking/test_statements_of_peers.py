"""Every file of the corpora reads as its peer read it: amounts, dates, balances, accounts, references, text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.banking.statements import detect_format, read_statements
from adapters.banking.statements.model import Balance, ParsedEntry, ParsedStatement
from adapters.banking.statements.money import exponent_of
from gateway.errors import Malformed
from tests.banking.peer_parses import files, mt940_library_parse, needs_corpora, squeezed

pytestmark = [pytest.mark.golden, needs_corpora]

# The mt-940 library has no one to give the narrative behind the closing balance to and overwrites the last entry's.
STATEMENT_NARRATIVE_ON_LAST_ENTRY = {"multiline.sta", "ing.sta"}
# The peer read "C020315105000,00" as the currency "105" and an amount of zero; mt940-js reads the same file as we do.
BALANCE_WITHOUT_CURRENCY = {"raphaelm.sta"}
# Field 25 stands where field 86 should: the peer took it for the account.
SECOND_ACCOUNT = {"sepa_snippet_broken.sta"}
# The pattern of the peer ends after 35 characters.
LONG_ACCOUNT = {"multiline.sta"}
NOT_A_STATEMENT = {"invalid_statement.sta"}

MT940 = [path for path in files("mt940-wolph", ".sta") if path.with_suffix(".yml").exists()]
MT940_JS = files("mt940-js", ".mta", ".STA")
CAMT = [path for path in files("camt-genkgo", ".xml") if path.with_suffix(".json").exists()]


def _names(path: Path) -> str:
    return path.name


def _minor(amount: Decimal, currency: str | None) -> int:
    return int(amount.scaleb(exponent_of(currency or "")))


@pytest.mark.parametrize("path", MT940, ids=_names)
def test_mt940_reads_as_the_mt940_library_reads_it(path: Path) -> None:
    peer = mt940_library_parse(path.with_suffix(".yml"))
    if path.name in NOT_A_STATEMENT:
        with pytest.raises(Malformed) as refused:
            read_statements(path)
        assert refused.value.code == "unknown-format"
        assert not peer.get("transactions")
        return
    parsed = read_statements(path)
    entries = [entry for statement in parsed.statements for entry in statement.entries]
    theirs = [transaction["data"] for transaction in peer.get("transactions", [])]
    assert len(entries) == len(theirs)
    for number, (entry, data) in enumerate(zip(entries, theirs, strict=True)):
        last = number == len(theirs) - 1 or path.name == "multiline.sta"
        _same_entry(entry, data, with_details=not (last and path.name in STATEMENT_NARRATIVE_ON_LAST_ENTRY))
    _same_statement_data(path, parsed.statements, peer["data"])


def _same_entry(entry: ParsedEntry, data: dict[str, Any], *, with_details: bool) -> None:
    amount = _minor(data["amount"]["amount"], data["amount"]["currency"])
    # the library signs RC like C unless asked otherwise
    assert entry.amount == (-amount if data["status"] == "RC" else amount)
    assert entry.currency == (data["amount"]["currency"] or "")
    assert entry.value_on == data["date"]
    assert entry.booked_on == data.get("entry_date", data["date"])
    for key in ("bank_reference", "end_to_end_reference"):
        if data.get(key) and "additional_purpose" not in data:
            assert data[key].strip() in entry.references.values()
    customer = (data.get("customer_reference") or "").strip()
    if customer and not customer.startswith("KREF"):
        assert squeezed(customer) in squeezed("".join(entry.references.values()))
    parts = ["posting_text", "purpose", "applicant_name", "additional_purpose", "non_swift_text"]
    for key in parts if data.get("transaction_details") is None or not with_details else ["transaction_details"]:
        if data.get(key) and not (key == "non_swift_text" and not entry.text):
            assert squeezed(data[key]) in squeezed(entry.text)


def _same_statement_data(path: Path, statements: tuple[ParsedStatement, ...], data: dict[str, Any]) -> None:
    last = statements[-1]
    if data.get("account_identification") and path.name not in SECOND_ACCOUNT:
        expected = data["account_identification"]
        assert (last.account[:35] if path.name in LONG_ACCOUNT else last.account).strip() == expected.strip()
    if path.name in BALANCE_WITHOUT_CURRENCY:
        return
    for kind, balances in (
        ("opening", [one.opening for one in statements]),
        ("closing", [one.closing for one in statements]),
    ):
        for level in ("final", "intermediate"):
            if said := data.get(f"{level}_{kind}_balance"):
                amount = said["amount"]
                expected = Balance(said["date"], _minor(amount["amount"], amount["currency"]), amount["currency"])
                assert expected in balances


@pytest.mark.parametrize("path", MT940_JS, ids=_names)
def test_mt940_reads_as_mt940_js_reads_it(path: Path) -> None:
    theirs = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"), parse_float=Decimal)
    parsed = read_statements(path)
    assert parsed.format == "mt940"
    assert len(parsed.statements) == len(theirs)
    for statement, said in zip(parsed.statements, theirs, strict=True):
        assert statement.account == said["accountId"]
        assert statement.opening == _js_balance(said["openingBalance"])
        assert statement.closing == _js_balance(said["closingBalance"])
        for entry, transaction in zip(statement.entries, said["transactions"], strict=True):
            amount = _minor(Decimal(transaction["amount"]), transaction["currency"])
            assert entry.amount == (amount if transaction["isCredit"] else -amount)
            assert entry.currency == transaction["currency"]
            assert entry.value_on == date.fromisoformat(transaction["valueDate"])
            assert entry.booked_on == date.fromisoformat(transaction["entryDate"] or transaction["valueDate"])
            for key in ("customerReference", "bankReference"):
                if transaction[key]:
                    assert transaction[key] in entry.references.values()
            assert squeezed(transaction["description"]) in squeezed(entry.text)


def _js_balance(said: dict[str, Any]) -> Balance:
    amount = _minor(Decimal(said["value"]), said["currency"])
    return Balance(date.fromisoformat(said["date"]), amount if said["isCredit"] else -amount, said["currency"])


@pytest.mark.parametrize("path", CAMT, ids=_names)
def test_camt_reads_as_genkgo_reads_it(path: Path) -> None:
    peer = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    records = list(_of_class(peer, "Statement", "Report", "Notification"))
    peer_entries = list(_of_class(peer, "Entry"))
    parsed = read_statements(path)
    assert len(parsed.statements) == len(peer["getRecords"])
    # The dump tells every object once, so of a file with two statements it tells only one.
    for record in records:
        statement = next(one for one in parsed.statements if one.statement_id == record["getId"])
        assert statement.account == record["getAccount"]["getIdentification"]
        balances = {one["getType"]: one for one in reversed(record.get("getBalances", []))}
        assert statement.opening == _genkgo_balance(balances.get("opening"))
        assert statement.closing == _genkgo_balance(balances.get("closing"))
        assert len(statement.entries) == len(record["getEntries"])
        for entry, said in zip(statement.entries, peer_entries, strict=len(records) == len(peer["getRecords"])):
            _same_camt_entry(entry, said)


def _of_class(dumped: Any, *names: str) -> Iterator[dict[str, Any]]:
    """The dumped objects of a class in order; each stands once, and "__RECURSIVITY__" wherever it comes again."""
    if isinstance(dumped, dict):
        if str(dumped.get("__CLASS__", "")).rpartition("\\")[2] in names:
            yield dumped
        for value in dumped.values():
            yield from _of_class(value, *names)
    elif isinstance(dumped, list):
        for value in dumped:
            yield from _of_class(value, *names)


def _genkgo_balance(said: dict[str, Any] | None) -> Balance | None:
    if said is None:
        return None
    money = said["getAmount"]
    return Balance(_day(said["getDate"]), int(money["getAmount"]), money["getCurrency"]["getCode"])


def _day(said: dict[str, Any]) -> date:
    return date.fromisoformat(said["0"][:10])


def _same_camt_entry(entry: ParsedEntry, said: dict[str, Any]) -> None:
    assert entry.amount == int(said["getAmount"]["getAmount"])
    assert entry.currency == said["getAmount"]["getCurrency"]["getCode"]
    if said["getBookingDate"]:
        assert entry.booked_on == _day(said["getBookingDate"])
    if said["getValueDate"]:
        assert entry.value_on == _day(said["getValueDate"])
    assert entry.booked == (said["getStatus"] == "BOOK")
    assert (said["getAdditionalInfo"] or "") in entry.text
    values = set(entry.references.values())
    for key in ("getReference", "getAccountServicerReference", "getBatchPaymentId"):
        assert not said.get(key) or said[key] in values
    for detail in said["getTransactionDetails"]:
        if isinstance(detail, str):
            continue
        for key, value in (detail["getReference"] or {}).items():
            if isinstance(value, str) and key != "__CLASS__":
                assert value in values
        remittance = detail["getRemittanceInformation"] or {}
        if remittance.get("getMessage"):
            assert squeezed(remittance["getMessage"]) in squeezed(entry.text + "".join(values))


@pytest.mark.parametrize("path", files("camt-genkgo", ".xml"), ids=_names)
def test_camt_that_its_schema_allows_is_read_and_only_that(path: Path) -> None:
    if path.name == "camt053.v2.wrong.xml":
        with pytest.raises(Malformed) as refused:
            read_statements(path)
        assert refused.value.code == "wrong-schema"
    else:
        assert not {problem.code for one in read_statements(path).statements for problem in one.problems} & {
            "bad-entry",
            "bad-amount",
            "bad-balance",
            "account-missing",
        }


@pytest.mark.parametrize("path", files("mt940-wolph", ".txt"), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_files_the_mt940_library_needs_a_special_tag_for_are_read_as_they_are(path: Path) -> None:
    if path.name in ("LICENSE.txt", "requirements.txt"):
        with pytest.raises(Malformed) as refused:
            read_statements(path)
        assert refused.value.code == "unknown-format"
        return
    parsed = read_statements(path)
    codes = {problem.code for one in parsed.statements for problem in one.problems}
    assert codes <= {"empty-statement"}  # every balance adds up
    assert sum(len(one.entries) for one in parsed.statements) == (5 if path.parent.name == "citi" else 8)


@pytest.mark.parametrize("path", files("xsd-iso20022", ".xsd"), ids=_names)
def test_every_version_with_a_schema_is_known(path: Path) -> None:
    head = f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{path.stem}">'.encode()
    assert detect_format(head) == path.stem
