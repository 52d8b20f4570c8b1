"""Vietnamese text in every encoding partners use reads as the same NFC text; other bytes are refused."""

from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.banking.statements.encodings import decode_text, encode_text, normal_name, split_lines, text_lines
from adapters.banking.statements.guessing import guess_encoding
from gateway.errors import Malformed

pytestmark = pytest.mark.unit

TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
SMALL = sorted({unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in TONES} | {"đ"})
LETTERS = SMALL + [letter.upper() for letter in SMALL]
ENCODINGS = ("utf-8", "utf-16", "windows-1258", "tcvn3", "vni")
SENTENCE = "Nộp lệ phí hồ sơ H49.12 của ông Đặng Quốc Vượng, phường Hồng Gai, tỉnh Quảng Ninh"


def test_the_alphabet_has_all_letters() -> None:
    assert len(LETTERS) == 2 * (12 * 6 + 1)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_survives(letter: str, encoding: str) -> None:
    assert decode_text(encode_text(letter, encoding), encoding) == letter


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("tcvn3", "Hµ Néi, tØnh Qu¶ng Ninh"), ("vni", "Haø Noäi, tænh Quaûng Ninh")],
)
def test_old_fonts_are_read_as_people_know_them(encoding: str, written: str) -> None:
    assert decode_text(written.encode("latin-1"), encoding) == "Hà Nội, tỉnh Quảng Ninh"


def test_a_small_mark_after_a_capital_is_understood_in_vni() -> None:
    assert decode_text("Aù".encode("latin-1"), "vni") == "Á"


def test_decomposed_text_becomes_nfc() -> None:
    assert decode_text(unicodedata.normalize("NFD", SENTENCE).encode(), "utf-8") == SENTENCE


@pytest.mark.parametrize(
    ("data", "encoding", "line"),
    [
        (b"dong mot\nd\xf2ng hai", "utf-8", 2),
        (b"mot\nhai\n\x80\x81", "vni", 3),
        (b"\xd2\xd2\xff", "windows-1258x", None),
        (b"x\xb5", "ascii", 1),
        ("bù".encode("latin-1") + b"\xf9", "vni", 1),
    ],
)
def test_bytes_that_are_no_text_in_the_encoding_are_refused(data: bytes, encoding: str, line: int | None) -> None:
    with pytest.raises(Malformed) as refused:
        decode_text(data, encoding)
    assert refused.value.code == ("unknown-encoding" if line is None else "not-text-in-encoding")
    assert refused.value.line == line


def test_a_letter_without_a_code_is_not_written() -> None:
    for encoding in ("tcvn3", "vni", "windows-1258", "ascii"):
        with pytest.raises(Malformed) as refused:
            encode_text("漢", encoding)
        assert refused.value.code == "not-text-in-encoding"


@pytest.mark.parametrize("alias", ["TCVN3", "ABC", "tcvn-5712", "VNI", "vni_windows", "cp1258", "UTF8"])
def test_names_of_encodings_are_taken_as_people_write_them(alias: str) -> None:
    assert normal_name(alias) in {"tcvn3", "vni", "cp1258", "utf-8"}


@pytest.mark.parametrize(
    "name", ["hex", "rot13", "base64", "undefined", "idna", "punycode", "unicode_escape", "", "a\0b", "no-such"]
)
def test_a_codec_that_is_no_encoding_of_files_is_unknown(name: str) -> None:
    for act in (normal_name, lambda one: decode_text(b"\x41", one), lambda one: encode_text("A", one)):
        with pytest.raises(Malformed) as refused:
            act(name)
        assert refused.value.code == "unknown-encoding"
        assert "windows-1258" in refused.value.action


@pytest.mark.parametrize("encoding", [*ENCODINGS, "utf-8-sig", "cp1252"])
def test_an_encoding_nobody_configured_is_found(encoding: str) -> None:
    text = "Empfänger: Müller, Überweisung größer" if encoding == "cp1252" else SENTENCE
    data = encode_text(text, encoding)
    stream = io.BytesIO(data)
    found = guess_encoding(stream)
    assert stream.tell() == 0
    assert decode_text(data, found).removeprefix("\ufeff") == text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_lines_are_the_same_whatever_their_ends(end: str, encoding: str) -> None:
    lines = [SENTENCE, "", *(f"dòng {number}" for number in range(40_000)), "hết"]
    batches = list(text_lines(io.BytesIO(encode_text(end.join(lines), encoding)), encoding))
    assert [line for batch in batches for line in batch] == lines


def test_the_line_of_a_bad_byte_is_told_far_into_a_file() -> None:
    data = "dòng\n".encode() * 100_000 + b"\xff\n"
    with pytest.raises(Malformed) as refused:
        list(text_lines(io.BytesIO(data), "utf-8"))
    assert refused.value.code == "not-text-in-encoding"
    assert refused.value.line == 100_001


def test_only_line_ends_end_lines() -> None:
    assert split_lines("a\x0bb\x0cc\x85d\u2028e") == ["a\x0bb\x0cc\x85d\u2028e"]


@pytest.mark.property
@given(
    st.text(alphabet=[*LETTERS, *"abcxyz 0123,.-/"], max_size=60), st.sampled_from(["tcvn3", "windows-1258", "utf-8"])
)
def test_any_vietnamese_text_survives(text: str, encoding: str) -> None:
    assert decode_text(encode_text(text, encoding), encoding) == text


@pytest.mark.property
@given(st.binary(max_size=40), st.sampled_from(ENCODINGS))
def test_any_bytes_are_text_or_refused_with_a_code(data: bytes, encoding: str) -> None:
    try:
        code = "" if unicodedata.is_normalized("NFC", decode_text(data, encoding)) else "not normal"
    except Malformed as refused:
        code = refused.code
    assert code in ("", "not-text-in-encoding")
