"""Every reason code is declared, has its row in the operations document, and is told in correct Vietnamese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.reasons import REASONS
from tests.docs import codes, generated

pytestmark = pytest.mark.unit

REPOSITORY = Path(__file__).resolve().parents[2]


def sources() -> Iterator[Path]:
    for folder in ("gateway", "adapters", "dags"):
        for file in sorted((REPOSITORY / folder).rglob("*.py")):
            if "gateway/reasons/" not in file.as_posix() and "local/day/planted" not in file.as_posix():
                yield file


def test_every_code_that_the_code_uses_is_declared() -> None:
    used = codes.used(sources(), REASONS)
    assert len(used) > 220  # the search itself works
    undeclared = {code: sorted(places) for code, places in used.items() if code not in REASONS}
    assert undeclared == {}


def test_no_declared_code_is_dead() -> None:
    schema = sorted((REPOSITORY / "gateway" / "migrations").glob("*.sql"))
    text = "\n".join(file.read_text(encoding="utf-8") for file in [*sources(), *schema])
    written = set(re.findall(r"""["']([a-z0-9]+(?:-[a-z0-9]+)*)["']""", text))
    assert set(REASONS) - written == set()


def test_every_code_has_its_row_in_operations_and_no_row_is_unknown() -> None:
    text = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    table = next(match.group(3) for match in generated.MARKED.finditer(text) if match.group(2) == "reasons")
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", table, re.MULTILINE)
    assert sorted(rows) == sorted(REASONS)
    assert table == generated.reasons(), "run `python -m tests.docs.generated`"


def test_every_reason_is_told_in_vietnamese_and_says_what_to_do() -> None:
    composed = {code for code, reason in REASONS.items() if unicodedata.normalize("NFC", reason.vi) == reason.vi}
    with_diacritics = {code for code, reason in REASONS.items() if any(ord(letter) > 0x7F for letter in reason.vi)}
    with_action = {code for code, reason in REASONS.items() if reason.en and reason.action.endswith((".", "?"))}
    assert set(REASONS) - (composed & with_diacritics & with_action) == set()
