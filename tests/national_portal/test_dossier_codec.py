"""A dossier in the portal's words: strings only, Vietnamese times, real statuses, conforming codes; and its replies."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import adapters.national_portal
from adapters.national_portal.codec import (
    decode_reply,
    encode_dossier,
    encode_step,
    portal_code,
    portal_status,
    portal_time,
)
from gateway.errors import Malformed
from gateway.partners import DossierApi
from tests.national_portal.dossiers import dossier, step

pytestmark = pytest.mark.unit
API = DossierApi(
    endpoint="https://127.0.0.1:1",
    organisation="000.00.00.H49",
    username="u",
    password="env:NOTHING",
    dossier_codes={"HS-15": "H49.12-20261123-0015", "HS-16": "HS-17"},
)


def only_strings(value: Any) -> bool:
    if isinstance(value, dict):
        return all(only_strings(item) for item in value.values())
    return all(only_strings(item) for item in value) if isinstance(value, list) else isinstance(value, str)


@given(
    st.integers(min_value=1, max_value=10),
    st.integers(min_value=1, max_value=4),
    st.sampled_from(["paid", "unpaid", "not_online"]),
    st.integers(min_value=1, max_value=10**14),
    st.text(max_size=20),
)
def test_every_dossier_that_is_sent_fits_the_contract(
    status: int, owner_type: int, paid: str, amount: int, name: str
) -> None:
    fee = {"fee_id": "f", "kind": "phi", "name": "Phí", "amount": amount}
    more: dict[str, Any] = {"owner_type": owner_type, "paid_online": paid, "fees": [fee], "owner_name": name}
    contract("dossier").validate(encode_dossier(dossier(status=status, **more).payload, API))
    contract("step").validate(encode_step(step("H49.12-20261123-0001", status=status).payload, API))


def contract(name: str) -> Draft202012Validator:
    folder = Path(adapters.national_portal.__file__).parent / "contracts"
    return Draft202012Validator(json.loads((folder / f"{name}.schema.json").read_text(encoding="utf-8")))


def test_every_value_is_a_string() -> None:
    assert only_strings(encode_dossier(dossier().payload, API))
    assert only_strings(encode_step(step("H49.12-20261123-0001").payload, API))


def test_half_past_midnight_in_vietnam_is_on_the_vietnamese_day() -> None:
    assert portal_time("2026-12-31T17:30:00+00:00", "NgayNopHoSo") == "20270101003000"
    assert portal_time("2027-01-01T06:30:00+07:00", "NgayNopHoSo") == "20270101063000"
    assert portal_time(None, "NgayTra") == ""


@pytest.mark.parametrize("moment", ["2026-11-23T01:15:00", "hôm qua", "20261123011500"])
def test_a_time_without_offset_is_never_guessed(moment: str) -> None:
    with pytest.raises(Malformed) as caught:
        portal_time(moment, "NgayNopHoSo")
    assert caught.value.code == "bad-time"


@pytest.mark.parametrize(
    "code",
    [
        "000.00.12.H49-191022-0001",
        "G09.20-20260609-0092637",
        "H49.12-20261123-0001",
        "H37.DN.001-20261123-00001",
        "H49-261123-0001",
    ],
)
def test_codes_of_the_national_grammar_pass_as_they_are(code: str) -> None:
    assert portal_code(code, API) == code


@pytest.mark.parametrize(
    "code",
    ["HS-18", "", "H49.12-2026112-0001", "H49.12-20261123-001", "H49.12-20261123-0001 ", "h49-261123-0001", "HS-16"],
)
def test_other_codes_need_a_mapping_that_conforms(code: str) -> None:
    with pytest.raises(Malformed) as caught:
        portal_code(code, API)
    assert caught.value.code == "dossier-code-not-conforming"


def test_a_mapped_code_is_used() -> None:
    assert portal_code("HS-15", API) == "H49.12-20261123-0015"


@pytest.mark.parametrize("status", [0, 11, -1, True, "4", None])
def test_a_status_outside_1_to_10_is_never_sent(status: Any) -> None:
    with pytest.raises(Malformed) as caught:
        portal_status(status, API)
    assert caught.value.code == "unknown-status"


@given(st.integers(min_value=1, max_value=10))
def test_a_real_status_is_told_as_it_is(status: int) -> None:
    assert portal_status(status, API) == str(status)


def test_a_partners_own_status_table_is_obeyed() -> None:
    api = API.model_copy(update={"statuses": {"7": 8, "8": 12}})
    assert portal_status(7, api) == "8"
    with pytest.raises(Malformed) as caught:
        portal_status(8, api)
    assert caught.value.code == "unknown-status"


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, "100000"])
def test_a_fee_that_is_no_whole_positive_dong_is_never_sent(amount: object) -> None:
    fee = {"fee_id": "f", "kind": "phi", "name": "Phí", "amount": amount}
    with pytest.raises(Malformed) as caught:
        encode_dossier(dossier(fees=[fee]).payload, API)
    assert caught.value.code == "bad-amount"


@pytest.mark.parametrize(
    ("body", "succeeded", "exists", "expired"),
    [
        ('{"error_code": 0, "message": "Đồng bộ thành công"}', True, False, False),
        ('{"error_code": "0", "message": "ĐỒNG BỘ THÀNH CÔNG"}', True, False, False),
        ('{"error_code": 0}', True, False, False),
        ('{"error_code": 0, "message": "Hồ sơ đã tồn tại"}', False, True, False),
        ('{"error_code": 3, "message": "Hồ sơ đã tồn tại"}', False, True, False),
        ('{"error_code": -3, "message": "hồ sơ Đã tồn tại"}', False, True, False),
        ('{"error_code": 4, "message": "Hồ sơ đã tồn tại"}', False, False, False),
        ('{"error_code": 0, "message": "Có lỗi"}', False, False, False),
        ('{"error_code": 5, "message": "thành công"}', False, False, False),
        ('{"error_code": -1, "message": "session expired"}', False, False, True),
        ('{"error_code": -1, "message": "Phiên làm việc hết hạn"}', False, False, True),
        ("Cập nhật tiến độ thành công", True, False, False),
        ('"Cập nhật tiến độ thành công"', True, False, False),
        ("Cập nhật thất bại", False, False, False),
        ("Cập nhật không thành công", False, False, False),
        ('{"error_code": 0, "message": "Đồng bộ chưa thành công"}', False, False, False),
        ('{"error_code": 2, "message": "Phiên bản không được hỗ trợ"}', False, False, False),
    ],
)
def test_what_a_reply_says(body: str, succeeded: bool, exists: bool, expired: bool) -> None:
    for form in ("NFC", "NFD"):
        reply = decode_reply(unicodedata.normalize(form, body).encode())
        assert (reply.succeeded, reply.already_exists, reply.session_expired) == (succeeded, exists, expired)


@pytest.mark.parametrize(
    "body",
    [b"", b"  ", b"<html>502</html>", b"\xff\xfe", b"{", b'{"message": "ok"}', b'{"error_code": null}', b"[]",
     b'{"error_code": 0, "result": "x"}', b"a\x00b", b"[" * 100_000, b'{"error_code": 9, "message": "\\u0000"}',
     b'{"error_code": 9, "message": "\\ud800"}'],
)  # fmt: skip
def test_what_is_neither_json_nor_a_sentence_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        decode_reply(body)
    assert caught.value.code == "bad-portal-reply"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_reply_or_refused_and_never_crash(body: bytes) -> None:
    try:
        decode_reply(body)
    except Malformed as error:
        refused = error.code
    else:
        refused = ""
    assert refused in ("", "bad-portal-reply")
