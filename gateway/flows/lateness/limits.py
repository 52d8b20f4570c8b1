"""``config/alerts.toml``: from when on something is an alert, and who is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from gateway import configuration
from gateway.ledger.alert_actions import ACTION_VI
from gateway.reconciliation.outcomes import EntryClass

FILE = "alerts.toml"

Count = Annotated[int, Field(gt=0)]
Days = Annotated[int, Field(ge=0, le=366)]
Hour = Annotated[time, Field(strict=True)]
Address = Annotated[str, Field(pattern=r"^[^@\s<>,]+@[^@\s<>,]+$")]


class Office(configuration.Section):
    """When the province's people work, and by which hour what lies before them should be done."""

    calendar: str = Field(min_length=1)
    approve_by: Hour


class Proof(configuration.Section):
    """From which hour on the business date before must close."""

    from_hour: Hour


class Breaks(configuration.Section):
    """Working days of the partner that a break may stay open, and those of a class where they differ."""

    working_days: Days
    of_class: Mapping[EntryClass, Days] = Field(default_factory=dict)

    def limit(self, entry_class: str) -> int:
        """Working days after the business date."""
        return self.of_class.get(EntryClass(entry_class), self.working_days)


class Enquiries(configuration.Section):
    """Working days of the office in which a partner's answer to a tra soát is to be concluded by."""

    conclude_working_days: Days


class Refunds(configuration.Section):
    """Working days of the office that a refund may be in doubt after its approval."""

    in_doubt_working_days: Days


class Credits(configuration.Section):
    """Working days that money may be under way to a bank, beside the T+n of its partner's channel.

    Of the partner, for a remittance of its and for what an intermediary settles; of the office, for counter cash.
    ``look_back``: calendar days; what is older is told no more.
    """

    remittance_working_days: Days
    settlement_working_days: Days
    deposit_working_days: Days
    look_back: Count


class Treasury(configuration.Section):
    """Working days of the bank that a debit may be without its voucher, and a voucher without its debit."""

    voucher_working_days: Days
    debit_working_days: Days


class Postal(configuration.Section):
    """Working days of VNPost that an order it accepted may be without a tracking record, or without a further one.

    ``look_back``: calendar days; what is older is told no more.
    """

    tracked_working_days: Days
    moved_working_days: Days
    look_back: Count


class Messages(configuration.Section):
    """Hours that a message may wait or be in doubt, be parked, or lie stored and unjudged.

    ``circuit_failures``: calls in a row that a partner may leave unanswered, those that opened its circuit among them.
    """

    waiting_hours: Count
    parked_hours: Count
    stored_hours: Count
    circuit_failures: Count


class Totals(configuration.Section):
    """What is compared, and how far from the usual is unusual; see the file."""

    days: Count
    at_least: int = Field(ge=3)
    deviations: Count
    percent: Count
    count: Count
    amount: Count
    after_holiday: Days
    look_back: Count

    @model_validator(mode="after")
    def _enough(self) -> Totals:
        if self.at_least > self.days:
            raise ValueError("at_least is more than days")
        return self


class Mail(configuration.Section):
    """Addresses by audience, and the audiences of each kind of alert."""

    quiet_minutes: int = Field(ge=0)
    people: Mapping[str, Annotated[tuple[Address, ...], Field(min_length=1)]]
    to: Mapping[str, tuple[str, ...]]

    @model_validator(mode="after")
    def _everything_is_told(self) -> Mail:
        if missing := set(ACTION_VI) - set(self.to):
            raise ValueError(f"to lacks {', '.join(sorted(missing))}")
        if unknown := set(self.to) - set(ACTION_VI):
            raise ValueError(f"to names no kind of alert: {', '.join(sorted(unknown))}")
        if strangers := {name for names in self.to.values() for name in names} - set(self.people):
            raise ValueError(f"to names nobody of people: {', '.join(sorted(strangers))}")
        return self

    def codes_of(self, audience: str) -> list[str]:
        """Which kinds of alert an audience is told of."""
        return [code for code, names in self.to.items() if audience in names]


class Limits(configuration.Section):
    """The whole file."""

    office: Office
    proof: Proof
    breaks: Breaks
    enquiries: Enquiries
    refunds: Refunds
    credits: Credits
    treasury: Treasury
    postal: Postal
    messages: Messages
    totals: Totals
    mail: Mail


def load(config: Path) -> Limits:
    """The limits of the folder ``config``. Raises ConfigurationError with every problem of the file."""
    return configuration.read(config / FILE, Limits)
