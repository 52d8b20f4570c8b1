"""A day whose statements do not add up, or do not continue, waits for a person; nobody proposes or approves it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import psycopg
import pytest

from gateway.errors import Conflict
from gateway.ledger import statements
from gateway.model import Balance, Statement, StatementEntry
from gateway.reconciliation import completeness, continuity
from gateway.reconciliation.day import verify
from gateway.reconciliation.decisions import approve, propose
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import ACCOUNT, DayStory

pytestmark = pytest.mark.services
NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
SUNDAY, TUESDAY = date(2026, 11, 22), date(2026, 11, 24)
OTHER_ACCOUNT = "1120000000202"
GAP = 7_000_000


def tell(
    day: DayStory,
    *entries: StatementEntry,
    opening: int = 0,
    gap: int = 0,
    on: date = MONDAY,
    problems: tuple[str, ...] = (),
    account: str = ACCOUNT,
    partner: str = "bank-a",
    balances: bool = True,
) -> None:
    """One file with one statement; its closing is ``gap`` more than its entries say."""
    day.files += 1
    closing = opening + sum(entry.amount for entry in entries) + gap
    told = Statement(
        partner,
        account,
        "VND",
        Balance(on, opening) if balances else None,
        Balance(on, closing) if balances else None,
        entries,
        tuple((code, "as the bank says") for code in problems),
        "S",
    )
    statements.load(
        day.conn, day.message(), [told], partner=day.partners[partner], business_on=on,
        file_name=f"F{day.files}", sha256=f"sha-{day.files}", now=day.now,
    )  # fmt: skip


def paid(day: DayStory, amount: int = 100_000) -> StatementEntry:
    """A payment that we know of, and the bank's line of it."""
    reference = day.owe(amount)
    day.pay(reference, amount)
    return StatementEntry(MONDAY, MONDAY, amount, "VND", {"end_to_end": reference}, "")


def test_a_statement_whose_entries_do_not_give_its_closing_balance_stops_the_day(day: DayStory) -> None:
    tell(day, paid(day), gap=GAP)
    judged = day.judge()
    assert (judged.stopped, judged.state, judged.version) == ("balance-does-not-add-up", "open", 0)
    assert day.one("SELECT stopped FROM gateway.recon_day") == "balance-does-not-add-up"


def test_an_empty_statement_with_a_broken_balance_stops_the_day_although_nothing_is_owed(day: DayStory) -> None:
    tell(day, gap=GAP)
    assert day.judge().stopped == "balance-does-not-add-up"


def test_a_statement_that_does_not_open_with_the_last_closing_balance_stops_the_day(day: DayStory) -> None:
    tell(day, on=SUNDAY)
    tell(day, paid(day), opening=GAP)
    assert day.judge(on=SUNDAY).stopped == ""
    assert day.judge().stopped == "balances-do-not-continue"


def test_a_gap_between_two_files_of_one_day_stops_the_day(day: DayStory) -> None:
    tell(day, paid(day))
    tell(day, paid(day, 50_000), opening=100_000 + GAP)
    assert day.judge().stopped == "balance-does-not-add-up"


def test_the_missing_file_between_two_others_lets_the_day_go_on(day: DayStory) -> None:
    first, second, third = paid(day), paid(day, GAP), paid(day, 50_000)
    tell(day, first)
    tell(day, third, opening=100_000 + GAP)
    assert day.judge().stopped == "balance-does-not-add-up"
    tell(day, second, opening=100_000)
    judged = day.judge()
    assert (judged.stopped, judged.state) == ("", "reconciled")
    assert day.one("SELECT stopped FROM gateway.recon_day") == ""


def test_files_that_arrive_in_another_order_than_the_bank_wrote_them_stop_nothing(day: DayStory) -> None:
    first, second = paid(day), paid(day, 50_000)
    tell(day, second, opening=100_000)
    tell(day, first)
    assert day.judge().stopped == ""


def test_an_account_that_money_was_paid_into_and_that_has_no_statement_stops_the_day(day: DayStory) -> None:
    entry = paid(day)
    reference = day.owe(70_000, procedure_code="1.004199")
    day.pay(reference, 70_000)
    tell(day, entry)
    assert day.judge().stopped == "statement-missing"
    line = StatementEntry(MONDAY, MONDAY, 70_000, "VND", {"end_to_end": reference}, "")
    tell(day, line, account=OTHER_ACCOUNT)
    assert day.judge().stopped == ""


def test_the_next_statement_of_an_account_that_had_none_must_open_with_its_last_closing(day: DayStory) -> None:
    tell(day, on=SUNDAY, account=OTHER_ACCOUNT, opening=1_000)
    tell(day, paid(day))
    assert day.judge().stopped == ""
    tell(day, on=TUESDAY, opening=100_000)
    tell(day, on=TUESDAY, account=OTHER_ACCOUNT, opening=1_000 + GAP)
    assert day.judge(on=TUESDAY, now=datetime(2026, 11, 25, 5, tzinfo=UTC)).stopped == "balances-do-not-continue"


@pytest.mark.parametrize("code", sorted(continuity.UNPROVEN))
def test_a_statement_of_which_something_was_not_read_stops_the_day(day: DayStory, code: str) -> None:
    tell(day, paid(day), problems=("empty-statement", code))
    assert day.judge().stopped == code


