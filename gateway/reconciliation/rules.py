"""Versioned matching rules, read from ``config/rules/<version>.toml``: a day says which version judged it.

The code holds no rule of its own. A version that has judged a day is never edited; its digest stands in the snapshot.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from gateway.errors import ConfigurationError, Problem
from gateway.partners import Partner
from gateway.reconciliation.outcomes import EntryClass, Outcome

ENGINE = "8"
"""Changes when the same rules on the same inputs would give other bytes."""

Step = Literal[
    "cancelled_pair", "exact", "reference", "bulk", "cod", "cash", "wording", "group", "window", "suggestion"
]
STEPS: tuple[Step, ...] = (
    "cancelled_pair", "exact", "reference", "bulk", "cod", "cash", "wording", "group", "window", "suggestion",
)  # fmt: skip
"""Every step there is, in the only order in which they make sense: strong evidence before weak."""

Count = Annotated[int, Field(gt=0)]
Amount = Annotated[int, Field(ge=0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Wording(_Section):
    """Entries that are no fee, told by what the bank wrote; the first one that fits counts."""

    outcome: Outcome
    entry_class: EntryClass = Field(alias="class")
    direction: Literal["credit", "debit", "both"]
    pattern: re.Pattern[str]
    reason: str = Field(min_length=1)

    def fits(self, moves: int, text: str) -> bool:
        """Whether an entry that moved so much and is folded to ``text`` is one of these."""
        wanted = {"credit": moves > 0, "debit": moves < 0, "both": True}[self.direction]
        return wanted and self.pattern.search(text) is not None


class CancelledPairs(_Section):
    """What ties a cancelling line to the line it cancels."""

    shortest_word: Count


class Groups(_Section):
    """Bounds of the search for sums: members of a group, combinations kept, steps of one search and of a day."""

    size: int = Field(ge=2, le=8)
    ways: int = Field(ge=2)
    steps: Count
    day_steps: Count


class Bulk(_Section):
    """How a settlement in bulk is worded, the largest charge taken off it (đồng), and how far back its batch lies."""

    pattern: re.Pattern[str]
    charge_basis_points: int = Field(ge=0, le=10_000)
    charge_fixed: Amount
    days: Count

    def largest_charge(self, total: int) -> int:
        """The most that may be missing from a credit for a batch of ``total`` đồng."""
        return total * self.charge_basis_points // 10_000 + self.charge_fixed


class Cash(_Section):
    """How a cash deposit is worded and how far back the count of its cashier may lie."""

    pattern: re.Pattern[str]
    days: Count


class Window(_Section):
    """Differences of the business date: minutes around the cut-off, days searched, working days of waiting."""

    late_minutes: Amount
    early_minutes: Amount
    days: Count
    working_days: Amount


class Completeness(_Section):
    """A statement with fewer than ``tiny_percent`` of the expected entries stops the day, from ``tiny_from`` on."""

    tiny_percent: int = Field(ge=0, le=100)
    tiny_from: Count


class Suggestions(_Section):
    """How free text is searched: scores from 0 to 100, lengths at which banks cut text, bounds."""

    minimum_score: int = Field(ge=0, le=100)
    most: Count
    truncated_at: tuple[Count, ...]
    code_prefix: int = Field(ge=8)
    name_words: Count
    name_candidates: Count


class Rules(_Section):
    """One version, whole."""

    version: str = Field(pattern=r"^\d{4}-\d+$")
    steps: tuple[Step, ...]
    cancelled_pair: CancelledPairs
    group: Groups
    bulk: Bulk
    cash: Cash
    window: Window
    completeness: Completeness
    suggestion: Suggestions
    wording: tuple[Wording, ...]
    _sha256: str = PrivateAttr(default="")

    @property
    def sha256(self) -> str:
        """The digest of the file they were read from."""
        return self._sha256

    def uses(self, step: Step) -> bool:
        """Whether this version takes the step."""
        return step in self.steps

    @model_validator(mode="after")
    def _steps_in_order(self) -> Rules:
        if list(self.steps) != [step for step in STEPS if step in self.steps]:
            raise ValueError(f"steps are each taken once and in this order: {', '.join(STEPS)}")
        if missing := {"exact", "reference"} - set(self.steps):
            raise ValueError(f"steps cannot lack {', '.join(sorted(missing))}")
        return self


def load(folder: Path) -> dict[str, Rules]:
    """Every version in ``folder``. Raises ConfigurationError ``rules-invalid`` with all problems, by file and key."""
    problems: list[Problem] = []
    found: dict[str, Rules] = {}
    files = sorted(folder.glob("*.toml"))
    if not files:
        problems.append(Problem(str(folder), "*.toml", "there is no file of matching rules here"))
    for file in files:
        rules = _load_one(file, problems)
        if rules is None:
            continue
        if rules.version != file.stem:
            problems.append(Problem(file.name, "version", f"{rules.version!r} must be the file's name, {file.stem!r}"))
        found[rules.version] = rules
    if problems:
        raise ConfigurationError(
            code="rules-invalid", problems=problems, action="correct these keys, then run `gateway partners check`"
        )
    return found


def _load_one(file: Path, problems: list[Problem]) -> Rules | None:
    try:
        raw = file.read_bytes()
        rules = Rules.model_validate(tomllib.loads(raw.decode("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(file.name, "(whole file)", f"not TOML in UTF-8: {error}"))
        return None
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            key = ".".join(str(part) for part in item["loc"]) or "steps"
            problems.append(Problem(file.name, key, item["msg"].removeprefix("Value error, ")))
        return None
    rules._sha256 = hashlib.sha256(raw).hexdigest()
    return rules


def version_for(partner: Partner, business_on: date) -> str:
    """The version that judges this partner's day: the newest one in force on it, "" where there is none."""
    in_force = [(since, version) for version, since in partner.matching.rules.items() if since <= business_on]
    return max(in_force)[1] if in_force else ""


