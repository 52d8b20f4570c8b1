"""Nộp Kho bạc: debits of a bank without their voucher C1-02/NS, and vouchers without their debit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.application.treasury import WINDOW_DAYS
from gateway.flows.lateness.watch import Watch
from gateway.ledger import treasury, voucher_pairs
from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert
from gateway.reconciliation.credited import credited, names
from gateway.reconciliation.outcomes import dong

_AROUND = timedelta(days=31)
"""Pairs are looked for so much farther back than what is told, so that the oldest told has had every chance."""


@dataclass(frozen=True, slots=True)
class _Alone:
    """One voucher or debit. ``overdue_on``: the working day after its limit; ``pk`` of a voucher, else 0."""

    on: date
    amount: int
    number: str
    pk: int
    overdue_on: date


def unpaired(watch: Watch) -> Iterator[Alert]:
    """One alert per bank and side, from the morning after the limit in the bank's working days on."""
    since = watch.today - timedelta(days=watch.limits.credits.look_back)
    recorded = treasury.vouchers(watch.connection, since - _AROUND, watch.today)
    paid = voucher_pairs.debits(watch.connection, since - _AROUND, watch.today)
    found = voucher_pairs.pair([one for one in recorded if one.confirmed_at is not None], paid, WINDOW_DAYS)
    yield from _debits(watch, [one for one in found.debits if one.on >= since])
    alone = [one for one in found.vouchers if one.paid_on >= since and one.method == "transfer"]
    yield from _vouchers(watch, alone, since)


def _debits(watch: Watch, alone: Sequence[voucher_pairs.Debit]) -> Iterator[Alert]:
    limit = watch.limits.treasury.voucher_working_days
    found: dict[str, list[_Alone]] = defaultdict(list)
    for debit in alone:
        _add(watch, found, debit.partner, limit, debit.on, debit.amount)
    for partner, those in found.items():
        yield Alert(
            f"treasury-debit-unvouched:{partner}",
            "treasury-debit-unvouched",
            partner,
            f"{watch.name_of(partner)}: {len(those)} khoản trích nộp Kho bạc chưa có chứng từ C1-02/NS được xác nhận,"
            f" tổng {_sum(those)}; cũ nhất ngày {those[0].on:%d/%m/%Y} (hạn {limit} ngày làm việc).",
            ACTION_VI["treasury-debit-unvouched"],
            _listed(those),
            step=_step(those),
        )


def _vouchers(watch: Watch, alone: Sequence[treasury.Recorded], since: date) -> Iterator[Alert]:
    limit = watch.limits.treasury.debit_working_days
    found: dict[str, list[_Alone]] = defaultdict(list)
    said = credited(watch.connection, {one.partner for one in alone}, since).said_of_debits if alone else ()
    for one in alone:
        if not names(said, one.voucher_number):
            _add(watch, found, one.partner, limit, one.paid_on, one.total, one.voucher_number, one.voucher_pk)
    for partner, those in found.items():
        yield Alert(
            f"treasury-voucher-unpaid:{partner}",
            "treasury-voucher-unpaid",
            partner,
            f"{watch.name_of(partner)}: {len(those)} chứng từ nộp Kho bạc chưa thấy ngân hàng trích tiền, tổng"
            f" {_sum(those)}; cũ nhất là {those[0].number} ngày {those[0].on:%d/%m/%Y} (hạn {limit} ngày làm việc).",
            ACTION_VI["treasury-voucher-unpaid"],
            f"/treasury/{those[0].pk}" if len(those) == 1 else _listed(those),
            step=_step(those),
        )


def _add(
    watch: Watch,
    found: dict[str, list[_Alone]],
    partner: str,
    limit: int,
    on: date,
    amount: int,
    number: str = "",
    pk: int = 0,
) -> None:
    """Take it up where it is past its limit; both sides come in the order of their days."""
    if partner in watch.without_calendar:
        return
    overdue_on = watch.days_of(partner).add(on, limit + 1)
    if watch.today >= overdue_on:
        found[partner].append(_Alone(on, amount, number, pk, overdue_on))


def _listed(those: Sequence[_Alone]) -> str:
    return f"/treasury?from={those[0].on}&to={those[-1].on}"


def _sum(those: Sequence[_Alone]) -> str:
    return dong(sum(one.amount for one in those))


def _step(those: Sequence[_Alone]) -> int:
    """Something of a later limit is news."""
    return max(one.overdue_on for one in those).toordinal()
