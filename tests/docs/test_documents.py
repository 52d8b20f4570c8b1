"""The documents say what the code is: links, places, settings, commands, states, keys of partner files, flows."""

from __future__ import annotations

import ast
import re
import subprocess
import unicodedata
import warnings
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from bench.__main__ import PARTS
from gateway.local.day.steps import HOURS
from gateway.partners import Partner
from gateway.reasons import REASONS
from gateway.settings import SETTINGS
from tests.docs import generated
from tests.docs.codes import syntax_of
from tests.messages import documented_states

pytestmark = pytest.mark.unit

REPOSITORY = Path(__file__).resolve().parents[2]
OPERATIONS = REPOSITORY / "docs" / "operations.md"
TOPS = ("adapters/", "bench/", "config/", "dags/", "deploy/", "docs/", "gateway/", "simulators/", "tests/")
# Over 300 lines, and why it stays whole.
LONG_FILES = {
    "gateway/model.py": "our words, plain data",
    "gateway/messages/dispatch.py": "one road out, read from top to bottom",
    "gateway/reconciliation/judge.py": "one reference at a time, in a fixed order",
    "adapters/banking/statements/fixed_width.py": "reader and writer of one layout",
}
MOST_LINES_OF_A_FILE, MOST_LINES_OF_A_FUNCTION = 300, 40


