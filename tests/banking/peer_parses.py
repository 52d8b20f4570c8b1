"""What peers made of the corpora: where it is, and the PyYAML dumps of the mt-940 library as plain data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

CORPORA = Path(os.environ.get("GATEWAY_CORPORA", Path(__file__).resolve().parents[3] / "shared" / "corpora"))
STATEMENTS = CORPORA / "statements"

needs_corpora = pytest.mark.skipif(not STATEMENTS.is_dir(), reason=f"the corpora are not at {CORPORA}")


class _TolerantLoader(yaml.SafeLoader):
    """Python objects become plain mappings, decimals and dates."""


def _plain(loader: _TolerantLoader, suffix: str, node: yaml.Node) -> Iterator[Any]:
    if isinstance(node, yaml.ScalarNode):
        yield loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        yield _value(suffix, loader.construct_sequence(node, deep=True))
    else:
        assert isinstance(node, yaml.MappingNode)
        mapping: dict[Any, Any] = {}
        yield mapping
        mapping.update(loader.construct_mapping(node))


def _value(suffix: str, arguments: list[Any]) -> Any:
    if suffix.endswith("decimal.Decimal"):
        return Decimal(arguments[0])
    if suffix.endswith("models.Date"):
        pickled = arguments[0]
        return date(pickled[0] * 256 + pickled[1], pickled[2], pickled[3])
    return None


_TolerantLoader.add_multi_constructor("tag:yaml.org,2002:python/", _plain)


def mt940_library_parse(path: Path) -> dict[str, Any]:
    """The peer's ``data`` and ``transactions`` of one file."""
    with path.open(encoding="utf-8", errors="replace") as stream:
        dumped = yaml.load(stream, _TolerantLoader)
    return dumped if isinstance(dumped, dict) else {}


def files(folder: str, *suffixes: str) -> list[Path]:
    """The files of a corpus, empty where the corpora are absent."""
    found = (STATEMENTS / folder).rglob("*") if STATEMENTS.is_dir() else []
    return sorted(path for path in found if path.suffix in suffixes)


def squeezed(text: str) -> str:
    """Without any blanks: peers join the lines of a narrative with nothing, a blank or a line end."""
    return "".join(text.split())
