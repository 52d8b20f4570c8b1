"""Short ways to tell a day of payments and statements, and to ask how it was judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from gateway.ledger import remittances, statements
from gateway.model import Balance, Remittance, RemittanceLine, Statement, StatementEntry
from gateway.reconciliation.break_decisions import AT_STAKE
from gateway.reconciliation.day import ReconciledDay, reconcile
from tests.ledger.story import MONDAY, Story

ACCOUNT = "1120000000101"
TUESDAY_MORNING = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@dataclass
class DayStory(Story):
    entries: list[StatementEntry] = field(default_factory=list)
    number: int = 0

    def employ(self, **people: str) -> None:
        """Give people a role, as the owner of the database does."""
        for user, role in people.items():
            self.conn.execute(
                "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
                " VALUES (%s, %s, 'grant', 'setup', %s)",
                (user, role, self.now),
            )

    def accept_everything(self, user: str, partner: str = "bank-a", on: date = MONDAY) -> None:
        """A person accepts every break of the day's current version."""
        self.conn.execute(
            "INSERT INTO gateway.break_decision (partner, business_on, version, row_key, kind, reason, amount,"
            " by_user, at)"
            " SELECT v.partner, v.business_on, v.version, r.row_key, 'accept', 'đã xem',"
            f"   {AT_STAKE}, %s, %s"
            " FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)"
            " JOIN gateway.recon_row r USING (version_pk)"
            " WHERE d.partner = %s AND d.business_on = %s AND gateway.is_break(r.outcome)",
            (user, self.now, partner, on),
        )

    def owe(self, amount: int, *, channel: str = "internet_banking", **more: object) -> str:
        """A new dossier with one fee, which its owner pays unless ``payer_name`` says who; its payment reference."""
        self.number += 1
        code = self.code()
        payer = {name: more.pop(name) for name in ("payer_name", "payer_address", "payer_id_number") if name in more}
        self.submit(code, **more)
        payer.setdefault("payer_name", more.get("owner_name", "Nguyễn Thị Hạnh"))
        return self.ask(("p1", "phi", amount), channel=channel, code=code, **payer)

    def code(self) -> str:
        return f"H49.12-20261123-{self.number:07d}"

    def line(
        self,
        amount: int,
        *references: str,
        text: str = "",
        on: date = MONDAY,
        account: str = ACCOUNT,
        **named: str,
    ) -> None:
        """A line of the bank's statement; ``references`` stand in structured fields."""
        structured = {f"end_to_end#{n}" if n else "end_to_end": ref for n, ref in enumerate(references)}
        entry = StatementEntry(on, on, amount, "VND", {**structured, **named}, text)
        self.entries.append(entry)
        self.accounts.setdefault(account, []).append(entry)

    accounts: dict[str, list[StatementEntry]] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=dict)
    files: int = 0

    def load(self, partner: str = "bank-a", on: date = MONDAY, **more: Any) -> statements.LoadResult:
        """The statements of all accounts told so far arrive in one file."""
        self.files += 1
        owner = self.partners[partner]
        assert owner.accounts is not None
        self.accounts.setdefault(owner.accounts.default, [])
        told = []
        for account, entries in self.accounts.items():
            opening = self.balances.get(account, 0)
            closing = opening + sum(entry.amount for entry in entries)
            self.balances[account] = closing
            told.append(
                Statement(
                    partner, account, "VND", Balance(on, opening), Balance(on, closing), entries, (), f"S{self.files}"
                )
            )
        self.accounts = {}
        return statements.load(
            self.conn, self.message(), told, partner=owner, business_on=on,
            file_name=f"F{self.files}", sha256=more.get("sha256", f"sha-{self.files}"), now=self.now,
        )  # fmt: skip

    def remit(self, *lines: tuple[str, int, int], batch: str = "B1", on: date = MONDAY) -> statements.LoadResult:
        """VNPost's remittance: (order number, state fee, postage)."""
        told = [RemittanceLine(order, f"EV{n}", fee, postage, on) for n, (order, fee, postage) in enumerate(lines)]
        total = sum(fee + postage for _, fee, postage in lines)
        remittance = Remittance("vnpost", batch, on, "1120000000303", told, len(told), total)
        return remittances.load(
            self.conn, self.message(), remittance, partner=self.partners["vnpost"], business_on=on,
            file_name=batch, sha256=f"sha-{batch}", now=self.now,
        )  # fmt: skip

    def judge(self, partner: str = "bank-a", on: date = MONDAY, now: datetime = TUESDAY_MORNING) -> ReconciledDay:
        return reconcile(self.conn, self.partners[partner], on, now=now)

    def found(self, partner: str = "bank-a", on: date = MONDAY) -> list[Mapping[str, Any]]:
        """The rows of the day's current version."""
        cursor = self.conn.execute(
            "SELECT r.* FROM gateway.recon_row r JOIN gateway.recon_version v USING (version_pk)"
            " JOIN gateway.recon_day d USING (partner, business_on, version)"
            " WHERE partner = %s AND business_on = %s ORDER BY row_no",
            (partner, on),
        )
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def outcomes(self, partner: str = "bank-a", on: date = MONDAY) -> list[tuple[str, int, int]]:
        return [(row["outcome"], row["our_amount"], row["their_amount"]) for row in self.found(partner, on)]

    def settle_day(self, partner: str = "bank-a", on: date = MONDAY) -> list[tuple[str, int, int]]:
        """Load what was told, judge the day, and say what came out."""
        self.load(partner, on)
        judged = self.judge(partner, on)
        assert judged.stopped == "", judged
        return self.outcomes(partner, on)
