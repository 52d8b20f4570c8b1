"""Which reason codes the code itself uses: found in its syntax trees, wherever a literal becomes a code or a reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_WORDS_OF_A_CODE = {"code", "reason", "default_code"}
# Callables whose literal at this place is a code.
_PLACES = {
    "Words": 0,
    "quarantine": 0,
    "problem": 0,
    "_untrusted": 0,
    "_malformed": 0,
    "Applied": 1,
    "Verdict": 1,
    "SendOutcome": 1,
    "Alert": 1,
    "Meaning": 1,
    "_ders": 1,
    "_unusable": 2,
}


@cache
def syntax_of(file: Path) -> Sequence[ast.AST]:
    """Every node of a file's syntax tree; read once, as several tests look at the whole code."""
    return tuple(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def used(files: Iterable[Path], declared: Container[str]) -> dict[str, set[str]]:
    """Code -> the files and lines that use it. A table with one ``declared`` code among its values is one of codes."""
    found: dict[str, set[str]] = {}
    for file in files:
        for node in syntax_of(file):
            for literal in (*_literals(node), *_of_a_table(node, declared)):
                code = str(literal.value)
                if _CODE.fullmatch(code):
                    found.setdefault(code, set()).add(f"{file}:{literal.lineno}")
    return found


def _literals(node: ast.AST) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg in _WORDS_OF_A_CODE:
                yield from _strings(keyword.value)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = _PLACES.get(name)
        if place is not None and len(node.args) > place:
            yield from _strings(node.args[place])
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _assigned(target, node.value)
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _assigned(node.target, node.value)


def _of_a_table(node: ast.AST, declared: Container[str]) -> list[ast.Constant]:
    if not isinstance(node, ast.Dict):
        return []
    values = [literal for value in node.values for literal in _strings(value)]
    return values if any(str(literal.value) in declared for literal in values) else []


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[ast.Constant]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=False):
            yield from _assigned(one, its)
    elif isinstance(target, ast.Name) and target.id in _WORDS_OF_A_CODE:
        yield from _strings(value)


def _strings(value: ast.expr) -> Iterator[ast.Constant]:
    """The literals that an expression may be: itself, either side of a condition, the last of an ``or``."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value
    elif isinstance(value, ast.IfExp):
        yield from _strings(value.body)
        yield from _strings(value.orelse)
    elif isinstance(value, ast.BoolOp):
        for one in value.values:
            yield from _strings(one)
