"""MT940 and MT942 as banks really write them; what does not add up is told and hides nothing."""

from __future__ import annotations

import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.banking.statements import detect_format, iter_statement_events, read_statements
from adapters.banking.statements.model import Balance, ParsedEntry, ParsedFile, ParsedStatement
from gateway.errors import Malformed

pytestmark = pytest.mark.unit

HEAD = ":20:S1\n:25:0021000000789\n:28C:1/1\n:60F:C261122VND1000000,\n"


def _read(text: str, encoding: str = "utf-8") -> ParsedFile:
    return read_statements(io.BytesIO(text.encode(encoding)), encoding=encoding)


def _one(text: str) -> ParsedStatement:
    (statement,) = _read(text).statements
    return statement


def _entry(line: str, after: str = "") -> ParsedEntry:
    (entry,) = _one(f"{HEAD}{line}\n{after}:62F:C261123VND0,\n-").entries
    return entry


def _codes(statement: ParsedStatement) -> list[str]:
    return [problem.code for problem in statement.problems]


@pytest.mark.parametrize(
    ("mark", "amount"),
    [
        *(("C", 50000), ("D", -50000), ("RC", -50000), ("RD", 50000), ("CD", 50000), ("DD", -50000)),
        *(("CR", 50000), ("RCR", -50000), ("RDR", 50000), ("c", 50000), ("d", -50000), ("rc", -50000)),
    ],
)
def test_debits_and_reversed_credits_are_negative(mark: str, amount: int) -> None:
    assert _entry(f":61:2611231123{mark}50000,NTRFQN1//FT1").amount == amount


def test_an_expected_entry_is_no_money_yet() -> None:
    statement = _one(HEAD + ":61:2611231123EC50000,NTRFQN1\n:62F:C261123VND1000000,\n-")
    assert statement.entries[0].booked is False
    assert _codes(statement) == ["unbooked-entry"]


@pytest.mark.parametrize(
    ("value", "booked", "expected"),
    [
        ("261231", "0102", date(2027, 1, 2)),
        ("270102", "1231", date(2026, 12, 31)),
        ("261123", "1124", date(2026, 11, 24)),
        ("261123", "    ", date(2026, 11, 23)),
        ("261123", "", date(2026, 11, 23)),
        ("991231", "0101", date(2000, 1, 1)),
        ("240228", "0229", date(2024, 2, 29)),
    ],
)
def test_the_year_of_the_booking_is_the_nearest(value: str, booked: str, expected: date) -> None:
    assert _entry(f":61:{value}{booked}C50000,NTRFQN1").booked_on == expected


def test_the_thirtieth_of_february_is_the_last_of_february() -> None:
    assert _entry(":61:2602300301C50000,NTRFQN1").value_on == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("rest", "references"),
    [
        ("NTRFQN0000000001//FT26327000001", {"customer": "QN0000000001", "bank": "FT26327000001"}),
        ("NTRFNONREF", {"customer": "NONREF"}),
        ("NTRF", {}),
        ("", {}),
        ("N0440121470966      W.P. Jansen", {"customer": "0121470966", "supplementary": "W.P. Jansen"}),
        ("NTRFNL47INGB9999999999", {"customer": "NL47INGB9999999999"}),
        (
            "NTRFBIPI-dvT1FzfMqvzF5HaU4oetl//2022070616",
            {"customer": "BIPI-dvT1FzfMqvzF5HaU4oetl", "bank": "2022070616"},
        ),
    ],
)
def test_all_references_of_an_entry_are_kept(rest: str, references: dict[str, str]) -> None:
    assert _entry(f":61:2611231123C50000,{rest}").references == references


def test_the_second_line_of_an_entry_is_its_text_where_no_narrative_follows() -> None:
    entry = _entry(":61:2611231123C50000,NTRFQN1//FT1\nPHI QUAN LY")
    assert entry.references["supplementary"] == "PHI QUAN LY"
    assert entry.text == "PHI QUAN LY"


def test_a_narrative_keeps_its_lines_and_loses_blank_ones() -> None:
    assert _entry(":61:2611231123C5,NTRF", ":86: Nộp phí  \n\n hồ sơ\n").text == "Nộp phí\n hồ sơ"


