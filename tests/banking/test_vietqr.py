"""VietQR payloads are built and read as NAPAS prints them (domain.md 4.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.banking.vietqr import TO_ACCOUNT, TO_CARD, VietQr, build_vietqr, crc16, parse_vietqr
from gateway.errors import Malformed

pytestmark = pytest.mark.golden

# NAPAS, QR_Format_T&C_v1.0_VN_092021, 6.1.1 to 6.1.4
STATIC_ACCOUNT_MISPRINT = (
    "00020101021138570010A00000072701270006970403011200110123456780208QRIBFTTA53037045802VN6304F4E5"
)
STATIC_CARD = "00020101021138600010A00000072701300006970403011697040311012345670208QRIBFTTC53037045802VN63044F52"
DYNAMIC_ACCOUNT = (
    "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN"
    "62340107NPS68690819thanh toan don hang63042E2E"
)
DYNAMIC_CARD = (
    "00020101021238600010A00000072701300006970403011697040311012345670208QRIBFTTC530370454061800005802VN"
    "62340107NPS68690819thanh toan don hang6304A203"
)
VECTORS = {
    STATIC_CARD: VietQr("970403", "9704031101234567", service=TO_CARD, dynamic=False),
    DYNAMIC_ACCOUNT: VietQr("970403", "0011012345678", 180000, "thanh toan don hang", "NPS6869", dynamic=True),
    DYNAMIC_CARD: VietQr("970403", "9704031101234567", 180000, "thanh toan don hang", "NPS6869", TO_CARD, dynamic=True),
}


@pytest.mark.parametrize(("payload", "code"), VECTORS.items())
def test_the_vectors_of_napas_are_read_and_built(payload: str, code: VietQr) -> None:
    assert parse_vietqr(payload) == code
    assert build_vietqr(code) == payload


def test_the_misprinted_vector_is_refused_and_read_leniently() -> None:
    with pytest.raises(Malformed) as refused:
        parse_vietqr(STATIC_ACCOUNT_MISPRINT)
    assert refused.value.code == "bad-vietqr"
    assert refused.value.where.startswith("3801")
    lenient = parse_vietqr(STATIC_ACCOUNT_MISPRINT, strict=False)
    assert lenient == VietQr("970403", "0011012345678", service=TO_ACCOUNT, dynamic=False)


def test_the_checksum_is_ccitt_false() -> None:
    assert crc16(b"123456789") == 0x29B1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reference": "Nộp phí"}, "bad-vietqr"),
        ({"reference": "x" * 26}, "bad-vietqr"),
        ({"bank_bin": "9704"}, "bad-vietqr"),
        ({"account": "0123 456"}, "bad-vietqr"),
        ({"service": "QRXXXX"}, "bad-vietqr"),
        ({"merchant": "Quảng Ninh"}, "bad-vietqr"),
        ({"amount": 0}, "bad-amount"),
        ({"amount": -50000}, "bad-amount"),
        ({"amount": 10**13}, "bad-amount"),
    ],
)
def test_a_wrong_request_is_not_built(change: dict[str, object], code: str) -> None:
    values: dict[str, object] = {"bank_bin": "970436", "account": "0141000000123", "amount": 50000, **change}
    with pytest.raises(Malformed) as refused:
        build_vietqr(VietQr(**values))  # type: ignore[arg-type]  # the values are wrong on purpose
    assert refused.value.code == code


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "6304FFFF",
        DYNAMIC_ACCOUNT[:-1] + "F",
        DYNAMIC_ACCOUNT.replace("180000", "280000"),
        DYNAMIC_ACCOUNT.replace("hang", "hàng"),
        DYNAMIC_ACCOUNT[:-8],
    ],
)
def test_a_damaged_payload_is_refused(payload: str) -> None:
    for strict in (True, False):
        with pytest.raises(Malformed) as refused:
            parse_vietqr(payload, strict=strict)
        assert refused.value.code == "bad-vietqr"


@pytest.mark.parametrize("amount", ["1e5", "50000.00", "0", "-5"])
def test_an_amount_that_is_no_whole_number_of_dong_is_refused(amount: str) -> None:
    body = DYNAMIC_ACCOUNT[:-4].replace("5406180000", f"54{len(amount):02d}{amount}")
    with pytest.raises(Malformed) as refused:
        parse_vietqr(f"{body}{crc16(body.encode()):04X}")
    assert refused.value.code == "bad-amount"


@pytest.mark.property
@given(
    amount=st.none() | st.integers(min_value=1, max_value=10**13 - 1),
    reference=st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=25),
    account=st.from_regex(r"[A-Za-z0-9]{1,19}", fullmatch=True),
)
def test_what_is_built_is_read(amount: int | None, reference: str, account: str) -> None:
    code = VietQr("970436", account, amount, reference, merchant="UBND QN", dynamic=amount is not None)
    assert parse_vietqr(build_vietqr(code)) == code
