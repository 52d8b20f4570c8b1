"""Two banks and the intermediary as processes, and the committed configuration pointed at them."""

from __future__ import annotations

from tests.banking_adapter.world import (
    bank,
    bank_a,
    bank_b,
    banking_pki,
    intermediary,
    parts_of,
    running_partners,
)

__all__ = ["bank", "bank_a", "bank_b", "banking_pki", "intermediary", "parts_of", "running_partners"]
