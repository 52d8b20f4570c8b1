"""The receipts of payments, fetched from the payment platform: the bytes are stored before anything is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.errors import GatewayError, NotFound
from gateway.flows.wiring import Work, breaker_of
from gateway.ledger.bills import due_bills, keep_bills
from gateway.messages import circuit, receive, unreadable_answers
from gateway.messages.judging import Believed
from gateway.messages.store import Connection
from gateway.model import Applied, Kind, OutboxRow, PaymentBill, Summary
from gateway.ports import BillSource, Reader

_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class _KeepBills:
    work: Work

    def __call__(self, connection: Connection, believed: Believed) -> tuple[Sequence[Applied], Sequence[OutboxRow]]:
        bills = []
        for item, incoming in believed:
            assert isinstance(incoming.content, PaymentBill)  # what bill readers decode
            bills.append((item.message_pk, incoming.content))
        return keep_bills(connection, bills, now=self.work.clock.now()), []


def fetch(work: Work, ways: Mapping[str, tuple[BillSource, Reader]]) -> Summary:
    """Ask for the bill of every payment that has none and is due, at most 100.

    One that is not there yet is asked for again, more slowly each time; a partner that is away, or falls silent
    meanwhile, is left in peace.
    """
    if not ways:
        return Summary()
    counts = {"bills": 0, "bills_missing": 0}
    for partner, (_, reader) in ways.items():
        done = receive.resume(work.connection, partner, _inbox(work, reader), kind=Kind.PAYMENT_BILL)
        counts["bills"] += done.counts.get("applied", 0)
    now = work.clock.now()
    reachable = {
        name: work.partners[name]
        for name in ways
        if circuit.gate(work.connection, name, now) is circuit.Gate.CLOSED
    }  # fmt: skip
    with work.connection.transaction():
        due = due_bills(work.connection, now, reachable, limit=_AT_MOST)
    for partner, reference in due:
        if partner not in reachable:
            continue
        source, reader = ways[partner]
        try:
            raw = source.fetch(reference)
        except GatewayError as error:
            counts["bills_missing"] += 1  # its next time is set already
            is_silent = not isinstance(error, NotFound)
            if is_silent and circuit.failed(work.connection, partner, breaker_of(work.partners.get(partner)), now):
                del reachable[partner]
            continue
        done, _ = unreadable_answers.take(work.connection, raw, _inbox(work, reader), reference=reference)
        counts["bills"] += done.counts.get("applied", 0)
    return Summary(counts, more=len(due) >= _AT_MOST)


def _inbox(work: Work, reader: Reader) -> receive.Inbox:
    return receive.Inbox(reader, _KeepBills(work), work.clock, work.run_pk)