def test_subfields_are_put_together_and_their_references_found() -> None:
    narrative = ":86:166?00GHI CO?20EREF+QN00000\n00001?21SVWZ+Nop phi ho?22 so?32NGUYEN VAN?33 AN\n"
    entry = _entry(":61:2611231123C5,NTRFNONREF", narrative)
    assert entry.references["end_to_end"] == "QN0000000001"
    assert entry.text == "GHI CO\nEREF+QN0000000001SVWZ+Nop phi ho so\nNGUYEN VAN AN"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (":61:2611231123C50.000,00NTRFQN1", "bad-entry"),
        (":61:2611231123C50,000NTRFQN1", "bad-amount"),
        (":61:2611231123C50000,5NTRFQN1", "bad-amount"),
        (":61:2611231123C1e5NTRFQN1", "bad-entry"),
        (":61:2611231123C1E5NTRFQN1", "bad-entry"),
        (":61:2611231123X50000,NTRFQN1", "bad-entry"),
        (":61:2613231123C50000,NTRFQN1", "bad-entry"),
        (":61:garbage", "bad-entry"),
    ],
)
def test_an_unreadable_entry_is_a_problem_and_the_next_one_is_read(line: str, code: str) -> None:
    statement = _one(f"{HEAD}{line}\n:86:sai\n:61:2611231123C7000,NTRFQN2\n:62F:C261123VND1057000,\n-")
    assert [entry.amount for entry in statement.entries] == [7000]
    assert (code, 5) in [(problem.code, problem.line) for problem in statement.problems]
    assert "balance-does-not-add-up" in _codes(statement)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (HEAD + ":62F:C261123VND1000000,\n-", ["empty-statement"]),
        (HEAD + ":61:2611231123C5,NTRF\n:62F:C261123VND1000006,\n-", ["balance-does-not-add-up"]),
        (HEAD + ":61:2611231123C5,NTRF\n-", ["balance-missing"]),
        (HEAD + ":61:2611231123C5,NTRF\n:62F:C261123USD1000005,\n-", ["mixed-currencies"]),
        (HEAD + ":61:2611231123C5,NTRF\n:62F:C261123VND1000,005,\n-", ["bad-balance", "balance-missing"]),
        (HEAD.replace("VND", "QQQ") + ":61:2611231123C5,NTRF\n:62F:C261123QQQ1000005,\n-", ["unknown-currency"]),
        (
            HEAD.replace(":25:0021000000789\n", "") + ":61:2611231123C5,NTRF\n:62F:C261123VND1000005,\n-",
            ["account-missing"],
        ),
        (
            HEAD + ":61:2611231123C5,NTRF\n:62F:C261123VND1000005,\n-\n:61:2611231123C5,NTRF\n",
            ["entry-after-end", "balance-does-not-add-up"],
        ),
    ],
)
def test_what_does_not_add_up_is_told(text: str, codes: list[str]) -> None:
    assert _codes(_one(text)) == codes


def test_pages_of_one_statement_must_continue() -> None:
    page = ":20:S1\n:25:1\n:28C:1/1\n:60F:C261122VND10,\n:61:261123C5,NTRF\n:62M:C261123VND15,\n-\n"
    second = ":20:S1\n:25:1\n:28C:1/2\n:60M:C261123VND16,\n:61:261123C5,NTRF\n:62F:C261123VND21,\n-\n"
    first, last = _read(page + second).statements
    assert _codes(first) == []
    assert _codes(last) == ["balances-do-not-continue"]


def test_a_statement_twice_in_one_file_is_told() -> None:
    text = HEAD + ":61:2611231123C5,NTRF\n:62F:C261123VND1000005,\n-\n"
    first, second = _read(text + text).statements
    assert (_codes(first), _codes(second)) == ([], ["duplicate-statement"])


def test_a_second_opening_balance_is_a_second_statement_even_without_its_own_reference() -> None:
    text = HEAD + ":61:2611231123C5,NTRF\n:62F:C261123VND1000005,\n:60F:C261123VND1000005,\n:61:261124D5,NTRF\n"
    first, second = _read(text + ":62F:C261124VND1000000,\n").statements
    assert (first.closing, second.opening) == (Balance(date(2026, 11, 23), 1000005, "VND"),) * 2
    assert second.account == "0021000000789"
    assert not first.problems
    assert not second.problems


def test_an_interim_report_is_checked_against_its_totals() -> None:
    text = ":20:S1\n:25:1\n:28C:1\n:34F:VND0,\n:13D:2611231600+0700\n:61:261123C5,NTRF\n:61:261123D3,NTRF\n"
    good = _read(text + ":90D:1VND3,\n:90C:1VND5,\n-")
    assert good.format == "mt942"
    assert _codes(good.statements[0]) == []
    bad = _one(text + ":90D:1VND3,\n:90C:2VND5,\n-")
    assert _codes(bad) == ["totals-do-not-add-up"]


