"""The words of reconciliation that pages show, for parts that may not reach below the application layer."""

from __future__ import annotations

from gateway.reconciliation.outcomes import BREAKS, CLASS_VI, OUTCOME_VI, EntryClass, Outcome

__all__ = ["BREAKS", "CLASS_VI", "OUTCOME_VI", "EntryClass", "Outcome"]
