"""The reason codes: why a message is quarantined, refused, parked, in doubt or given up, or a file has a problem.

One table, so that the docs, the receipts and the console say the same thing; a module for each area. A test holds
``docs/operations.md`` to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.errors import GatewayError
from gateway.reasons import (
    amqp,
    banking,
    dossier,
    everywhere,
    files,
    http,
    ledger,
    messages,
    money,
    national_portal,
    pages,
    people,
    postal,
    reports,
    rules,
    security,
    services,
    sftp,
    statements,
    watching,
    workflow,
)
from gateway.reasons.reason import Reason

__all__ = ["REASONS", "Reason", "action_of"]


def _table(*reasons: Reason) -> Mapping[str, Reason]:
    table = {reason.code: reason for reason in reasons}
    if len(table) != len(reasons):
        raise ValueError("a reason code is declared twice")
    return MappingProxyType(table)


REASONS: Mapping[str, Reason] = _table(
    *everywhere.REASONS,
    *security.REASONS,
    *http.REASONS,
    *sftp.REASONS,
    *amqp.REASONS,
    *statements.REASONS,
    *messages.REASONS,
    *files.REASONS,
    *watching.REASONS,
    *banking.REASONS,
    *postal.REASONS,
    *national_portal.REASONS,
    *services.REASONS,
    *dossier.REASONS,
    *ledger.REASONS,
    *rules.REASONS,
    *workflow.REASONS,
    *money.REASONS,
    *pages.REASONS,
    *people.REASONS,
    *reports.REASONS,
)


def action_of(error: GatewayError) -> str:
    """What to do about it: what the error itself says, else what its code asks for; "" for a code that is not ours."""
    reason = REASONS.get(error.code)
    return error.action or ("" if reason is None else reason.action)
