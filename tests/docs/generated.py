"""The tables of the documents that are written from the code; ``python -m tests.docs.generated`` writes them anew."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from bench.__main__ import PARTS
from gateway.application.access import ROLE_VI, WHO_MAY, Act, Role
from gateway.cli import app
from gateway.flows.lateness import limits
from gateway.ledger.alert_actions import ACTION_VI
from gateway.reasons import REASONS
from gateway.settings import SETTINGS

REPOSITORY = Path(__file__).resolve().parents[2]
MARKED = re.compile(r"(<!-- generated: ([a-z-]+) -->\n)(.*?)(<!-- /generated -->)", re.DOTALL)
_COMMANDS_HEAD = """# Command line

`gateway COMMAND --help` says the same. A command that fails prints `[code] where: what → what to do` on standard error
and exits 1; with `--json` it prints one document that holds the same.
Codes: [operations](operations.md#reason-codes). Settings: [README](../README.md#configuration).

"""


def row(*cells: str) -> str:
    """One row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def settings() -> str:
    """Every setting of a process."""
    head = row("variable", "meaning") + "|---|---|\n"
    return head + "".join(row(f"`{name}`", meaning) for name, meaning in SETTINGS.items())


def reasons() -> str:
    """Every reason code with what it means and what a person does."""
    head = row("code", "Vietnamese", "English", "what to do") + "|---|---|---|---|\n"
    return head + "".join(
        row(f"`{reason.code}`", reason.vi, reason.en, reason.action)
        for reason in sorted(REASONS.values(), key=lambda reason: reason.code)
    )


def alerts() -> str:
    """Every kind of alert: what it means, what a person does, and which people the delivered configuration tells."""
    to = limits.load(REPOSITORY / "config").mail.to
    head = row("code", "what it means", "raised when", "what to do", "told to") + "|---|---|---|---|---|\n"
    return head + "".join(
        row(f"`{code}`", REASONS[code].vi, REASONS[code].en, action, ", ".join(to[code]))
        for code, action in ACTION_VI.items()
    )


def who_may() -> str:
    """Which role may do what."""
    roles = list(Role)
    head = row("act", *(f"`{role.value}` {ROLE_VI[role]}" for role in roles)) + "|---" * (len(roles) + 1) + "|\n"
    return head + "".join(
        row(f"`{act.value}`", *("yes" if role in WHO_MAY[act] else "" for role in roles)) for act in Act
    )


def bench() -> str | None:
    """The last measurements of ``make bench``; None where a part of it was never measured here."""
    file = REPOSITORY / "var" / "bench.json"
    if not all((REPOSITORY / "var" / "bench" / f"{part}.json").is_file() for part in PARTS):
        return None
    head = row("what", "measured", "reference", "ratio", "target", "met") + "|---|---|---|---|---|---|\n"
    return head + "".join(_bench_row(item) for item in json.loads(file.read_text(encoding="utf-8")))


def _bench_row(item: Mapping[str, Any]) -> str:
    reference = f"{item.get('reference') or ''} {_figure(item.get('reference_value'))}".strip()
    measured = f"{_figure(item['value'])} {item['unit']}"
    met = "yes" if item.get("met") else "**no**"
    return row(str(item["name"]), measured, reference, _figure(item.get("ratio")), str(item.get("target") or ""), met)


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.3g}" if isinstance(value, float) and abs(value) < 1000 else f"{value:,.0f}"


def commands() -> str:
    """``docs/command-line.md``, from the commands themselves."""
    root = typer.main.get_command(app)
    return _COMMANDS_HEAD + "\n".join(_section(path, command) for path, command in walk(root, "gateway"))


def walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command below this one, with the words that call it."""
    nested: Mapping[str, Any] = getattr(command, "commands", {})
    if not nested:
        yield path, command
    for name in sorted(nested):
        yield from walk(nested[name], f"{path} {name}")


def _section(path: str, command: Any) -> str:
    arguments = [item for item in command.params if item.param_type_name == "argument"]
    options = [item for item in command.params if item.param_type_name == "option"]
    names = "".join(f" {_argument(item)}" for item in arguments)
    text = f"## {path}\n\n`{path}{names}`: {' '.join((command.help or '').split())}\n"
    if options:
        text += "\n" + row("option", "meaning") + "|---|---|\n" + "".join(_option(item) for item in options)
    return text


def _argument(item: Any) -> str:
    name = (item.name or "").upper()
    return f"{name}…" if item.nargs == -1 else name


def _option(item: Any) -> str:
    flag = bool(getattr(item, "is_flag", False))
    value = "" if flag else f" {(item.name or '').upper()}"
    meaning = str(getattr(item, "help", None) or "")
    if item.required:
        meaning = f"{meaning} Required.".strip()
    elif not flag and item.default not in (None, ""):
        meaning = f"{meaning} Default {item.default}.".strip()
    names = [item.opts[0], *item.secondary_opts]
    return row(", ".join(f"`{name}{value}`" for name in names), meaning)


def written(text: str) -> str:
    """A document with its marked tables as the code says them now."""
    tables = {"settings": settings, "reasons": reasons, "bench": bench, "who-may": who_may, "alerts": alerts}

    def replace(match: re.Match[str]) -> str:
        table = tables[match.group(2)]()
        return match.group(0) if table is None else match.group(1) + table + match.group(4)

    return MARKED.sub(replace, text)


def main() -> int:
    """Write every table anew."""
    for file in (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))):
        before = file.read_text(encoding="utf-8")
        after = written(before)
        if after != before:
            file.write_text(after, encoding="utf-8")
    (REPOSITORY / "docs" / "command-line.md").write_text(commands(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
