"""What our own people do on the demo day: decide what was planted, propose, and approve as another person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from psycopg import Connection

from gateway.application import breaks, days, refunds
from gateway.application.roles import person_of
from gateway.bootstrap import open_desk, open_gateway
from gateway.errors import ConfigurationError
from gateway.local.day import found

MAKER, CHECKER, HEAD = "an", "binh", "chi"
PARTNERS = ("bank-a", "bank-b", "intermediary", "vnpost")
ROLES: Mapping[str, tuple[str, ...]] = {
    "admin": ("ops", "auditor", "viewer"),
    MAKER: ("finance_maker",),
    CHECKER: ("finance_checker",),
    HEAD: ("finance_checker",),
}
"""Who may do what in the gateway; ``stage.USERS`` says who may sign in to Airflow."""

_WHY = "Khoản lệch dựng sẵn của ngày trình diễn"


def give_back(
    environ: Mapping[str, str], connection: Connection[tuple[object, ...]], wish: Mapping[str, object]
) -> None:
    """One proposes the refunds of a dossier, another approves them. Raises ConfigurationError for any other wish."""
    if wish.get("act") != "refund":
        raise ConfigurationError(f"people cannot {wish.get('act')!r}", where="demo day")
    with open_desk(environ=environ) as desk:
        maker, checker = person_of(desk, MAKER), person_of(desk, CHECKER)
        for refund_id in found.refunds_of(connection, str(wish["dossier"])):
            refunds.propose(desk, maker, refund_id)
            refunds.approve(desk, checker, refund_id)


def close_days(environ: Mapping[str, str], business_on: date, tell: Callable[[str], None]) -> None:
    """One person accepts every break and proposes, another approves; the settlement run is told.

    Every approved day is then verified. Raises DoesNotClose where judging or reporting it again gives other bytes.
    """
    with open_desk(environ=environ) as desk:
        maker, checker = person_of(desk, MAKER), person_of(desk, CHECKER)
        for partner in PARTNERS:
            frozen = breaks.open_breaks(desk, maker, partner, business_on)
            if frozen.count:
                breaks.decide_many(desk, maker, frozen, breaks.Decision.ACCEPT, reason=_WHY)
                tell(f"{MAKER} accepted {frozen.count} planted breaks of {partner}, {frozen.amount} đồng")
            days.propose(desk, maker, partner, business_on)
            days.approve(desk, checker, partner, business_on)
            days.verify_seal(desk, checker, partner, business_on, days.day(desk, maker, partner, business_on).version)
    with open_gateway(environ=environ) as gateway:
        gateway.dispatch("approvals")
        for partner in PARTNERS:
            items = gateway.verify_day(partner, business_on).require().items
            tell(f"{partner}: judged and reported again, {len(items)} things, all the same bytes")
    tell(f"{MAKER} proposed and {CHECKER} approved the day of {', '.join(PARTNERS)}; every seal verifies")
