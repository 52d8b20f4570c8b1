"""Rights of people, and the rules of matching."""

from __future__ import annotations

from gateway.reasons.reason import TITLE_SAYS_ALL, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "act-not-allowed",
        "không có quyền làm việc này",
        "none of the person's roles allows this act",
        "Ask somebody who has one of the roles that the message names, or have the role granted.",
        details={"": "Tài khoản {user} không được làm việc “{act:act}”. Việc này dành cho: {roles:role}."},
    ),
    Reason(
        "rules-invalid",
        "tệp quy tắc đối soát sai",
        "a file of matching rules is wrong",
        "Correct the keys it names in config/rules; never edit a version that has judged a day.",
        details=TITLE_SAYS_ALL,
    ),
    Reason(
        "rules-unknown",
        "không có bộ quy tắc này",
        "a partner names a version of matching rules that does not exist, or none is in force on that date",
        "Name a version of config/rules and its first date under [matching] of the partner.",
    ),
)
