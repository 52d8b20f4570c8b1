"""The COD remittance file: what is read, and every way in which it is refused with its line."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.postal.remittance import decode
from gateway.errors import Malformed, Untrusted
from gateway.model import Remittance, RemittanceLine

HEADER = "H,VNPOST-COD,1,test,COD-20261124-001,QN-HCC,2026-11-24,1120000000303"
FIRST = "D,1,H49.12-20261123-0001,QN1VN,150000,25000,2026-11-23"
SECOND = "D,2,H49.12-20261123-0002,QN2VN,30000,0,2026-11-23"
TRAILER = "T,2,180000,25000"


def read(*lines: str, environment: str = "test", encoding: str = "utf-8") -> Remittance:
    content = "".join(f"{line}\r\n" for line in lines).encode(encoding)
    return decode(content, partner="vnpost", environment=environment, customer_code="QN-HCC", where="COD.csv")


@pytest.mark.unit
def test_a_batch_is_read_with_state_fee_and_postage_apart() -> None:
    assert read(HEADER, FIRST, SECOND, TRAILER) == Remittance(
        partner="vnpost",
        batch_id="COD-20261124-001",
        remitted_on=date(2026, 11, 24),
        account="1120000000303",
        lines=(
            RemittanceLine("H49.12-20261123-0001", "QN1VN", 150_000, 25_000, date(2026, 11, 23)),
            RemittanceLine("H49.12-20261123-0002", "QN2VN", 30_000, 0, date(2026, 11, 23)),
        ),
        declared_count=2,
        declared_total=205_000,
    )


@pytest.mark.unit
def test_a_day_without_money_is_a_file_without_details() -> None:
    empty = read(HEADER, "T,0,0,0")
    assert (empty.lines, empty.declared_total) == ((), 0)


@pytest.mark.unit
def test_a_byte_order_mark_is_no_part_of_the_file() -> None:
    assert read(HEADER, FIRST, SECOND, TRAILER, encoding="utf-8-sig").declared_count == 2


@pytest.mark.unit
@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        ([HEADER, FIRST, SECOND, "T,3,180000,25000"], "trailer-count-differs", 4),
        ([HEADER, FIRST, TRAILER], "trailer-count-differs", 3),
        ([HEADER, FIRST, SECOND, "T,2,180001,25000"], "trailer-total-differs", 4),
        ([HEADER, FIRST, SECOND, "T,2,180000,24999"], "trailer-total-differs", 4),
        ([HEADER, FIRST, SECOND, "T,2,155000,50000"], "trailer-total-differs", 4),
        ([HEADER, FIRST.replace("150000", "150000.00"), SECOND, TRAILER], "bad-amount", 2),
        ([HEADER, FIRST.replace("150000", "1.5E+05"), SECOND, TRAILER], "bad-amount", 2),
        ([HEADER, FIRST.replace("150000", '"150,000"'), SECOND, TRAILER], "bad-amount", 2),
        ([HEADER, FIRST.replace("150000", "-150000"), SECOND, TRAILER], "bad-amount", 2),
        ([HEADER, FIRST.replace("150000", "0150000"), SECOND, TRAILER], "bad-amount", 2),
        ([HEADER, FIRST.replace("150000", ""), SECOND, TRAILER], "bad-amount", 2),
        ([HEADER, FIRST.replace("150000", "١٥٠٠٠٠"), SECOND, TRAILER], "bad-amount", 2),
        ([HEADER, SECOND, FIRST, TRAILER], "remittance-layout", 2),
        ([HEADER, FIRST.replace("2026-11-23", "23/11/2026"), SECOND, TRAILER], "remittance-layout", 2),
        ([HEADER, FIRST.replace("2026-11-23", "2026-W48-1"), SECOND, TRAILER], "remittance-layout", 2),
        ([HEADER, FIRST.replace("H49.12-20261123-0001", ""), SECOND, TRAILER], "remittance-layout", 2),
        ([HEADER, FIRST + ",thừa", SECOND, TRAILER], "remittance-layout", 2),
        ([HEADER, FIRST, "", SECOND, TRAILER], "remittance-layout", 3),
        ([FIRST, SECOND, TRAILER], "remittance-layout", 1),
        ([HEADER, FIRST, SECOND], "remittance-layout", 3),
        ([HEADER.replace(",1,test", ",2,test"), FIRST, SECOND, TRAILER], "remittance-layout", 1),
        ([HEADER.replace("QN-HCC", "HN-HCC"), FIRST, SECOND, TRAILER], "remittance-layout", 1),
        ([HEADER.replace("COD-20261124-001", ""), FIRST, SECOND, TRAILER], "remittance-layout", 1),
        ([], "remittance-layout", None),
    ],
)
def test_a_file_that_breaks_its_layout_is_refused_with_its_line(lines: list[str], code: str, line: int | None) -> None:
    with pytest.raises(Malformed) as caught:
        read(*lines)
    assert (caught.value.code, caught.value.line) == (code, line)


@pytest.mark.unit
def test_a_file_of_another_environment_is_not_believed() -> None:
    with pytest.raises(Untrusted) as caught:
        read(HEADER, FIRST, SECOND, TRAILER, environment="production")
    assert caught.value.code == "wrong-environment"


@pytest.mark.unit
def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(Malformed) as caught:
        read(HEADER.replace("COD-", "Đ-"), FIRST, SECOND, TRAILER, encoding="windows-1258")
    assert caught.value.code == "remittance-layout"


money = st.integers(min_value=0, max_value=10**12)


@pytest.mark.property
@given(st.lists(st.tuples(money, money), max_size=20))
def test_what_is_declared_is_the_sum_of_what_is_read(amounts: list[tuple[int, int]]) -> None:
    details = [f"D,{n},H-{n},QN{n}VN,{fee},{postage},2026-11-23" for n, (fee, postage) in enumerate(amounts, 1)]
    fees, postages = (sum(pair[side] for pair in amounts) for side in (0, 1))
    found = read(HEADER, *details, f"T,{len(amounts)},{fees},{postages}")
    assert [(line.state_fee, line.postage) for line in found.lines] == amounts
    assert found.declared_total == fees + postages


@pytest.mark.property
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_and_never_crash(content: bytes) -> None:
    codes = {
        "remittance-layout", "bad-amount", "trailer-count-differs", "trailer-total-differs", "wrong-environment",
    }  # fmt: skip
    assert _code(content) in {"", *codes}


def _code(content: bytes) -> str:
    try:
        decode(content, partner="vnpost", environment="test", customer_code="QN-HCC", where="COD.csv")
    except (Malformed, Untrusted) as error:
        return error.code
    return ""
