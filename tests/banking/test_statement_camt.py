"""camt.052, .053 and .054: what the schema forbids in what we read is found, and nothing hostile is expanded."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.banking.statements import read_statements
from adapters.banking.statements.model import Balance, EntryDetail, ParsedFile, ParsedStatement
from bench.statements import camt_lines, peak_megabytes
from gateway.errors import Malformed
from tests.banking.peer_parses import STATEMENTS, needs_corpora

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
SOUND = (ROOT / "tests" / "golden" / "statements" / "ngan-hang-a.utf-8.xml").read_text(encoding="utf-8")


def _read(text: str) -> ParsedFile:
    return read_statements(io.BytesIO(text.encode()))


def _one(text: str) -> ParsedStatement:
    (statement,) = _read(text).statements
    return statement


def _codes(statement: ParsedStatement) -> list[str]:
    return [problem.code for problem in statement.problems]


def test_a_sound_statement_has_no_problem() -> None:
    statement = _one(SOUND)
    assert statement.problems == ()
    assert statement.opening == Balance(date(2026, 11, 22), 1000000, "VND")
    assert statement.statement_id == "S-0141-327"


def test_a_batch_entry_is_one_entry_that_knows_its_transactions() -> None:
    batch = _one(SOUND).entries[2]
    assert batch.amount == 230000
    assert batch.references["end_to_end"] == "QN0000000003"
    assert batch.references["end_to_end#2"] == "QN0000000004"
    assert batch.references["end_to_end#3"] == "QN0000000005"
    assert batch.text == "Lô thu hộ 3 hồ sơ\nHồ sơ thứ hai\nHồ sơ thứ ba"
    assert batch.details[1:] == (
        EntryDetail(80000, "VND", {"end_to_end": "QN0000000004"}, "Hồ sơ thứ hai"),
        EntryDetail(100000, "VND", {"end_to_end": "QN0000000005"}, "Hồ sơ thứ ba"),
    )
    assert batch.details[0].amount is None


def test_the_sign_of_a_reversal_is_its_own_mark() -> None:
    assert _one(SOUND).entries[5].amount == -50000


# What a bank may get wrong in what we read, and what we call it. The schema refuses all of these.
WRONG = {
    "scientific notation": ('<Amt Ccy="VND">50000</Amt>', '<Amt Ccy="VND">5e4</Amt>', "bad-amount"),
    "negative": ('<Amt Ccy="VND">50000</Amt>', '<Amt Ccy="VND">-50000</Amt>', "bad-amount"),
    "decimal comma": ('<Amt Ccy="VND">50000</Amt>', '<Amt Ccy="VND">50000,0</Amt>', "bad-amount"),
    "words": ('<Amt Ccy="VND">50000</Amt>', '<Amt Ccy="VND">năm mươi nghìn</Amt>', "bad-amount"),
    "empty amount": ('<Amt Ccy="VND">50000</Amt>', '<Amt Ccy="VND"/>', "bad-amount"),
    "no currency": ('<Amt Ccy="VND">50000</Amt>', "<Amt>50000</Amt>", "bad-entry"),
    "small currency": ('<Amt Ccy="VND">50000</Amt>', '<Amt Ccy="vnd">50000</Amt>', "bad-entry"),
    "no amount": ('<Amt Ccy="VND">50000</Amt>', "", "bad-entry"),
    "no mark": ("<CdtDbtInd>CRDT</CdtDbtInd>\n        <Sts>", "<Sts>", "bad-entry"),
    "other mark": ("<CdtDbtInd>CRDT</CdtDbtInd>\n        <Sts>", "<CdtDbtInd>CREDIT</CdtDbtInd><Sts>", "bad-entry"),
    "impossible day": ("<ValDt><Dt>2026-11-23</Dt></ValDt>", "<ValDt><Dt>2026-11-31</Dt></ValDt>", "bad-entry"),
    "Vietnamese day": ("<ValDt><Dt>2026-11-23</Dt></ValDt>", "<ValDt><Dt>23/11/2026</Dt></ValDt>", "bad-entry"),
    "bare day": ("<ValDt><Dt>2026-11-23</Dt></ValDt>", "<ValDt>2026-11-23</ValDt>", "bad-entry"),
    "no account": ("<Id><Othr><Id>0141000000123</Id></Othr></Id>", "", "account-missing"),
    "balance without day": ("<Dt><Dt>2026-11-22</Dt></Dt>", "", "bad-balance"),
    "balance in words": ('<Amt Ccy="VND">1000000</Amt>', '<Amt Ccy="VND">một triệu</Amt>', "bad-balance"),
    "balance without type": ("<Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp>", "", "bad-balance"),
}
# The schema allows these; money does not.
UNTRUE = {
    "half a dong": ('<Amt Ccy="VND">50000</Amt>', '<Amt Ccy="VND">50000.5</Amt>', "bad-amount"),
    "unknown currency": ('<Amt Ccy="VND">50000</Amt>', '<Amt Ccy="QQQ">50000</Amt>', "unknown-currency"),
    "foreign currency": ('<Amt Ccy="VND">50000</Amt>', '<Amt Ccy="USD">50000</Amt>', "mixed-currencies"),
    "pending": ("<Cd>BOOK</Cd>", "<Cd>PDNG</Cd>", "unbooked-entry"),
    "no opening": ("<Cd>OPBD</Cd>", "<Cd>OPAV</Cd>", "balance-missing"),
    "another closing": ('<Amt Ccy="VND">1039001</Amt>', '<Amt Ccy="VND">1039002</Amt>', "balance-does-not-add-up"),
}


@pytest.mark.parametrize(("old", "new", "code"), [*WRONG.values(), *UNTRUE.values()], ids=[*WRONG, *UNTRUE])
def test_a_wrong_part_is_a_problem_of_its_statement(old: str, new: str, code: str) -> None:
    assert old in SOUND
    statement = _one(SOUND.replace(old, new, 1))
    assert code in _codes(statement)
    assert len(statement.entries) >= 6


@needs_corpora
@pytest.mark.golden
def test_the_schema_agrees_about_what_is_wrong() -> None:
    schema = etree.XMLSchema(file=str(STATEMENTS / "xsd-iso20022" / "camt.053.001.08.xsd"))

    def valid(text: str) -> bool:
        return schema.validate(etree.fromstring(text.encode()))

    assert valid(SOUND), schema.error_log
    assert [name for name, (old, new, _) in WRONG.items() if valid(SOUND.replace(old, new, 1))] == []
    assert [name for name, (old, new, _) in UNTRUE.items() if not valid(SOUND.replace(old, new, 1))] == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("camt.053.001.08", "camt.053.001.99", "wrong-schema"),
        ("camt.053.001.08", "camt.060.001.03", "wrong-schema"),
        ("camt.053.001.08", "camt.052.001.08", "wrong-schema"),
        ("BkToCstmrStmt", "BkToCstmrAcctRpt", "wrong-schema"),
        ("Stmt>", "Rpt>", "wrong-schema"),
        ("</Document>", "", "truncated-file"),
        ("</Stmt>", "</Stmt", "xml-not-well-formed"),
        ("Nguyễn", "&nguyen;", "xml-not-well-formed"),
        ('<?xml version="1.0" encoding="UTF-8"?>', "<!DOCTYPE Document SYSTEM 'x.dtd'>", "doctype-refused"),
    ],
)
def test_a_file_that_is_no_camt_is_refused(old: str, new: str, code: str) -> None:
    assert old in SOUND
    with pytest.raises(Malformed) as refused:
        _read(SOUND.replace(old, new))
    assert refused.value.code == code


def test_a_statement_without_the_group_header_is_read_and_told() -> None:
    without = re.sub(r"<GrpHdr>.*?</GrpHdr>", "", SOUND, flags=re.DOTALL)
    (whole,), (told,) = _read(SOUND).statements, _read(without).statements
    assert [problem.code for problem in told.problems] == ["element-missing"]
    assert (told.entries, told.opening, told.closing) == (whole.entries, whole.opening, whole.closing)


def test_an_entity_bomb_is_refused_before_it_is_read_even_behind_a_long_prolog() -> None:
    bomb = "<!DOCTYPE Document [<!ENTITY a 'x'>" + "".join(
        f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
    )
    text = SOUND.replace("?>", f"?><!--{' ' * 70_000}-->{bomb}]>", 1).replace("QN20261123", "&j;")
    with pytest.raises(Malformed) as refused:
        _read(text)
    assert refused.value.code in ("doctype-refused", "wrong-schema")
    headless = re.sub(r"<GrpHdr>.*?</GrpHdr>", "", SOUND, flags=re.DOTALL)
    with pytest.raises(Malformed) as refused:
        _read(headless.replace("?>", f"?><!--{' ' * 70_000}--><!DOCTYPE Document>", 1))
    assert refused.value.code in ("doctype-refused", "wrong-schema")
    with pytest.raises(Malformed) as refused:
        _read(SOUND.replace("?>", f"?>{bomb}]>", 1).replace("QN20261123", "&j;"))
    assert refused.value.code == "doctype-refused"


def test_bytes_that_are_no_text_in_the_declared_encoding_are_refused() -> None:
    with pytest.raises(Malformed) as refused:
        read_statements(io.BytesIO(SOUND.encode().replace("Hạnh".encode(), b"\xff\xfe")))
    assert refused.value.code == "not-text-in-encoding"


def test_totals_that_differ_are_told_by_name() -> None:
    summary = "<TxsSummry><TtlNtries><NbOfNtries>8</NbOfNtries><Sum>761001</Sum></TtlNtries></TxsSummry>\n      <Ntry>"
    statement = _one(SOUND.replace("<Ntry>", summary, 1))
    assert [problem.message for problem in statement.problems] == ["TtlNtries says 8 entries, the file has 7"]


def test_a_comment_or_cdata_in_the_text_changes_nothing() -> None:
    changed = SOUND.replace("Phí dịch vụ", "Phí <!-- x -->dịch<![CDATA[ vụ]]>").replace(">50000<", "><!-- a -->50000<")
    assert _one(changed).entries == _one(SOUND).entries


@pytest.mark.golden
def test_a_hundred_thousand_entries_take_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "lon.xml"
    with path.open("w", encoding="utf-8") as out:
        out.writelines(camt_lines(100_000))
    out_path = tmp_path / "lon.json"
    assert 0 < peak_megabytes(path, out_path) < 60
    assert out_path.read_text(encoding="utf-8").count('"booked_on"') == 100_000


@pytest.mark.property
@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.sampled_from(["CRDT", "DBIT"]), st.integers(0, 10**12), st.booleans()), max_size=8))
def test_no_entry_is_lost_doubled_or_changed(entries: list[tuple[str, int, bool]]) -> None:
    head, _, rest = SOUND.partition("      <Ntry>")
    tail = rest.rpartition("</Ntry>\n")[2]
    body = "".join(
        f'<Ntry><Amt Ccy="VND">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>'
        f"<Sts><Cd>{'BOOK' if booked else 'PDNG'}</Cd></Sts><ValDt><Dt>2026-11-23</Dt></ValDt></Ntry>"
        for mark, amount, booked in entries
    )
    statement = _one(head + body + tail)
    assert [entry.amount for entry in statement.entries] == [
        amount if mark == "CRDT" else -amount for mark, amount, _ in entries
    ]
    moved = sum(entry.amount for entry in statement.entries if entry.booked)
    assert ("balance-does-not-add-up" in _codes(statement)) == (moved != 39001)
