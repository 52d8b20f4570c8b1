"""Habits of MT940 and MT942 writers nobody here has met: learnt from other countries' files, told with our own."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest

from adapters.banking.statements import read_statements
from adapters.banking.statements.model import ParsedEntry, ParsedStatement
from gateway.errors import Malformed

pytestmark = pytest.mark.unit

HEAD = ":20:SK1\n:25:0021000000789\n:28C:1/1\n:60F:C261122VND1000000,\n"
FOOT = ":62F:C261123VND1050000,\n"


def _one(text: str) -> ParsedStatement:
    (statement,) = read_statements(io.BytesIO(text.encode())).statements
    return statement


def _entry(text: str) -> ParsedEntry:
    """The entry of a statement whose balances add up."""
    statement = _one(HEAD + text + FOOT)
    (entry,) = statement.entries
    assert not statement.problems
    return entry


@pytest.mark.parametrize(
    ("line", "references"),
    [
        (":61:2611231123CN50000,00//FT26327000001", {"bank": "FT26327000001"}),
        (":61:2611231123C50000,//FT26327000001", {"bank": "FT26327000001"}),
        (":61:2611231123C50000, NTRFQN1//FT1", {"customer": "QN1", "bank": "FT1"}),
        (":61:2611231123C50000.00NTRFQN1//FT1", {"customer": "QN1", "bank": "FT1"}),
        (":61: 2611231123C50000,NTRFQN1//FT1", {"customer": "QN1", "bank": "FT1"}),
        (":61:2611231123C50000,NTRFQN0000000000001\n//FT1", {"customer": "QN0000000000001", "bank": "FT1"}),
        (
            ":61:2611231123C50000,NTRFQN0000000000001\n//FT1\nPHI HO SO",
            {"customer": "QN0000000000001", "bank": "FT1", "supplementary": "PHI HO SO"},
        ),
    ],
    ids=["no type", "no type, no funds code", "blank", "decimal point", "blank before", "wrapped", "wrapped, details"],
)
def test_a_statement_line_is_read_however_its_parts_are_parted(line: str, references: Mapping[str, str]) -> None:
    entry = _entry(line + "\n")
    assert (entry.amount, entry.references) == (50000, references)


@pytest.mark.parametrize(
    ("amount", "code"), [("50.000", "bad-amount"), ("1.050.000", "bad-entry"), ("1" * 50, "bad-amount")]
)
def test_what_may_be_thousands_is_no_amount(amount: str, code: str) -> None:
    statement = _one(f"{HEAD}:61:2611231123C{amount}NTRFQN1\n{FOOT}")
    assert next(problem.code for problem in statement.problems) == code
    assert statement.entries == ()


@pytest.mark.parametrize("mark", ["?", "~", "<", "^", "+"])
def test_subfields_of_every_country_are_put_together(mark: str) -> None:
    parts = ("00GHI CO", "20EREF+QN0001", "21SVWZ+Nop phi ho s", "22o 12", "32TRAN THI", "33 NO")
    entry = _entry(":61:2611231123C50000,NTRFNONREF\n:86:020" + "".join(mark + part for part in parts) + "\n")
    assert entry.text == "GHI CO\nEREF+QN0001SVWZ+Nop phi ho so 12\nTRAN THI NO"
    assert entry.references["end_to_end"] == "QN0001"


def test_who_pays_stands_in_a_polish_subfield_of_the_purpose() -> None:
    narrative = ":86:020\n:86:020~00Przelew~20Le phi 12/2026~27LE VAN TAM~28 HUE\n"
    assert _entry(":61:2611231123C50000,NTRFNONREF\n" + narrative).text == "Przelew\nLe phi 12/2026\nLE VAN TAM HUE"


def test_subfields_on_lines_of_their_own_stay_apart() -> None:
    narrative = ":86:229\n?00GHI CO\n?20LE PHI\n?21HO SO 12\n?32TRAN THI NO\n"
    entry = _entry(":61:2611231123C50000,NTRFNONREF\n" + narrative)
    assert entry.text == "GHI CO\nLE PHI\nHO SO 12\nTRAN THI NO"


def test_a_full_line_that_ends_with_a_blank_ends_with_a_word() -> None:
    first = "166?00GHI CO?20" + "x" * 42 + " LE PHI "
    assert len(first) == 65
    entry = _entry(f":61:2611231123C50000,NTRFNONREF\n:86:{first}\n?21HO SO 12?32NO\n")
    assert entry.text == "GHI CO\n" + "x" * 42 + " LE PHI HO SO 12\nNO"


def test_keywords_with_a_colon_are_keywords_too() -> None:
    narrative = ":86:166?00GHI CO?20Le phi EREF: QN00?2101-2 IBAN: VN001?22BIC: BIDVVNVX?32NO\n"
    entry = _entry(":61:2611231123C50000,NTRFNONREF\n" + narrative)
    assert entry.references["end_to_end"] == "QN0001-2"


@pytest.mark.parametrize("text", ["123+45 la 168", "020<x", "100^2 dong"])
def test_three_digits_and_a_mark_alone_are_text(text: str) -> None:
    assert _entry(f":61:2611231123C50000,NTRFQN1\n:86:{text}\n").text == text


@pytest.mark.parametrize(
    ("narrative", "references"),
    [
        ("/EREF/QN0001//CNTP/0021/BIDVVNVX/TRAN THI NO///REMI/USTD//phi/", {"end_to_end": "QN0001"}),
        ("/PREF/LO-7//REMI/USTD//LE PHI/", {"payment_information": "LO-7"}),
        ("/REMI/phi ho so/ER\nEF/QN00\n01/NAME/NO", {"end_to_end": "QN0001"}),
    ],
    ids=["two slashes", "batch", "keyword over two lines"],
)
def test_references_between_slashes_are_whole_and_bare(narrative: str, references: Mapping[str, str]) -> None:
    entry = _entry(f":61:2611231123C50000,NTRFNONREF\n:86:{narrative}\n")
    assert entry.references == {"customer": "NONREF", **references}
    assert entry.text == narrative


@pytest.mark.parametrize("unknown", [":65F:Dnullnull", ":23E:NOIBO", ":99X:a\nb"])
def test_a_field_nobody_needs_is_no_part_of_the_narrative(unknown: str) -> None:
    assert _entry(f":61:2611231123C50000,NTRFQN1\n:86:LE PHI\n{unknown}\n").text == "LE PHI"


def test_a_time_at_the_start_of_a_line_is_text() -> None:
    assert _entry(":61:2611231123C50000,NTRFQN1\n:86:NOP LUC\n:15:30 TAI QUAY\n").text == "NOP LUC\n:15:30 TAI QUAY"


def test_a_dash_inside_a_narrative_ends_nothing() -> None:
    assert _entry(":61:2611231123C50000,NTRFQN1\n:86:LE PHI\n-\nHO SO 12\n").text == "LE PHI\n-\nHO SO 12"


def test_the_dash_of_a_message_without_closing_balance_is_no_text() -> None:
    statement = _one(HEAD + ":61:2611231123C50000,NTRFQN1\n:86:LE PHI\n-\n")
    assert statement.entries[0].text == "LE PHI"
    assert [problem.code for problem in statement.problems] == ["balance-missing"]


MESSAGE = f"{HEAD}:61:2611231123C50000,NTRFQN1//FT1\n:86:LE PHI\n{FOOT}"


@pytest.mark.parametrize(
    "text",
    [
        "   " + MESSAGE.replace("\n", "\n   "),
        "\t" + MESSAGE.replace("\n", "\n\t"),
        " {1:F01BIDVVNVXAXXX0000000000}{2:I940QNINVNVXXXXXN}{4:\n" + MESSAGE + "-}",
        "0000 01BIDVVNVXXXXX00001\n940 00\n" + MESSAGE + "-XXX\n",
        MESSAGE.replace(":60F:", ":60f:").replace(":28C:", ":28c:"),
        MESSAGE.replace("\n", "\r\r\n"),
        MESSAGE.replace("\n", "   \t\n"),
        "@@" + MESSAGE.replace("\n", "@@"),
        MESSAGE.replace("\n", "@@\n"),
        MESSAGE + "\x1a\x00\x00",
        "Vi du sao ke\n\n- - - - -\n" + MESSAGE,
    ],
    ids=["indented", "tabs", "blank, block", "-XXX", "small", "CR CR LF", "padded", "@@", "@@ LF", "Ctrl-Z", "preface"],
)
def test_wrappings_of_other_houses_are_taken_off(text: str) -> None:
    statement = _one(text)
    assert not statement.problems
    assert (statement.account, statement.opening and statement.opening.amount) == ("0021000000789", 1000000)
    (entry,) = statement.entries
    assert (entry.amount, entry.text, entry.references) == (50000, "LE PHI", {"customer": "QN1", "bank": "FT1"})


def test_a_second_message_after_the_dutch_trailer_is_a_second_statement() -> None:
    second = MESSAGE.replace("SK1", "SK2").replace("261122VND1000000", "261123VND1050000").replace("QN1", "QN2")
    text = MESSAGE + "-XXX\n0000 01BIDVVNVXXXXX00002\n940 00\n" + second.replace("123VND1050000,\n", "123VND1100000,\n")
    text = text.replace(":60F:C261123VND1100000", ":60F:C261123VND1050000") + "-XXX\n"
    parsed = read_statements(io.BytesIO(text.encode()))
    assert [len(one.entries) for one in parsed.statements] == [1, 1]
    assert not [problem for one in parsed.statements for problem in one.problems]


def test_an_interim_report_of_home_banking_is_read() -> None:
    text = (
        "@@:20:SK1@@:25:9704/0021@@:28C:0@@:34F:VND 999999999999,@@:13:2611231555@@:61:261123D2,NMSCKREF+@@"
        ":86:177?00CHUYEN TIEN?20KREF+2026@@?21-11-23?22 SVWZ+LE PHI?32TRAN THI NO@@:90D:1VND2,@@:90C:VND,00@@"
    )
    parsed = read_statements(io.BytesIO(text.encode()))
    assert parsed.format == "mt942"
    (statement,) = parsed.statements
    assert not statement.problems
    assert statement.entries[0].references["ordering_customer"] == "2026-11-23"


@pytest.mark.parametrize(
    "hostile",
    [
        HEAD + ":61:2611231123C" + "1" * 400_000 + "!\n" + FOOT,
        ":20:1\n:25:1\n:60F:C261122VND" + "1" * 400_000 + "!\n" + FOOT,
        HEAD + ":61:2611231123C50000,NTRF\n:86:/EREF/" + "/" * 400_000 + "\n" + FOOT,
        HEAD + ":61:2611231123C50000,NTRF\n:86:166?00A" + "?20b" * 200_000 + "\n" + FOOT,
        HEAD + ":61:2611231123C50000,NTRF\n:86:123~20" + "~7" * 200_000 + "\n" + FOOT,
        "\n" * 60_000 + MESSAGE,
        MESSAGE.replace("LE PHI", "p" * 20_000_000),
    ],
    ids=["amount", "balance", "slashes", "subfields", "marks", "blank lines", "line"],
)
def test_no_line_takes_more_than_linear_time(hostile: str) -> None:
    assert read_statements(io.BytesIO(hostile.encode())).format == "mt940"


def test_a_table_is_no_statement() -> None:
    with pytest.raises(Malformed) as refused:
        read_statements(io.BytesIO(b'"Ngay","So tien"\n"20261123","50000"\n'))
    assert refused.value.code == "unknown-format"
