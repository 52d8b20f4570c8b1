"""How messages leave to one partner: whose sender, how often, how patiently, and what the ledger does about it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from gateway.messages import circuit
from gateway.messages.store import Connection
from gateway.messages.turn import Turn
from gateway.model import Kind, OutboundMessage, OutboxRow
from gateway.ports import Clock, Sender


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling, jittered waits between ``first`` and ``longest``; ``attempts`` sends at most."""

    attempts: int = 12
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(hours=1)

    def wait(self, tries: int) -> timedelta:
        """The wait after the ``tries``-th try (1 is the first), jittered down by up to a half."""
        doubled = min(self.first * (1 << min(max(tries - 1, 0), 20)), self.longest)
        return doubled * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret


class Effects(Protocol):
    """What the ledger does about the fate of a message, in the transaction that records it; others who must hear."""

    def delivered(
        self, connection: Connection, message: OutboundMessage, facts: Mapping[str, object]
    ) -> Sequence[OutboxRow]: ...

    def in_doubt(self, connection: Connection, message: OutboundMessage) -> None: ...

    def given_up(
        self, connection: Connection, message: OutboundMessage, code: str, detail: str
    ) -> Sequence[OutboxRow]: ...


@dataclass(frozen=True, slots=True)
class Route:
    """How messages leave to one partner, and what the ledger does when the partner has one.

    ``only`` narrows the sender's kinds to those of one flow. Nothing more is begun once ``turn`` is over.
    """

    sender: Sender
    clock: Clock
    only: frozenset[Kind] | None = None
    backoff: Backoff = field(default_factory=Backoff)
    breaker: circuit.Breaker = field(default_factory=circuit.Breaker)
    effects: Effects | None = None
    run_pk: int | None = None
    turn: Turn = field(default_factory=Turn)

    @property
    def kinds(self) -> frozenset[Kind]:
        return self.sender.kinds if self.only is None else self.sender.kinds & self.only


@dataclass(slots=True)
class Dispatched:
    """Counts by outcome; ``circuit_open``: the partner is left in peace for now, ``unfinished``: more is due."""

    counts: dict[str, int] = field(default_factory=dict)
    circuit_open: bool = False
    unfinished: bool = False

    def add(self, name: str, count: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + count
