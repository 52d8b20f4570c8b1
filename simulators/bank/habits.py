"""The habits of one bank: a TOML file, ``simulators/bank/NAME.toml`` unless told otherwise."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Habits:
    """How this bank speaks; ``accounts`` are the opening balances in đồng of the accounts it keeps for us."""

    name: str
    soap: str
    format: str
    encoding: str
    statement_folder: str
    archive_folder: str
    confirmation_folder: str
    file_name: str
    bin: str
    cutoff: time
    environment: str
    gateway_certificates: Sequence[str]
    accounts: Mapping[str, int]

    def business_date(self, at: datetime) -> date:
        """The business date of a booking: after the cut-off it is the next day's."""
        local = at.astimezone(VIETNAM)
        return local.date() + timedelta(days=1) if local.time() > self.cutoff else local.date()


def load(name: str, config: Path | None, environment: str) -> Habits:
    """Read the habits of the bank ``name``."""
    file = config or Path(__file__).with_name(f"{name}.toml")
    raw: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    raw["cutoff"] = time.fromisoformat(raw["cutoff"])
    return Habits(name=name, environment=environment, **raw)
