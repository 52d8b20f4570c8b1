"""Business dates whose daily proof does not close, and which sums are off by how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from gateway.flows.lateness.files import LOOK_BACK
from gateway.flows.lateness.watch import Watch, day_path, local, month_path
from gateway.ledger import proof as money
from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert
from gateway.messages import proof as messages
from gateway.messages.store import Connection
from gateway.reconciliation.outcomes import dong

_SHOWN = 3
_MESSAGES_VI = {
    "messages in ": "thông điệp nhận, ",
    "messages out ": "thông điệp gửi, ",
    "applied messages that hold their id": "thông điệp đã áp dụng và giữ mã",
    "messages whose bytes are here": "thông điệp còn nguyên nội dung gốc",
}
"""How the sums of ``gateway.messages.proof`` are named."""
_DATES = """
SELECT DISTINCT business_on FROM gateway.recon_day
 WHERE state <> 'approved' AND business_on BETWEEN %(since)s AND %(last)s
UNION SELECT %(last)s::date ORDER BY 1"""


def unclosed_dates(watch: Watch) -> Iterator[Alert]:
    """One alert per business date and partner whose sums are off (messages of all partners: "").

    Looked at: the day before, from the hour of the proof on, and every older one that somebody has yet to approve.
    """
    last = watch.today - timedelta(days=1)
    if watch.now < local(watch.today, watch.limits.proof.from_hour):
        last -= timedelta(days=1)
    values = {"since": watch.today - LOOK_BACK, "last": last}
    for (on,) in watch.connection.execute(_DATES, values).fetchall():
        assert isinstance(on, date)
        for partner, sums in _broken(watch.connection, on, watch.partners).items():
            where = f"của {watch.name_of(partner)} " if partner else ""
            more = f"; và {len(sums) - _SHOWN} tổng khác" if len(sums) > _SHOWN else ""
            yield Alert(
                f"day-does-not-close:{partner}:{on}",
                "day-does-not-close",
                partner,
                f"Ngày {on:%d/%m/%Y} {where}không khép: {'; '.join(list(sums.values())[:_SHOWN])}{more}.",
                ACTION_VI["day-does-not-close"],
                _page(watch.connection, partner, on),
                gist="; ".join(sums),
            )


def _broken(connection: Connection, on: date, partners: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """Partner -> name of a sum -> what is off, in words."""
    found: dict[str, dict[str, str]] = {}
    for line in messages.prove(connection, on):
        if not line.closes:
            words = f"{_in_vietnamese(line.name)}: {line.left} ≠ {line.right}"
            found.setdefault(_owner(line.name, partners), {})[line.name] = words
    for one in money.prove_money(connection, on):
        if not one.closes:
            off = one.left - one.right
            words = f"{one.name} (lệch {dong(off) if one.unit == 'đ' else f'{off} {one.unit}'})"
            found.setdefault(_owner(one.name, partners), {})[one.name] = words
    return found


def _in_vietnamese(name: str) -> str:
    for english, vietnamese in _MESSAGES_VI.items():
        if name.startswith(english):
            return f"{vietnamese}{name.removeprefix(english)}"
    return name


def _owner(name: str, partners: Mapping[str, object]) -> str:
    """The partner that a sum's name begins or ends with; "" where it is everybody's."""
    words = name.replace(":", " ").split()
    return next((word for word in (words[0], words[-1]) if word in partners), "")


def _page(connection: Connection, partner: str, on: date) -> str:
    """The partner's day where it has a page, else the month."""
    found = connection.execute(
        "SELECT 1 FROM gateway.recon_day WHERE partner = %s AND business_on = %s", (partner, on)
    ).fetchone()
    return month_path(on) if found is None else day_path(partner, on)
