"""VietQR (NAPAS 247, EMV merchant-presented mode): payment requests as the text inside a QR code (domain.md 4.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.errors import Malformed

NAPAS = "A000000727"
TO_ACCOUNT, TO_CARD, PAYMENT = "QRIBFTTA", "QRIBFTTC", "QRPUSH"
_SERVICES = frozenset({TO_ACCOUNT, TO_CARD, PAYMENT})
_VND, _VIETNAM = "704", "VN"
_LONGEST_REFERENCE = 25
_REFERENCE = re.compile(r"[ -~]{1,25}")
_STATIC, _DYNAMIC = "11", "12"


@dataclass(frozen=True, slots=True)
class VietQr:
    """What a VietQR says. ``amount`` is in đồng, None where the payer types it; a code with an amount is dynamic."""

    bank_bin: str
    account: str
    amount: int | None = None
    reference: str = ""
    bill: str = ""
    service: str = TO_ACCOUNT
    merchant: str = ""
    city: str = ""
    category: str = ""
    dynamic: bool | None = None


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, first value 0xFFFF."""
    register = 0xFFFF
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ (0x1021 if register & 0x8000 else 0)
        register &= 0xFFFF
    return register


def build_vietqr(code: VietQr) -> str:
    """The payload.

    Raises Malformed ``bad-vietqr`` for a reference that is no 1-25 ASCII characters, for a bad BIN, account or service,
    and ``bad-amount`` for an amount that is no positive whole number of đồng.
    """
    _check(code)
    beneficiary = _tlv("00", code.bank_bin) + _tlv("01", code.account)
    dynamic = code.amount is not None if code.dynamic is None else code.dynamic
    additional = _tlv("01", code.bill) + _tlv("08", code.reference)
    body = (
        _tlv("00", "01")
        + _tlv("01", _DYNAMIC if dynamic else _STATIC)
        + _tlv("38", _tlv("00", NAPAS) + _tlv("01", beneficiary) + _tlv("02", code.service))
        + _tlv("52", code.category)
        + _tlv("53", _VND)
        + _tlv("54", "" if code.amount is None else str(code.amount))
        + _tlv("58", _VIETNAM)
        + _tlv("59", code.merchant)
        + _tlv("60", code.city)
        + _tlv("62", additional)
        + "6304"
    )
    return f"{body}{crc16(body.encode('ascii')):04X}"


def _check(code: VietQr) -> None:
    if code.amount is not None and not 0 < code.amount < 10**13:
        raise Malformed(f"{code.amount} is no amount for a VietQR", code="bad-amount", where="amount")
    if code.reference and not _REFERENCE.fullmatch(code.reference):
        raise _bad(f"the reference must be at most {_LONGEST_REFERENCE} ASCII characters", "reference")
    if not re.fullmatch(r"[0-9]{6}", code.bank_bin):
        raise _bad("the BIN must be six digits", "bank_bin")
    if not re.fullmatch(r"[A-Za-z0-9]{1,19}", code.account):
        raise _bad("the account or card number must be 1 to 19 letters or digits", "account")
    if code.service not in _SERVICES:
        raise _bad(f"{code.service!r} is no service of NAPAS 247", "service")
    for name in ("bill", "merchant", "city", "category"):
        if not getattr(code, name).isascii():
            raise _bad("only ASCII may be written into a VietQR", name)


def _tlv(tag: str, value: str) -> str:
    if not value:
        return ""
    if len(value) > 99:
        raise _bad(f"tag {tag} takes {len(value)} characters, at most 99 fit", tag)
    return f"{tag}{len(value):02d}{value}"


def parse_vietqr(payload: str, *, strict: bool = True) -> VietQr:
    """What ``payload`` says.

    Not ``strict``, the beneficiary's account may be longer than its length says (a test vector that NAPAS printed is)
    and unknown services pass; a wrong checksum never does. Raises Malformed ``bad-vietqr``.
    """
    payload = payload.strip()
    if not re.fullmatch(r"6304[0-9A-Fa-f]{4}", payload[-8:]) or not payload.isascii():
        raise _bad("it does not end with a checksum (tag 63)", "63")
    if f"{crc16(payload[:-4].encode('ascii')):04X}" != payload[-4:].upper():
        raise _bad("its checksum is wrong: characters were lost or changed", "63")
    root = dict(_fields(payload[:-8], ""))
    if root.get("00") != "01" or root.get("53") != _VND or root.get("58") != _VIETNAM:
        raise _bad("it is no EMV code for đồng in Vietnam (tags 00, 53, 58)", "00")
    network = dict(_fields(root.get("38", ""), "38"))
    if network.get("00") != NAPAS:
        raise _bad("it is no code of NAPAS 247 (tag 38)", "38")
    beneficiary = dict(_beneficiary(network.get("01", ""), strict))
    service = network.get("02", "")
    if strict and service not in _SERVICES:
        raise _bad(f"{service!r} is no service of NAPAS 247", "3802")
    additional = dict(_fields(root.get("62", ""), "62"))
    code = VietQr(
        bank_bin=beneficiary.get("00", ""),
        account=beneficiary.get("01", ""),
        amount=_amount(root.get("54")),
        reference=additional.get("08", ""),
        bill=additional.get("01", ""),
        service=service,
        merchant=root.get("59", ""),
        city=root.get("60", ""),
        category=root.get("52", ""),
        dynamic=_initiation(root.get("01", "")),
    )
    if not code.bank_bin or not code.account:
        raise _bad("it names no bank or no account", "3801")
    return code


def _fields(text: str, parent: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        tag, length = text[at : at + 2], text[at + 2 : at + 4]
        if not (tag.isdecimal() and length.isdecimal()) or at + 4 + int(length) > len(text):
            raise _bad("a length does not fit", f"{parent}{tag}")
        yield tag, text[at + 4 : at + 4 + int(length)]
        at += 4 + int(length)


def _beneficiary(text: str, strict: bool) -> Iterator[tuple[str, str]]:
    if strict:
        yield from _fields(text, "3801")
        return
    yield "00", text[4:10]
    yield "01", text[14:]


def _amount(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()) or int(text) == 0:
        raise Malformed(f"{text!r} is no amount in đồng", code="bad-amount", where="54")
    return int(text)


def _initiation(text: str) -> bool:
    if text not in (_STATIC, _DYNAMIC):
        raise _bad("it is neither static (11) nor dynamic (12)", "01")
    return text == _DYNAMIC


def _bad(why: str, where: str) -> Malformed:
    return Malformed(f"VietQR: {why}", code="bad-vietqr", where=where)
