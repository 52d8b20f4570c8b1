"""No text of a page is untranslated, and nothing is translated that no page shows."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from gateway.application.unidentified_steps import NextStep
from gateway.console import people_words, words
from gateway.console.rendering import environments
from gateway.reasons import REASONS
from gateway.reconciliation.break_decisions import DECISION_VI
from gateway.reconciliation.continuity import DO_NOT_CONTINUE, DOES_NOT_ADD_UP, UNPROVEN
from tests.console import catalogues

pytestmark = pytest.mark.unit

CODE = re.compile(r'"([a-z]+(?:-[a-z]+)+)"')
ALLOWED_BARE = {"English", "Tiếng Việt", "đ"}
"""Each language is named in itself."""


def test_every_text_of_the_pages_has_its_english() -> None:
    texts = catalogues.shown()
    assert len(texts) > 20  # the search itself works
    english = catalogues.translated("en")
    assert {text: place for text, place in texts.items() if text not in english} == {}


def test_no_template_shows_words_outside_of_the_catalogues() -> None:
    assert [(name, text) for name, text in catalogues.bare_texts() if text not in ALLOWED_BARE] == []


def test_a_decision_has_one_name_on_pages_and_in_what_is_signed() -> None:
    assert {one.value: name for one, name in DECISION_VI.items()} == words.DECISION_VI


def test_every_next_step_of_unidentified_money_has_its_words() -> None:
    assert set(get_args(NextStep)) <= set(people_words.NEXT)


def test_placeholders_are_the_same_in_both_languages() -> None:
    def holes(text: str) -> set[str]:
        return {part.split(")")[0] for part in text.split("%(")[1:]}

    english = catalogues.translated("en")
    assert {text for text, told in english.items() if holes(text) != holes(told)} == set()


def test_every_template_compiles_in_both_languages() -> None:
    for environment in environments().values():
        for name in catalogues.template_names():
            environment.get_template(name)


def test_what_to_do_about_every_code_that_people_meet_is_told_in_vietnamese() -> None:
    met = {code for file in catalogues.people_code() for code in CODE.findall(file.read_text(encoding="utf-8"))}
    codes = sorted(met & set(REASONS))
    assert len(codes) > 30  # the search itself works
    vietnamese = catalogues.translated("vi")
    assert {code: REASONS[code].action for code in codes if REASONS[code].action not in vietnamese} == {}


def test_what_to_do_about_every_code_that_stops_a_day_is_told_in_vietnamese() -> None:
    vietnamese = catalogues.translated("vi")
    stops = (*UNPROVEN, DOES_NOT_ADD_UP, DO_NOT_CONTINUE, "statement-empty", "statement-tiny", "statement-missing")
    assert {code: REASONS[code].action for code in stops if REASONS[code].action not in vietnamese} == {}
