"""One camt statement while it is read: account, balances, totals, and whether the totals are true."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from adapters.banking.statements.camt_amounts import SIGNS, amount_of, clean
from adapters.banking.statements.camt_entry import day_of, line_of
from adapters.banking.statements.model import Balance, StatementProblem, Tally, add_problem
from adapters.banking.statements.money import minor_units
from gateway.errors import Malformed

_DIGITS_OF_COUNT = 15  # Max15NumericText


@dataclass(slots=True)
class Draft:
    line: int
    statement_id: str = ""
    account: str = ""
    currency: str = ""
    balances: dict[str, list[Balance]] = field(default_factory=dict)
    totals: dict[str, tuple[int | None, str | None, int]] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    problems: list[StatementProblem] = field(default_factory=list)

    def problem(self, code: str, message: str, line: int) -> None:
        add_problem(self.problems, StatementProblem(code, message, line))


def local_name(element: etree._Element) -> str:
    """Not by QName: a prefix that was never declared is part of the name, and QName raises."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def account_of(element: etree._Element) -> tuple[str, str]:
    """Number and currency of ``Acct``: ``IBAN``, ``Othr/Id``, of old ``BBAN``, ``UPIC``, ``PrtryAcct/Id``."""
    number = currency = ""
    for child in element:
        if local_name(child) == "Id" and len(child):
            choice = child[0]
            number = clean(choice[0].text if len(choice) else choice.text)
        elif local_name(child) == "Ccy":
            currency = clean(child.text).upper()
    return number, currency


def balance_of(element: etree._Element, days: dict[str, date]) -> tuple[str, Balance, bool]:
    """Code and balance of ``Bal``, and whether its mark was said: without one it is a credit balance.

    Raises ValueError or Malformed ``bad-amount``.
    """
    kind, sign, marked = "", 1, False
    amount: tuple[int, str] | None = None
    on: date | None = None
    for child in element:
        name = local_name(child)
        if name == "Tp":
            kind = next((clean(leaf.text) for leaf in child.iter() if local_name(leaf) in ("Cd", "Prtry")), "")
        elif name == "Amt":
            amount = amount_of(child)
        elif name == "CdtDbtInd":
            sign, marked = SIGNS.get(clean(child.text), 0), True
        elif name == "Dt":
            on = day_of(child, days) if len(child) else date.fromisoformat(clean(child.text)[:10])
    if amount is None or on is None or not sign or not kind:
        raise ValueError("a balance (Bal) lacks its type, amount, CdtDbtInd or date")
    return kind, Balance(on, sign * amount[0], amount[1]), marked


def judge_repeated(draft: Draft) -> None:
    """A booked balance that stands twice with two amounts: the first opening and the last closing one count."""
    for kind in ("OPBD", "CLBD"):
        amounts = {(one.amount, one.currency) for one in draft.balances.get(kind, ())}
        if len(amounts) > 1:
            draft.problem("field-repeated", f"{kind} stands {len(amounts)} times with other amounts", draft.line)


def settle_currency(draft: Draft, balances: list[Balance]) -> None:
    """The currency of the statement is that of its balances and entries; what ``Acct/Ccy`` says can be a mistake."""
    written = [balance.currency for balance in balances]
    if len(draft.tally.currencies) == 1:
        written += draft.tally.currencies
    if written and draft.currency not in (*written, *draft.tally.currencies):
        if draft.currency:
            named = ", ".join(sorted({*written, *draft.tally.currencies}))
            draft.problem(
                "account-currency-differs",
                f"the account is in {draft.currency} (Acct/Ccy), balances and entries are in {named}",
                draft.line,
            )
        draft.currency = written[0]


def totals_of(element: etree._Element) -> dict[str, tuple[int | None, str | None, int]]:
    """What ``TxsSummry`` says: per side (number, sum as text, line)."""
    totals = {}
    for child in element:
        name = local_name(child)
        if name in ("TtlNtries", "TtlCdtNtries", "TtlDbtNtries"):
            said = {local_name(part): clean(part.text) for part in child}
            number = said.get("NbOfNtries", "")
            counted = int(number) if number.isdecimal() and len(number) <= _DIGITS_OF_COUNT else None
            totals[name] = (counted, said.get("Sum"), line_of(child))
            if name == "TtlNtries" and (net := _net_of(child)):
                totals["TtlNetNtry"] = (None, net, line_of(child))
    return totals


def _net_of(total: etree._Element) -> str:
    """What ``TtlNtries`` says of credits less debits: ``TtlNetNtry`` (from version 03 on) or ``TtlNetNtryAmt``."""
    said = {local_name(part): clean(part.text) for part in total.iter()}
    amount = said.get("TtlNetNtryAmt") or (said.get("Amt", "") if "TtlNetNtry" in said else "")
    return f"-{amount}" if amount and said.get("CdtDbtInd") == "DBIT" else amount


def judge_totals(draft: Draft) -> None:
    tally = draft.tally
    counted = {
        "TtlNtries": (tally.count, tally.credits + tally.debits),
        "TtlCdtNtries": (tally.count - tally.debit_count, tally.credits),
        "TtlDbtNtries": (tally.debit_count, tally.debits),
        "TtlNetNtry": (tally.count, tally.credits - tally.debits),
    }
    for name, (number, total, line) in draft.totals.items():
        count, amount = counted[name]
        if number is not None and number != count:
            draft.problem("totals-do-not-add-up", f"{name} says {number} entries, the file has {count}", line)
        if total and len(draft.tally.currencies) <= 1:
            try:
                said = minor_units(total, draft.currency, negative=name == "TtlNetNtry")
            except Malformed as unreadable:
                draft.problem("bad-total", unreadable.message, line)
                continue
            net = abs(tally.credits - tally.debits)  # some banks write it for the sum of all
            if said != amount and not (name == "TtlNtries" and said == net):
                draft.problem("totals-do-not-add-up", f"{name} says a sum of {said}, the file has {amount}", line)
