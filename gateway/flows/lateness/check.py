"""One look at everything that people should know: what stands is raised, what is gone is cleared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from gateway.clock import vietnam_date
from gateway.errors import ConfigurationError, GatewayError
from gateway.flows.lateness import breaks, credits, days, files, limits, messages, postal, proof, totals, treasury
from gateway.flows.lateness.watch import Watch, unreadable_calendars
from gateway.flows.wiring import Work
from gateway.ledger.alerts import Alert, clear_alerts, raise_alerts
from gateway.model import Summary
from gateway.reconciliation import calendar
from gateway.reconciliation.calendar import WorkingDays

LOOKS: tuple[tuple[frozenset[str], tuple[Callable[[Watch], Iterable[Alert]], ...]], ...] = (
    (frozenset({"statement-late"}), (files.late_files,)),
    (frozenset({"day-not-closed", "approval-waiting"}), (days.waiting_days, days.waiting_refunds)),
    (frozenset({"day-does-not-close"}), (proof.unclosed_dates,)),
    (frozenset({"break-too-old"}), (breaks.old_breaks,)),
    (frozenset({"enquiry-overdue"}), (breaks.overdue_enquiries,)),
    (frozenset({"enquiry-unconcluded"}), (breaks.unconcluded_enquiries,)),
    (frozenset({"refund-in-doubt-long"}), (breaks.doubtful_refunds,)),
    (
        frozenset({"remittance-not-credited", "settlement-not-credited", "cash-not-deposited"}),
        (credits.missing_credits,),
    ),
    (frozenset({"treasury-debit-unvouched", "treasury-voucher-unpaid"}), (treasury.unpaired,)),
    (frozenset({"totals-unusual"}), (totals.unusual_totals,)),
    (
        frozenset({"messages-waiting-long", "messages-parked-long", "messages-stored-long"}),
        (messages.waiting_messages,),
    ),
    (
        frozenset({"messages-quarantined", "messages-given-up", "messages-dead-lettered"}),
        (messages.messages_for_people,),
    ),
    (frozenset({"circuit-open-long"}), (messages.silent_partners,)),
    (frozenset({"postal-status-unknown"}), (messages.unknown_statuses,)),
    (frozenset({"postal-order-untracked"}), (postal.untracked_orders,)),
    (frozenset({"postal-order-stalled"}), (postal.stalled_orders,)),
)
"""Who looks for which codes. A look that fails leaves its alerts as they are and holds up no other."""

BY_CALENDAR = (
    "statement-late", "day-not-closed", "totals-unusual", "break-too-old", "remittance-not-credited",
    "settlement-not-credited", "treasury-debit-unvouched", "treasury-voucher-unpaid", "postal-order-untracked",
    "postal-order-stalled",
)  # fmt: skip
"""Codes that need the partner's calendar: where that cannot be read its alerts stay as they are, and no other's."""


def check(work: Work, config: Path) -> Summary:
    """Compare what should be with what is; ``standing`` and ``cleared`` count causes.

    Raises ConfigurationError where the limits cannot be read; after everything else was done that of a calendar, or
    what a look raised first.
    """
    now = work.clock.now()
    chosen = limits.load(config)
    failed: list[GatewayError] = []
    office = _office(config, chosen.office.calendar, failed)
    unreadable = unreadable_calendars(work.partners, config, vietnam_date(now))
    watch = Watch(work.connection, work.partners, now, chosen, config, office, unreadable)
    found: list[Alert] = []
    codes: list[str] = []
    for its_codes, looks in LOOKS:
        try:
            found += [alert for look in looks for alert in look(watch)]
        except GatewayError as error:
            failed.append(error)
            continue
        codes += its_codes
    with work.connection.transaction():
        raise_alerts(work.connection, found, now, quiet=timedelta(minutes=chosen.mail.quiet_minutes))
        kept = {(code, partner) for code in BY_CALENDAR for partner in unreadable}
        cleared = clear_alerts(work.connection, codes, [alert.cause for alert in found], now, kept=kept)
    failed += unreadable.values()
    if failed:
        raise failed[0]
    return Summary({"standing": len(found), "cleared": cleared})


def _office(config: Path, name: str, failed: list[GatewayError]) -> WorkingDays:
    """The days on which the province's people work; where nobody knows them, the looks that ask fail and no other."""
    try:
        return calendar.load(config / "calendars", name)
    except ConfigurationError as error:
        failed.append(error)
        return calendar.unknown(name)
