"""Who may do what. The table here is the one in the docs; the database's grants and triggers are the last defence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gateway.errors import Forbidden


class Role(StrEnum):
    """What a person is here for. People come from Airflow's sign-in, their roles from our own table."""

    VIEWER = "viewer"
    OPS = "ops"
    MAKER = "finance_maker"
    CHECKER = "finance_checker"
    AUDITOR = "auditor"


ROLE_VI: Mapping[Role, str] = MappingProxyType(
    {
        Role.VIEWER: "người xem",
        Role.OPS: "vận hành",
        Role.MAKER: "kế toán lập",
        Role.CHECKER: "kế toán duyệt",
        Role.AUDITOR: "kiểm tra",
    }
)


class Act(StrEnum):
    """What can be done on a page, by a command or by REST."""

    SEE = "see"
    SEE_MESSAGES = "see_messages"
    REVEAL = "reveal_personal_data"
    EXPORT = "export"
    RECONCILE = "reconcile"
    LOAD_FILE = "load_file"
    RELEASE_DAY = "release_day"
    DECIDE = "decide_break"
    WRITE_OFF = "write_off"
    CONFIRM_WRITE_OFF = "confirm_write_off"
    ENQUIRE = "enquire"
    PROPOSE_DAY = "propose_day"
    APPROVE_DAY = "approve_day"
    REJECT_DAY = "reject_day"
    REOPEN_DAY = "reopen_day"
    PROPOSE_REFUND = "propose_refund"
    APPROVE_REFUND = "approve_refund"
    RECORD_CASH = "record_cash_count"
    RECORD_VOUCHER = "record_treasury_voucher"
    CANCEL_VOUCHER = "cancel_treasury_voucher"
    CONFIRM_RECORD = "confirm_record"
    CLOSE_MONTH = "close_month"
    SIGN_MINUTES = "sign_minutes"
    ANSWER_SUBJECT = "answer_data_subject"
    GRANT_ROLE = "grant_role"
    ACT_ON_MESSAGE = "act_on_message"


_ANYONE = frozenset(Role)
_MAKER, _CHECKER = frozenset({Role.MAKER}), frozenset({Role.CHECKER})
_FINANCE = _MAKER | _CHECKER

WHO_MAY: Mapping[Act, frozenset[Role]] = MappingProxyType(
    {
        Act.SEE: _ANYONE,
        Act.SEE_MESSAGES: frozenset({Role.OPS, Role.AUDITOR}) | _FINANCE,
        Act.REVEAL: _FINANCE | {Role.AUDITOR},
        Act.EXPORT: _FINANCE | {Role.AUDITOR},
        Act.RECONCILE: _MAKER | {Role.OPS},
        Act.LOAD_FILE: _MAKER | {Role.OPS},
        Act.RELEASE_DAY: _MAKER,
        Act.DECIDE: _MAKER,
        Act.WRITE_OFF: _FINANCE,
        Act.CONFIRM_WRITE_OFF: _CHECKER,
        Act.ENQUIRE: _MAKER,
        Act.PROPOSE_DAY: _MAKER,
        Act.APPROVE_DAY: _CHECKER,
        Act.REJECT_DAY: _CHECKER,
        Act.REOPEN_DAY: _CHECKER,
        Act.PROPOSE_REFUND: _MAKER,
        Act.APPROVE_REFUND: _CHECKER,
        Act.RECORD_CASH: _MAKER,
        Act.RECORD_VOUCHER: _MAKER,
        Act.CANCEL_VOUCHER: _FINANCE,
        Act.CONFIRM_RECORD: _CHECKER,
        Act.CLOSE_MONTH: _CHECKER,
        Act.SIGN_MINUTES: _FINANCE,
        Act.ANSWER_SUBJECT: frozenset({Role.AUDITOR}),
        Act.GRANT_ROLE: frozenset({Role.OPS}),
        Act.ACT_ON_MESSAGE: frozenset({Role.OPS}),
    }
)
"""Act -> the roles of which one is enough."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: the account of Airflow's sign-in and the roles granted to it here."""

    user: str
    roles: frozenset[Role]

    def may(self, act: Act) -> bool:
        """Whether one of the person's roles is enough for ``act``."""
        return bool(self.roles & WHO_MAY[act])

    def require(self, act: Act) -> None:
        """Raises Forbidden ``act-not-allowed``, naming the roles that would be enough."""
        if not self.may(act):
            raise Forbidden(
                f"{self.user} may not {act.value}",
                code="act-not-allowed",
                where=act.value,
                action="ask somebody who is " + " or ".join(sorted(WHO_MAY[act])),
                facts={"user": self.user, "act": act, "roles": sorted(WHO_MAY[act])},
            )
