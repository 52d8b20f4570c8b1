"""Bytes <-> Vietnamese text, in the encodings that partners still use; text is always NFC.

TCVN3 (ABC fonts, TCVN 5712:1993, the first table) and VNI (the Windows fonts, one or two bytes a letter) are no codecs
of Python; their tables are here. A partner's configured encoding is authoritative: bytes that are no text in it are an
error, never a question mark.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

from gateway.errors import Malformed

# 0xA0-0xFF, then 0x80-0x9F, then the capitals that stand among the control characters.
_TCVN3_HIGH = (
    "\u00a0ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạ"
    "ẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
_TCVN3_MIDDLE = "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ"
_TCVN3_LOW = {1: "Ú", 2: "Ụ", 4: "Ừ", 5: "Ử", 6: "Ữ", **dict(zip(range(0x11, 0x18), "ỨỰỲỶỸÝỴ", strict=True))}
_TCVN3 = [*map(chr, range(128)), *_TCVN3_MIDDLE, *_TCVN3_HIGH]
_TCVN3_DECODE = "".join(_TCVN3_LOW.get(byte, letter) for byte, letter in enumerate(_TCVN3))
_TCVN3_ENCODE = codecs.charmap_build(_TCVN3_DECODE)

# VNI, written in the Latin-1 letters its bytes look like: single bytes, then base letter + mark.
_VNI_SINGLES = dict(zip("ñôöíìæóòî", "đơưíìỉĩịỵ", strict=True))
_VNI_TONES = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
_VNI_TONED = ("", *_VNI_TONES.values())
_VNI_CIRCUMFLEX = {mark: "\u0302" + tone for mark, tone in zip("âáàåãä", _VNI_TONED, strict=True)}
_VNI_BREVE = {mark: "\u0306" + tone for mark, tone in zip("êéèúüë", _VNI_TONED, strict=True)}


def _vni_table() -> dict[str, str]:
    table = dict(_VNI_SINGLES)
    for base, letter in (*zip("aeouy", "aeouy", strict=True), ("ô", "ơ"), ("ö", "ư")):
        marks = _VNI_TONES | (_VNI_CIRCUMFLEX if base in "aeo" else {}) | (_VNI_BREVE if base == "a" else {})
        table |= {base + mark: unicodedata.normalize("NFC", letter + added) for mark, added in marks.items()}
    del table["yï"]  # ỵ has a byte of its own
    capitals = {old.upper(): new.upper() for old, new in table.items()}
    # A capital with a small mark is what people type who keep Shift down too briefly.
    sloppy = {old[0].upper() + old[1]: new.upper() for old, new in table.items() if len(old) == 2}
    return sloppy | table | capitals


_VNI_DECODE = _vni_table()
_VNI_ENCODE = {new: old for old, new in _VNI_DECODE.items()}  # the proper spelling comes last and wins
_VNI_LETTER = re.compile("|".join(sorted(map(re.escape, _VNI_DECODE), key=len, reverse=True)) + r"|[\x80-\xff]")

_OURS = {"tcvn3": "tcvn3", "abc": "tcvn3", "tcvn5712": "tcvn3", "tcvn": "tcvn3", "vni": "vni", "vniwindows": "vni"}
_NO_FILES = frozenset({"idna", "punycode", "unicode-escape", "unicode_escape", "raw-unicode-escape", "undefined"})
KNOWN_ENCODINGS = "utf-8, utf-16, windows-1258, tcvn3, vni"
_VIETNAMESE_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_BLOCK = 1 << 18


def normal_name(encoding: str) -> str:
    """The name under which ``encoding`` is known here.

    Raises Malformed ``unknown-encoding``, also for a codec of Python that is no encoding of text (hex, rot13) or is one
    of names and source code (idna, unicode_escape).
    """
    ours = _OURS.get(re.sub(r"[^a-z0-9]", "", encoding.lower()))
    if ours:
        return ours
    try:
        found = codecs.lookup(encoding)
        "".encode(found.name)  # the public way to ask whether it is an encoding of text
    except (LookupError, ValueError) as missing:
        raise _unknown(encoding, "is no encoding of text that is known") from missing
    if found.name in _NO_FILES:
        raise _unknown(encoding, "is no encoding of files")
    return found.name


def _unknown(encoding: str, why: str) -> Malformed:
    return Malformed(
        f"{encoding!r} {why}", code="unknown-encoding", action=f"Use {KNOWN_ENCODINGS}, or a text codec of Python."
    )


def decode_text(data: bytes, encoding: str, *, first_line: int = 1) -> str:
    """``data`` as NFC text. Raises Malformed ``not-text-in-encoding`` with the line of the first bad byte."""
    name = normal_name(encoding)
    try:
        text = _decode(data, name)
    except UnicodeDecodeError as bad:
        line = first_line + data.count(b"\n", 0, bad.start)
        raise Malformed(
            f"byte 0x{data[bad.start] if bad.start < len(data) else 0:02X} is no text in {encoding}",
            code="not-text-in-encoding",
            line=line,
            action="Compare the encoding in the partner's configuration with the file; ask the sender.",
        ) from bad
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _decode(data: bytes, name: str) -> str:
    if name == "tcvn3":
        return codecs.charmap_decode(data, "strict", _TCVN3_DECODE)[0]
    if name == "vni":
        return _VNI_LETTER.sub(lambda match: _vni_letter(match, data), data.decode("latin-1"))
    return data.decode(name)


def _vni_letter(match: re.Match[str], data: bytes) -> str:
    letter = _VNI_DECODE.get(match[0])
    if letter is None:
        raise UnicodeDecodeError("vni", data, match.start(), match.end(), "a mark without its letter")
    return letter


def encode_text(text: str, encoding: str) -> bytes:
    """``text`` in ``encoding``. Raises Malformed ``not-text-in-encoding`` where it has no code for a letter."""
    name = normal_name(encoding)
    text = unicodedata.normalize("NFC", text)
    try:
        if name == "tcvn3":
            return codecs.charmap_encode(text, "strict", _TCVN3_ENCODE)[0]
        if name == "vni":
            return "".join(map(_to_vni, text)).encode("latin-1")
        if name == "cp1258":
            return b"".join(map(_to_1258, text))
        return text.encode(name)
    except UnicodeEncodeError as bad:
        raise Malformed(
            f"{text[bad.start : bad.end]!r} cannot be written in {encoding}",
            code="not-text-in-encoding",
            action="Choose an encoding for the partner that has this letter.",
        ) from bad


def _to_vni(letter: str) -> str:
    if letter.isascii():
        return letter
    code = _VNI_ENCODE.get(letter)
    if code is None:
        raise UnicodeEncodeError("vni", letter, 0, 1, "no code")
    return code


def _to_1258(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(part for part in parts if part in _VIETNAMESE_TONES)
        if not tone:
            raise
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _VIETNAMESE_TONES))
        return base.encode("cp1258") + tone.encode("cp1258")


def text_lines(stream: BinaryIO, encoding: str) -> Iterator[list[str]]:
    """The lines of ``stream`` as NFC text in bounded batches, whatever their line ends (LF, CR LF, CR).

    Raises Malformed ``not-text-in-encoding``.
    """
    name = normal_name(encoding)
    if name.startswith(("utf-16", "utf-32")):
        yield from _wide_lines(stream, name)
        return
    name = "utf-8-sig" if name == "utf-8" else name
    line = 1
    rest: list[bytes] = []  # of a line that has not ended
    while block := stream.read(_BLOCK):
        cut = max(block.rfind(b"\n"), block.rfind(b"\r", 0, len(block) - 1)) + 1
        if cut:
            batch = split_lines(decode_text(b"".join((*rest, block[:cut])), name, first_line=line))[:-1]
            name = "utf-8" if name == "utf-8-sig" else name
            line += len(batch)
            yield batch
            rest.clear()
        rest.append(block[cut:])
    if last := b"".join(rest):
        yield split_lines(decode_text(last, name, first_line=line))


def _wide_lines(stream: BinaryIO, name: str) -> Iterator[list[str]]:
    text = decode_text(stream.read(), name).removeprefix("\ufeff")
    yield split_lines(text)


def split_lines(text: str) -> list[str]:
    """Lines without their ends. ``str.splitlines`` would also cut at characters that are text in old encodings."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
