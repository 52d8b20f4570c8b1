"""The money of the intermediary: what the platform was paid, what came otherwise, and what its file says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from simulators.control import CannotAct
from simulators.intermediary.platform import Platform
from simulators.shelf import Record, Shelf

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Transaction:
    """One record of the reconciliation file (domain.md 4.3); ``amount`` in đồng, ``response_code`` 00 or 68."""

    number: str
    reference: str
    amount: int
    account: str
    at: datetime
    on: date
    response_code: str = "00"
    reconciliation_code: str = ""
    omitted: bool = False


@dataclass(frozen=True, slots=True)
class Money:
    """Every transaction, from the platform and from elsewhere; shelf kinds ``transaction`` and ``alteration``."""

    shelf: Shelf
    platform: Platform

    def record_transaction(
        self, *, reference: str, amount: int, account: str, at: datetime, number: str = "", response_code: str = "00"
    ) -> Transaction:
        """Money that did not come through a request of the platform: it is in the file and nowhere else."""
        if amount <= 0:
            raise CannotAct(f"amount {amount} is not above zero")
        number = number or f"KHAC{self.shelf.count('transaction') + 1:012d}"
        record: Record = {
            "number": number, "reference": reference, "amount": amount, "account": account, "at": at.isoformat(),
            "response_code": response_code,
        }  # fmt: skip
        self.shelf.put("transaction", number, record)
        return self._altered(_transaction(record))

    def alter(self, number: str, changes: Mapping[str, object]) -> None:
        """What the file says of one transaction instead: ``omitted``, ``amount``, ``on``, ``account``,
        ``response_code``, ``reconciliation_code``. Raises CannotAct for a transaction that does not exist.
        """
        if number not in {transaction.number for transaction in self.all()}:
            raise CannotAct(f"there is no transaction {number}")
        self.shelf.put("alteration", number, {**(self.shelf.get("alteration", number) or {}), **changes})

    def all(self) -> list[Transaction]:
        """Every transaction as the file shall tell it."""
        paid = [
            _transaction(
                {
                    "number": payment["MaGiaoDich"], "reference": payment["MaThamChieu"], "amount": payment["SoTien"],
                    "account": payment["TKThuHuong"], "at": payment["paid_at"],
                }
            )
            for payment in self.platform.paid()
        ]  # fmt: skip
        return [self._altered(found) for found in [*paid, *map(_transaction, self.shelf.all("transaction"))]]

    def of_day(self, on: date) -> list[Transaction]:
        """What the file of ``on`` lists."""
        return [found for found in self.all() if found.on == on and not found.omitted]

    def _altered(self, found: Transaction) -> Transaction:
        changes = self.shelf.get("alteration", found.number)
        if changes is None:
            return found
        return replace(
            found,
            amount=int(str(changes.get("amount", found.amount))),
            on=date.fromisoformat(str(changes.get("on", found.on))),
            account=str(changes.get("account", found.account)),
            response_code=str(changes.get("response_code", found.response_code)),
            reconciliation_code=str(changes.get("reconciliation_code", "")),
            omitted=bool(changes.get("omitted", False)),
        )


def _transaction(record: Record) -> Transaction:
    at = datetime.fromisoformat(str(record["at"]))
    return Transaction(
        str(record["number"]), str(record["reference"]), int(str(record["amount"])), str(record["account"]), at,
        at.astimezone(VIETNAM).date(), str(record.get("response_code", "00")),
    )  # fmt: skip
