"""Statements: the identity of entries, continuity, and files that repeat, overlap or lie."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.errors import Conflict
from gateway.ledger import remittances, statements
from gateway.model import Balance, Remittance, RemittanceLine, Statement, StatementEntry
from tests.ledger.story import MONDAY, Story

pytestmark = pytest.mark.services
ACCOUNT = "1120000000101"
SUNDAY = date(2026, 11, 22)


def entry(amount: int, reference: str = "", text: str = "", on: date = MONDAY) -> StatementEntry:
    return StatementEntry(on, on, amount, "VND", {"end_to_end": reference} if reference else {}, text)


def statement(
    *entries: StatementEntry, opening: int = 0, closing: int | None = None, account: str = ACCOUNT
) -> Statement:
    end = opening + sum(e.amount for e in entries) if closing is None else closing
    return Statement("bank-a", account, "VND", Balance(MONDAY, opening), Balance(MONDAY, end), entries)


def load(story: Story, *told: Statement, name: str = "F1", on: date = MONDAY) -> statements.LoadResult:
    return statements.load(
        story.conn, story.message(), told, partner=story.partners["bank-a"], business_on=on,
        file_name=name, sha256=f"sha {name}", now=story.now,
    )  # fmt: skip


def test_two_equal_lines_of_one_file_are_two_entries(story: Story) -> None:
    assert load(story, statement(entry(5, "A"), entry(5, "A"))).new_entries == 2


@pytest.mark.parametrize("nothing", ["NOTPROVIDED", "NONREF", "Not Provided"])
def test_a_bank_s_word_for_no_reference_is_none(story: Story, nothing: str) -> None:
    """camt (ISO 20022) and MT940 fill what nobody gave: people read a code there, and it tells nothing."""
    load(story, statement(entry(5, nothing), entry(7, "FT1")))
    assert story.rows("SELECT keys FROM gateway.statement_entry ORDER BY amount") == [("",), ("FT1",)]


def test_the_same_file_again_adds_nothing(story: Story) -> None:
    load(story, statement(entry(5, "A")))
    again = load(story, statement(entry(5, "A")))
    assert (again.new_entries, again.days) == (0, ())
    assert story.one("SELECT count(*) FROM gateway.statement") == 1


def test_overlapping_files_store_each_entry_once_and_say_where_it_was_seen(story: Story) -> None:
    load(story, statement(entry(5, "A"), entry(5, "A")), name="F1")
    result = load(story, statement(entry(5, "A"), entry(5, "A"), entry(7, "B")), name="F2")
    assert (result.new_entries, result.problems) == (1, ())
    assert story.one("SELECT count(*), sum(amount) FROM gateway.statement_entry") == (3, 17)
    assert story.one("SELECT count(*) FROM gateway.statement_entry_seen") == 5


def test_one_file_or_two_files_store_the_same_entries(story: Story) -> None:
    load(story, statement(entry(5, "A")), name="F1")
    load(story, statement(entry(7, "B"), opening=5), name="F2")
    apart = story.rows("SELECT digest, occurrence FROM gateway.statement_entry ORDER BY 1")
    story.conn.rollback()
    story.count = 0
    load(story, statement(entry(5, "A"), entry(7, "B")), name="F3")
    assert story.rows("SELECT digest, occurrence FROM gateway.statement_entry ORDER BY 1") == apart


def test_balances_that_do_not_continue_are_a_problem_of_that_statement(story: Story) -> None:
    load(story, statement(entry(5, "A")), name="F1")
    result = load(story, statement(entry(7, "B"), opening=100), name="F2")
    assert [code for code, _ in result.problems] == ["balances-do-not-continue"]
    assert (
        story.one("SELECT problems -> 0 ->> 0 FROM gateway.statement WHERE file_name = 'F2'")
        == "balances-do-not-continue"
    )


def test_a_statement_of_another_account_is_kept_used_for_nothing_and_hides_no_other(story: Story) -> None:
    result = load(story, statement(entry(9, "X"), account="9999888877"), statement(entry(5, "A")))
    assert [code for code, _ in result.problems] == ["statement-account-foreign"]
    assert "9999888877" not in result.problems[0][1]
    assert story.one("SELECT amount FROM gateway.statement_entry") == 5
    assert story.one("SELECT count(*) FROM gateway.statement WHERE NOT ours") == 1


def test_our_references_are_read_from_structured_fields_only(story: Story) -> None:
    named = StatementEntry(
        MONDAY, MONDAY, 5, "VND", {"end_to_end": "QN2611230000012", "end_to_end#2": "qn2611230000013", "bank": "FT 1"},
        "QN2611230000099",
    )  # fmt: skip
    load(story, statement(named))
    assert story.one("SELECT tokens, keys FROM gateway.statement_entry") == (
        "QN2611230000012 QN2611230000013",
        "FT1 QN2611230000012 qn2611230000013",
    )


def remittance(story: Story, sha256: str, *lines: RemittanceLine, total: int) -> statements.LoadResult:
    told = Remittance("vnpost", "B1", MONDAY, "1120000000303", lines, 2, total)
    return remittances.load(
        story.conn, story.message(), told, partner=story.partners["vnpost"], business_on=MONDAY,
        file_name="cod.csv", sha256=sha256, now=story.now,
    )  # fmt: skip


def test_a_remittance_that_does_not_add_up_says_which_sum_is_wrong(story: Story) -> None:
    line = RemittanceLine("H49.12-20261123-0000001", "EV1", 100, 30, MONDAY)
    result = remittance(story, "x", line, total=131)
    assert [code for code, _ in result.problems] == ["remittance-count", "remittance-total"]
    assert remittance(story, "x", line, total=131).new_entries == 0
    with pytest.raises(Conflict) as other:
        remittance(story, "y", line, total=131)
    assert other.value.code == "remittance-known"
