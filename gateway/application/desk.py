"""Where a person's act is done: one connection with the console's rights, the business clock, the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from psycopg import Connection
from psycopg.errors import DeadlockDetected
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from gateway.partners import Partner, partner_of
from gateway.ports import Clock
from gateway.settings import Settings

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Desk:
    """The surroundings of one act. The connection autocommits; an act opens its own transaction."""

    connection: Connection[tuple[object, ...]] = field(repr=False)
    clock: Clock
    partners: Mapping[str, Partner]
    settings: Settings

    def partner(self, partner_id: str) -> Partner:
        """Raises NotFound ``partner-unknown``."""
        return partner_of(self.partners, partner_id)

    def whole(self, act: Callable[[], Done]) -> Done:
        """What ``act`` does, all or nothing in one transaction.

        Two acts about one piece of money may lock its rows in opposite order. PostgreSQL ends one; it is done again,
        and sees what the other has done.
        """
        again = Retrying(
            retry=retry_if_exception_type(DeadlockDetected),
            wait=wait_random(0, 0.2),
            stop=stop_after_attempt(5),
            reraise=True,
        )

        def once() -> Done:
            with self.connection.transaction():
                return act()

        return again(once)
