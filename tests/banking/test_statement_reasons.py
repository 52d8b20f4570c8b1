"""Every code that a statement file may get is declared with what it means and what to do, and told in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.reasons import REASONS

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [*sorted((ROOT / "adapters" / "banking" / "statements").glob("*.py")), ROOT / "adapters/banking/vietqr.py"]
_CODE = re.compile(r'(?:code=|"code": |[Pp]roblem\(\s*|code = .* else )"([a-z0-9-]+)"')
CODES = sorted({code for path in SOURCES for code in _CODE.findall(path.read_text(encoding="utf-8"))})


def test_codes_are_found() -> None:
    assert len(CODES) > 25


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_declared_and_documented(code: str) -> None:
    assert code in REASONS
    docs = (ROOT / "docs" / "statements.md").read_text(encoding="utf-8")
    assert f"`{code}`" in docs or code in ("field-too-long", "bad-vietqr")
