"""Money that others hold for us and that no bank credited in time: remittances, an intermediary's dates, counter cash.

Card payments are not among them: each is a payment of its bank's day, which is *missing at partner* after its T+n, and
then a break with a limit of its own (``breaks``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.flows.lateness.watch import Watch, day_path, month_path
from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert
from gateway.model import Channel
from gateway.reconciliation.credited import Credited, credited
from gateway.reconciliation.evidence import cash_taken
from gateway.reconciliation.outcomes import dong

_BEFORE = timedelta(days=31)
"""How long before the thing itself its credit is looked for: a file may come after its money."""
# Nothing can be missed at a bank before its first day was judged.
_BEGAN = """
SELECT min(business_on) FROM gateway.recon_day
 WHERE partner = ANY (%(banks)s) AND version > 0 AND business_on >= %(since)s"""
_REMITTANCES = """
SELECT partner, batch_id, business_on, line_total, remittance_pk FROM gateway.remittance
 WHERE business_on BETWEEN %(since)s AND %(today)s AND line_total > 0 ORDER BY partner, business_on, batch_id"""
_DATES = """
SELECT e.partner, e.booked_on, sum(e.amount)::bigint, EXISTS (SELECT FROM gateway.recon_day d
         WHERE (d.partner, d.business_on) = (e.partner, e.booked_on))
  FROM gateway.statement_entry e WHERE e.partner = ANY (%(intermediaries)s) AND e.response_code IN ('00', '68')
   AND e.booked_on BETWEEN %(since)s AND %(today)s GROUP BY 1, 2 HAVING sum(e.amount) > 0 ORDER BY 1, 2"""


@dataclass(frozen=True, slots=True)
class _Missing:
    """One thing without its credit. ``limit`` in working days, T+n included; ``overdue_on``: the day after it."""

    on: date
    name: str
    amount: int
    limit: int
    overdue_on: date
    path: str


def missing_credits(watch: Watch) -> Iterator[Alert]:
    """One alert per partner that holds the money, and one for the counter, from the morning after the limit on."""
    of_role: dict[str, list[str]] = defaultdict(list)
    for partner in watch.partners.values():
        of_role[partner.role].append(partner.id)
    values = {
        "banks": of_role["bank"],
        "intermediaries": of_role["intermediary"],
        "since": watch.today - timedelta(days=watch.limits.credits.look_back),
        "today": watch.today,
    }
    row = watch.connection.execute(_BEGAN, values).fetchone()
    began = None if row is None else row[0]
    if not isinstance(began, date):
        return
    values["since"] = began
    known = credited(watch.connection, of_role["bank"], began - _BEFORE)
    yield from _remittances(watch, known, values)
    yield from _dates(watch, known, values)
    yield from _cash(watch, known, began)


def _remittances(watch: Watch, known: Credited, values: Mapping[str, object]) -> Iterator[Alert]:
    found: dict[str, list[_Missing]] = defaultdict(list)
    limit = watch.limits.credits.remittance_working_days
    for name, batch, on, total, pk in watch.connection.execute(_REMITTANCES, values).fetchall():
        assert isinstance(on, date)
        partner = str(name)
        if partner in watch.without_calendar or known.has_remittance(str(batch)):
            continue
        one = _missing(watch, partner, on, limit + _lag(watch, partner, Channel.COD))
        path = f"/statements/remittance/{pk}"
        found[partner].append(_Missing(on, str(batch), int(str(total)), *one, path))
    for partner, those in _overdue(watch, found):
        yield Alert(
            f"remittance-not-credited:{partner}",
            "remittance-not-credited",
            partner,
            f"{watch.name_of(partner)}: {len(those)} bảng kê thu hộ chưa thấy ngân hàng báo có, {_sum(those)}; lâu nhất"
            f" là bảng kê {those[0].name} ngày {_on_and_limit(those[0])}.",
            ACTION_VI["remittance-not-credited"],
            those[0].path,
            step=_step(those),
        )


def _dates(watch: Watch, known: Credited, values: Mapping[str, object]) -> Iterator[Alert]:
    found: dict[str, list[_Missing]] = defaultdict(list)
    limit = watch.limits.credits.settlement_working_days
    for name, on, total, judged in watch.connection.execute(_DATES, values).fetchall():
        assert isinstance(on, date)
        partner = str(name)
        if partner in watch.without_calendar or known.has_date(partner, on):
            continue
        one = _missing(watch, partner, on, limit + _lag(watch, partner, Channel.PLATFORM))
        path = day_path(partner, on) if judged else month_path(on)
        found[partner].append(_Missing(on, "", int(str(total)), *one, path))
    for partner, those in _overdue(watch, found):
        yield Alert(
            f"settlement-not-credited:{partner}",
            "settlement-not-credited",
            partner,
            f"{watch.name_of(partner)}: {len(those)} ngày quyết toán chưa thấy ngân hàng báo có, {_sum(those)} (chưa"
            f" trừ phí); lâu nhất là ngày {_on_and_limit(those[0])}.",
            ACTION_VI["settlement-not-credited"],
            those[0].path,
            step=_step(those),
        )


def _cash(watch: Watch, known: Credited, began: date) -> Iterator[Alert]:
    """What was counted and confirmed, or where nobody has, what the receipts say. No cashier is named."""
    limit = watch.limits.credits.deposit_working_days
    found = []
    for count in cash_taken(watch.connection, watch.today, (watch.today - began).days, watch.now):
        if not known.has_cash(count):
            on = date(1970, 1, 1) + timedelta(days=count.on)
            name = f"{count.series}/{count.first}-{count.last}"
            found.append(_Missing(on, name, count.total, limit, watch.office.add(on, limit + 1), ""))
    for _, those in _overdue(watch, {"": sorted(found, key=lambda one: (one.on, one.name))}):
        yield Alert(
            "cash-not-deposited",
            "cash-not-deposited",
            "",
            f"Tiền mặt thu tại quầy: {len(those)} quyển biên lai chưa thấy nộp ngân hàng, {_sum(those)}; lâu nhất là"
            f" quyển {those[0].name} ngày {_on_and_limit(those[0])}.",
            ACTION_VI["cash-not-deposited"],
            f"/cash?from={those[0].on}&to={those[-1].on}",
            step=_step(those),
        )


def _lag(watch: Watch, partner: str, channel: Channel) -> int:
    """T+n of the partner's channel, in working days."""
    found = watch.partners.get(partner)
    return 0 if found is None else found.matching.settles_after.get(channel, 0)


def _missing(watch: Watch, partner: str, on: date, limit: int) -> tuple[int, date]:
    return limit, watch.days_of(partner).add(on, limit + 1)


def _overdue(watch: Watch, found: Mapping[str, list[_Missing]]) -> Iterator[tuple[str, list[_Missing]]]:
    """Partner -> what is past its limit, the oldest first; partners of whom nothing is are left out."""
    for partner, those in found.items():
        late = [one for one in those if watch.today >= one.overdue_on]
        if late:
            yield partner, late


def _sum(those: list[_Missing]) -> str:
    return f"tổng {dong(sum(one.amount for one in those))}"


def _on_and_limit(one: _Missing) -> str:
    return f"{one.on:%d/%m/%Y} (hạn {one.limit} ngày làm việc)"


def _step(those: list[_Missing]) -> int:
    """Something of a later limit is news."""
    return max(one.overdue_on for one in those).toordinal()
