"""What people may write to say what a credit was of."""

from __future__ import annotations

import pytest

from gateway.reconciliation.credited import Book, names

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("remark", "words", "named"),
    [
        ("bảng kê BK0001.", ("BK0001",), True),
        ("bảng kê bk0001", ("BK0001",), True),
        ("bảng kê BK00012", ("BK0001",), False),
        ("quyển AA/26/0000101-0000103", ("A/26/0000101-0000103",), False),
        ("tiền 23/11/2026 của intermediary", ("intermediary", "23/11/2026"), True),
        ("tiền của intermediary", ("intermediary", "23/11/2026"), False),
        ("", ("BK0001",), False),
    ],
)
def test_a_remark_names_a_thing_by_its_whole_words(remark: str, words: tuple[str, ...], named: bool) -> None:
    assert names([remark], *words) is named


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Book("AA/26", "0000101", "0000103"), Book("AA/26", "0000103", "0000110"), True),
        (Book("AA/26", "0000101", "0000103"), Book("AA/26", "0000104", "0000110"), False),
        (Book("AA/26", "101", "103"), Book("AA/26", "0000102", "0000102"), True),
        (Book("AA/26", "0000101", "0000103"), Book("BB/26", "0000101", "0000103"), False),
        (Book("AA/26", "A1", "A3"), Book("AA/26", "A1", "A3"), True),
        (Book("AA/26", "A1", "A3"), Book("AA/26", "A2", "A2"), False),
    ],
)
def test_receipts_of_one_series_are_the_same_money_where_they_overlap(one: Book, other: Book, same: bool) -> None:
    assert one.overlaps(other) is same
    assert other.overlaps(one) is same
