"""An order in VNPost's words: what the contract asks, and what is never sent."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import adapters.postal
from adapters.postal.codec import decode_reply, encode_cancel, encode_order
from gateway.errors import Malformed
from gateway.partners import PostalApi
from gateway.payloads import Party, PostalCancel, PostalOrder

CONTRACTS = Path(adapters.postal.__file__).parent / "contracts"
ORDER = Draft202012Validator(json.loads((CONTRACTS / "order.schema.json").read_text(encoding="utf-8")))
CENTRE: dict[str, str] = {
    "name": "Trung tâm HCC",
    "phone": "02033655888",
    "address": "Số 2 Trần Hưng Đạo",
    "commune": "Phường Hồng Gai",
    "province": "Quảng Ninh",
}
API = PostalApi(
    endpoint="https://127.0.0.1:1",
    customer_code="QN-HCC",
    client_id="quangninh",
    client_secret="env:NOTHING",
    province_codes={"Quảng Ninh": 20},
    centre=CENTRE,
)
CITIZEN: Party = {
    "name": "Nguyễn Thị Hoa",
    "phone": "0912345678",
    "address": "Số 5 Lê Lợi",
    "commune": "Xã Quảng La",
    "province": "Quảng Ninh",
}
NOBODY: Party = {"name": "", "phone": "", "address": "", "commune": "", "province": ""}

pytestmark = pytest.mark.unit


def order(**more: Any) -> PostalOrder:
    fields = {
        "order_number": "H49.12-20261123-0001",
        "dossier_code": "H49.12-20261123-0001",
        "direction": "deliver",
        "cod_amount": 150_000,
        "sender": NOBODY,
        "receiver": CITIZEN,
        "description": "Kết quả",
        **more,
    }
    return cast(PostalOrder, fields)


def fields_of(wish: PostalOrder) -> dict[str, Any]:
    found = json.loads(encode_order(wish, API))
    ORDER.validate(found)
    return dict(found)


def test_a_result_goes_from_the_centre_to_the_citizen() -> None:
    fields = fields_of(order())
    assert (fields["SenderName"], fields["ReceiverName"]) == ("Trung tâm HCC", "Nguyễn Thị Hoa")
    assert (fields["SenderProvince"], fields["SenderDistrict"], fields["CODAmount"]) == (20, 0, 150_000)
    assert fields["ReceiverAddress"] == "Số 5 Lê Lợi, Xã Quảng La"


def test_papers_are_collected_from_the_citizen_for_the_centre() -> None:
    fields = fields_of(order(direction="collect", sender=CITIZEN, receiver=NOBODY, cod_amount=0))
    assert (fields["SenderName"], fields["ReceiverName"]) == ("Nguyễn Thị Hoa", "Trung tâm HCC")


@pytest.mark.parametrize("field", ["name", "phone", "address", "province"])
def test_an_order_without_a_mandatory_field_is_never_sent(field: str) -> None:
    with pytest.raises(Malformed) as caught:
        encode_order(order(receiver={**CITIZEN, field: "  "}), API)
    assert caught.value.code == "postal-order-incomplete"


def test_an_order_without_a_number_is_never_sent() -> None:
    with pytest.raises(Malformed) as caught:
        encode_order(order(order_number=" "), API)
    assert caught.value.code == "postal-order-incomplete"
    with pytest.raises(Malformed) as caught:
        encode_cancel(PostalCancel(order_number="", reason=""), API)
    assert caught.value.code == "postal-order-incomplete"


def test_a_province_without_a_code_is_never_guessed() -> None:
    with pytest.raises(Malformed) as caught:
        encode_order(order(receiver={**CITIZEN, "province": "Hải Phòng"}), API)
    assert caught.value.code == "unknown-province"


@pytest.mark.parametrize("amount", [-1, 1.5, True, "150000", None])
def test_a_cod_amount_that_is_no_whole_dong_is_never_sent(amount: object) -> None:
    with pytest.raises(Malformed) as caught:
        encode_order(order(cod_amount=amount), API)
    assert caught.value.code == "bad-amount"


def test_a_cancellation_is_a_query() -> None:
    query = encode_cancel(PostalCancel(order_number="H49 & 1", reason="rút"), API).decode("ascii")
    assert parse_qs(query) == {"CustomerCode": ["QN-HCC"], "OrderNumber": ["H49 & 1"]}


@pytest.mark.parametrize(
    "body",
    [b"", b"<html/>", b"[]", b"{}", b'{"Status": null}', b'{"Status": [1]}', b"\xff", b"[" * 100_000,
     b'{"Status": "199", "Message": "\\u0000"}', b'{"Status": "199", "Message": "\\udfff"}'],
)  # fmt: skip
def test_a_reply_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        decode_reply(body)
    assert caught.value.code == "bad-postal-reply"


def test_a_status_may_be_a_number_or_a_text() -> None:
    assert decode_reply(b'{"Status": 100}') == replace(decode_reply(b'{"Status": "100", "Message": null}'))


text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=30)


@pytest.mark.property
@given(text, text, text, st.integers(min_value=0, max_value=10**12))
def test_every_order_that_is_sent_fits_the_contract(name: str, number: str, address: str, cod: int) -> None:
    fields = fields_of(
        order(order_number=number, cod_amount=cod, receiver={**CITIZEN, "name": name, "address": address})
    )
    assert (fields["ReceiverName"], fields["OrderNumber"], fields["CODAmount"]) == (name, number, cod)
