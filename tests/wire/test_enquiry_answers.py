"""Answers to enquiries (tra soát): what their file must say, and what each mistake in it is called."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from adapters.wire.enquiry_answers import LONGEST_TEXT, decode
from gateway.errors import GatewayError, Malformed, Untrusted

pytestmark = pytest.mark.unit

GOOD = (
    "TRALOI|1|test|TS20261124000012|bank-a|2026-11-26\r\n"
    "THAMCHIEU|CV 88/NHA\r\n"
    "NOIDUNG|Khoản này ghi nhầm ngày;\r\n"
    "NOIDUNG|sẽ đảo bút toán ngày 27/11/2026.\r\n"
    "HET|2\r\n"
)


def read(text: str | bytes) -> object:
    content = text if isinstance(text, bytes) else text.encode()
    return decode(content, partner="bank-a", environment="test", where="TRALOI_TS1.csv")


def test_an_answer_is_read_with_its_lines_joined() -> None:
    found = decode(GOOD.encode(), partner="bank-a", environment="test", where="x")
    assert (found.partner, found.enquiry_id, found.reference) == ("bank-a", "TS20261124000012", "CV 88/NHA")
    assert found.answered_on == date(2026, 11, 26)
    assert found.text == "Khoản này ghi nhầm ngày; sẽ đảo bút toán ngày 27/11/2026."


def test_a_byte_order_mark_and_bare_line_ends_are_habits() -> None:
    assert read("\ufeff" + GOOD.replace("\r\n", "\n")) == read(GOOD)


@pytest.mark.parametrize(
    ("good", "bad", "line"),
    [
        ("TRALOI|1", "TRALOI|2", 1),
        ("TRALOI|", "TRALOY|", 1),
        ("|2026-11-26", "|26/11/2026", 1),
        ("|2026-11-26", "|2026-02-30", 1),
        ("|2026-11-26", "|20261126", 1),
        ("THAMCHIEU|CV 88/NHA", "THAMCHIEU|CV|88", 2),
        ("NOIDUNG|sẽ", "NOI DUNG|sẽ", 4),
        ("HET|2", "HET|3", 5),
        ("HET|2", "HET", 5),
        ("THAMCHIEU|CV 88/NHA", "THAMCHIEU|  ", None),
        ("TS20261124000012", "", None),
        ("Khoản này", "x" * (LONGEST_TEXT + 1), None),
    ],
)
def test_what_breaks_the_layout_is_told_with_its_line(good: str, bad: str, line: int | None) -> None:
    with pytest.raises(Malformed) as told:
        read(GOOD.replace(good, bad, 1))
    assert (told.value.code, told.value.line) == ("enquiry-answer-layout", line)


@pytest.mark.parametrize("content", [b"", b"TRALOI|1\n", GOOD.encode("utf-16"), GOOD.encode()[:-30], b"\xff\xfe" * 9])
def test_half_a_file_or_none_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed) as told:
        read(content)
    assert told.value.code == "enquiry-answer-layout"


@pytest.mark.parametrize(
    ("good", "bad", "code"),
    [("|test|", "|production|", "wrong-environment"), ("|bank-a|", "|bank-b|", "wrong-partner")],
)
def test_an_answer_for_others_is_not_believed(good: str, bad: str, code: str) -> None:
    with pytest.raises(Untrusted) as told:
        read(GOOD.replace(good, bad))
    assert told.value.code == code


def test_errors_say_what_to_do() -> None:
    with pytest.raises(GatewayError) as told:
        read(b"")
    assert "contracts/enquiry.md" in told.value.action


def test_an_answer_in_decomposed_letters_is_read_composed() -> None:
    assert read(unicodedata.normalize("NFD", GOOD)) == read(GOOD)
