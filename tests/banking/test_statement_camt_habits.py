"""Habits of camt writers nobody here has met: learnt from other countries' files, told with our own."""

from __future__ import annotations

import io

import pytest

from adapters.banking.statements import detect_format, iter_statement_events, read_statements
from adapters.banking.statements.camt_file import LARGEST_PART
from adapters.banking.statements.model import MOST_PROBLEMS, ParsedStatement
from gateway.errors import Malformed

pytestmark = pytest.mark.unit

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
MARK = "<CdtDbtInd>CRDT</CdtDbtInd>"
STATUS = "<Sts><Cd>BOOK</Cd></Sts>"
BALANCES = "".join(
    f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="VND">{amount}</Amt>{MARK}'
    "<Dt><Dt>2026-11-23</Dt></Dt></Bal>"
    for code, amount in (("OPBD", 1000000), ("CLBD", 1050000))
)


def _entry(details: str = "", status: str = STATUS) -> str:
    return (
        f'<Ntry><Amt Ccy="VND">50000</Amt>{MARK}{status}<BookgDt><Dt>2026-11-23</Dt></BookgDt>'
        f"<NtryDtls><TxDtls>{details}</TxDtls></NtryDtls></Ntry>"
    )


def _document(body: str = BALANCES + _entry(), *, root: str = "BkToCstmrStmt", part: str = "Stmt") -> str:
    return (
        f'<Document xmlns="{NAMESPACE}"><{root}><GrpHdr><MsgId>M1</MsgId></GrpHdr><{part}><Id>S1</Id>'
        f"<Acct><Id><Othr><Id>0021</Id></Othr></Id><Ccy>VND</Ccy></Acct>{body}</{part}></{root}></Document>"
    )


def _one(data: str | bytes) -> ParsedStatement:
    raw = data.encode() if isinstance(data, str) else data
    (statement,) = read_statements(io.BytesIO(raw)).statements
    return statement


def _codes(statement: ParsedStatement) -> list[str]:
    return [problem.code for problem in statement.problems]


@pytest.mark.parametrize(
    "data",
    [
        "\n\n  " + DECLARATION + _document(),
        "\ufeff\r\n" + DECLARATION + _document(),
        DECLARATION.replace("UTF-8", "utf-16") + _document(),
        (DECLARATION.replace("UTF-8", "utf-16") + _document()).encode("utf-16"),
        (DECLARATION.replace("UTF-8", "utf-16") + _document()).encode("utf-16-le"),
        DECLARATION + _document() + "\n\x1a" + "\x00" * 5000,
        f'<s:Envelope xmlns:s="urn:x"><s:Body>{_document()}</s:Body></s:Envelope>',
        '<M><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"/>' + _document() + "</M>",
    ],
    ids=["blanks", "BOM, blanks", "UTF-8 called UTF-16", "UTF-16", "no BOM", "padding", "SOAP", "application header"],
)
def test_what_transports_add_is_taken_off(data: str | bytes) -> None:
    statement = _one(data)
    assert not statement.problems
    assert [entry.amount for entry in statement.entries] == [50000]


def test_padding_hides_no_second_document() -> None:
    with pytest.raises(Malformed) as refused:
        _one(_document() + _document() + "\x00")
    assert refused.value.code == "xml-not-well-formed"


@pytest.mark.parametrize(("root", "part"), [("BkToCstmrStmt", "Stmt"), ("BkToCstmrDbtCdtNtfctn", "Ntfctn")])
def test_an_entry_without_status_was_booked_and_is_told(root: str, part: str) -> None:
    text = _document((BALANCES if part == "Stmt" else "") + _entry(status=""), root=root, part=part)
    statement = _one(text if part == "Stmt" else text.replace("camt.053", "camt.054"))
    assert [(entry.amount, entry.booked) for entry in statement.entries] == [(50000, True)]
    assert _codes(statement) == ["element-missing"]


def test_an_entry_of_an_interim_report_must_say_whether_it_was_booked() -> None:
    text = _document(_entry(status=""), root="BkToCstmrAcctRpt", part="Rpt").replace("camt.053", "camt.052")
    assert _codes(_one(text)) == ["bad-entry", "empty-statement"]


def test_a_balance_without_mark_is_a_credit_balance_and_is_told() -> None:
    statement = _one(_document(BALANCES.replace(MARK, "") + _entry()))
    assert statement.opening is not None
    assert statement.opening.amount == 1000000
    assert _codes(statement) == ["element-missing", "element-missing"]
    wrong = _one(_document(BALANCES.replace("CRDT", "NONE") + _entry()))
    assert _codes(wrong) == ["bad-balance", "bad-balance", "balance-missing", "balance-missing"]


@pytest.mark.parametrize(
    ("details", "text"),
    [
        ("<RltdPties><Dbtr><Nm>Trần Thị Nở</Nm></Dbtr><Cdtr><Nm>UBND</Nm></Cdtr></RltdPties>", "Trần Thị Nở"),
        ("<RltdPties><Dbtr><Pty><Nm>Trần Thị Nở</Nm></Pty></Dbtr></RltdPties>", "Trần Thị Nở"),
        ("<RltdPties><Dbtr><Nm>Nở</Nm></Dbtr></RltdPties><RmtInf><Ustrd>Lệ phí</Ustrd></RmtInf>", "Lệ phí"),
    ],
)
def test_who_paid_is_the_text_where_no_purpose_is_said(details: str, text: str) -> None:
    assert _one(_document(BALANCES + _entry(details))).entries[0].text == text


def test_the_number_of_a_document_is_a_reference() -> None:
    details = "<RmtInf><Strd><RfrdDocInf><Nb>HS-12</Nb></RfrdDocInf></Strd></RmtInf>"
    assert _one(_document(BALANCES + _entry(details))).entries[0].references == {"document": "HS-12"}


@pytest.mark.parametrize("figure", ["NbOfNtries", "Sum"])
def test_a_total_of_thousands_of_digits_breaks_nothing(figure: str) -> None:
    summary = f"<TxsSummry><TtlNtries><{figure}>{'9' * 5000}</{figure}></TtlNtries></TxsSummry>"
    assert _codes(_one(_document(summary + BALANCES + _entry()))) == (["bad-total"] if figure == "Sum" else [])


def test_problems_without_number_are_told_up_to_a_limit() -> None:
    statement = _one(_document("<Bal/>" * (MOST_PROBLEMS + 50)))
    assert len(statement.problems) < MOST_PROBLEMS + 10
    assert any("further problems" in problem.message for problem in statement.problems)


def test_xml_that_never_comes_to_an_entry_is_refused_before_it_fills_the_memory() -> None:
    endless = _document().replace("<Ntry>", "<Ntry>" + f"<!--{'x' * 60_000}-->" * (LARGEST_PART // 60_000 + 1))
    with pytest.raises(Malformed) as refused:
        for _ in iter_statement_events(io.BytesIO(endless.encode())).events:
            pass
    assert refused.value.code == "message-too-large"


def test_a_message_without_namespace_names_no_version_and_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        detect_format(_document().replace(f' xmlns="{NAMESPACE}"', "").encode())
    assert refused.value.code == "wrong-schema"


def test_a_prefix_that_was_never_declared_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        _one(_document().replace("BkToCstmrStmt", "n:BkToCstmrStmt"))
    assert refused.value.code == "wrong-schema"
