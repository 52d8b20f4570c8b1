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
    # everywhere
    Reason(
        "configuration-invalid",
        "cấu hình sai",
        "a setting is wrong",
        "Correct the keys that the message names, then run `gateway partners check`.",
    ),
    Reason(
        "migration-changed",
        "tệp lược đồ đã bị sửa",
        "an applied schema file was edited",
        "Restore the file; put the change into a new numbered file.",
    ),
    # security
    Reason("untrusted", "không tin cậy", "a peer must not be believed", "Ask the partner; never release by hand."),
    # wires
    Reason(
        "partner-unavailable", "đối tác không trả lời", "the partner does not answer", "Nothing: it is tried again."
    ),
    # statements
    Reason("malformed", "sai định dạng", "the bytes break their contract", "Ask the sender for a correct file."),
    # spine
    Reason("circuit-open", "tạm ngừng gọi đối tác", "calls to the partner are paused", "Nothing: it closes by itself."),
    Reason("in-doubt", "chưa rõ kết quả", "sent, but no usable answer came", "Nothing: the partner is asked."),
    # banking
    # postal
    # national portal
    # dossier
    # ledger and reconciliation
)
