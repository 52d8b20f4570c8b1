"""Postal orders that VNPost said yes to and that its tracking feed never showed, or shows no more: they may be lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.clock import vietnam_date
from gateway.flows.lateness.watch import Watch
from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert
from gateway.reconciliation.outcomes import dong

# A result that was handed out, and papers of a dossier that is no longer "mới đăng ký", came by another way.
_ON_THE_WAY = "CASE o.direction WHEN 'deliver' THEN d.status <> 10 ELSE d.status = 1 END"
_UNTRACKED = f"""
SELECT o.partner, o.order_number, o.dossier_code, o.cod_state_fee + o.cod_postage, m.state_at
  FROM gateway.postal_order o JOIN gateway.dossier d USING (dossier_code)
  JOIN gateway.message m ON m.dossier_code = o.dossier_code AND m.direction = 'out' AND m.kind = 'postal_order'
       AND m.transaction_id = o.order_number AND m.state = 'delivered'
 WHERE o.state = 'accepted' AND m.state_at >= %(since)s AND {_ON_THE_WAY}
   AND NOT EXISTS (SELECT FROM gateway.postal_event e WHERE e.order_number = o.order_number)
 ORDER BY o.partner, m.state_at, o.order_number"""  # noqa: S608 - a constant of this module
# Still *accepted* with a record: all that is known of it are codes that nobody understands.
_STALLED = f"""
SELECT o.partner, o.order_number, o.dossier_code, o.cod_state_fee + o.cod_postage, e.last_at
  FROM gateway.postal_order o JOIN gateway.dossier d USING (dossier_code)
  CROSS JOIN LATERAL (SELECT max(occurred_at) AS last_at FROM gateway.postal_event
                       WHERE order_number = o.order_number) e
 WHERE o.state IN ('accepted', 'collecting', 'collected', 'delivering') AND {_ON_THE_WAY}
   AND e.last_at >= %(since)s
 ORDER BY o.partner, e.last_at, o.order_number"""  # noqa: S608 - a constant of this module


@dataclass(frozen=True, slots=True)
class _Lost:
    """One order. ``last_on``: when VNPost last told of it; ``overdue_on``: the working day after its limit."""

    number: str
    dossier_code: str
    collects: int
    last_on: date
    overdue_on: date


def untracked_orders(watch: Watch) -> Iterator[Alert]:
    """One alert per postal partner, from the morning after the limit in its working days on."""
    limit = watch.limits.postal.tracked_working_days
    for partner, those in _overdue(watch, _UNTRACKED, limit).items():
        yield _alert(
            watch, "postal-order-untracked", partner, those,
            f"đã nhận quá {limit} ngày làm việc mà chưa có bản ghi theo dõi nào", "nhận",
        )  # fmt: skip


def stalled_orders(watch: Watch) -> Iterator[Alert]:
    """The same of orders under way whose last tracking record is older than the limit."""
    limit = watch.limits.postal.moved_working_days
    for partner, those in _overdue(watch, _STALLED, limit).items():
        yield _alert(
            watch, "postal-order-stalled", partner, those,
            f"đang đi mà quá {limit} ngày làm việc không có bản ghi theo dõi mới", "bản ghi cuối",
        )  # fmt: skip


def _overdue(watch: Watch, sql: str, limit: int) -> Mapping[str, Sequence[_Lost]]:
    """By partner, the longest silent first. One whose calendar cannot be read is left out."""
    since = watch.now - timedelta(days=watch.limits.postal.look_back)
    found: dict[str, list[_Lost]] = defaultdict(list)
    for partner, number, code, collects, last_at in watch.connection.execute(sql.encode(), {"since": since}).fetchall():
        assert isinstance(last_at, datetime)
        if partner in watch.without_calendar:
            continue
        last_on = vietnam_date(last_at)
        overdue_on = watch.days_of(str(partner)).add(last_on, limit + 1)
        if watch.today >= overdue_on:
            found[str(partner)].append(_Lost(str(number), str(code), int(str(collects)), last_on, overdue_on))
    return found


def _alert(watch: Watch, code: str, partner: str, those: Sequence[_Lost], how: str, since: str) -> Alert:
    oldest, collected = those[0], sum(one.collects for one in those)
    return Alert(
        f"{code}:{partner}",
        code,
        partner,
        f"{watch.name_of(partner)}: {len(those)} đơn {how}, thu hộ {dong(collected)}; lâu nhất là đơn {oldest.number},"
        f" {since} ngày {oldest.last_on:%d/%m/%Y}.",
        ACTION_VI[code],
        f"/dossiers/{oldest.dossier_code}",
        step=max(one.overdue_on for one in those).toordinal(),
    )
