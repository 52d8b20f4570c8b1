"""Two languages. Vietnamese is what the source says; English comes from ``translations/en/*.po``.

``translations/vi`` holds the few texts whose source is English: what to do about a reason code.
"""

from __future__ import annotations

from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

VIETNAMESE, ENGLISH = "vi", "en"
LANGUAGES = (VIETNAMESE, ENGLISH)
COOKIE = "gateway_language"
FOLDER = Path(__file__).parent / "translations"


def language_of(cookie: str | None) -> str:
    """The language that a cookie asks for; Vietnamese where it asks for none that we have."""
    return cookie if cookie in LANGUAGES else VIETNAMESE


def translations(language: str) -> NullTranslations:
    """All catalogues of a language as one. A page's texts stand in the file of the page's name."""
    merged: Translations | None = None
    for file in sorted((FOLDER / language).glob("*.po")):
        with file.open("rb") as opened:
            compiled = BytesIO()
            write_mo(compiled, read_po(opened, locale=language))
        compiled.seek(0)
        catalogue = Translations(compiled)
        merged = catalogue if merged is None else merged.merge(catalogue)
    return merged or NullTranslations()


def N_(text: str) -> str:
    """Marks a text of Python code that a template translates later."""
    return text
