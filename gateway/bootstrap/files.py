"""Reading statement files without a database: light to import, for ``gateway statement parse``."""

from __future__ import annotations

from adapters.banking.statements.describe import ESCAPED, write_descriptions
from adapters.banking.statements.encodings import normal_name

__all__ = ["ESCAPED", "normal_name", "write_descriptions"]
