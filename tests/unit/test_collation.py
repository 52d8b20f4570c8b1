"""Names in a list stand in the order of the Vietnamese alphabet, as ICU puts them (locale vi, CLDR 48)."""

from __future__ import annotations

import random
import unicodedata

import pytest

from gateway.collation import vi_key
from gateway.console.formats import by_name

pytestmark = pytest.mark.unit

BY_ICU = [
    "10", "2", "a", "A", "à", "À", "ả", "ã", "á", "ạ", "An", "Ăn", "Ân", "ấn", "Ấn", "Dang", "Dân tộc", "Đảng ủy",
    "Đăng", "Đằng", "Đặng", "Điện lực", "Em", "Ê", "Ngân hàng A", "Ngân hàng Á", "Ngân hàng B", "Nguyen Thi Hanh",
    "Nguyễn Thị Hanh", "Nguyễn Thị Hạnh", "o", "ô", "Ốt", "ơ", "Ớt", "Sở Nội vụ", "Sở Xây dựng", "Sở Y tế", "Trần A",
    "Trần Ă", "Trần Â", "u", "UBND phường 10", "UBND phường 2", "Ung", "Ủy ban nhân dân", "ư", "Ứng",
]  # fmt: skip
"""Sorted by ICU 78.3. The PostgreSQL of the tests has no ICU that could do it here."""


def shuffled(names: list[str]) -> list[str]:
    return random.Random(7).sample(names, len(names))


def test_names_are_sorted_as_icu_sorts_them() -> None:
    assert sorted(shuffled(BY_ICU), key=vi_key) == BY_ICU


def test_dang_uy_stands_between_d_and_e_and_the_tones_in_their_order() -> None:
    assert sorted(["Em", "Đảng ủy", "Dân tộc", "Du lịch"], key=vi_key) == ["Dân tộc", "Du lịch", "Đảng ủy", "Em"]
    assert sorted("ạáãảàa", key=vi_key) == list("aàảãáạ")


def test_composed_and_decomposed_letters_are_the_same_name() -> None:
    for name in BY_ICU:
        assert vi_key(unicodedata.normalize("NFD", name)) == vi_key(unicodedata.normalize("NFC", name)), name


def test_a_tone_counts_only_where_all_letters_are_the_same() -> None:
    assert sorted(["Hòa Bình", "Hoa Lư", "Hoà An"], key=vi_key) == ["Hoà An", "Hòa Bình", "Hoa Lư"]


def test_choices_on_pages_are_sorted_by_name_and_not_by_id() -> None:
    assert by_name({"a": "Đông Á", "b": "Công thương", "c": "Eximbank"}) == [
        ("b", "Công thương"), ("a", "Đông Á"), ("c", "Eximbank"),
    ]  # fmt: skip
