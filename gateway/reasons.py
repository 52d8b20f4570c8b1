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
    # local services and Airflow
    Reason(
        "local-service-did-not-start",
        "dịch vụ cục bộ không khởi động được",
        "a private service did not start",
        "Read the log that the message names.",
    ),
    Reason(
        "local-service-survived",
        "tiến trình không chịu dừng",
        "a private service is alive after KILL",
        "End the processes that the message names by hand.",
    ),
    Reason(
        "system-package-missing",
        "thiếu gói phần mềm hệ thống",
        "a package of the distribution is not installed",
        "Install it in one of the ways that the message names.",
    ),
    Reason(
        "postgres-cannot-be-made",
        "không tạo được máy chủ PostgreSQL cục bộ",
        "no private PostgreSQL server can be made here",
        "Name a server in GATEWAY_DATABASE_URL.",
    ),
    # dossier
    # ledger and reconciliation
)
