"""The order of the Vietnamese alphabet, for names that people read in a list.

a ă â … d đ e ê … o ô ơ … u ư …; where letters are the same, the tones in their order: none, huyền, hỏi, ngã, sắc, nặng;
then small before capital letters. These are the rules of CLDR for ``vi`` ("&d<đ", "&̀<<̉<<̃<<́<<̣"), which ICU follows.
The databases are C.UTF-8, and the PostgreSQL of a fresh machine has no ICU: what is sorted for people is sorted here.
"""

from __future__ import annotations

import unicodedata

_ALPHABET = "a ă â b c d đ e ê f g h i j k l m n o ô ơ p q r s t u ư v w x y z"
_LETTERS = {letter: number for number, letter in enumerate(unicodedata.normalize("NFD", _ALPHABET).split())}
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng

Key = tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[bool, ...]]


def vi_key(text: str) -> Key:
    """By what a name is sorted: ``sorted(names, key=vi_key)``. Signs come before digits, digits before letters."""
    letters: list[tuple[int, int]] = []
    tones: list[int] = []
    capitals: list[bool] = []
    base = ""
    for char in unicodedata.normalize("NFD", text):
        if char in _TONES and letters:
            tones[-1] = _TONES.index(char) + 1
        elif base and (base + char) in _LETTERS and unicodedata.combining(char):
            letters[-1] = (2, _LETTERS[base + char])
        elif not unicodedata.combining(char):
            base = char.lower()
            letters.append(_weight(base))
            tones.append(0)
            capitals.append(char != base)
    return tuple(letters), tuple(tones), tuple(capitals)


def _weight(letter: str) -> tuple[int, int]:
    if letter in _LETTERS:
        return 2, _LETTERS[letter]
    return (3 if letter.isalpha() else 1 if letter.isdigit() else 0), ord(letter)
