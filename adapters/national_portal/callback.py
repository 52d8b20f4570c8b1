"""The payment platform's own notice that something was paid (``domain.md`` 2.2), verified and decoded.

By which door it comes in is not decided here: whoever takes it stores the bytes and reads them with this.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from adapters.national_portal import platform_codec as codec
from adapters.wire.partner_json import read_json
from gateway.model import Channel, Incoming, Kind, PaymentState, PaymentStatus, RawMessage
from gateway.security.secret import Secret

_COVERED = (
    "LoaiBanTin",
    "MaLoi",
    "MaDoiTac",
    "MaThamChieu",
    "SoTien",
    "MaTienTe",
    "MaGiaoDich",
    "MaNganHang",
    "ThoiGianGD",
    "ThongTinGiaoDich",
)


@dataclass(frozen=True, slots=True)
class PlatformCallbackReader:
    """The port ``Reader`` for the callback: JSON whose ``MaXacThuc`` is compared in constant time."""

    partner: str
    partner_code: str
    secret: Secret

    def read(self, raw: RawMessage) -> Incoming:
        """A PaymentStatus.

        Raises Untrusted (``wrong-signature``, ``unsigned-message``); Malformed: ``bad-platform-reply``, ``bad-amount``,
        ``bad-time``.
        """
        answer = _decode(raw.body)
        codec.believe(answer, self.secret, answer.reference)
        if answer.fields["MaDoiTac"] != self.partner_code:
            raise codec.bad("it is meant for another partner")
        # No other code is public: money did not move for sure, and QUERY says what became of it.
        paid = answer.code == codec.ACCEPTED
        number = answer.fields["MaGiaoDich"] or answer.reference
        amount = codec.amount_of(answer)
        status = PaymentStatus(
            partner=self.partner,
            channel=Channel.PLATFORM,
            reference=answer.reference,
            state=PaymentState.PAID if paid else PaymentState.PENDING,
            amount=amount,
            account="",
            partner_transaction_id=number,
            business_on=codec.business_on(answer) if paid else None,
            detail="" if paid else f"MaLoi {answer.code}: {answer.fields['MoTaLoi']}",
        )
        return Incoming(
            message_id=hashlib.sha256(raw.body).hexdigest(),
            kind=Kind.PAYMENT_STATUS,
            content=status,
            # It names no account, so it cannot be compared with what QUERY tells of the transaction: callbacks are
            # compared among themselves, and the ledger books the platform's number once, whoever tells it.
            transaction_id=f"callback:{number}" if paid else None,
            fingerprint=f"{answer.reference}|{amount}",
            signer=self.secret.reference,
        )


def _decode(body: bytes) -> codec.Answer:
    try:
        message = read_json(body, parse_float=str, parse_int=str, as_sent=True)
    except ValueError as error:
        raise codec.bad(f"not JSON: {type(error).__name__}") from error
    return codec.answer_of(message, _COVERED)
