"""Finds the encoding of a text file for which none is configured. A guess: a configured encoding always wins."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import BinaryIO

from adapters.banking.statements.encodings import decode_text
from gateway.errors import Malformed

_BLOCK = 1 << 18
_SAMPLE = 1 << 16
_WORD = re.compile(r"[^\W\d_]+")
# Consonants, at most three vowels with at most one tone (taken off before), consonants.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|gh|gi|qu|ch|kh|nh|ph|th|tr|[bcdđghklmnpqrstvx])?[aăâeêioôơuưy]{1,3}(?:ng|nh|ch|[cmnpt])?"
)
_CYRILLIC = re.compile("[\u0400-\u04ff]+")
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


def guess_encoding(stream: BinaryIO) -> str:
    """The encoding of a file for which none is configured; ``stream`` is left where it was.

    A byte order mark, then UTF-8 (the whole file must be), then windows-1258, TCVN3 and VNI where every word with
    letters beyond ASCII is a Vietnamese syllable, then cp1251 where every such word is Cyrillic, then cp1252, cp852,
    iso8859-2 or cp1250, the first in which all characters beyond ASCII are letters, then cp852, which peers fall back
    to.
    """
    start = stream.tell()
    try:
        head = stream.read(4)
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if head[1:2] == b"\0" or head[:1] == b"\0":
            return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
        stream.seek(start)
        foreign = _lines_beyond_utf8(stream)
        return _guess_legacy(foreign) if foreign else "utf-8"
    finally:
        stream.seek(start)


def _lines_beyond_utf8(stream: BinaryIO) -> bytes:
    """Empty where the whole stream is UTF-8, else a sample of its lines that hold other bytes than ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, sample = True, bytearray()
    while block := stream.read(_BLOCK):
        if is_utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                is_utf8 = False
        if not block.isascii() and len(sample) < _SAMPLE:
            sample += b"\n".join(line for line in block.split(b"\n") if not line.isascii())
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        is_utf8 = False
    return b"" if is_utf8 else bytes(sample)


def _guess_legacy(sample: bytes) -> str:
    for encoding in ("cp1258", "tcvn3", "vni"):
        if _is_vietnamese(sample, encoding):
            return encoding
    if _is_cyrillic(sample):
        return "cp1251"
    for encoding in ("cp1252", "cp852", "iso8859-2", "cp1250"):
        if _is_letters(sample, encoding):
            return encoding
    return "cp852"  # it gives every byte a meaning


def _is_letters(sample: bytes, encoding: str) -> bool:
    try:
        return all(char.isascii() or char.isalpha() for char in sample.decode(encoding))
    except UnicodeDecodeError:
        return False


def _is_cyrillic(sample: bytes) -> bool:
    """No Western language has a word of three letters none of which is ASCII."""
    words = [word for word in _WORD.findall(sample.decode("cp1251", "replace")) if not word.isascii()]
    return any(len(word) > 2 for word in words) and all(_CYRILLIC.fullmatch(word) for word in words)


def _is_vietnamese(sample: bytes, encoding: str) -> bool:
    try:
        text = decode_text(sample, encoding)
    except Malformed:
        return False
    if not all(char.isascii() or char.isalpha() for char in text):
        return False
    return all(word.isascii() or _is_syllable(word) for word in _WORD.findall(text))


def _is_syllable(word: str) -> bool:
    """Whether ``word`` can be one Vietnamese syllable, written in small letters, in capitals or with one capital."""
    if not (word.islower() or word.isupper() or word[1:].islower()):
        return False
    bare, tones = _TONES.subn("", unicodedata.normalize("NFD", word.lower()))
    return tones <= 1 and _SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare)) is not None
