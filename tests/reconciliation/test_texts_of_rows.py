"""Texts of rows as the engine's database writes them: the very bytes that the judges write in Python."""

from __future__ import annotations

import json
from collections.abc import Iterator

import duckdb
import pytest

from gateway.masking import stored_account
from gateway.reconciliation import engine, result
from gateway.reconciliation.outcomes import dong

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    with engine.workspace(engine.connect()) as own:
        result.begin(own)
        yield own


def said(duck: duckdb.DuckDBPyConnection, macro: str, value: object) -> object:
    ((answer,),) = duck.execute(f"SELECT {macro}(?)", [value]).fetchall()
    return answer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Phí hồ sơ 000.00.19.H49-261123-0001",
        'dấu " và \\ và /',
        "đã viết \\u00e1, \\\\u và \x7f \u2028 <😀>",
        *(f"trước{chr(sign)}sau" for sign in range(1, 0x20)),
        "".join(map(chr, range(1, 0x20))),
    ],
)
def test_text_as_json_is_what_pythons_json_writes(duck: duckdb.DuckDBPyConnection, text: str) -> None:
    assert said(duck, "text_json", text) == json.dumps(text, ensure_ascii=False)


@pytest.mark.parametrize("amount", [0, 7, 999, 1_000, 1_234_567, -50_000, 10**14])
def test_an_amount_is_written_as_for_people(duck: duckdb.DuckDBPyConnection, amount: int) -> None:
    assert said(duck, "dong", amount) == dong(amount)


@pytest.mark.parametrize("account", ["", "123", "1120000000101"])
def test_an_account_is_masked_as_it_is_stored(duck: duckdb.DuckDBPyConnection, account: str) -> None:
    assert said(duck, "masked", account) == stored_account(account)


@pytest.mark.parametrize("column", ["payment_pks", "refund_pks", "entry_pks", "verdict", "reference", "reason"])
def test_a_row_that_does_not_say_everything_is_refused_and_never_lost(
    duck: duckdb.DuckDBPyConnection, column: str
) -> None:
    row = {"outcome": "'matched'", "class": "'fee'", "our_amount": "1", "their_amount": "1", "reason": "'Khớp'"}
    values = ", ".join(f"{value} AS {name}" for name, value in {**row, column: "NULL"}.items())
    with pytest.raises(duckdb.ConstraintException, match=f"NOT NULL constraint failed: judged.{column}"):
        duck.execute(f"INSERT INTO judged BY NAME SELECT {values}")
