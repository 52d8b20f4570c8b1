"""The reason codes: why a message is quarantined, refused, parked, in doubt or given up, or a file has a problem.

One table, so that the docs, the receipts and the console say the same thing. A test holds ``docs/operations.md`` to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Reason:
    """What a reason code means and what a person does about it."""

    code: str
    vi: str
    en: str
    action: str


def _table(*reasons: Reason) -> Mapping[str, Reason]:
    table = {reason.code: reason for reason in reasons}
    if len(table) != len(reasons):
        raise ValueError("a reason code is declared twice")
    return MappingProxyType(table)


REASONS: Mapping[str, Reason] = _table(
    Reason(
        "configuration-invalid",
        "cấu hình sai",
        "a setting is wrong",
        "Correct the named keys; `gateway partners check`.",
    ),
    Reason(
        "partner-unavailable",
        "đối tác không trả lời",
        "the partner does not answer",
        "Nothing: it is tried again.",
    ),
    Reason(
        "circuit-open",
        "tạm ngừng gọi đối tác",
        "calls to the partner are paused",
        "Nothing: it closes by itself.",
    ),
    Reason(
        "in-doubt", "chưa rõ kết quả", "sent, but no usable answer came", "Nothing: the partner is asked."
    ),
)
