"""Makes planted dossiers and the acts around them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import count
from typing import Any

from gateway.local.day.cases import Act, Case, FeesExpected, Kept, MessageExpected, Reference, RowExpected
from gateway.local.day.steps import COUNTER, PAYERS
from gateway.model import VIETNAM
from simulators.province import life
from simulators.province.population import Dossier, one
from simulators.province.procedures import Fee

_SEED = 4711
_PROCEDURE = "1.013225"  # its fees belong to the default account of every bank


@dataclass(slots=True)
class Plant:
    """Numbers dossiers and receipts of one day from ``first`` on, so that no two planters share one."""

    on: date
    first: int
    _numbers: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._numbers = count(self.first)

    def dossier(self, payment: str, amount: int) -> Dossier:
        """A dossier that owes ``amount`` by this channel."""
        fees = [Fee("phi", "Phí thẩm định hồ sơ", amount)]
        return one(self.on, next(self._numbers), _PROCEDURE, payment, seed=_SEED, fees=fees)

    def receipt(self) -> str:
        """A receipt number nobody else gives."""
        return f"{next(self._numbers):07d}"

    def at(self, hour: time) -> datetime:
        return datetime.combine(self.on, hour, VIETNAM)

    def morning(self, dossier: Dossier) -> tuple[Mapping[str, object], ...]:
        """Submitted, accepted, asked to pay."""
        return morning(dossier, self.on)

    def publish(self, step: str, *events: Mapping[str, object]) -> Act:
        return Act(step, "dossier", {"act": "publish", "events": list(events)})

    def by_card(self, dossier: Dossier, **pay: object) -> tuple[Act, ...]:
        """The card payment at the terminal, then the counter's event, which names the bank's transaction."""
        key = f"card:{dossier.code}"
        return (
            Act(PAYERS, "bank-b", {"act": "pay", "reference": Reference(dossier.code), **pay}, keep=key),
            self.publish(COUNTER, card_event(dossier, self.at(time(10, 0)), self.receipt())),
        )

    def row(
        self,
        partner: str,
        outcome: str,
        side: str = "",
        dossier: str = "",
        *,
        amount: int | None = None,
        count: int = 1,
    ) -> RowExpected:
        return RowExpected(partner, self.on, outcome, side, dossier, amount, count)

    def case(
        self,
        name: str,
        story: str,
        dossier: Dossier,
        *,
        acts: tuple[Act, ...] = (),
        rows: tuple[RowExpected, ...] = (),
        messages: tuple[MessageExpected, ...] = (),
        paid: int = 0,
        state: str = "settled",
    ) -> Case:
        """A case about one dossier, submitted and asked to pay in the morning."""
        fees = (FeesExpected(dossier.code, state, paid),)
        return Case(name, story, self.morning(dossier), acts, rows, messages, fees)


def morning(dossier: Dossier, on: date) -> tuple[Mapping[str, object], ...]:
    """Submitted, accepted and, where something is owed, asked to pay, before 08:00."""
    begin = datetime.combine(on, time(7, 0), VIETNAM).timestamp() + dossier.turn
    times = [datetime.fromtimestamp(begin + 600 * number, VIETNAM) for number in range(3)]
    events = [life.submitted(dossier, times[0]), life.accepted(dossier, times[1])]
    if dossier.fees:
        events.append(life.fee_requested(dossier, times[2]))
    return tuple(events)


def card_event(dossier: Dossier, at: datetime, receipt: str) -> Mapping[str, object]:
    """A counter payment by card; the bank's transaction number is known once the card was drawn."""
    event = life.counter_payment(dossier, at, receipt, transaction="?")
    event["data"]["partner_transaction_id"] = Kept(f"card:{dossier.code}", "number")
    return event


def code_words(code: str) -> str:
    """A dossier code as people type it into a transfer: without dots and dashes."""
    return re.sub(r"[^A-Z0-9]", "", code)
