"""Postal orders that VNPost said yes to and that its tracking feed never showed: they may be lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.clock import vietnam_date
from gateway.flows.lateness.watch import Watch
from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert
from gateway.reconciliation.outcomes import dong

# A result that was handed out, and papers of a dossier that is no longer "mới đăng ký", came by another way.
_UNTRACKED = """
SELECT o.partner, o.order_number, o.dossier_code, o.cod_state_fee + o.cod_postage, m.state_at
  FROM gateway.postal_order o JOIN gateway.dossier d USING (dossier_code)
  JOIN gateway.message m ON m.dossier_code = o.dossier_code AND m.direction = 'out' AND m.kind = 'postal_order'
       AND m.transaction_id = o.order_number AND m.state = 'delivered'
 WHERE o.state = 'accepted' AND m.state_at >= %(since)s
   AND CASE o.direction WHEN 'deliver' THEN d.status <> 10 ELSE d.status = 1 END
   AND NOT EXISTS (SELECT FROM gateway.postal_event e WHERE e.order_number = o.order_number)
 ORDER BY o.partner, m.state_at, o.order_number"""


@dataclass(frozen=True, slots=True)
class _Lost:
    """One order. ``accepted_on``: when VNPost said yes; ``overdue_on``: the working day after its limit."""

    number: str
    dossier_code: str
    collects: int
    accepted_on: date
    overdue_on: date


def untracked_orders(watch: Watch) -> Iterator[Alert]:
    """One alert per postal partner, from the morning after the limit in its working days on."""
    limit = watch.limits.postal.tracked_working_days
    since = watch.now - timedelta(days=watch.limits.postal.look_back)
    found: dict[str, list[_Lost]] = defaultdict(list)
    rows = watch.connection.execute(_UNTRACKED.encode(), {"since": since}).fetchall()
    for partner, number, code, collects, accepted_at in rows:
        assert isinstance(accepted_at, datetime)
        if partner in watch.without_calendar:
            continue
        accepted_on = vietnam_date(accepted_at)
        overdue_on = watch.days_of(str(partner)).add(accepted_on, limit + 1)
        if watch.today >= overdue_on:
            lost = _Lost(str(number), str(code), int(str(collects)), accepted_on, overdue_on)
            found[str(partner)].append(lost)
    for partner, those in found.items():
        oldest, collected = those[0], sum(one.collects for one in those)
        yield Alert(
            f"postal-order-untracked:{partner}",
            "postal-order-untracked",
            partner,
            f"{watch.name_of(partner)}: {len(those)} đơn đã nhận quá {limit} ngày làm việc mà chưa có bản ghi theo dõi"
            f" nào, thu hộ {dong(collected)}; lâu nhất là đơn {oldest.number}, nhận ngày"
            f" {oldest.accepted_on:%d/%m/%Y}.",
            ACTION_VI["postal-order-untracked"],
            f"/dossiers/{oldest.dossier_code}",
            step=max(one.overdue_on for one in those).toordinal(),
        )
