"""Every error that a page may show says in Vietnamese what happened; in English it is the sentence that was raised."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from string import Formatter
from typing import Annotated, Literal

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import Field, TypeAdapter, ValidationError

from gateway.application.forms import field_problem
from gateway.console import details, form_words
from gateway.console.app import build_application
from gateway.console.details import Tongue
from gateway.console.rendering import environments
from gateway.errors import Problem
from gateway.ledger.cash_count import Count
from gateway.reasons import REASONS
from gateway.reasons.fields import FIELDS, WRONG
from gateway.reconciliation import break_decisions, break_refusals
from tests.console import raised

pytestmark = pytest.mark.unit

OTHERWISE = {
    "application/forms.py:read_as": "the codes of two forms, with the problems of their fields",
    "partners.py:load_partners": "when a process starts; no page",
    "ledger/refusals.py:refusal": "by the schema's names: test_refusals_on_pages",
    "application/break_uses.py:require_unused": "the use of a line: application/test_one_use.py",
    "application/break_uses.py:require_linkable": "the same",
    "reconciliation/break_refusals.py:refusal": "test_the_facts_of_a_refused_decision_fill_every_sentence",
}
"""Function that names code, case or facts by a variable -> who holds it to its sentences."""
NOT_BY_PEOPLE = {
    "clock", "errors", "organisation", "ports", "retention", "settings",
    "conservation", "ledger.account_book", "ledger.allocation", "messages.outbox", "reports.personal_signature",
    "security.chain", "security.cms", "security.keys", "security.trust",
}  # fmt: skip
"""Imported by the application layer, but what they raise is about configuration, keys and runs."""
OF_A_REFUSAL = frozenset(
    {
        "partner",
        "business_on",
        "current",
        "state",
        "most",
        "at_stake",
        "seen",
        "user",
        "act",
        "kind",
        "amount",
        "roles",
        "other",
    }
)
"""Facts that ``break_decisions`` gives to every refused decision; the services' tests fill sentences with them."""


def holes(template: str) -> set[tuple[str, str]]:
    """Name and kind of each fact of a sentence."""
    return {(name, kind or "") for _, name, kind, _ in Formatter().parse(template) if name}


def names(template: str) -> set[str]:
    return {name for name, _ in holes(template)}


def tongue(language: str = "vi") -> Tongue:
    translate = environments()[language].globals["translate"]
    assert callable(translate)
    return Tongue(language, translate, {"bank-a": "Ngân hàng A"})


def test_every_error_that_a_page_may_show_has_its_sentence_and_its_facts() -> None:
    found = list(raised.sites())
    assert len(found) > 120  # the search itself works
    silent, unclear = [], set()
    for site in found:
        if site.codes is None or site.cases is None or site.facts is None:
            unclear.add(site.function)
            continue
        for code, case in ((code, case) for code in site.codes for case in site.cases):
            told = REASONS[code].details
            if case not in told or names(told[case]) - site.facts:
                silent.append((site.place, code, case, names(told.get(case, "")) - site.facts))
    assert silent == []
    assert unclear == set(OTHERWISE)


