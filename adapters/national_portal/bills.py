"""GET_BILL of the Payment Platform 1.0.6: a payment's receipt, a PDF that is the whole body (``domain.md`` 2.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.national_portal import platform_codec as codec
from adapters.wire.rest import RestClient
from adapters.wire.sign_in import unavailable
from gateway.errors import GatewayError, Malformed, NotFound
from gateway.model import Incoming, Kind, PaymentBill, RawMessage
from gateway.partners import Platform
from gateway.security.secret import Secret

_PDF, _PDF_END = b"%PDF-", b"%%EOF"
_TAIL = 1024


@dataclass(frozen=True, slots=True)
class PlatformBillSource:
    """The port ``BillSource``."""

    partner: str
    platform: Platform
    secret: Secret
    client: RestClient
    now: Callable[[], datetime]

    def fetch(self, reference: str) -> RawMessage:
        """The body of GET_BILL, unread.

        Raises NotFound ``platform-has-no-bill`` where the platform says in a sealed answer that there is none (yet),
        and Unavailable: a question changes nothing, so nothing is in doubt.
        """
        fields = codec.question_fields("GET_BILL", reference, self.platform, self.now())
        try:
            body = codec.sealed(*fields, self.secret)
            reply = self.client.send(
                "POST", "", content=body, headers=codec.JSON_CONTENT, idempotent=True
            ).expect_success()
            if reply.body.lstrip().startswith(b"{"):
                self._refused(reply.body, reference)
        except NotFound:
            raise
        except GatewayError as error:
            raise unavailable(error) from error
        content_type = reply.headers.get("content-type", "")
        return RawMessage(self.partner, Kind.PAYMENT_BILL, reply.body, reference, content_type)

    def _refused(self, body: bytes, reference: str) -> None:
        answer = codec.decode_query_reply(body)
        codec.believe(answer, self.secret, reference)
        raise NotFound(
            f"MaLoi {answer.code}: {answer.fields['MoTaLoi']}",
            code="platform-has-no-bill",
            where=f"payment {reference}",
            action="nothing: it is asked for again, more slowly each time",
        )


@dataclass(frozen=True, slots=True)
class PlatformBillReader:
    """The port ``Reader`` for bills. The PDF has no seal of the platform: it is kept as it came and settles nothing."""

    partner: str

    def read(self, raw: RawMessage) -> Incoming:
        """A PaymentBill about the reference that was asked. Raises Malformed (``bad-platform-bill``)."""
        if not raw.body.startswith(_PDF) or _PDF_END not in raw.body[-_TAIL:]:
            raise Malformed(
                "the body is no whole PDF",
                code="bad-platform-bill",
                where=f"payment {raw.transport_id}",
                action="nothing: it is asked for again; tell the platform if it goes on",
            )
        digest = hashlib.sha256(raw.body).hexdigest()
        return Incoming(
            # The same bytes may be the bill of one reference only.
            message_id=f"{raw.transport_id}#{digest}",
            kind=Kind.PAYMENT_BILL,
            content=PaymentBill(self.partner, raw.transport_id, digest),
        )
