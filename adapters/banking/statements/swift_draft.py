"""One MT940 or MT942 statement while it is read, and what is wrong with it once it is complete."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.banking.statements import swift_fields as swift
from adapters.banking.statements.model import Balance, StatementProblem, Tally, add_problem, balance_problems
from adapters.banking.statements.money import EXPONENTS

Line = tuple[int, list[str], list[str], list[str]]
"""Line number, field 61, and the fields 86 and NS that belong to it. A bare tuple, as entries come by the 100,000."""


@dataclass(slots=True)
class Draft:
    """The statement being read."""

    line: int
    reference: str = ""
    account: str = ""
    number: str = ""
    currency: str = ""
    opening: Balance | None = None
    closing: Balance | None = None
    intermediate: bool = False  # opened by 60M: the page before must close with it
    closed: bool = False
    interim: bool = False  # an MT942: fields 13 and 34 stand in no other message
    totals: dict[str, tuple[swift.Total, int]] = field(default_factory=dict)
    waiting: list[Line] = field(default_factory=list)  # entries whose currency is not known yet
    tally: Tally = field(default_factory=Tally)
    problems: list[StatementProblem] = field(default_factory=list)

    def problem(self, code: str, message: str, line: int) -> None:
        add_problem(self.problems, StatementProblem(code, message, line))


def judge(draft: Draft, pages: dict[str, Balance], seen: set[tuple[object, ...]]) -> None:
    """Adds what is wrong with a complete statement to its problems."""
    if not draft.account:
        draft.problem("account-missing", "the statement names no account (field 25)", draft.line)
    if not draft.currency:
        draft.problem("currency-missing", "the statement names no currency; two decimals are assumed", draft.line)
    elif draft.currency not in EXPONENTS:
        draft.problem("unknown-currency", f"{draft.currency!r} is no currency of ISO 4217", draft.line)
    if not draft.tally.count:
        draft.problem("empty-statement", "the statement has no entries", draft.line)
    interim = (draft.interim or bool(draft.totals)) and draft.opening is None
    for name, balance in (("opening", draft.opening), ("closing", draft.closing)):
        if balance is None and not interim:
            draft.problem("balance-missing", f"the {name} balance is missing", draft.line)
    draft.problems.extend(balance_problems(draft.opening, draft.closing, draft.tally, line=draft.line))
    _judge_totals(draft)
    before = pages.get(draft.account)
    if draft.intermediate and draft.opening and before and before.amount != draft.opening.amount:
        draft.problem(
            "balances-do-not-continue",
            f"the page before closes with {before.amount}, this one opens with {draft.opening.amount}",
            draft.line,
        )
    if draft.closing:
        pages[draft.account] = draft.closing
    identity = (draft.account, draft.reference, draft.number, draft.opening, draft.closing, draft.tally.fingerprint)
    if identity in seen and draft.tally.count:
        draft.problem("duplicate-statement", "the same statement stands in this file before", draft.line)
    seen.add(identity)


def _judge_totals(draft: Draft) -> None:
    for side, (said, line) in draft.totals.items():
        tally = draft.tally
        count = tally.debit_count if side == "D" else tally.count - tally.debit_count
        amount = tally.debits if side == "D" else tally.credits
        if (said.count, said.amount) != (count, amount):
            told = f"says {said.count} entries of {said.amount}, the file has {count} of {amount}"
        elif said.currency != draft.currency:
            told = f"is in {said.currency}, the statement in {draft.currency}"
        else:
            continue
        draft.problem("totals-do-not-add-up", f"field 90{side} {told}", line)
