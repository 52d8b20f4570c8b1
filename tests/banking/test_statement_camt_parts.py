"""The parts of a batch entry give its amount, or the statement says that they do not; what is in no part is no lie."""

from __future__ import annotations

import io

import pytest

from adapters.banking.statements import read_statements
from adapters.banking.statements.camt_entry import Lines
from adapters.banking.statements.model import ParsedStatement
from gateway.errors import Malformed

pytestmark = pytest.mark.unit

DOCUMENT = """<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-23T23:00:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id>
<Acct><Id><Othr><Id>1120000000101</Id></Othr></Id>{account_currency}</Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="VND">0</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-11-23</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="VND">150000</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-11-23</Dt></Dt></Bal>
<Ntry><Amt Ccy="VND">150000</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-11-23</Dt></BookgDt>{parts}</Ntry></Stmt></BkToCstmrStmt></Document>"""


def statement(parts: str, *, account_currency: str = "<Ccy>VND</Ccy>") -> ParsedStatement:
    text = DOCUMENT.format(parts=parts, account_currency=account_currency)
    (found,) = read_statements(io.BytesIO(text.encode())).statements
    return found


def told(parts: str) -> list[tuple[str, str]]:
    found = statement(parts)
    assert [entry.amount for entry in found.entries] == [150_000]  # whatever its parts say
    return [(problem.code, problem.message) for problem in found.problems]


def part(amount: int, *, mark: str = "CRDT", currency: str = "VND", more: str = "") -> str:
    return f'<TxDtls><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>{more}</TxDtls>'


def group(*parts: str, batch: str = "") -> str:
    return f"<NtryDtls>{batch and f'<Btch>{batch}</Btch>'}{''.join(parts)}</NtryDtls>"


CHARGES = '<Chrgs><TtlChrgsAndTaxAmt Ccy="VND">1100</TtlChrgsAndTaxAmt></Chrgs>'
TOTAL = '<TtlAmt Ccy="VND">{}</TtlAmt>'


@pytest.mark.parametrize(
    "parts",
    [
        group(part(100_000), part(50_000)),
        group(part(100_000)) + group(part(50_000)),
        group(part(200_000), part(50_000, mark="DBIT")),
        group(part(150_000)),
        group("<TxDtls/>", part(40_000)),  # not all of them say theirs
        group(part(6, currency="USD")),
        group(part(100_000), part(48_900, more=CHARGES)),
        CHARGES + group(part(148_900)),
        group(batch="<NbOfTxs>40</NbOfTxs>" + TOTAL.format(150_000)),  # its transactions are told elsewhere
        group(part(100_000), part(50_000), batch="<NbOfTxs>2</NbOfTxs>" + TOTAL.format(150_000)),
        group(part(100_000), batch=TOTAL.format(100_000)) + group(part(50_000), batch=TOTAL.format(50_000)),
        group(part(100_000), batch=TOTAL.format(100_000)) + group(part(50_000)),
        group(part(50_000), batch="<NbOfTxs>3</NbOfTxs>" + TOTAL.format(150_000)),  # a bank that lists some of them
    ],
)
def test_parts_that_give_the_entry_are_no_problem(parts: str) -> None:
    assert told(parts) == []


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        (group(part(100_000), part(40_000)), "the entry is 150000, but its transactions (TxDtls) add up to 140000"),
        (group(part(150_001)), "add up to 150001"),
        (
            '<NtryDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy="VND">7</Amt></TxAmt></AmtDtls></TxDtls></NtryDtls>',
            "add up to 7 ",
        ),
        (group(part(100_000), part(50_000), batch=TOTAL.format(160_000)), "its batch (Btch) says 160000"),
        (group(batch=TOTAL.format(160_000)), "its batch (Btch) says 160000"),
        (
            group(part(100_000), part(50_000), batch="<NbOfTxs>1</NbOfTxs>"),
            "has 1 transactions, the file lists 2 of them",
        ),
        (group(part(150_000), batch=TOTAL.format("1e5")), "a part of the entry is unreadable"),
    ],
)
def test_parts_that_do_not_give_the_entry_are_told(parts: str, says: str) -> None:
    [(code, message)] = told(parts)
    assert code == "details-do-not-add-up"
    assert says in message


