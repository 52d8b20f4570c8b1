"""Free text searched for dossier codes and payer names. Pure; it only suggests, and says where and why.

Tolerant of lost dots and dashes, diacritics (đ too), case, and of text that a bank cut at a known length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from gateway.reconciliation.outcomes import Suggestion
from gateway.reconciliation.rules import Suggestions

_CODE = re.compile(r"[A-Z][0-9]{8,27}")
_SHORTEST_CODE = 13  # H49 + yymmdd + 4 digits (domain.md 1.7)
_SHORTEST_NAME = 8
_NAME_RATIO = 90
SETTLED_BY_CODE = 80
"""A suggestion of this score or more names the whole code."""


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text as capitals and digits only; ``at`` gives each character's position in the text as written."""

    text: str
    letters: str
    at: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Positions in the text as written of ``letters[start:end]``."""
        return self.at[start], self.at[end - 1] + 1

    def is_word(self, start: int, end: int) -> bool:
        """Whether ``letters[start:end]`` begins and ends where words do."""
        first, last = self.span(start, end)
        before = first == 0 or not self.text[first - 1].isalnum()
        return before and (last == len(self.text) or not self.text[last].isalnum())


def squeeze(text: str) -> Squeezed:
    """Without diacritics (đ too), blanks and signs, in capitals."""
    letters: list[str] = []
    at: list[int] = []
    for position, written in enumerate(text):
        plain = "D" if written in "đĐ" else unicodedata.normalize("NFD", written)[0].upper()
        if len(plain) == 1 and plain.isascii() and plain.isalnum():
            letters.append(plain)
            at.append(position)
    return Squeezed(text, "".join(letters), tuple(at))


def squeezed_code(code: str) -> str:
    """A dossier code as free text may hold it: without its national prefix, dots and dashes."""
    return re.sub(r"[^A-Z0-9]", "", re.sub(r"^[0-9.]+", "", code.upper()))


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of text that may be a code, or (``cut``) the beginning of one that a length limit broke off."""

    letters: str
    start: int
    cut: bool


def fragments(squeezed: Squeezed, rules: Suggestions) -> list[Fragment]:
    """Stretches that look like dossier codes."""
    found = []
    for match in _CODE.finditer(squeezed.letters):
        _, last = squeezed.span(match.start(), match.end())
        cut = is_cut(squeezed.text, last, rules)
        if len(match[0]) >= _SHORTEST_CODE or (cut and len(match[0]) >= rules.code_prefix):
            found.append(Fragment(match[0], match.start(), cut))
    return found


def is_cut(text: str, last: int, rules: Suggestions) -> bool:
    """Whether the text, or one of its lines, ends at ``last`` and is exactly as long as banks cut it."""
    if last == len(text) and last in rules.truncated_at:
        return True
    begin = text.rfind("\n", 0, last) + 1
    return (last == len(text) or text[last] == "\n") and last - begin in rules.truncated_at


def whole_codes(fragment: Fragment) -> list[str]:
    """What the fragment may be: the digits of an amount or a date may follow the code without a gap."""
    return [fragment.letters[:length] for length in range(_SHORTEST_CODE, len(fragment.letters) + 1)]


@dataclass(frozen=True, slots=True)
class Owed:
    """A dossier that may be meant: its code, its owner's name, and what its open requests still ask for.

    ``payer``: whom the request of this very amount names; "" where it names nobody.
    """

    dossier_code: str
    owner: str
    amounts: tuple[int, ...]
    payer: str = ""


