"""The minutes are drawn with a font of ours that has every Vietnamese glyph: none is ever an empty box."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
import typst
from fontTools.ttLib import TTFont

from gateway.reports.pdf import FONT_FAMILY, FONTS

pytestmark = pytest.mark.unit

_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
_LETTERS = [unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES] + ["đ"]
VIETNAMESE = [*_LETTERS, *(letter.upper() for letter in _LETTERS), "₫"]
SIGNS = "–—“”‘’…•·×≥≤±§→−"


def _files() -> list[Path]:
    return sorted(FONTS.glob("*.ttf"))


def test_the_vietnamese_alphabet_of_the_test_is_whole() -> None:
    accented = [letter for letter in VIETNAMESE if not letter.isascii() and letter != "₫"]
    assert len(set(accented)) == 134
    assert all(len(letter) == 1 for letter in VIETNAMESE)


@pytest.mark.parametrize("file", _files(), ids=lambda file: file.name)
def test_every_vietnamese_letter_is_drawn(file: Path) -> None:
    font = TTFont(file)
    known = font.getBestCmap()
    missing = [letter for letter in [*VIETNAMESE, *SIGNS] if ord(letter) not in known]
    assert missing == []
    drawn = font["glyf"]
    empty = [letter for letter in VIETNAMESE if drawn[known[ord(letter)]].numberOfContours == 0]
    assert empty == []


def test_the_family_has_the_styles_that_minutes_use_and_its_licence() -> None:
    found = {(font.style, font.weight) for font in typst.Fonts(False, False, [FONTS]).fonts()}
    assert {("normal", 400), ("normal", 700), ("italic", 400)} <= found
    assert typst.Fonts(False, False, [FONTS]).families() == [FONT_FAMILY]
    assert "SIL Open Font License" in (FONTS / "LICENSE").read_text(encoding="utf-8")
