from __future__ import annotations

from tests.reconciliation.conftest import day, partners

__all__ = ["day", "partners"]