def rules_for(partner: Partner, business_on: date) -> Rules:
    """The rules in force for this partner on that date.

    Raises ConfigurationError ``rules-invalid``, and ``rules-unknown`` where none is in force.
    """
    return rules_of(partner, version_for(partner, business_on), f"on {business_on}")


def rules_of(partner: Partner, version: str, why: str = "") -> Rules:
    """One version by name. Raises ConfigurationError ``rules-invalid``, and ``rules-unknown`` where there is none."""
    known = load(partner.config / "rules")
    if version not in known:
        text = f"{version!r} {why}".strip() + f" is none of {', '.join(sorted(known))}"
        raise ConfigurationError(
            code="rules-unknown",
            problems=[Problem(f"{partner.id}.toml", "matching.rules", text)],
            action="name a version that exists in config/rules, and its first date",
        )
    return known[version]


def problems_of(partner: Partner) -> list[Problem]:
    """What is wrong with the rules of a partner whose days are reconciled. Raises ConfigurationError (the files)."""
    if partner.calendar is None:
        return []
    known = load(partner.config / "rules")
    return [
        Problem(f"{partner.id}.toml", f"matching.rules.{version}", f"is none of {', '.join(sorted(known))}")
        for version in partner.matching.rules
        if version not in known
    ]


def folded(text: str) -> str:
    """Text without diacritics (đ too), in capitals, blanks single: how people's spelling is compared."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(plain.upper().split())


def stands_in(text: str, name: str) -> bool:
    """Whether a folded text has the name, and it does not go on there: no letter by a letter, no digit by a digit."""
    if not name:
        return False
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not (_alike(before, name[0]) or _alike(name[-1], after)):
            return True
        at = text.find(name, at + 1)
    return False


def _alike(one: str, other: str) -> bool:
    return bool(re.fullmatch(r"[A-Z]{2}|[0-9]{2}", one + other))
