"""Dialects of banks found in other projects' sample files: each habit told with our own lines."""

from __future__ import annotations

import io

import pytest

from adapters.banking.statements import detect_format, read_statements
from adapters.banking.statements.model import ParsedStatement
from gateway.errors import Malformed

pytestmark = pytest.mark.unit

ISO = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
AUSTRIA = "ISO:camt.053.001.02:APC:STUZZA:payments:003"
OPENING, CLOSING = "<Cd>OPBD</Cd>", "<Cd>CLBD</Cd>"
HEAD = ":20:SK1\n:25:0021000000789\n:28C:1/1\n:60F:C261122VND1000000,\n"
LINE = ":61:2611231123C50000,NTRFNONREF\n"
FOOT = ":62F:C261123VND1050000,\n"


def _balance(kind: str, amount: int) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry>{kind}</CdOrPrtry></Tp><Amt Ccy="VND">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        "<Dt><Dt>2026-11-23</Dt></Dt></Bal>"
    )


def _entry(details: str = "", amount: int = 50_000, mark: str = "CRDT") -> str:
    return (
        f'<Ntry><Amt Ccy="VND">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>2026-11-23</Dt></BookgDt><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def _camt(
    body: str, *, namespace: str = ISO, balances: str = _balance(OPENING, 1_000_000) + _balance(CLOSING, 1_050_000)
) -> str:
    return (
        f'<Document xmlns="{namespace}"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id>'
        f"<Acct><Id><Othr><Id>0021</Id></Othr></Id><Ccy>VND</Ccy></Acct>{balances}{body}"
        "</Stmt></BkToCstmrStmt></Document>"
    )


def _one(text: str) -> ParsedStatement:
    (statement,) = read_statements(io.BytesIO(text.encode())).statements
    return statement


def _told(statement: ParsedStatement) -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in statement.problems]


@pytest.mark.parametrize("text", [_camt(_entry(), namespace=AUSTRIA), f"<!-- {ISO} -->{_camt('', namespace=AUSTRIA)}"])
def test_the_austrian_namespace_is_camt_too(text: str) -> None:
    parsed = read_statements(io.BytesIO(text.encode()))
    assert parsed.format == "camt.053.001.02"
    (statement,) = parsed.statements
    assert (statement.account, statement.opening and statement.opening.amount) == ("0021", 1_000_000)
    assert [entry.amount for entry in statement.entries] == ([50_000] if "<Ntry>" in text else [])


@pytest.mark.parametrize("namespace", [AUSTRIA.replace(".02", ".99"), AUSTRIA.replace("ISO", "X"), "camt.053.001.02"])
def test_a_namespace_nobody_publishes_is_refused(namespace: str) -> None:
    with pytest.raises(Malformed) as refused:
        detect_format(_camt("", namespace=namespace).encode())
    assert refused.value.code == "wrong-schema"


def test_one_payment_for_several_invoices_keeps_every_reference() -> None:
    references = [f"<Strd><CdtrRefInf><Ref>QN{number}</Ref></CdtrRefInf></Strd>" for number in range(5)]
    first = f"<TxDtls><RmtInf>{''.join(references[:3])}</RmtInf></TxDtls>"
    second = f"<TxDtls><RmtInf>{''.join(references[3:])}{references[3]}</RmtInf></TxDtls>"
    (entry,) = _one(_camt(_entry(first + second))).entries
    assert list(entry.references.values()) == ["QN0", "QN1", "QN2", "QN3", "QN4"]
    assert [list(part.references.values()) for part in entry.details] == [["QN0", "QN1", "QN2"], ["QN3", "QN4"]]


def test_a_payment_of_thousands_of_invoices_is_read_in_linear_time() -> None:
    references = "".join(f"<Strd><CdtrRefInf><Ref>{number}</Ref></CdtrRefInf></Strd>" for number in range(30_000))
    (entry,) = _one(_camt(_entry(f"<TxDtls><RmtInf>{references}</RmtInf></TxDtls>"))).entries
    assert len(entry.references) == 30_000


EMPTY = '<TxDtls><AmtDtls><TxAmt><Amt Ccy="VND"/></TxAmt></AmtDtls></TxDtls>'
HALF = '<TxDtls><Amt Ccy="VND">{}</Amt></TxDtls>'


@pytest.mark.parametrize("parts", [EMPTY, EMPTY + EMPTY, HALF.format(20_000) + EMPTY, HALF.format("") + EMPTY])
def test_a_part_with_an_empty_amount_says_none(parts: str) -> None:
    statement = _one(_camt(_entry(parts)))
    assert [entry.amount for entry in statement.entries] == [50_000]
    assert _told(statement) == []