def test_lines_stand_once_and_in_their_order_however_many_there_are() -> None:
    lines, words = Lines(), [f"line {number}" for number in range(50)]
    for word in [*words, *words]:
        lines.once(word)
    lines.append("line 3")
    lines.once("line 3")
    assert lines == [*words, "line 3"]


def test_an_account_that_is_said_to_be_in_dollars_has_the_currency_of_its_amounts() -> None:
    found = statement("", account_currency="<Ccy>USD</Ccy>")
    assert (found.currency, found.entries[0].amount, found.entries[0].currency) == ("VND", 150_000, "VND")
    assert [problem.code for problem in found.problems] == ["account-currency-differs"]


@pytest.mark.parametrize("said", ["", "<Ccy>vnd</Ccy>"])
def test_an_account_that_does_not_contradict_its_amounts_is_no_problem(said: str) -> None:
    assert [problem.code for problem in statement("", account_currency=said).problems] == []


def summary(net: str) -> list[tuple[str, str]]:
    text = DOCUMENT.format(parts="", account_currency="").replace("<Ntry>", f"<TxsSummry>{net}</TxsSummry><Ntry>", 1)
    (found,) = read_statements(io.BytesIO(text.encode())).statements
    return [(problem.code, problem.message) for problem in found.problems]


@pytest.mark.parametrize("shape", ["<TtlNetNtryAmt>{}</TtlNetNtryAmt>", "<TtlNetNtry><Amt>{}</Amt>{mark}</TtlNetNtry>"])
def test_a_net_total_that_is_not_that_of_the_entries_is_told(shape: str) -> None:
    def told(amount: str, mark: str) -> list[tuple[str, str]]:
        marked = f"<CdtDbtInd>{mark}</CdtDbtInd>"
        outside = "" if "mark" in shape else marked
        return summary(f"<TtlNtries>{shape.format(amount, mark=marked)}{outside}</TtlNtries>")

    assert told("150000", "CRDT") == []
    message = "TtlNetNtry says a sum of {}, the file has 150000"
    assert told("150001", "CRDT") == [("totals-do-not-add-up", message.format(150001))]
    assert told("150000", "DBIT") == [("totals-do-not-add-up", message.format(-150000))]


def test_a_balance_that_stands_twice_with_two_amounts_is_told() -> None:
    text = DOCUMENT.format(parts="", account_currency="")
    first = text.index("<Bal>")
    opening = text[first : text.index("</Bal>") + 6]
    again = text.replace(opening, opening + opening.replace(">0<", ">7<"))
    codes = [problem.code for problem in read_statements(io.BytesIO(again.encode())).statements[0].problems]
    assert codes == ["field-repeated"]
    twice = text.replace(opening, opening + opening)
    assert read_statements(io.BytesIO(twice.encode())).statements[0].problems == ()


def test_a_message_in_a_comment_does_not_decide_what_the_file_is() -> None:
    text = DOCUMENT.format(parts="", account_currency="")
    comment = '<!-- was: xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.02" -->'
    found = read_statements(io.BytesIO(text.replace("<Document", f"{comment}<Document", 1).encode()))
    assert (found.format, len(found.statements)) == ("camt.053.001.08", 1)


@pytest.mark.parametrize("before", [0, 70_000])
def test_an_entity_that_xml_does_not_know_is_named_with_its_line(before: int) -> None:
    note = "\n" * before + "<AddtlNtryInf>A &amp; B&nbsp;C</AddtlNtryInf>"
    text = DOCUMENT.format(parts=note, account_currency="")
    with pytest.raises(Malformed) as refused:
        read_statements(io.BytesIO(text.encode()))
    line = text.count("\n", 0, text.index("&nbsp;")) + 1
    assert (refused.value.code, refused.value.line) == ("xml-not-well-formed", line)
    assert refused.value.message == "the entity &nbsp; is not defined in XML"
