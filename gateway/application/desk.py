"""Where a person's act is done: one connection with the console's rights, the business clock, the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from psycopg import Connection

from gateway.errors import NotFound
from gateway.partners import Partner
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
        found = self.partners.get(partner_id)
        if found is None:
            raise NotFound(
                f"there is no partner {partner_id!r}",
                code="partner-unknown",
                where="config/partners",
                action=f"one of {', '.join(sorted(self.partners))}",
            )
        return found
