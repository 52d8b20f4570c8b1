"""The table of walls in docs/architecture.md is how the house is built: every import of ours is one that it allows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.codes import syntax_of

pytestmark = pytest.mark.unit

REPOSITORY = Path(__file__).resolve().parents[2]
PARTNERS = {"adapters.banking", "adapters.dossier", "adapters.national_portal", "adapters.postal"}
TOPS = ("gateway", "adapters", "dags", "simulators")


def part_of(module: str) -> str:
    """``gateway.ledger.book`` -> ``ledger``, ``adapters.wire.soap`` -> ``adapters.wire``, ``dags.x`` -> ``dags``."""
    names = module.split(".")
    if names[0] == "gateway":
        return names[1] if len(names) > 1 else ""
    if names[0] == "adapters":
        found = ".".join(names[:2])
        return "adapters.<partner>" if found in PARTNERS else found
    return names[0]


def imports() -> Iterator[tuple[str, str, str]]:
    """(file, its part, the part that it imports) of every import of ours, also those inside functions."""
    for top in TOPS:
        for file in sorted((REPOSITORY / top).rglob("*.py")):
            path = file.relative_to(REPOSITORY)
            own = part_of(".".join(path.with_suffix("").parts))
            for node in syntax_of(file):
                modules: list[str] = []
                if isinstance(node, ast.Import):
                    modules = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module:
                    is_top = node.module in TOPS
                    modules = [f"{node.module}.{alias.name}" if is_top else node.module for alias in node.names]
                for module in modules:
                    if module.split(".")[0] in TOPS and part_of(module) not in ("", own):
                        yield str(path), own, part_of(module)


def walls() -> dict[str, set[str] | None]:
    """Part -> the parts that it may import, as the table says; None for everything."""
    text = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.split("## The walls")[1].split("\n## ")[0]
    allowed: dict[str, set[str] | None] = {}
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 2 or not cells[0].startswith("`"):
            continue
        parts, says = re.findall(r"`([^`]+)`", cells[0]), cells[1]
        may = set(re.findall(r"`([^`]+)`", says))
        if "all above" in says:
            may |= set(allowed)
        if "each other" in says or "downwards" in says:
            may |= set(parts)
        allowed |= dict.fromkeys(parts, None if says.startswith("everything") else may)
    return allowed


def test_every_part_of_the_house_stands_in_the_table() -> None:
    assert {part for _, own, other in imports() for part in (own, other)} <= set(walls())


def test_every_import_of_ours_is_one_that_the_table_allows() -> None:
    allowed = walls()
    found = list(imports())
    assert len(found) > 1000  # the search itself works
    climbed = [
        (file, other) for file, own, other in found if (may := allowed.get(own)) is not None and other not in may
    ]
    assert climbed == []


def test_every_port_stands_in_the_table_of_ports_and_the_picture_counts_the_flows() -> None:
    text = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    ports = re.findall(
        r"^class (\w+)\(Protocol\)", (REPOSITORY / "gateway" / "ports.py").read_text("utf-8"), re.MULTILINE
    )
    rows = [line.split("|")[1] for line in text.split("## Ports")[1].splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(ports)
    assert f"when: {len(list((REPOSITORY / 'dags').glob('*.py')))} flows" in text
