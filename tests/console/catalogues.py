"""Every text that the pages show, found in templates and code, and what each catalogue says about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.lexer import TOKEN_DATA

from gateway.application.access import ROLE_VI
from gateway.application.words import CLASS_VI, OUTCOME_VI
from gateway.console.i18n import FOLDER

CONSOLE = FOLDER.parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]


NAMES = {"SHA-256"}
"""Words that are the same in every language."""


def shown() -> dict[str, str]:
    """Text -> where it is used. The tables of words count: templates translate them by their value."""
    keywords = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
    found = {}
    for file, line, message, _, _ in extract_from_dir(CONSOLE, METHODS, keywords=keywords):
        for text in message if isinstance(message, tuple) else (message,):
            found[text] = f"{file}:{line}"
    for table in (ROLE_VI, OUTCOME_VI, CLASS_VI):
        found |= dict.fromkeys(table.values(), "words")
    return found


def translated(language: str) -> dict[str, str]:
    """Text -> its translation, of all catalogues of a language; what is fuzzy or empty is not translated."""
    found: dict[str, str] = {}
    for file in sorted((FOLDER / language).glob("*.po")):
        with file.open("rb") as opened:
            for message in read_po(opened, locale=language):
                if message.id and message.string and not message.fuzzy:
                    one = message.id if isinstance(message.id, str) else message.id[0]
                    found[one] = message.string if isinstance(message.string, str) else message.string[0]
    return found


def people_code() -> Iterator[Path]:
    """The code whose refusals people see: the console, the application layer, and what checks what they do.

    A signed PDF that is handed in is refused by what judges its signature and its certificate.
    """
    for folder in ("console", "application", "reports"):
        yield from sorted((CONSOLE.parent / folder).glob("*.py"))
    for name in ("break_decisions", "decisions", "completeness", "reopening", "seal"):
        yield CONSOLE.parent / "reconciliation" / f"{name}.py"
    for name in ("cash_count", "treasury", "second_person", "refunds", "refund_refusals", "refusals", "account_book"):
        yield CONSOLE.parent / "ledger" / f"{name}.py"
    for name in (
        "pdf_fields",
        "pdf_signatures",
        "pdf_signing",
        "certificate_facts",
        "chain",
        "purpose",
        "pem",
        "trust",
    ):
        yield CONSOLE.parent / "security" / f"{name}.py"


def bare_texts() -> Iterator[tuple[str, str]]:
    """(template, text): words that stand in a template outside of any translation."""
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.loopcontrols"], trim_blocks=True)
    for file in sorted((CONSOLE / "templates").rglob("*.html")):
        source = file.read_text(encoding="utf-8")
        html = "".join(
            value if kind == TOKEN_DATA else " " for _, kind, value in environment.lexer.tokeniter(source, file.name)
        )
        yield from ((file.name, text) for text in _texts(html))


def _texts(html: str) -> Iterator[str]:
    from html.parser import HTMLParser

    texts: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            texts.append(data)

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            texts.extend(
                value or ""
                for name, value in attrs
                if name in {"title", "alt", "placeholder", "aria-label", "data-label"}
            )

    Reader().feed(html)
    for text in texts:
        words = " ".join(word for word in text.split() if word not in NAMES)
        if sum(letter.isalpha() for letter in words) > 1:
            yield words


def template_names() -> list[str]:
    """All templates, by their names for the loader."""
    return [
        path.relative_to(CONSOLE / "templates").as_posix()
        for path in sorted(Path(CONSOLE / "templates").rglob("*.html"))
    ]