def test_an_unreadable_part_takes_no_money_away() -> None:
    statement = _one(_camt(_entry(HALF.format("2e4") + HALF.format(30_000))))
    (entry,) = statement.entries
    assert entry.amount == 50_000
    assert [part.amount for part in entry.details] == [None, 30_000]
    ((code, message),) = _told(statement)
    assert code == "details-do-not-add-up"
    assert message.startswith("a part of the entry is unreadable: ")
    assert "2e4" in message


def test_balances_with_the_codes_of_north_american_banks_are_booked_balances() -> None:
    balances = _balance("<Prtry>015</Prtry>", 1_050_000) + _balance("<Prtry>010</Prtry>", 1_000_000)
    statement = _one(_camt(_entry(), balances=balances + _balance("<Prtry>040</Prtry>", 7)))
    assert statement.opening is not None
    assert statement.closing is not None
    assert (statement.opening.amount, statement.closing.amount) == (1_000_000, 1_050_000)
    assert _told(statement) == []
    both = _one(_camt(_entry(), balances=balances + _balance(OPENING, 999_000) + _balance(CLOSING, 1_049_000)))
    assert both.opening is not None
    assert both.opening.amount == 999_000


@pytest.mark.parametrize(("said", "codes"), [(60_000, []), (50_000, []), (55_000, ["totals-do-not-add-up"])])
def test_a_sum_of_all_entries_may_be_their_net(said: int, codes: list[str]) -> None:
    summary = f"<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries><Sum>{said}</Sum></TtlNtries></TxsSummry>"
    statement = _one(_camt(summary + _entry(amount=55_000) + _entry(amount=5_000, mark="DBIT")))
    assert [code for code, _ in _told(statement)] == codes


def test_an_interim_report_without_totals_misses_no_balance() -> None:
    text = (
        "{1:F01BIDVVNVXAXXX0000000000}{2:O9421100261123BIDVVNVXXXXX00000000002611231100N}{4:\n:20:TK1\n"
        ":25:0021000000789\n:28C:7/1\n:34F:VND0,\n:13D:2611231100+0700\n"
        ":61:2611231123CT50000,00N508QN1//\n:86:LE PHI\n-}{5:{CHK:1}}\n"
    )
    parsed = read_statements(io.BytesIO(text.encode()))
    assert parsed.format == "mt942"
    (statement,) = parsed.statements
    assert [(entry.amount, entry.references) for entry in statement.entries] == [(50_000, {"customer": "QN1"})]
    assert _told(statement) == []


@pytest.mark.parametrize(
    ("narrative", "text"),
    [
        ("166?20Nop phi: ?701234567 HS 12?32TRAN THI NO", "Nop phi: ?701234567 HS 12\nTRAN THI NO"),
        ("166?00GHI CO?20HS 335?960.48?21 ho?32NO?99VO", "GHI CO\nHS 335?960.48 ho\nNO?99VO"),
        ("020~00GHI CO~20Le phi ~77~21 HS 12~27LE VAN TAM", "GHI CO\nLe phi ~77 HS 12\nLE VAN TAM"),
    ],
    ids=["number", "amount", "other mark"],
)
def test_a_mark_before_other_digits_is_text(narrative: str, text: str) -> None:
    (entry,) = _one(f"{HEAD}{LINE}:86:{narrative}\n{FOOT}").entries
    assert entry.text == text


@pytest.mark.parametrize(
    ("narrative", "references"),
    [
        (
            "EREF/QN0001/PREF/RP/GS/CTFILERP0002/CTBA0003",
            {"end_to_end": "QN0001", "payment_information": "RP/GS/CTFILERP0002/CTBA0003"},
        ),
        ("/EREF/QN01/HS/7/ID/0021/NAME/NO", {"end_to_end": "QN01/HS/7"}),
    ],
)
def test_a_reference_between_slashes_may_hold_slashes(narrative: str, references: dict[str, str]) -> None:
    (entry,) = _one(f"{HEAD}{LINE}:86:{narrative}\n{FOOT}").entries
    assert entry.references == {"customer": "NONREF", **references}


