"""What one reason code says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """What a reason code means and what a person does about it."""

    code: str
    vi: str
    en: str
    action: str
