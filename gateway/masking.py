"""How personal data is shown by default: one mark, ``•••``, and the few letters after it that tell two people apart.

Pages, reports, commands, mail and messages of errors mask with these and nothing else (a test looks for other ways):

* one value of a kind: ``masked_account`` … ``masked_name``;
* what people and partners wrote: ``masked_text``;
* our own sentences: ``masked_numbers``; those that the engine of reconciliation wrote: ``as_shown``.

The engine writes ``…0101`` into the rows of a day (``stored_account``): those bytes are what people sealed and what
``gateway reconcile --verify`` must give again, so they stay as they are and ``as_shown`` turns them into this style
where they are read.
"""

from __future__ import annotations

import re

MARK = "•••"
ERASED = "[đã xóa]"
"""What stands where personal data was erased (``gateway.erase_contact`` writes it)."""

_KEPT = ("", ERASED)
_STORED_MARK, _NO_ACCOUNT = "…", "(không có)"
STORED_ACCOUNT_SQL = f"CASE x WHEN '' THEN '{_NO_ACCOUNT}' ELSE '{_STORED_MARK}' || right(x, 4) END"
"""``stored_account`` of ``x`` as the engine's database says it."""
_ENGINE = re.compile(rf"{_STORED_MARK}(?=\w{{1,4}}(?!\w))")
_NUMBER = re.compile(r"(?<![0-9A-Za-z.\-])\d{8,19}(?![0-9A-Za-z.\-])")
_HIDDEN = re.compile(
    r"(?P<ours>(?<![A-Za-z0-9])(?:(?:QN|HT)\d{6}[0-9A-Z]{7}|(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}[A-Z0-9.]*-?\d{6,8}-?\d{4,7}"
    r"|[1-9]\d{0,2}(?:\.\d{3})+(?= ?(?:đ|đồng|VND|VNĐ)(?!\w))|20\d{2}-[01]\d-[0-3]\d(?!\d)))"
    r"|(?P<digits>\d(?:[ .\-]?\d){8,})"
)


def masked_account(value: str) -> str:
    """``1120000000101`` -> ``•••0101``: as long for every account, so that its length tells nothing."""
    return _ending(value, 4)


def masked_cccd(value: str) -> str:
    """``022190000001`` -> ``•••0001``."""
    return _ending(value, 4)


def masked_phone(value: str) -> str:
    """``0912345678`` -> ``•••678``."""
    return _ending(value, 3)


def masked_email(value: str) -> str:
    """``hanh@example.vn`` -> ``h•••@example.vn``."""
    if value in _KEPT:
        return value
    name, at, place = value.partition("@")
    return f"{name[:1]}{MARK}{at}{place}"


def masked_address(value: str) -> str:
    """Only the widest part stays: ``Tổ 5, Phường Hồng Gai`` -> ``•••, Phường Hồng Gai``; nothing of a single part."""
    if value in _KEPT:
        return value
    before, _, last = value.rpartition(",")
    return f"{MARK}, {last.strip()}" if before.strip() else MARK


def masked_name(value: str) -> str:
    """``Nguyễn Thị Hạnh`` -> ``N. T. Hạnh``."""
    words = value.split()
    if value in _KEPT or not words:
        return value
    return " ".join([*(f"{word[0]}." for word in words[:-1]), words[-1]])


def masked_numbers(text: str) -> str:
    """Our own sentences: a number that may be an account, an identity or a telephone ends as an account does.

    Amounts (``1.234.567 đ``) and our codes stay.
    """
    return _NUMBER.sub(lambda found: masked_account(found.group()), text)


def masked_text(text: str) -> str:
    """What people and partners wrote: long numbers, with blanks or dots in them too, show their last three digits.

    Our codes, amounts (``100.000.000 đ``) and dates stay. As long as ``text``,
    so that positions of what was found in it still fit.
    """

    def hide(found: re.Match[str]) -> str:
        digits = found["digits"]
        return found["ours"] or "•" * (len(digits) - 3) + digits[-3:]

    return _HIDDEN.sub(hide, text)


def stored_account(value: str) -> str:
    """An account as the engine writes it into the rows of a day: ``1120000000101`` -> ``…0101``."""
    return f"{_STORED_MARK}{value[-4:]}" if value else _NO_ACCOUNT


def as_shown(text: str) -> str:
    """A text that the engine wrote (value, reason, candidate) in the style of everybody else: ``•••0101``."""
    return masked_numbers(_ENGINE.sub(MARK, text))


def as_stored(text: str) -> str:
    """The other way round, for a search in what the engine wrote: ``•••0101`` -> ``…0101``."""
    return text.replace(MARK, _STORED_MARK)


def _ending(value: str, letters: int) -> str:
    if value in _KEPT:
        return value
    return MARK + (value[-letters:] if len(value) > letters else "")