def committed(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [REPOSITORY / name for name in listed.splitlines() if (REPOSITORY / name).is_file()]


DOCUMENTS = committed("*.md")


def name_of(file: Path) -> str:
    return file.relative_to(REPOSITORY).as_posix()


def prose(file: Path) -> str:
    """A document without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", file.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(file: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", prose(file), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_migration_that_a_document_or_the_code_names_is_there() -> None:
    there = {file.name for file in committed("gateway/migrations/*.sql")}
    named = {
        (name_of(file), name)
        for file in [*DOCUMENTS, *committed("*.py", "*.sql")]
        for name in re.findall(r"\b\d{4}_\w+\.sql\b", file.read_text(encoding="utf-8"))
        if not name.startswith("0000") and "history_of" not in name
    }
    assert len(named) > 10  # the search itself works
    assert {(where, name) for where, name in named if name not in there} == set()


@pytest.mark.parametrize("file", DOCUMENTS, ids=name_of)
def test_every_relative_link_resolves(file: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(file)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (file.parent / path).resolve() if path else file
        if not place.exists() or (anchor and anchor not in anchors(place)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("file", DOCUMENTS, ids=name_of)
def test_every_place_that_a_document_names_exists(file: Path) -> None:
    missing = []
    for place in re.findall(r"`([\w./*-]+)`", prose(file)):
        if not place.startswith(TOPS) or place.startswith(("docs/decisions/NNNN", "config/partners/<")):
            continue
        if not list(REPOSITORY.glob(place.rstrip("/"))):
            missing.append(place)
    assert missing == []


@pytest.mark.parametrize("file", DOCUMENTS, ids=name_of)
def test_vietnamese_is_composed(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert unicodedata.normalize("NFC", text) == text


def test_the_readme_tells_every_setting() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert [name for name in SETTINGS if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", ["README.md", "docs/operations.md"])
def test_generated_tables_are_as_the_code_says(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    assert text == generated.written(text), "run `python -m tests.docs.generated`"


def test_every_command_and_option_is_told() -> None:
    told = (REPOSITORY / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert told == generated.commands(), "run `python -m tests.docs.generated`"


def test_every_option_says_what_it_means() -> None:
    told = (REPOSITORY / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(--[^`]*)` \|  \|$", told, re.MULTILINE) == []


def test_the_runbook_names_only_codes_that_exist() -> None:
    runbook = OPERATIONS.read_text(encoding="utf-8").split("## Runbook per DAG")[1].split("\n## ")[0]
    told = set(re.findall(r"[*(] ?`([a-z]+(?:-[a-z]+)+)`", runbook))
    assert told
    assert told - set(REASONS) == set()


MEASURED = {
    "dags": "import all DAG files",
    "spine": "conservation of a day",
    "security": "sign a 2 KB SOAP envelope",
    "dossier": "dossier event: verify",
    "amqp": "AMQP event to durable inbox",
    "statements": "camt.053 of 100000 entries",
    "reconciliation": "all rules 1M x 1M",
    "reports": "monthly XLSX",
    "sftp": "SFTP put",
    "people": "day page",
}


def test_the_table_of_speed_has_every_part_of_the_bench() -> None:
    """A run of some parts, or a merge, once left one row of thirty."""
    assert MEASURED.keys() == set(PARTS)
    table = generated.MARKED.search((REPOSITORY / "docs" / "performance.md").read_text(encoding="utf-8"))
    assert table is not None
    assert [part for part, row in MEASURED.items() if f"| {row}" not in table.group(0)] == []


def test_every_verb_of_make_that_a_document_names_exists() -> None:
    verbs = set(re.findall(r"^([a-z]+):.*## ", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = {verb for file in DOCUMENTS for verb in re.findall(r"`make ([a-z]+)", file.read_text(encoding="utf-8"))}
    assert told - verbs == set()


def test_the_verdict_of_a_machine_is_that_of_a_contributor() -> None:
    called = re.findall(r"^make (\w+)$", (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    assert called[-2:] == ["check", "test"]
    recipes = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    check = recipes.split("\ncheck:")[1].split("\n\n")[0]
    for tool in ("ruff format --check .", "ruff check .", "mypy", "lint-imports", "pytest tests/docs"):
        assert f"$(RUN){tool}" in check, tool


def test_every_flow_is_in_the_runbook_and_in_the_list_of_flows() -> None:
    flows = {file.stem for file in (REPOSITORY / "dags").glob("*.py")}
    runbook = {
        name.strip()
        for heading in re.findall(r"^### (.*)$", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE)
        for name in heading.split(",")
    }
    listed = set(re.findall(r"^\| `(\w+)` \|", (REPOSITORY / "docs" / "airflow.md").read_text("utf-8"), re.MULTILINE))
    assert flows <= runbook
    assert flows <= listed


def steps_of_the_schema() -> dict[tuple[str, str], bool]:
    """(from, to) -> whether the history tells it, as the newest text of the trigger's function reads."""
    files = sorted((REPOSITORY / "gateway" / "migrations").glob("*.sql"))
    *_, sql = (text for file in files if "FUNCTION gateway.check_step()" in (text := file.read_text(encoding="utf-8")))
    body = sql.split("FUNCTION gateway.check_step()", 1)[1].split("END $$;", 1)[0]
    plain, told = body.split("RETURN NEW", 1)
    return {**dict.fromkeys(_steps(told), True), **dict.fromkeys(_steps(plain), False)}


def _steps(condition: str) -> Iterator[tuple[str, str]]:
    some = r"(?:= ('\w+')|IN \(([^)]*)\))"
    for old, olds, new, news in re.findall(rf"OLD\.state {some} AND NEW\.state {some}", condition):
        yield from product(re.findall(r"\w+", old or olds), re.findall(r"\w+", new or news))


def test_the_table_of_states_is_the_schemas() -> None:
    """Read here, for ``make check``; tests/messages/test_states.py tries every pair in the database."""
    assert documented_states.steps() == steps_of_the_schema()


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        sections = [one for one in (field.annotation, *get_args(field.annotation)) if isinstance(one, type)]
        section = next((one for one in sections if issubclass(one, BaseModel)), None)
        if section is None:
            yield f"{prefix}{name}"
        else:
            yield from keys_of(section, f"{prefix}{name}.")


def test_every_key_of_a_partner_file_is_told_and_no_other() -> None:
    text = (REPOSITORY / "docs" / "partners.md").read_text(encoding="utf-8")
    table = text.split("<!-- keys -->")[1].split("<!-- /keys -->")[0]
    assert sorted(re.findall(r"^\| `([a-z_.]+)` \|", table, re.MULTILINE)) == sorted(keys_of(Partner))


def test_every_variable_that_a_partner_file_reads_is_told() -> None:
    text = (REPOSITORY / "docs" / "partners.md").read_text(encoding="utf-8")
    read = {
        name
        for file in (REPOSITORY / "config" / "partners").glob("*.toml")
        for name in re.findall(r"\$\{(\w+)|env:(\w+)", file.read_text(encoding="utf-8"))
        for name in name
        if name
    }
    assert sorted(name for name in read if f"`{name}`" not in text) == []


def test_every_partner_file_is_in_the_index_of_partners() -> None:
    text = (REPOSITORY / "docs" / "partners.md").read_text(encoding="utf-8")
    assert [
        file.stem for file in (REPOSITORY / "config" / "partners").glob("*.toml") if f"`{file.stem}`" not in text
    ] == []


def test_the_index_names_every_document() -> None:
    index = (REPOSITORY / "docs" / "README.md").read_text(encoding="utf-8")
    files = [file for file in committed("docs/*.md") if file.parent.name == "docs" and file.name != "README.md"]
    assert [file.name for file in files if f"({file.name})" not in index] == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(file.name[:4]) for file in committed("docs/decisions/*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def lengths(file: Path) -> Iterator[tuple[str, int]]:
    for node in syntax_of(file):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name_of(file)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_long_files_and_functions_are_few_and_have_a_reason() -> None:
    """What is a little too long is told; what is twice as long as we like fails."""
    files = committed("gateway/*.py", "adapters/*.py", "simulators/*.py", "dags/*.py")
    long_files = {name_of(file): file.read_text(encoding="utf-8").count("\n") for file in files}
    long_files = {name: n for name, n in long_files.items() if n > MOST_LINES_OF_A_FILE and name not in LONG_FILES}
    functions = {name: n for file in files for name, n in lengths(file) if n > MOST_LINES_OF_A_FUNCTION}
    if told := [f"{name} ({lines} lines)" for name, lines in (long_files | functions).items()]:
        warnings.warn("longer than we like: " + ", ".join(told), stacklevel=1)
    assert {name: n for name, n in long_files.items() if n > 2 * MOST_LINES_OF_A_FILE} == {}
    assert {name: n for name, n in functions.items() if n > 2 * MOST_LINES_OF_A_FUNCTION} == {}


def test_the_transcript_of_the_demo_tells_its_hours() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    transcript = readme.split("<!-- transcript: demo -->")[1].split("<!-- /transcript -->")[0]
    told = re.findall(r"\] \d\d/\d\d (\d\d:\d\d) (.+)", transcript)
    assert told == [(f"{hour.at:%H:%M}", hour.story) for hour in HOURS]
