"""Whose reports and pages these are: ``config/organisation.toml``. Papers of an older day keep the older name."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

from pydantic import Field, model_validator

from gateway import configuration

FILE = "organisation.toml"


class Centre(configuration.Section):
    """The centre as it is called from ``since`` on.

    ``superior`` stands above ``name`` in the heading of a paper, ``place`` before its date, ``province`` on pages.
    """

    since: date
    superior: str = Field(min_length=1)
    name: str = Field(min_length=1)
    place: str = Field(min_length=1)
    province: str = Field(min_length=1)
    province_en: str = Field(min_length=1)


class Organisation(configuration.Section):
    """The centre over time, the first name first."""

    centre: tuple[Centre, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Organisation:
        if any(later.since <= earlier.since for earlier, later in pairwise(self.centre)):
            raise ValueError("each [[centre]] begins after the one before it")
        return self

    def on(self, day: date) -> Centre:
        """The centre as it was called on ``day``; before the first name, by that one."""
        return next((one for one in reversed(self.centre) if one.since <= day), self.centre[0])


def load(config: Path) -> Organisation:
    """Raises ConfigurationError ``configuration-invalid`` with every problem of the file."""
    return configuration.read(config / FILE, Organisation)