@pytest.mark.parametrize(
    ("line", "references"),
    [
        ("2611231123C50000,00NONREF", {"customer": "NONREF"}),
        ("2611231123C50000,00NONREF//B7", {"customer": "NONREF", "bank": "B7"}),
        ("2611231123C50000,00NONRQN1", {"customer": "QN1"}),
    ],
)
def test_no_reference_is_no_type(line: str, references: dict[str, str]) -> None:
    (entry,) = _one(f"{HEAD}:61:{line}\n{FOOT}").entries
    assert (entry.amount, entry.references) == (50_000, references)
    assert entry.type_code == ("NONR" if "QN1" in line else "")


@pytest.mark.parametrize("message", ["camt.052.001.14", "camt.053.001.14", "camt.054.001.14"])
def test_the_fourteenth_version_is_known(message: str) -> None:
    assert detect_format(_camt("", namespace=ISO.replace("camt.053.001.02", message)).encode()) == message


@pytest.mark.parametrize("suffix", [".cm521", ".BY01"])
def test_a_namespace_with_a_national_suffix_is_camt_too(suffix: str) -> None:
    located = f'xmlns:xsi="x" xsi:schemaLocation="{ISO} {ISO}.xsd"'
    text = _camt(_entry(), namespace=ISO + suffix)
    parsed = read_statements(io.BytesIO(text.encode()))
    assert parsed.format == "camt.053.001.02"
    assert [entry.amount for entry in parsed.statements[0].entries] == [50_000]
    plain = _camt(_entry()).replace("<Document", f"<Document {located.replace(f'{ISO} ', '')}")
    assert [entry.amount for entry in _one(plain).entries] == [50_000]


@pytest.mark.parametrize(("currency", "codes"), [("EUR", ["totals-do-not-add-up"]), ("VND", [])])
def test_totals_in_another_currency_are_not_the_sum_of_the_entries(currency: str, codes: list[str]) -> None:
    amount = "500,00" if currency == "EUR" else "50000,"
    statement = _one(f":20:TK1\n:25:0021\n:28C:7/1\n:34F:VND0,\n:13D:2611231100+0700\n{LINE}:90C:1{currency}{amount}\n")
    assert [code for code, _ in _told(statement)] == codes
    assert all("EUR" in message for _, message in _told(statement))


def test_the_end_of_an_indented_message_is_no_text() -> None:
    lines = f":20:TK1\n:25:0021\n:28C:7/1\n:34F:VND0,\n:13D:2611231100+0700\n{LINE}:86:LE PHI\nTHANG 11\n-}}\n"
    (entry,) = _one("".join(f"        {line}\n" for line in lines.splitlines())).entries
    assert entry.text.split() == ["LE", "PHI", "THANG", "11"]


def test_a_namespace_declared_for_a_prefix_that_no_element_has_still_names_the_message() -> None:
    text = _camt(_entry()).replace("xmlns=", "xmlns:n0=")
    parsed = read_statements(io.BytesIO(text.encode()))
    assert parsed.format == "camt.053.001.02"
    (statement,) = parsed.statements
    assert (statement.account, [entry.amount for entry in statement.entries]) == ("0021", [50_000])
    assert _told(statement) == []
    prefixed = text.replace("</", "</n0:").replace("<", "<n0:").replace("<n0:/n0:", "</n0:")
    assert read_statements(io.BytesIO(prefixed.encode())) == parsed
    both = text.replace(f'"{ISO}"', f'"{ISO}" xmlns = "{ISO}"')
    assert read_statements(io.BytesIO(both.encode())) == parsed
    with pytest.raises(Malformed) as refused:
        _one(text.replace("<Document", '<Document xmlns="urn:of:another:message"'))
    assert refused.value.code == "wrong-schema"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("iso8859-2", "OPŁATA ZA PRZELEW WEWNĘTRZNY; URZĄD MIASTA ŁÓDŹ"),
        ("iso8859-2", "Opłata"),
        ("cp1250", "Wpłata środków na rzecz Żółkiewskiego"),
        ("cp852", "Wpłata środków na rzecz Żółkiewskiego"),
        ("cp1251", "Плащане по фактура 12 от НИКОЛАЙ"),
        ("cp1251", "Такса чек"),
        ("cp1252", "Überweisung für Müller à Zürich"),
        ("cp1252", "à FÉLIX, où"),
    ],
)
def test_the_letters_of_eastern_europe_are_guessed(encoding: str, text: str) -> None:
    parsed = read_statements(io.BytesIO(f"{HEAD}{LINE}:86:{text}\n{FOOT}".encode(encoding)))
    assert [entry.text for entry in parsed.statements[0].entries] == [text]
