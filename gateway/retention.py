"""How long what is kept: ``config/retention.toml``. The database holds the legal terms a second time."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from gateway import configuration

FILE = "retention.toml"
LEGAL_YEARS = 10
"""Books and vouchers used for recording and reporting (docs/privacy.md says by which law): no file may say less."""


class Periods(configuration.Section):
    """``contact``: after the dossier ended. ``books``: after the money. ``reports``: after the document was made.

    ``message_months``: the original bytes of messages, among them statements and receipts, which are vouchers.
    """

    contact_years: int = Field(ge=1)
    books_years: int = Field(ge=LEGAL_YEARS)
    reports_years: int = Field(ge=LEGAL_YEARS)
    message_months: int = Field(ge=12 * LEGAL_YEARS)


def load(config: Path) -> Periods:
    """Raises ConfigurationError ``configuration-invalid`` with every problem of the file."""
    return configuration.read(config / FILE, Periods)
