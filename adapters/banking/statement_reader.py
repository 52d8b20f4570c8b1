"""Statement files of one partner: verified by their detached signature, then read into our words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from adapters.banking.account_names import agreed_account
from adapters.banking.statements import read_statements
from adapters.banking.statements.model import Agreed, ParsedEntry, ParsedStatement
from adapters.banking.statements.model import Balance as ParsedBalance
from gateway.errors import Malformed
from gateway.model import Balance, Statement, StatementEntry
from gateway.partners import Files, Partner
from gateway.ports import FetchedDocument

Verify = Callable[[FetchedDocument], str]
"""The thumbprint of who signed a fetched file. Raises Untrusted."""


@dataclass(frozen=True, slots=True)
class BankStatementReader:
    """``StatementReader`` for camt.053, MT940 and the intermediary's fixed-width file, as the partner is configured."""

    partner: Partner
    files: Files
    verify_signature: Verify

    def business_on(self, name: str) -> date | None:
        """The day in the file's name (group ``date`` of ``name_pattern``, yyyymmdd); None where it says none."""
        match = re.fullmatch(self.files.name_pattern, name)
        digits = match.groupdict().get("date") if match else None
        if not digits:
            return None
        try:
            return date.fromisoformat(digits)
        except ValueError:
            return None

    def verify(self, document: FetchedDocument) -> str:
        """The signer's thumbprint. Raises Untrusted."""
        return self.verify_signature(document)

    def read(self, document: FetchedDocument) -> Sequence[Statement]:
        """The statements of a verified file; what does not add up is a problem of its own statement.

        Raises Malformed: what the file's codec raises, and ``statement-format-unexpected``.
        """
        found = read_statements(
            document.path,
            encoding=None if self.files.format == "camt.053" else self.files.encoding,
            name=document.name,
            agreed=Agreed(
                total=self.files.declared_total,
                bank_bin=self.partner.accounts.bin if self.partner.accounts else "",
                transaction_on=self.business_on(document.name),
            ),
        )
        if not found.format.startswith(self.files.format):
            raise Malformed(
                f"the file is {found.format}, but {self.files.format} is agreed",
                code="statement-format-unexpected",
                where=document.name,
                action="ask the partner, or correct `format` in its configuration",
            )
        return [self._statement(parsed, document.name) for parsed in found.statements]

    def _statement(self, parsed: ParsedStatement, where: str) -> Statement:
        accounts = self.partner.accounts
        problems = [(problem.code, problem.message) for problem in parsed.problems]
        # A fixed-width file without records names no account: it speaks of the account that is agreed.
        told = parsed.account or (accounts.default if accounts else "")
        account = agreed_account(told, parsed.currency, accounts.all()) if accounts is not None else told
        if account is None:
            problems.append(("statement-of-another-account", "this account is none of those agreed with the partner"))
        return Statement(
            partner=self.partner.id,
            account=told if account is None else account,
            currency=parsed.currency,
            opening=_balance(parsed.opening, parsed.currency),
            closing=_balance(parsed.closing, parsed.currency),
            entries=tuple(_entries(parsed, where)),
            problems=tuple(problems),
            statement_id=parsed.statement_id,
        )


def _balance(parsed: ParsedBalance | None, currency: str) -> Balance | None:
    """None also for one in another currency than the statement's (a problem of it): its units are others."""
    return None if parsed is None or parsed.currency not in ("", currency) else Balance(parsed.on, parsed.amount)


def _entries(parsed: ParsedStatement, where: str) -> Iterator[StatementEntry]:
    """What is booked, and failed attempts that the intermediary lists: they carry its response code and move no money.

    Pending and announced lines of a bank are no money yet (the codec names them as problems).
    """
    end = parsed.closing or parsed.opening
    remarks = _remarks(parsed)
    for entry in parsed.entries:
        if not entry.booked and not entry.response:
            continue
        booked_on = entry.booked_on or entry.value_on or (end.on if end else None)
        if booked_on is None:
            raise Malformed("an entry has no date at all", code="entry-without-date", where=where, line=entry.line)
        yield _entry(entry, booked_on, remarks.get(entry.line, {}))


def _remarks(parsed: ParsedStatement) -> dict[int, dict[str, str]]:
    """What the intermediary says of a line beside its money: reconciliation code 35 or 31 (domain.md 4.3)."""
    found: dict[int, dict[str, str]] = {}
    for problem in parsed.problems:
        remarks = found.setdefault(problem.line, {})
        if problem.code == "partner-reports-difference":
            remarks["reconciliation_code"] = problem.message[-3:-1]
    return found


def _entry(entry: ParsedEntry, booked_on: date, remarks: Mapping[str, str]) -> StatementEntry:
    codes = {"type_code": entry.type_code, "response_code": entry.response}
    return StatementEntry(
        booked_on=booked_on,
        value_on=entry.value_on or booked_on,
        amount=entry.amount,
        currency=entry.currency,
        references={**entry.references, **remarks, **{name: code for name, code in codes.items() if code}},
        text=entry.text,
        line=entry.line,
    )
