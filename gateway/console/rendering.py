"""Templates: one environment per language, every value escaped, an unknown name an error."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.application.access import ROLE_VI
from gateway.application.words import CLASS_VI, OUTCOME_VI
from gateway.console import formats, words
from gateway.console.details import told_of_code
from gateway.console.i18n import LANGUAGES, translations

TEMPLATES = Path(__file__).parent / "templates"


def environments() -> Mapping[str, Environment]:
    """Language -> environment. Built once for an application; templates are compiled as they are first used."""
    return {language: _environment(language) for language in LANGUAGES}


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.loopcontrols"],
    )
    # The extension adds methods to the environment that its types do not know.
    install = getattr(environment, "install_gettext_translations")  # noqa: B009 - mypy
    catalogue = translations(language)
    install(catalogue, newstyle=True)
    environment.filters.update(
        number=formats.number,
        dong=formats.dong,
        signed=formats.signed,
        day=formats.day,
        moment=formats.moment,
        short=formats.short,
        told=formats.told,
        by_name=formats.by_name,
    )
    environment.globals.update(
        language=language,
        translate=catalogue.gettext,
        told_of_code=partial(told_of_code, language),
        ROLE_VI=ROLE_VI,
        OUTCOME_VI=OUTCOME_VI,
        CLASS_VI=CLASS_VI,
        DECISION_VI=words.DECISION_VI,
        BREAK_STATES=words.BREAK_STATES,
        RULE_VI=words.RULE_VI,
        STEP_VI=words.STEP_VI,
        FIELD_VI=words.FIELD_VI,
        WEEKDAYS=words.WEEKDAYS,
        OFFICE_VI=words.OFFICE_VI,
    )
    return environment
