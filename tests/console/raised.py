"""Where the code that pages reach raises an error: its codes, cases and the names of its facts, from the syntax trees.

What a site does not say as literals (or as names that its function gives literals to) is None.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway import errors
from gateway.errors import GatewayError

GATEWAY = Path(errors.__file__).parent
KINDS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, GatewayError) and kind is not GatewayError
} | {"kind"}
"""Classes of errors, and the name under which ``break_refusals`` holds one."""
REACHED = (
    "application/*.py", "console/**/*.py", "partners.py",
    *(f"ledger/{name}.py" for name in (
        "cash_count", "refund_refusals", "refunds", "refusals", "role_refusals", "second_person", "treasury",
    )),
    *(f"reconciliation/{name}.py" for name in (
        "break_decisions", "break_refusals", "calendar", "completeness", "decisions", "month_store", "months",
        "reopening", "seal",
    )),
    *(f"reports/{name}.py" for name in ("pdf", "rows", "signed", "verification")),
    *(f"security/{name}.py" for name in ("certificate_facts", "pdf_signatures")),
)  # fmt: skip
"""Modules whose errors a page may show, below ``gateway``."""
HELPERS: Mapping[str, tuple[str, int, int]] = {
    "batch_changed": ("batch-changed", -1, -1),
    "_hindered": ("move-not-possible", 1, 2),
    "_out_of_turn": ("signature-out-of-turn", 2, -1),
    "_untrusted": ("", -1, 2),
}
"""Function that makes an error -> its code ("": its first argument), and the places of case and facts, if any."""
SHARED: Mapping[str, frozenset[str]] = {"target.day": frozenset({"partner", "business_on"})}
"""Facts that an object of ours keeps."""


@dataclass(frozen=True, slots=True)
class Site:
    """One place that makes an error."""

    place: str
    function: str
    codes: tuple[str, ...] | None
    cases: tuple[str, ...] | None
    facts: frozenset[str] | None


def sites() -> Iterator[Site]:
    """Every place of the reached code that makes an error, or a problem of one (its class is then ``Problem``)."""
    for pattern in REACHED:
        for file in sorted(GATEWAY.glob(pattern)):
            for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield from _of_function(file.relative_to(GATEWAY).as_posix(), function)


def _of_function(file: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Site]:
    given = _assigned(function)
    for node in ast.walk(function):
        name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if not isinstance(node, ast.Call) or name not in KINDS | set(HELPERS):
            continue
        said = {word.arg: word.value for word in node.keywords}
        code, case_at, facts_at = HELPERS.get(name, ("", -1, -1))
        codes = (code,) if code else _texts(said.get("code", node.args[0] if name in HELPERS else None), given)
        case = said.get("case", node.args[case_at] if 0 <= case_at < len(node.args) else None)
        facts = said.get("facts", node.args[facts_at] if 0 <= facts_at < len(node.args) else None)
        cases = _texts(case, given) if case is not None else ("",)
        told = _keys(facts, given) if facts is not None else frozenset[str]()
        if function.name not in HELPERS:
            yield Site(f"{file}:{node.lineno}", f"{file}:{function.name}", codes, cases, told)


def _assigned(function: ast.AST) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            if isinstance(target, ast.Name):
                found[target.id] = value
            elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = zip(target.elts, value.elts, strict=True)
                found |= {one.id: its for one, its in pairs if isinstance(one, ast.Name)}
    return found


def _texts(value: ast.expr | None, given: Mapping[str, ast.expr]) -> tuple[str, ...] | None:
    """The literals that an expression may be; None where it may be something else."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return (value.value,)
    if isinstance(value, ast.IfExp):
        either, other = _texts(value.body, given), _texts(value.orelse, given)
        return None if either is None or other is None else (*either, *other)
    if isinstance(value, ast.Name) and value.id in given:
        return _texts(given[value.id], {})
    return None


def _keys(value: ast.expr, given: Mapping[str, ast.expr]) -> frozenset[str] | None:
    if isinstance(value, ast.Name) and value.id in given:
        return _keys(given[value.id], {})
    if isinstance(value, ast.Attribute):
        return SHARED.get(ast.unparse(value))
    if not isinstance(value, ast.Dict):
        return None
    found: set[str] = set()
    for key, its in zip(value.keys, value.values, strict=True):
        inner = _keys(its, given) if key is None else _texts(key, given)
        if inner is None:
            return None
        found |= set(inner)
    return frozenset(found)
