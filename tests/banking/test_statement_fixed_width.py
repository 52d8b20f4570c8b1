"""The intermediary's fixed-width file: what is written is read, and a wrong trailer says which part is wrong."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.banking.statements import Agreed, read_statements
from adapters.banking.statements.fixed_width import DETAIL_WIDTH, LAYOUT, VnpayFile, VnpayRecord, write_vnpay
from adapters.banking.statements.model import ParsedFile, ParsedStatement
from gateway.errors import Malformed

pytestmark = pytest.mark.unit

RECORD = VnpayRecord(
    account="0141000000123",
    amount=50000,
    trace="VNP000000001",
    transaction_code="QN0000000001",
    transaction_on=date(2026, 11, 23),
    settlement_on=date(2026, 11, 24),
    time="093000",
    approval="000001",
    terminal="QNPOS001",
    information="Nộp phí hồ sơ",
    merchant="UBND tỉnh Quảng Ninh",
)
FILE = VnpayFile(
    "970436", date(2026, 11, 23), [RECORD, replace(RECORD, amount=7000, trace="VNP2")], "BATCH JOB",
    datetime(2026, 11, 24, 2, 5, 25, tzinfo=UTC),
)  # fmt: skip


def _read(data: bytes, encoding: str = "utf-8", *, total_expected: bool = False) -> ParsedFile:
    return read_statements(io.BytesIO(data), encoding=encoding, agreed=Agreed(total=total_expected))


def _one(data: bytes, *, total_expected: bool = False) -> ParsedStatement:
    (statement,) = _read(data, total_expected=total_expected).statements
    return statement


def _codes(statement: ParsedStatement) -> list[str]:
    return [problem.code for problem in statement.problems]


def test_the_layout_has_the_published_widths() -> None:
    assert sum(width for _, width, _, _ in LAYOUT) == DETAIL_WIDTH == 239
    header, *details, trailer = write_vnpay(FILE).split(b"\r\n")[:-1]
    assert header == b"0001970436231126"
    assert {len(detail) for detail in details} == {239}
    assert trailer == b"0009000000002           BATCH JOB090525241126"
    assert len(trailer) == 45


def test_a_record_becomes_an_entry() -> None:
    entry = _one(write_vnpay(FILE)).entries[0]
    assert (entry.amount, entry.currency, entry.booked_on, entry.value_on) == (
        50000, "VND", date(2026, 11, 23), date(2026, 11, 24),
    )  # fmt: skip
    assert entry.references == {
        "trace": "VNP000000001", "transaction": "QN0000000001", "approval": "000001", "terminal": "QNPOS001",
    }  # fmt: skip
    assert entry.text == "Nộp phí hồ sơ\nUBND tỉnh Quảng Ninh"


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1258", "tcvn3", "vni", "utf-16"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_what_is_written_is_read_in_every_encoding(encoding: str, newline: str) -> None:
    if encoding == "utf-16":
        data = write_vnpay(FILE, newline=newline).decode().encode("utf-16")
    else:
        data = write_vnpay(FILE, encoding=encoding, with_total=True, newline=newline)
    (statement,) = _read(data, encoding).statements
    assert [entry.text for entry in statement.entries] == ["Nộp phí hồ sơ\nUBND tỉnh Quảng Ninh"] * 2
    assert statement.problems == ()


def test_widths_may_count_characters_instead_of_bytes() -> None:
    file = replace(FILE, records=[replace(RECORD, information="Nop phi")])
    wide = []
    for line in write_vnpay(file).decode().split("\r\n"):
        wide.append(line if len(line) < 200 else line + " " * (239 - len(line)))
    assert _one("\r\n".join(wide).encode()).entries == _one(write_vnpay(file)).entries


def test_blanks_cut_at_the_end_of_a_line_are_no_damage() -> None:
    bare = replace(FILE, records=[replace(RECORD, merchant="", information="")])
    cut = b"\r\n".join(line.rstrip() for line in write_vnpay(bare).split(b"\r\n"))
    assert _codes(_one(cut)) == []


@pytest.mark.parametrize(
    "filled",
    [
        lambda data: b"\r\n".join(line.ljust(256) if line else line for line in data.split(b"\r\n")),
        lambda data: data.replace(b"\r\n", b"\t\r\n"),
        lambda data: data.replace(b"\r\n", b"\x00\r\n"),
        lambda data: data.replace(b"\r\n", b"\r\r\n"),
        lambda data: b"\xef\xbb\xbf\r\n  " + data + b"\r\n\x1a" + b"\x00" * 80,
    ],
    ids=["256 wide", "tabs", "NUL", "CR CR LF", "around the file"],
)
def test_padding_of_transports_is_no_damage(filled: Callable[[bytes], bytes]) -> None:
    data = write_vnpay(FILE)
    assert _one(filled(data)).problems == ()
    assert [entry.text for entry in _one(filled(data)).entries] == [entry.text for entry in _one(data).entries]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        (b"0009000000002", b"0009000000003", ["trailer-count-differs"]),
        (b"00000000057000", b"00000000057001", ["trailer-total-differs"]),
        (b"0009000000002", b"00092", []),  # a peer's writer does not pad the count
    ],
)
def test_a_wrong_trailer_says_which_part_is_wrong(old: bytes, new: bytes, codes: list[str]) -> None:
    data = write_vnpay(FILE, with_total=True)
    assert old in data
    assert _codes(_one(data.replace(old, new))) == codes


@pytest.mark.parametrize(
    ("agreed", "says"),
    [
        (Agreed(bank_bin="970479"), "the header names the bank 970436, agreed is 970479"),
        (Agreed(transaction_on=date(2025, 11, 23)), "the header is of 2026-11-23, the file's name of 2025-11-23"),
        (Agreed(transaction_on=date(2026, 11, 24)), "the header is of 2026-11-23, the file's name of 2026-11-24"),
    ],
)
def test_a_file_of_another_bank_or_day_is_refused_whole(agreed: Agreed, says: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_statements(io.BytesIO(write_vnpay(FILE)), encoding="utf-8", agreed=agreed)
    assert (refused.value.code, refused.value.message, refused.value.line) == ("header-differs", says, 1)


def test_a_file_of_the_agreed_bank_and_day_is_read() -> None:
    agreed = Agreed(bank_bin="970436", transaction_on=date(2026, 11, 23))
    (statement,) = read_statements(io.BytesIO(write_vnpay(FILE)), encoding="utf-8", agreed=agreed).statements
    assert (len(statement.entries), statement.problems) == (2, ())


@pytest.mark.parametrize("kind", [b"0005", b"0003", b"   2", b"ABCD"])
def test_a_record_of_another_type_is_no_money(kind: bytes) -> None:
    data = write_vnpay(FILE, with_total=True).replace(b"00020210", kind + b"0210", 1)
    statement = _one(data)
    assert [entry.amount for entry in statement.entries] == [7000]
    assert _codes(statement) == ["bad-entry", "trailer-total-differs"]
    assert "is no detail (0002)" in statement.problems[0].message


def test_a_total_that_was_agreed_must_be_there() -> None:
    assert _codes(_one(write_vnpay(FILE), total_expected=True)) == ["trailer-total-missing"]
    assert _codes(_one(write_vnpay(FILE, with_total=True), total_expected=True)) == []


@pytest.mark.parametrize(
    ("change", "amount", "booked", "codes"),
    [
        ({"response_code": "68"}, 50000, True, ["outcome-pending"]),
        ({"response_code": "05"}, 50000, False, ["unbooked-entry"]),
        ({"mti": "0420"}, -50000, True, []),
        ({"processing_code": "200000"}, -50000, True, []),
        ({"reconciliation_code": "35"}, 50000, True, ["partner-reports-difference"]),
        ({"reconciliation_code": "31"}, 50000, True, ["partner-reports-difference"]),
        ({"account": ""}, 50000, True, ["account-missing"]),
    ],
)
def test_codes_of_the_intermediary_are_understood(
    change: dict[str, str], amount: int, booked: bool, codes: list[str]
) -> None:
    statement = _one(write_vnpay(replace(FILE, records=[replace(RECORD, **change)])))
    assert [(entry.amount, entry.booked) for entry in statement.entries] == [(amount, booked)]
    assert _codes(statement) == codes


def test_the_year_of_a_day_is_the_one_nearest_to_the_header() -> None:
    turn = replace(RECORD, transaction_on=date(2026, 12, 31), settlement_on=date(2027, 1, 4))
    file = replace(FILE, transaction_on=date(2026, 12, 31), records=[turn])
    (entry,) = _one(write_vnpay(file)).entries
    assert (entry.booked_on, entry.value_on) == (date(2026, 12, 31), date(2027, 1, 4))


def test_accounts_are_statements_of_their_own() -> None:
    other = replace(RECORD, account="0142000000456", amount=1)
    statements = _read(write_vnpay(replace(FILE, records=[RECORD, other, RECORD]))).statements
    assert [(one.account, [entry.amount for entry in one.entries]) for one in statements] == [
        ("0141000000123", [50000, 50000]),
        ("0142000000456", [1]),
    ]


def test_a_day_without_payments_is_an_empty_statement() -> None:
    statement = _one(write_vnpay(replace(FILE, records=[])))
    assert _codes(statement) == ["empty-statement"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"000000050000", b"0000000500.0", "bad-amount"),
        (b"000000050000", b"         5e4", "bad-amount"),
        (b"000000050000", b"-00000050000", "bad-amount"),
        (b"11231124", b"13231124", "bad-entry"),
        (b"QNPOS001", b"QNPOS001     ", "wrong-layout"),
    ],
)
def test_a_broken_record_is_a_problem_and_the_others_are_read(old: bytes, new: bytes, code: str) -> None:
    statement = _one(write_vnpay(FILE).replace(old, new, 1))
    assert [entry.amount for entry in statement.entries] == [7000]
    assert [(problem.code, problem.line) for problem in statement.problems] == [(code, 2)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"0001970436231126\r\n", "truncated-file"),
        (b"\r\n".join(write_vnpay(FILE).split(b"\r\n")[:2]), "truncated-file"),
        (b"0001970436311126\r\n0009000000000           BATCH JOB090525241126", "wrong-layout"),
        (write_vnpay(FILE) + b"0002", "wrong-layout"),
        (b"0001970436231126\r\n0009 BATCH", "wrong-layout"),
    ],
)
def test_a_file_without_its_frame_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        _read(data)
    assert refused.value.code == code
    assert refused.value.line


def test_bytes_of_another_encoding_are_refused() -> None:
    with pytest.raises(Malformed) as refused:
        _read(write_vnpay(FILE, encoding="tcvn3"), "utf-8")
    assert refused.value.code == "not-text-in-encoding"
    assert refused.value.line == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": -1}, "bad-amount"),
        ({"amount": 10**12}, "bad-amount"),
        ({"merchant": "Đ" * 31}, "field-too-long"),
        ({"account": "0" * 22}, "field-too-long"),
        ({"information": "hai\ndòng"}, "field-too-long"),
    ],
)
def test_what_does_not_fit_is_not_written(change: dict[str, object], code: str) -> None:
    wrong = replace(RECORD, **change)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(Malformed) as refused:
        write_vnpay(replace(FILE, records=[wrong]))
    assert refused.value.code == code


@pytest.mark.property
@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            VnpayRecord,
            account=st.just("0141000000123"),
            amount=st.integers(0, 10**12 - 1),
            trace=st.from_regex(r"[A-Z0-9]{1,40}", fullmatch=True),
            transaction_code=st.from_regex(r"[A-Z0-9]{1,20}", fullmatch=True),
            transaction_on=st.dates(date(2026, 8, 1), date(2027, 3, 1)),
            settlement_on=st.dates(date(2026, 8, 1), date(2027, 3, 1)),
            information=st.text(alphabet="aộĐ x", max_size=9).map(str.strip),
        ),
        min_size=1,
        max_size=10,
    )
)
def test_no_record_is_lost_doubled_or_changed(records: list[VnpayRecord]) -> None:
    statement = _one(write_vnpay(replace(FILE, records=records), with_total=True), total_expected=True)
    assert statement.problems == ()
    assert [
        (entry.amount, entry.references["trace"], entry.booked_on, entry.value_on, entry.text)
        for entry in statement.entries
    ] == [(one.amount, one.trace, one.transaction_on, one.settlement_on, one.information) for one in records]
