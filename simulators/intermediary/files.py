"""The intermediary's signed fixed-width file (domain.md 4.3; ``adapters/banking/contracts/intermediary-file.md``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from simulators.intermediary.state import VIETNAM, Transaction
from simulators.publishing import Outgoing, publish

FAULTS = frozenset({"wrong_count", "wrong_total", "no_total", "other_account"})


@dataclass(frozen=True, slots=True)
class Order:
    """Which file to write; ``fault``: one of ``publishing.FAULTS`` or of FAULTS."""

    on: date
    number: int = 1
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Writer:
    """Where and as whom the intermediary writes; ``bin`` is the BIN in the header."""

    folder: Path
    certs: Path
    name: str
    bin: str
    now: datetime

    def write(self, order: Order, transactions: Sequence[Transaction]) -> dict[str, object]:
        """Write the file of one day with its signature; returns its name and size. Raises CannotAct."""
        content = _content(self, order, transactions)
        name = f"TGTT_{order.on:%Y%m%d}_{order.number}.txt"
        fault = "" if order.fault in FAULTS else order.fault
        return publish(Outgoing(self.folder, name, content, fault), self.certs, self.name)


def _content(writer: Writer, order: Order, transactions: Sequence[Transaction]) -> bytes:
    lines = [f"0001{writer.bin}{order.on:%d%m%y}"]
    lines += [_detail(found, other_account=order.fault == "other_account") for found in transactions]
    count = len(transactions) + (1 if order.fault == "wrong_count" else 0)
    total = sum(found.amount for found in transactions) + (1000 if order.fault == "wrong_total" else 0)
    local = writer.now.astimezone(VIETNAM)
    trailer = f"0009{count:09d}{'BATCH JOB':>20}{local:%H%M%S}{local:%d%m%y}"
    lines.append(trailer if order.fault == "no_total" else f"{trailer}{total:014d}")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _detail(found: Transaction, *, other_account: bool) -> str:
    local = found.at.astimezone(VIETNAM)
    account = f"9{found.account[1:]}0" if other_account else found.account
    line = (
        f"0002{'0210':4}{account:>21}{'000000':6}{found.amount:012d}{found.reference:40}{found.number:20}"
        f"{local:%H%M%S}{local:%m%d}{found.on:%m%d}{'6012':4}{'VNPAY':6}{found.number[-6:]:6}"
        f"{found.response_code:2}{found.reconciliation_code:2}{'':8}{'':30}{'TT PHUC VU HANH CHINH CONG QUANG NINH':60}"
    )
    if len(line) != 239:
        raise ValueError(f"a detail of {len(line)} characters: a field of {found.number} is too long")
    return line
