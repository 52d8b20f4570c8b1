"""The concrete sentence of an error in the visitor's language: the template of its case filled with its facts.

Kinds of facts in a template: ``{amount:dong}``, ``{month:month}``, ``{partner:partner}``, ``{field:field}`` (a field of
a form), ``{value:value}`` (a side's value as reconciliation wrote it), and the tables of ``WORDS``. Without a kind a
date, a time and a whole number are written as on the pages; several values are joined by commas.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from string import Formatter

from gateway.application.access import ROLE_VI
from gateway.application.words import CLASS_VI, OUTCOME_VI
from gateway.console import form_words, formats, people_words, words
from gateway.console.i18n import VIETNAMESE
from gateway.errors import Problem
from gateway.masking import as_shown, masked_numbers
from gateway.reasons import REASONS

LOG = logging.getLogger(__name__)

WORDS: Mapping[str, Mapping[str, str]] = {
    "act": {**words.ACT_VI, **words.DECISION_VI, **words.STEP_VI},
    "class": {str(name): text for name, text in CLASS_VI.items()},
    "column": form_words.COLUMN_VI,
    "decision": words.DECISION_VI,
    "office": words.OFFICE_VI,
    "outcome": {str(name): text for name, text in OUTCOME_VI.items()},
    "personal": people_words.FIELD,
    "role": {str(name): text for name, text in ROLE_VI.items()},
    "seal": form_words.SEAL_VI,
    "state": words.DAY_STATE_VI,
    "message": people_words.EVENT_STATE,
    "refund": people_words.EVENT_STATE,
}
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


def told_of_code(language: str, code: str) -> str:
    """What a reason code means, as a sentence begins; "" where the code is none of ours."""
    reason = REASONS.get(code)
    told = "" if reason is None else reason.vi if language == VIETNAMESE else reason.en
    return told[:1].upper() + told[1:]


@dataclass(frozen=True, slots=True)
class Tongue:
    """The visitor's language: its name, its catalogue, and the names of partners by their ids."""

    language: str
    translate: Callable[[str], str]
    partners: Mapping[str, str]

    def detail(self, code: str, case: str, facts: Mapping[str, object], message: str) -> str:
        """What happened, in one sentence: in English the ``message``; in Vietnamese "" where there is no sentence."""
        if self.language != VIETNAMESE:
            return message
        return self._filled(code, case, facts)

    def problem(self, code: str, problem: Problem) -> str:
        """One of several problems. In English its sentence too, where the catalogue has it: a field has its name."""
        template = _template(code, problem.case)
        spoken = self.language == VIETNAMESE or not _is_vietnamese(template) or self.translate(template) != template
        told = self._filled(code, problem.case, problem.facts) if spoken else ""
        return told or ("" if self.language == VIETNAMESE else f"{problem.key}: {problem.message}")

    def _filled(self, code: str, case: str, facts: Mapping[str, object]) -> str:
        template = self.translate(_template(code, case) or " ").strip()
        try:
            return "".join(
                literal + (self._spoken(facts[name], kind or "") if name else "")
                for literal, name, kind, _ in Formatter().parse(template)
            )
        except KeyError as error:
            LOG.error("the error %s (%s) has no fact %s", code, case, error)
            return ""

    def _spoken(self, value: object, kind: str) -> str:
        if kind == "field":
            return self._field(value if isinstance(value, tuple | list) else (value,))
        if isinstance(value, tuple | list | set | frozenset):
            return ", ".join(self._spoken(one, kind) for one in value) or formats.NOTHING
        if kind in WORDS:
            return self.translate(WORDS[kind].get(str(value), str(value)))
        if kind == "partner":
            return self.partners.get(str(value), str(value))
        if kind == "value":
            return _ISO_DATE.sub(r"\3/\2/\1", as_shown(str(value))) or formats.NOTHING
        return _written(value, kind)

    def _field(self, place: tuple[object, ...] | list[object]) -> str:
        """A field as its form names it; ``("items", 0, "amount")`` is that of the first line."""
        names = [one for one in place if isinstance(one, str)]
        lines = [one for one in place if isinstance(one, int)]
        told = self.translate(form_words.FORM_VI.get(names[-1], names[-1])) if names else ""
        line = f"{self.translate(form_words.LINE)} {lines[0] + 1}" if lines else ""
        return ", ".join(part for part in (told, line) if part)


def _template(code: str, case: str) -> str:
    reason = REASONS.get(code)
    return reason.details.get(case, "") if reason else ""


def _is_vietnamese(template: str) -> bool:
    """Whether a template has words of its own, besides its facts."""
    return any(letter.isalpha() for literal, *_ in Formatter().parse(template) for letter in literal)


def _written(value: object, kind: str) -> str:
    if isinstance(value, datetime):
        return formats.moment(value)
    if isinstance(value, date):
        return f"{value:%m/%Y}" if kind == "month" else formats.day(value)
    if isinstance(value, int):
        return formats.dong(value) if kind == "dong" else formats.number(value)
    return masked_numbers(str(value)) if value else formats.NOTHING