def test_every_problem_that_a_page_may_list_has_its_sentence() -> None:
    told = {case for code in ("decision-stale", "break-decided-already") for case in REASONS[code].details}
    tree = ast.parse((raised.GATEWAY / "reconciliation" / "break_decisions.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Problem"]
    cases = {node.args[3].value for node in calls if isinstance(node.args[3], ast.Constant)}
    assert len(calls) == 5
    assert cases | set(break_decisions._COMPARED.values()) | {"other-rows"} <= told
    assert set(break_decisions._COMPARED) == set(form_words.COLUMN_VI)


def test_the_facts_of_a_refused_decision_fill_every_sentence() -> None:
    kinds = (*break_refusals._KINDS.values(), *break_refusals._OF_UNDO.values())
    for _, code, case, _ in (*kinds, (None, "step-not-allowed", "break", "")):
        assert names(REASONS[code].details[case]) <= OF_A_REFUSAL, code


def test_modules_that_the_pages_reach_are_looked_at() -> None:
    looked_at = {
        file.relative_to(raised.GATEWAY).with_suffix("").as_posix().replace("/", ".")
        for pattern in raised.REACHED
        for file in raised.GATEWAY.glob(pattern)
    }
    assert set(imported()) - looked_at - NOT_BY_PEOPLE == set()


def imported() -> Iterator[str]:
    """Modules of ours that the application layer or the console imports by name and that raise an error."""
    for pattern in ("application/*.py", "console/**/*.py"):
        for file in raised.GATEWAY.glob(pattern):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gateway"):
                    base = (node.module or "").removeprefix("gateway").lstrip(".")
                    for name in (base, *(f"{base}.{alias.name}".lstrip(".") for alias in node.names)):
                        module = raised.GATEWAY.joinpath(*name.split(".")).with_suffix(".py")
                        if module.is_file() and "code=" in module.read_text(encoding="utf-8"):
                            yield name


def test_every_kind_of_fact_is_known_and_no_sentence_is_english() -> None:
    known = {"", "dong", "month", "partner", "field", "value", *details.WORDS}
    templates = {text for reason in REASONS.values() for text in reason.details.values()}
    assert len(templates) > 120
    assert {kind for text in templates for _, kind in holes(text)} <= known
    assert {text for text in templates if text and not words_are_vietnamese(text)} == set()


def words_are_vietnamese(template: str) -> bool:
    literals = "".join(literal for literal, *_ in Formatter().parse(template))
    return not any(letter.isalpha() for letter in literals) or any(ord(letter) > 0x7F for letter in literals)


class Choice(StrEnum):
    ONE = "one"


@pytest.mark.parametrize(
    ("kind", "typed", "told"),
    [
        (int, "nhiều", "Số tiền: cần một số nguyên, chỉ gồm chữ số."),
        (int, 1.5, "Số tiền: cần một số nguyên, chỉ gồm chữ số."),
        (int, "9" * 5000, "Số tiền: số quá lớn."),
        (date, "2026-02-30", "Số tiền: không phải là ngày có thật."),
        (date, "hôm qua", "Số tiền: không phải là ngày có thật."),
        (date, "2026-11-23T10:00:00", "Số tiền: không phải là ngày có thật."),
        (Literal["one"], "two", "Số tiền: hãy chọn một giá trị có trong danh sách."),
        (Choice, "two", "Số tiền: hãy chọn một giá trị có trong danh sách."),
        (str, 5, "Số tiền: cần nhập bằng chữ."),
        (Annotated[str, Field(max_length=1000)], "a" * 1001, "Số tiền: dài quá 1.000 ký tự."),
        (Annotated[str, Field(min_length=5)], "a", "Số tiền: cần ít nhất 5 ký tự."),
        (Annotated[str, Field(pattern="^a$")], "b", "Số tiền: viết không đúng dạng."),
        (Annotated[int, Field(ge=1)], 0, "Số tiền: ít nhất là 1."),
        (Annotated[int, Field(le=10)], 11, "Số tiền: nhiều nhất là 10."),
        (complex, "x", "Số tiền: giá trị không hợp lệ."),
    ],
)
def test_what_is_wrong_with_a_field_is_told_by_its_name_and_without_what_was_typed(
    kind: type, typed: object, told: str
) -> None:
    with pytest.raises(ValidationError) as wrong:
        TypeAdapter(kind).validate_python(typed)
    problem = field_problem(wrong.value.errors()[0], ("amount",))
    assert tongue().problem("request-invalid", problem) == told
    assert "nhiều" not in str(problem.facts)


def test_a_line_of_a_form_is_told_by_its_number() -> None:
    problem = Problem("", "items.1.amount", "Field required", "missing", {"field": ("items", 1, "amount")})
    assert tongue().problem("voucher-invalid", problem) == "Số tiền, dòng 2: chưa nhập."
    assert tongue("en").problem("voucher-invalid", problem) == "Amount, line 2: nothing was filled in."


def test_every_field_of_every_form_and_address_has_a_name() -> None:
    application = build_application(lambda _: None)
    found = {name for route in application.routes if isinstance(route, APIRoute) for name in fields(route.dependant)}
    assert len(found) > 60
    assert found - set(form_words.FORM_VI) == set()
    assert set(Count.__dataclass_fields__) - set(form_words.FORM_VI) == set()


def fields(dependant: Dependant) -> Iterator[str]:
    for inner in dependant.dependencies:
        yield from fields(inner)
    for one in (*dependant.path_params, *dependant.query_params, *dependant.body_params):
        kind = one.field_info.annotation
        of_model: Mapping[str, object] = getattr(kind, "model_fields", None) or getattr(
            kind, "__dataclass_fields__", {}
        )
        yield from ((getattr(field, "alias", None) or name) for name, field in of_model.items())
        if not of_model:
            yield one.alias


def test_amounts_days_partners_and_words_are_those_of_the_pages() -> None:
    told = tongue().detail("write-off-limit", "", {"most": 50_000, "amount": 1_234_567}, "at most 50000")
    assert told == "Chỉ được xóa chênh lệch đến 50.000\u00a0đ; khoản này là 1.234.567\u00a0đ."
    facts = {"partner": "bank-a", "business_on": date(2026, 11, 23)}
    assert tongue().detail("day-unknown", "", facts, "x") == "Ngày 23/11/2026 của Ngân hàng A chưa được đối soát."
    facts = {"column": "our_value", "before": "2026-11-23 …0101", "after": ""}
    problem = Problem("", "our_value", "a → b", "text", facts)
    assert tongue().problem("decision-stale", problem) == "giá trị trên hệ thống: 23/11/2026 •••0101 → –"
    assert tongue("en").problem("decision-stale", problem) == "our value: 23/11/2026 •••0101 → –"


def test_an_account_that_somebody_typed_as_a_fact_is_masked() -> None:
    told = tongue().detail("decision-incomplete", "number", {"field": "amount", "typed": "1120000000101"}, "x")
    assert told == "Số tiền: “•••0101” không phải là số nguyên."


@pytest.mark.parametrize("tell", [lambda t: t.detail("gateway-error", "", {}, "some English"),
                                  lambda t: t.detail("write-off-limit", "", {}, "some English"),
                                  lambda t: t.problem("conflict", Problem("", "key", "some English"))])  # fmt: skip
def test_where_there_is_no_sentence_or_no_fact_a_vietnamese_page_says_nothing(tell: Callable[[Tongue], str]) -> None:
    assert tell(tongue()) == ""


def test_an_english_page_says_what_was_raised() -> None:
    assert tongue("en").detail("write-off-limit", "", {}, "at most 50000 đồng") == "at most 50000 đồng"
    assert tongue("en").problem("conflict", Problem("", "key", "what")) == "key: what"
    assert WRONG in FIELDS
