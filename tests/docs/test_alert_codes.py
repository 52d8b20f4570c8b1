"""Every kind of alert is declared, raised by one look, told to somebody, and in the runbook."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.flows.lateness import limits
from gateway.flows.lateness.check import LOOKS
from gateway.ledger.alert_actions import ACTION_VI
from gateway.reasons import REASONS
from tests.docs.codes import syntax_of

pytestmark = pytest.mark.unit

REPOSITORY = Path(__file__).resolve().parents[2]
RUNBOOK = (
    (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8").split("### lateness")[1].split("\n### ")[0]
)


def raised() -> Iterator[str]:
    """The codes of every ``Alert(cause, code, …)`` in the code, and what stands for a code there."""
    for file in sorted((REPOSITORY / "gateway").rglob("*.py")):
        for node in syntax_of(file):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Alert":
                given = node.args[1] if len(node.args) > 1 else next(k.value for k in node.keywords if k.arg == "code")
                yield given.value if isinstance(given, ast.Constant) else ast.unparse(given)  # type: ignore[misc]  # a text


def test_every_alert_that_the_code_raises_is_declared() -> None:
    codes = set(raised())
    assert len(codes) > 10  # the search itself works
    assert codes - set(ACTION_VI) == {"code"}, "the one of messages is looked up among the declared ones"
    assert set(ACTION_VI) - set(REASONS) == set()


def test_every_kind_of_alert_is_looked_for_and_ends_by_itself() -> None:
    looked_for = [code for codes, _ in LOOKS for code in codes]
    assert sorted(looked_for) == sorted(ACTION_VI)


@pytest.mark.parametrize("code", ACTION_VI)
def test_the_runbook_says_what_an_alert_means_and_what_to_do(code: str) -> None:
    (row,) = (line for line in RUNBOOK.splitlines() if line.startswith(f"| `{code}` |") and ACTION_VI[code] in line)
    assert REASONS[code].vi in row


@pytest.mark.parametrize("code", ACTION_VI)
def test_the_runbook_says_from_when_on(code: str) -> None:
    table = RUNBOOK.split("| alert | when exactly |")[1]
    assert re.findall(rf"^\| (?:`[a-z-]+`, )*`{code}`(?:, `[a-z-]+`)* \| .+ \|$", table, re.MULTILINE)


def test_finance_staff_read_of_every_alert_that_they_are_told_of() -> None:
    to = limits.load(REPOSITORY / "config").mail.to
    text = "".join((REPOSITORY / "docs" / name).read_text(encoding="utf-8") for name in ("finance.md", "workflow.md"))
    theirs = [code for code, names in to.items() if "finance" in names]
    assert len(theirs) > 5
    assert [code for code in theirs if f"`{code}`" not in text] == []
