"""Every code that the dossier adapter and the demo day raise is explained in the one table of reasons."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.dossier import contract
from gateway.reasons import REASONS

pytestmark = pytest.mark.unit
TREE = Path(__file__).parents[2]


def test_every_code_raised_here_is_declared() -> None:
    files = [*(TREE / "adapters" / "dossier").glob("*.py"), *(TREE / "gateway" / "local" / "day").glob("*.py")]
    codes = {code for file in files for code in re.findall(r'code="([a-z0-9-]+)"', file.read_text(encoding="utf-8"))}
    codes |= {code for code, _ in contract._BY_FIELD.values()}
    assert len(codes) > 8
    assert codes - REASONS.keys() == set()
