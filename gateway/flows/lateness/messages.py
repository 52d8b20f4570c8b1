"""Messages that wait too long or that only a person ends, partners that do not answer, codes that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from gateway.clock import vietnam_date
from gateway.flows.lateness.watch import Watch
from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert
from gateway.ledger.postal import unknown_status
from gateway.reasons import REASONS

# What people set aside waits for them no more, until its next step. What is in doubt, waits to leave or was not judged
# yet cannot be set aside, nor can money that is booked nowhere (migration 0027).
_NOT_ASIDE = "NOT EXISTS (SELECT FROM gateway.message_aside_now a WHERE a.message_pk = m.message_pk)"
# One branch a state: each has its own small index.
_WAITING = f"""
SELECT partner, state, count(*) FROM (
    SELECT partner, state FROM gateway.message WHERE state = 'waiting' AND created_at < %(waiting)s
    UNION ALL SELECT partner, state FROM gateway.message WHERE state = 'in_doubt' AND created_at < %(in_doubt)s
    UNION ALL SELECT partner, state FROM gateway.message m WHERE state = 'parked' AND state_at < %(parked)s
     AND {_NOT_ASIDE}
    UNION ALL SELECT partner, state FROM gateway.message WHERE state = 'stored' AND state_at < %(stored)s) m
 GROUP BY 1, 2 ORDER BY 1, 2"""  # noqa: S608 - constants of ours
_FOR_PEOPLE = f"""
SELECT partner, state, reason, count(*), max(state_at) FROM gateway.message m
 WHERE state IN ('quarantined', 'given_up', 'dead_lettered') AND {_NOT_ASIDE}
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 4 DESC, 3"""  # noqa: S608 - constants of ours
_SHOWN = 3
_CIRCUITS = "SELECT partner FROM gateway.circuit WHERE open_until IS NOT NULL AND failures > %s ORDER BY partner"
_STATUSES = """
SELECT DISTINCT partner, status_code FROM gateway.postal_event WHERE meaning IS NULL ORDER BY partner, status_code"""
_WAITS_VI = {
    "waiting": "chờ gửi",
    "in_doubt": "chưa rõ đối tác đã nhận chưa",
    "parked": "đến trước hồ sơ của nó, chờ",
    "stored": "đã nhận mà chưa xử lý",
}
_WAITS = {"parked": "messages-parked-long", "stored": "messages-stored-long"}
_CODES = {
    "quarantined": "messages-quarantined",
    "given_up": "messages-given-up",
    "dead_lettered": "messages-dead-lettered",
}
_DONE_VI = {
    "quarantined": "bị cách ly",
    "given_up": "không gửi được",
    "dead_lettered": "không xử lý được, hàng đợi đã trả lại",
}


def waiting_messages(watch: Watch) -> Iterator[Alert]:
    """One alert per partner and state; ten times as many are news."""
    limits = watch.limits.messages
    hours = {
        "waiting": limits.waiting_hours,
        "in_doubt": limits.waiting_hours,
        "parked": limits.parked_hours,
        "stored": limits.stored_hours,
    }
    since = {state: watch.now - timedelta(hours=limit) for state, limit in hours.items()}
    for partner, waits, count in watch.connection.execute(_WAITING.encode(), since).fetchall():
        state = str(waits)
        code = _WAITS.get(state, "messages-waiting-long")
        yield Alert(
            f"{code}:{partner}:{state}",
            code,
            str(partner),
            f"{watch.name_of(str(partner))}: {count} thông điệp {_WAITS_VI[state]} quá {hours[state]} giờ.",
            ACTION_VI[code],
            step=len(str(count)),
        )


def messages_for_people(watch: Watch) -> Iterator[Alert]:
    """One alert per partner, for what was refused, given up by us or by the broker, with the reasons; see ``_step``.

    What people set aside is not among it.
    """
    found: dict[tuple[str, str], list[tuple[str, int, datetime]]] = {}
    for partner, state, reason, count, last in watch.connection.execute(_FOR_PEOPLE.encode()).fetchall():
        assert isinstance(last, datetime)
        found.setdefault((str(partner), str(state)), []).append((str(reason), int(str(count)), last))
    for (partner, state), those in found.items():
        code, total = _CODES[state], sum(count for _, count, _ in those)
        whys = [f"{count} {REASONS[reason].vi if reason in REASONS else reason}" for reason, count, _ in those[:_SHOWN]]
        more = f"; và {len(those) - _SHOWN} lý do khác" if len(those) > _SHOWN else ""
        yield Alert(
            f"{code}:{partner}",
            code,
            partner,
            f"{watch.name_of(partner)}: {total} thông điệp {_DONE_VI[state]}: {'; '.join(whys)}{more}.",
            ACTION_VI[code],
            step=_step(total, max(last for _, _, last in those)),
        )


def _step(count: int, last: datetime) -> int:
    """Later days are news, and on one day ten times as many; what people have dealt with is none."""
    return vietnam_date(last).toordinal() * 10 + min(len(str(count)), 9)


def silent_partners(watch: Watch) -> Iterator[Alert]:
    """One alert per partner whose circuit stays open after many probes."""
    for (partner,) in watch.connection.execute(_CIRCUITS, (watch.limits.messages.circuit_failures,)).fetchall():
        yield Alert(
            f"circuit-open-long:{partner}",
            "circuit-open-long",
            str(partner),
            f"{watch.name_of(str(partner))} không trả lời nhiều lần; tạm ngừng gọi.",
            ACTION_VI["circuit-open-long"],
        )


def unknown_statuses(watch: Watch) -> Iterator[Alert]:
    """One alert per tracking code that the partner's table still does not know."""
    for partner, code in watch.connection.execute(_STATUSES).fetchall():
        found = watch.partners.get(str(partner))
        known = found.postal_api.statuses if found is not None and found.postal_api is not None else {}
        if str(code) not in known:
            yield unknown_status(str(partner), str(code))