def test_a_currency_known_only_at_the_end_holds_for_all_entries() -> None:
    statement = _one(":20:S1\n:25:1\n:61:261123C5,25NTRF\n:62F:C261123KWD5,250\n-")
    assert [(entry.amount, entry.currency) for entry in statement.entries] == [(5250, "KWD")]


@pytest.mark.parametrize(
    "wrapped",
    [
        "{1:F01BIDVVNVXAXXX0000000000}{2:I940QNINVNVXXXXXN}{4:\n%s-}{5:}",
        "{1:F01BIDVVNVXAXXX0000000000}{2:I940QNINVNVXXXXXN}{4:%s-}",
        "\x01\n%s-\x03",
        "BIDVVNVX\n940\nBIDVVNVX\n%s-",
        ":940:\n%s",
        "\ufeff%s",
        "\n\n  \n%s\n\n",
    ],
)
def test_envelopes_of_all_kinds_are_opened(wrapped: str) -> None:
    parsed = _read(wrapped % (HEAD + ":61:2611231123C5,NTRF\n:62F:C261123VND1000005,\n"))
    assert parsed.format == "mt940"
    assert [(len(one.entries), _codes(one)) for one in parsed.statements] == [(1, [])]


@pytest.mark.parametrize("content", [b"", b"   \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        read_statements(io.BytesIO(content), name="rong.sta")
    assert refused.value.code == "empty-file"
    assert refused.value.where == "rong.sta"


@pytest.mark.parametrize("content", [b"1\n2\n3\n", b"%PDF-1.7", b"PK\x03\x04", b'{"a": 1}', b"ngay;so tien\n1;2\n"])
def test_what_is_no_statement_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        detect_format(content)
    assert refused.value.code == "unknown-format"


def test_a_file_in_another_encoding_than_configured_is_refused() -> None:
    data = (HEAD + ":61:2611231123C5,NTRF\n:86:Nộp phí\n").encode("utf-16")
    with pytest.raises(Malformed) as refused:
        read_statements(io.BytesIO(data), encoding="utf-8")
    assert refused.value.code == "not-text-in-encoding"


def test_a_stream_that_cannot_seek_is_read() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise io.UnsupportedOperation

    found = iter_statement_events(Pipe((HEAD + ":61:2611231123C5,NTRF\n").encode()))
    assert [event.amount for event in found.events if isinstance(event, ParsedEntry)] == [5]


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(["C", "D", "RC", "RD"]),
        st.integers(min_value=0, max_value=10**12),
        st.text(alphabet="abc ộĐ/?+-.", max_size=70),
    ),
    max_size=12,
)


@pytest.mark.property
@settings(deadline=None)
@given(entries=ENTRIES, end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_no_entry_is_lost_doubled_or_changed(entries: list[tuple[str, int, str]], end: str) -> None:
    signed = [amount if mark in ("C", "RD") else -amount for mark, amount, _ in entries]
    closing = 10**13 + sum(signed)
    lines = [":20:S1", ":25:1", ":28C:1", ":60F:C261122VND10000000000000,"]
    for mark, amount, text in entries:
        lines += [f":61:2611231123{mark}{amount},NTRFNONREF", f":86:x{text}"]
    lines += [f":62F:{'D' if closing < 0 else 'C'}261123VND{abs(closing)},", "-"]
    statement = _one(end.join(lines))
    assert [entry.amount for entry in statement.entries] == signed
    assert [entry.text for entry in statement.entries] == [f"x{text}".rstrip() for _, _, text in entries]
    assert _codes(statement) == ([] if entries else ["empty-statement"])


@pytest.mark.property
@settings(deadline=None)
@given(st.text(alphabet=":0126C8D,NTRF\n-{}47/ \r", max_size=200))
def test_any_text_is_read_or_refused_with_a_code(text: str) -> None:
    try:
        _read(text)
        code = ""
    except Malformed as refused:
        code = refused.code
    assert code in ("", "unknown-format", "empty-file")


def test_a_file_that_is_cut_within_an_amount_does_not_tell_a_smaller_one() -> None:
    (statement,) = _read(HEAD + ":61:2611231123C50000,NTRFX\n:61:2611231123D4").statements
    assert [entry.amount for entry in statement.entries] == [50000]
    assert _codes(statement) == ["bad-entry", "balance-missing"]
    assert "is cut within its amount" in statement.problems[0].message
