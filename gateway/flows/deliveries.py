"""Reports of approved days leave: what was not sent yet, by every way that is set up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import product

from gateway.clock import vietnam_date
from gateway.errors import GatewayError, Unavailable
from gateway.flows.wiring import Work
from gateway.model import Summary
from gateway.reports.delivery import Carrier, Letterhead, approved_since, deliver

LOOKS_BACK = timedelta(days=45)
"""Longer than a month takes to be closed; an older day that is approved late is downloaded by hand."""
SENDER = "report_delivery"


def deliver_approved(work: Work, carriers: Sequence[Carrier], letterhead: Letterhead) -> Summary:
    """Send what is not sent; ``sent`` counts mails and files. A way that fails does not hold up the others, nor a day
    that is refused the later ones.

    Raises the first error of a carrier, after everything else was tried: the run is then tried again.
    """
    now, sent, failed, away = work.clock.now(), 0, list[GatewayError](), list[Carrier]()
    days = approved_since(work.connection, vietnam_date(now) - LOOKS_BACK)
    for carrier, day in product(carriers, days):
        partner = work.partners.get(day.partner)
        if partner is None or carrier in away:
            continue
        try:
            sent += deliver(work.connection, partner, day, carrier, letterhead, user=SENDER, now=now)
        except GatewayError as error:
            failed.append(error)
            if isinstance(error, Unavailable):
                away.append(carrier)
    if failed:
        raise failed[0]
    return Summary({"sent": sent})
