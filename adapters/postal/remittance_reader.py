"""COD remittance files of VNPost: the port ``RemittanceReader``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.postal import remittance
from gateway.model import Remittance
from gateway.ports import FetchedDocument


@dataclass(frozen=True, slots=True)
class CodRemittanceReader:
    """Believes only VNPost's signature, reads only ``contracts/cod-remittance.md``."""

    partner: str
    environment: str
    customer_code: str
    signer_of: Callable[[FetchedDocument], str] = field(repr=False)

    def verify(self, document: FetchedDocument) -> str:
        """The signer's thumbprint. Raises Untrusted, Malformed (``malformed-cms``)."""
        return self.signer_of(document)

    def read(self, document: FetchedDocument) -> Remittance:
        """The remittance of a verified file. Raises Malformed and Untrusted, see ``remittance.decode``."""
        return remittance.decode(
            document.path.read_bytes(),
            partner=self.partner,
            environment=self.environment,
            customer_code=self.customer_code,
            where=document.name,
        )