def by_code(squeezed: Squeezed, fragment: Fragment, owed: Owed, amount: int) -> Suggestion | None:
    """The fragment is the code of this dossier, or the beginning of it where the text was cut."""
    code = squeezed_code(owed.dossier_code)
    if fragment.letters.startswith(code):
        whole = len(code) == len(fragment.letters)
        score, length = (90 if whole else 82), len(code)
        why = "Nội dung có mã hồ sơ" if whole else "Nội dung có mã hồ sơ, liền sau là chữ số khác"
    elif fragment.cut and code.startswith(fragment.letters):
        length = len(fragment.letters)
        score = 40 + 35 * length // len(code)
        why = f"Nội dung bị cắt, còn {length}/{len(code)} ký tự đầu của mã hồ sơ"
    else:
        return None
    if amount in owed.amounts:
        score, why = score + 8, f"{why}; đúng số tiền còn phải nộp"
    start, end = squeezed.span(fragment.start, fragment.start + length)
    return Suggestion(owed.dossier_code, min(score, 100), why, squeezed.text[start:end], start, end)


def by_names(squeezed: Squeezed, owed: Owed, rules: Suggestions) -> Iterator[Suggestion]:
    """The owner or the payer of a dossier that owes this very amount is named; the name may be cut at the end.

    One person who is both is looked for once, as the owner.
    """
    owner, payer = squeeze(owed.owner).letters, squeeze(owed.payer).letters
    people = [(owed.owner, owner, "chủ hồ sơ"), *([(owed.payer, payer, "người nộp")] if payer != owner else [])]
    for written, name, who in people:
        if len(written.split()) >= rules.name_words and (found := _by_name(squeezed, owed, name, who, rules)):
            yield found


def _by_name(squeezed: Squeezed, owed: Owed, name: str, who: str, rules: Suggestions) -> Suggestion | None:
    found = _name_at(squeezed, name, who, rules)
    if found is None:
        return None
    first, last, score, why = found
    start, end = squeezed.span(first, last)
    why = f"{why}; đúng số tiền còn phải nộp"
    return Suggestion(owed.dossier_code, score, why, squeezed.text[start:end], start, end)


def _name_at(squeezed: Squeezed, name: str, who: str, rules: Suggestions) -> tuple[int, int, int, str] | None:
    at = squeezed.letters.find(name)
    if at >= 0 and squeezed.is_word(at, at + len(name)):
        return at, at + len(name), 78, f"Nội dung có tên {who}"
    if len(name) < _SHORTEST_NAME:
        return None
    for length in range(len(name) - 1, max(_SHORTEST_NAME, len(name) * 3 // 5) - 1, -1):
        if squeezed.letters.endswith(name[:length]):
            first, last = len(squeezed.letters) - length, len(squeezed.letters)
            if is_cut(squeezed.text, squeezed.span(first, last)[1], rules):
                return first, last, 40 + 35 * length // len(name), f"Tên {who} bị cắt ở cuối nội dung"
    near = fuzz.partial_ratio_alignment(name, squeezed.letters, score_cutoff=_NAME_RATIO)
    if near is None or near.dest_end - near.dest_start < len(name) - 1:
        return None
    return near.dest_start, near.dest_end, int(near.score * 7 // 10), f"Nội dung có tên gần giống {who}"


def best(found: Iterable[Suggestion | None], rules: Suggestions) -> tuple[Suggestion, ...]:
    """The best of each dossier, the highest scores first, no more than the rules show."""
    of_dossier: dict[str, Suggestion] = {}
    for one in found:
        if one is None or one.score < rules.minimum_score:
            continue
        known = of_dossier.get(one.dossier_code)
        if known is None or (one.score, -one.start) > (known.score, -known.start):
            of_dossier[one.dossier_code] = one
    ordered = sorted(of_dossier.values(), key=lambda one: (-one.score, one.dossier_code))
    return tuple(ordered[: rules.most])


def suggest(
    text: str, amount: int, coded: Sequence[Owed], named: Sequence[Owed], rules: Suggestions
) -> tuple[Suggestion, ...]:
    """What a text may mean, of dossiers found by code and of those that owe the very amount."""
    squeezed = squeeze(text)
    pieces = fragments(squeezed, rules)
    by_codes = (by_code(squeezed, piece, owed, amount) for piece in pieces for owed in coded)
    return best([*by_codes, *(one for owed in named for one in by_names(squeezed, owed, rules))], rules)