@pytest.mark.parametrize("code", ["unbooked-entry", "outcome-pending", "partner-reports-difference", "field-repeated"])
def test_what_a_bank_says_beside_its_money_stops_nothing(day: DayStory, code: str) -> None:
    tell(day, paid(day), problems=(code,))
    assert day.judge().stopped == ""


def test_a_corrected_file_that_tells_everything_again_lets_the_day_go_on(day: DayStory) -> None:
    kept = paid(day)
    tell(day, kept, gap=GAP, problems=("bad-entry", "balance-does-not-add-up"))
    assert day.judge().stopped == "balance-does-not-add-up"
    tell(day, kept, paid(day, GAP))
    assert day.judge().stopped == ""


@pytest.mark.parametrize("times", [1, 2])
def test_a_corrected_closing_of_an_account_on_which_nothing_moved_lets_the_day_go_on(day: DayStory, times: int) -> None:
    tell(day, paid(day))
    tell(day, account=OTHER_ACCOUNT, opening=1_000, gap=GAP)
    assert day.judge().stopped == "balance-does-not-add-up"
    for _ in range(times):
        tell(day, account=OTHER_ACCOUNT, opening=1_000)
    assert day.judge().stopped == ""


def test_a_later_file_that_leaves_something_out_corrects_nothing(day: DayStory) -> None:
    tell(day, paid(day), partner="bank-a", balances=False, problems=("trailer-count-differs",))
    tell(day, paid(day, 50_000), balances=False)
    assert day.judge().stopped == "trailer-count-differs"


def test_a_person_lets_exactly_those_files_pass_with_a_reason(day: DayStory) -> None:
    tell(day, paid(day), gap=GAP)
    assert day.judge().stopped == "balance-does-not-add-up"
    completeness.release(day.conn, day.partners["bank-a"], MONDAY, "an", "ngân hàng xác nhận bằng văn bản", NOON)
    judged = day.judge()
    assert (judged.stopped, judged.state) == ("", "reconciled")
    propose(day.conn, day.partners["bank-a"], MONDAY, "an", now=NOON)
    approve(day.conn, day.partners["bank-a"], MONDAY, "binh", now=NOON)
    tell(day, paid(day, 50_000), opening=100_000 + GAP, gap=GAP)
    assert day.judge().stopped == "balance-does-not-add-up"


def test_a_gap_that_comes_after_the_day_was_judged_lets_nobody_propose_it(day: DayStory) -> None:
    bank = day.partners["bank-a"]
    tell(day, paid(day))
    assert day.judge().version == 1
    tell(day, paid(day, 50_000), opening=100_000 + GAP)
    with pytest.raises(Conflict) as before_the_next_run:
        propose(day.conn, bank, MONDAY, "an", now=NOON)
    assert before_the_next_run.value.code == "day-stopped"
    assert "balance-does-not-add-up" in str(before_the_next_run.value)
    judged = day.judge()
    assert (judged.stopped, judged.state, judged.version) == ("balance-does-not-add-up", "reconciled", 1)
    assert day.one("SELECT stopped FROM gateway.recon_day") == "balance-does-not-add-up"


def test_a_gap_that_comes_after_the_proposal_lets_nobody_approve_it(day: DayStory) -> None:
    bank = day.partners["bank-a"]
    tell(day, paid(day))
    day.judge()
    propose(day.conn, bank, MONDAY, "an", now=NOON)
    tell(day, on=SUNDAY, opening=GAP)  # a late file of the day before shows that money is missing between the two
    with pytest.raises(Conflict) as refused:
        approve(day.conn, bank, MONDAY, "binh", now=NOON)
    assert refused.value.code == "day-stopped"
    assert day.one("SELECT state FROM gateway.recon_day") == "proposed"


def test_the_schema_itself_takes_no_proposal_of_a_day_that_is_stopped(day: DayStory) -> None:
    tell(day, paid(day))
    digest = day.judge().snapshot_sha256
    day.conn.execute("UPDATE gateway.recon_day SET stopped = 'balance-does-not-add-up'")
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        day.conn.execute(
            "INSERT INTO gateway.recon_decision (partner, business_on, version, act, by_user, at, snapshot_sha256,"
            " reason) VALUES ('bank-a', %s, 1, 'propose', 'an', %s, %s, '')",
            (MONDAY, NOON, digest),
        )
    assert refused.value.diag.constraint_name == "decision_day_stopped"


def test_a_day_that_was_judged_before_balances_were_looked_at_verifies_with_the_same_bytes(day: DayStory) -> None:
    """A version from before this rule: judged with the gap, and nobody has vouched for its files."""
    tell(day, paid(day))
    before = day.judge().snapshot_sha256
    day.conn.execute("UPDATE gateway.statement SET closing = closing + %s", (GAP,))
    assert verify(day.conn, day.partners["bank-a"], MONDAY)
    again = day.judge()
    assert (again.stopped, again.version) == ("balance-does-not-add-up", 1)
    assert day.one("SELECT snapshot_sha256 FROM gateway.recon_version") == before
