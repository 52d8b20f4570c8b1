"""Every name that a template uses is given by the page that shows it: also in a line that no test's world reaches."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

from gateway import console
from gateway.console.rendering import environments

pytestmark = pytest.mark.unit

FOLDER = Path(console.__file__).parent
OF_EVERY_PAGE = {"link", "person", "Act", "menu", "here", "csrf", "done", "partial", "clock_now", "centre"}
"""``visit.surroundings`` and ``Visit.page``."""


def calls() -> Iterator[tuple[str, set[str]]]:
    """(template, names) of every ``visit.page("x.html", name=…)``; what a helper passes on is what its callers give."""
    for file in sorted(FOLDER.glob("pages_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        every = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        passed_on = {word.arg for call in every for word in call.keywords if word.arg}
        for call in every:
            if isinstance(call.func, ast.Attribute) and call.func.attr == "page":
                (template,) = (one.value for one in call.args if isinstance(one, ast.Constant))
                given = {word.arg for word in call.keywords if word.arg}
                yield str(template), given | (passed_on if any(word.arg is None for word in call.keywords) else set())


def read(environment: Environment, name: str) -> nodes.Template:
    assert environment.loader is not None
    return environment.parse(environment.loader.get_source(environment, name)[0])


def parts(environment: Environment, name: str) -> Iterator[tuple[nodes.Template, set[str]]]:
    """A template, all that it extends and includes, the macros that any of them imports; each with what it names."""
    wanted, seen = [name], set[str]()
    while wanted:
        tree = read(environment, wanted.pop())
        yield tree, set(told([tree, *tree.find_all((nodes.Macro, nodes.FromImport))]))
        others = {named(one.template) for one in tree.find_all((nodes.Extends, nodes.Include))}
        wanted += others - seen
        seen |= others
        for one in tree.find_all(nodes.FromImport):
            there = read(environment, named(one.template))
            names = {each if isinstance(each, str) else each[0] for each in one.names}
            chosen = nodes.Template([macro for macro in there.find_all(nodes.Macro) if macro.name in names], lineno=1)
            chosen.set_environment(environment)
            yield chosen, set(told([there, *there.find_all((nodes.Macro, nodes.FromImport))]))


def named(template: nodes.Expr) -> str:
    assert isinstance(template, nodes.Const), "a template whose name is computed is not followed"
    return str(template.value)


def told(declared: Iterable[nodes.Node]) -> Iterator[str]:
    """The names that macros, assignments, loops and imports give."""
    for one in declared:
        if isinstance(one, nodes.Macro):
            yield one.name
        elif isinstance(one, nodes.FromImport):
            yield from (name if isinstance(name, str) else name[1] for name in one.names)
        else:
            yield from (name.name for name in one.find_all(nodes.Name) if name.ctx in ("store", "param"))


def asked(environment: Environment, name: str) -> set[str]:
    """Names that neither the environment nor any part of the page gives."""
    found = list(parts(environment, name))
    own = {one for _, names in found for one in names}
    wanted = {one for tree, _ in found for one in meta.find_undeclared_variables(tree)}
    return wanted - own - set(environment.globals) - {"caller"}


def test_every_page_gives_its_templates_every_name_that_they_use() -> None:
    environment = environments()["vi"]
    pages = list(calls())
    assert len(pages) > 20  # the search itself works
    missing = {
        template: lacks for template, given in pages if (lacks := asked(environment, template) - given - OF_EVERY_PAGE)
    }
    assert missing == {}
