"""Errors cross process borders whole, and explain themselves in one line."""

from __future__ import annotations

import pickle

import pytest

from gateway import errors
from gateway.errors import ConfigurationError, GatewayError, Malformed, Problem, Refused

pytestmark = pytest.mark.unit
KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, GatewayError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_is_the_same_in_another_process(kind: type[GatewayError]) -> None:
    error = kind("what", code="some-code", where="a file", action="do this")
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert vars(back) == vars(error)
    assert str(back) == "[some-code] a file: what → do this"


def test_what_only_some_errors_carry_crosses_too() -> None:
    line = pickle.loads(pickle.dumps(Malformed("what", line=7)))
    word = pickle.loads(pickle.dumps(Refused("what", partner_code="E99")))
    problems = (Problem("bank-a.toml", "id", "missing"),)
    settings = pickle.loads(pickle.dumps(ConfigurationError(problems=problems)))
    assert (line.code, line.line) == ("malformed", 7)
    assert (word.code, word.partner_code) == ("partner-refused", "E99")
    assert (settings.code, settings.problems) == ("configuration-invalid", problems)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_without_a_code_has_that_of_its_kind(kind: type[GatewayError]) -> None:
    assert kind("what").explain() == f"[{kind.default_code}] what"
