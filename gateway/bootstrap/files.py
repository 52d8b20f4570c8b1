"""Reading statement files without a database: light to import, for ``gateway statement parse``."""

from __future__ import annotations

from adapters.banking.statements.describe import write_descriptions

__all__ = ["write_descriptions"]
