"""JSON of partners: its letters composed, what no table keeps refused, and no depth that ends a run."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.wire.partner_json import read_json

COMPOSED = "Hồ sơ đã tiếp nhận"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


@pytest.mark.unit
def test_keys_and_values_are_composed_and_left_alone_where_a_check_sum_is_over_them() -> None:
    text = f'{{"{DECOMPOSED}": ["{DECOMPOSED}", 1, null]}}'
    assert read_json(text) == {COMPOSED: [COMPOSED, 1, None]}
    assert read_json(text, as_sent=True) == {DECOMPOSED: [DECOMPOSED, 1, None]}


@pytest.mark.unit
@pytest.mark.parametrize("text", [r'"\u0000"', r'"\ud800"', r'{"a\ud83d": 1}'])
def test_what_no_table_keeps_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="half a surrogate pair"):
        read_json(text)


@pytest.mark.property
@given(depth=st.integers(1, 200_000), letter=st.sampled_from(["a", "é", "\\u0301"]))
def test_any_depth_is_read_or_refused_and_ends_no_run(depth: int, letter: str) -> None:
    text = "[" * depth + f'"{letter}"' + "]" * depth
    try:
        read_json(text)
    except ValueError as refused:
        assert str(refused) == "nested too deep"  # noqa: PT017 - either is right
