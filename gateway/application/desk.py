"""Where a person's act is done: one connection with the console's rights, the business clock, the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from psycopg import Connection

from gateway.partners import Partner, partner_of
from gateway.ports import Clock
from gateway.settings import Settings


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
