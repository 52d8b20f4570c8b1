"""What a person sends with an act: the same fields from a page's form and from a program's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, field_validator

from gateway.application.breaks import Decision, FrozenList, Target


class Reason(BaseModel):
    """An act with nothing but its reason."""

    reason: str


class About(Reason):
    """An act about an earlier decision."""

    decision: int


class Answer(BaseModel):
    """What a partner answered to an enquiry, and by which letter, call or file."""

    enquiry_id: str
    answer: str
    reference: str


class Seen(BaseModel):
    """An act on a day, bound to the bytes that the person saw."""

    snapshot_sha256: str
    reason: str = ""


class Decide(Reason):
    """A decision and what it may carry; which of it matters is the application layer's to say."""

    kind: Decision
    version: int
    dossier_code: str = ""
    fee_id: str = ""
    amount: int | None = None
    payment_pk: int | None = None
    entries: tuple[int, ...] = ()
    payments: tuple[int, ...] = ()
    references: str = ""
    to: date | None = None
    question: str = ""
    answer_due_on: date | None = None

    @field_validator("amount", "payment_pk", "to", "answer_due_on", mode="before")
    @classmethod
    def _left_empty(cls, value: object) -> object:
        return None if value == "" else value

    def params(self) -> Mapping[str, object]:
        """What was filled in besides kind, version and reason."""
        told = self.model_dump(exclude={"kind", "version", "reason", "row_key", "count", "frozen_amount"})
        return {name: value for name, value in told.items() if value not in (None, "", ())}


class DecideMany(Decide):
    """The same decision about a frozen list: its rows, their count and the sum of the money in question."""

    row_key: tuple[str, ...]
    count: int
    frozen_amount: int

    def frozen(self, partner: str, business_on: date) -> FrozenList:
        """The list as the person saw it."""
        targets = tuple(Target(partner, business_on, self.version, key) for key in self.row_key)
        return FrozenList(targets, self.count, self.frozen_amount)
