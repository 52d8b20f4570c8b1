"""Statements of one file that repeat each other, overlap or are pages; and money in another currency than đồng."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.ledger.occurrences import occurrences
from gateway.ledger.statements import digest_of
from gateway.model import Balance, Statement
from tests.ledger.story import MONDAY, Story
from tests.ledger.test_statements import entry, load, statement

pytestmark = pytest.mark.services


def total(story: Story) -> object:
    return story.one("SELECT count(*), sum(amount) FROM gateway.statement_entry")


def numbered(*told: Statement) -> list[list[int]]:
    return occurrences(told, [[digest_of(one.account, line) for line in one.entries] for one in told])


def without_balances(one: Statement) -> Statement:
    return replace(one, opening=None, closing=None)


@pytest.mark.parametrize("balances", [True, False])
def test_a_statement_that_stands_twice_in_one_file_counts_once(story: Story, balances: bool) -> None:
    one = statement(entry(5, "A"), entry(5, "A"), entry(7))
    one = one if balances else without_balances(one)
    result = load(story, one, one)
    assert (result.statements, result.new_entries) == (2, 3)
    assert total(story) == (3, 17)
    assert story.one("SELECT count(*) FROM gateway.statement_entry_seen") == 6


def test_an_entry_that_overlapping_statements_of_one_file_tell_counts_once(story: Story) -> None:
    load(story, statement(entry(5), entry(5)), statement(entry(5), entry(5), entry(7, "B")))
    assert total(story) == (3, 17)


def test_what_one_statement_tells_more_often_than_the_other_counts_as_often(story: Story) -> None:
    load(story, without_balances(statement(entry(5))), without_balances(statement(entry(5), entry(5))))
    assert total(story) == (2, 10)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (0, 2, 1)])
def test_equal_lines_on_pages_of_one_statement_are_as_many_entries(story: Story, order: tuple[int, ...]) -> None:
    pages = [statement(entry(5), opening=opening) for opening in (0, 5, 10)]
    load(story, *(pages[at] for at in order))
    assert total(story) == (3, 15)


def test_a_page_that_is_told_again_counts_once() -> None:
    first, back = statement(entry(5)), statement(entry(-5), opening=5)
    assert numbered(first, back, first, statement(entry(5))) == [[1], [1], [1], [1]]


def test_statements_of_an_emptied_account_that_overlap_are_no_pages() -> None:
    swept = statement(entry(5), entry(-5))
    assert numbered(swept, statement(entry(5), entry(-5), entry(7))) == [[1, 1], [1, 1, 1]]


def test_a_statement_in_dollars_is_told_and_never_becomes_dong(story: Story) -> None:
    dollars = replace(entry(100_000, "A"), currency="USD")
    result = load(story, replace(statement(dollars), currency="USD"))
    assert result.new_entries == 0
    [(code, text)] = result.problems
    assert code == "statement-currency-foreign"
    assert "USD" in text
    assert "1 of its 1 entries" in text
    assert total(story) == (0, None)
    assert story.one("SELECT currency, opening, closing, entry_count, entry_sum FROM gateway.statement") == (
        "USD", None, None, 1, 0,
    )  # fmt: skip


def test_a_line_in_dollars_is_kept_out_and_hides_no_line_in_dong(story: Story) -> None:
    dollars = replace(entry(100_000, "A"), currency="USD")
    result = load(story, statement(entry(5, "B"), dollars, closing=5))
    assert [code for code, _ in result.problems] == ["statement-currency-foreign"]
    assert total(story) == (1, 5)
    assert story.one("SELECT opening, closing FROM gateway.statement") == (0, 5)


def test_a_statement_that_names_no_currency_is_not_taken_for_dong(story: Story) -> None:
    nameless = replace(statement(replace(entry(5), currency="")), currency="", opening=Balance(MONDAY, 0))
    [(code, text)] = load(story, nameless).problems
    assert (code, "an unnamed currency" in text) == ("statement-currency-foreign", True)
