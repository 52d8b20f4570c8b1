"""From a vendor's exceptions to ours: a table for each wire (SOAP: for each step); a test holds it to its vendor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.errors import GatewayError


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a vendor's exception means: our class, a stable code and words that hold no secret."""

    kind: type[GatewayError]
    code: str
    message: str

    def error(self, where: str, detail: str = "") -> GatewayError:
        """Our exception, ready to be raised ``from`` the vendor's."""
        return self.kind(f"{self.message} ({detail})" if detail else self.message, code=self.code, where=where)


Translation = Mapping[type[BaseException], Meaning]


def meaning_of(table: Translation, error: BaseException) -> Meaning | None:
    """The entry of the nearest class of ``error``, None where the table knows none of them."""
    return next((table[kind] for kind in type(error).__mro__ if kind in table), None)


def causes(error: BaseException) -> list[BaseException]:
    """``error`` and what it came from, outermost first: vendors wrap what the socket said."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return chain
