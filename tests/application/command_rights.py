"""Every command with the right that it asks for: one that is in no table here fails the matrix test."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.application.access import Act

OF_THE_MACHINE = frozenset(
    {
        "demo", "db migrate", "queues declare", "certs init", "certs status", "partners check", "role begin",
        "statement parse", "minutes sign",
    }
)  # fmt: skip
"""They need no person: who runs them owns the machine, the database or the files that they are given."""

DAY = ("bank-a", "2026-11-23")
WHY = ("--why", "kiểm tra quyền")
COUNT = (
    "--cashier", "hoa", "--unit", "H49.12", "--series", "BL", "--first", "1", "--last", "2",
    "--receipts", "2", "--amount", "1",
)  # fmt: skip

RIGHTS: Mapping[str, tuple[Act, tuple[str, ...]]] = {
    "reconcile": (Act.RECONCILE, DAY),
    "report": (Act.EXPORT, DAY),
    "conservation": (Act.SEE, DAY[1:]),
    "alerts": (Act.SEE, ()),
    "messages list": (Act.SEE_MESSAGES, ()),
    "messages show": (Act.SEE_MESSAGES, ("1",)),
    "messages release": (Act.ACT_ON_MESSAGE, ("1", *WHY)),
    "messages aside": (Act.ACT_ON_MESSAGE, ("1", *WHY)),
    "messages replay": (Act.ACT_ON_MESSAGE, ("1", *WHY)),
    "messages expire": (Act.ACT_ON_MESSAGE, ("--before", "2026-01-01")),
    "statement load": (Act.LOAD_FILE, ("{file}", "--partner", "bank-a")),
    "day list": (Act.SEE, ()),
    "day show": (Act.SEE, DAY),
    "day propose": (Act.PROPOSE_DAY, DAY),
    "day approve": (Act.APPROVE_DAY, DAY),
    "day reject": (Act.REJECT_DAY, (*DAY, *WHY)),
    "day release": (Act.RELEASE_DAY, (*DAY, *WHY)),
    "day reopen": (Act.REOPEN_DAY, (*DAY, *WHY)),
    "day seal": (Act.SEE, (*DAY, "1")),
    "breaks list": (Act.SEE, DAY),
    "breaks show": (Act.SEE, (*DAY, "{key}")),
    "breaks decide": (Act.DECIDE, (*DAY, "{key}", "accept", *WHY)),
    "breaks accept-all": (Act.DECIDE, (*DAY, *WHY)),
    "breaks undo": (Act.DECIDE, ("1", *WHY)),
    "breaks confirm": (Act.CONFIRM_WRITE_OFF, ("1", *WHY)),
    "breaks history": (Act.SEE, (*DAY, "{key}")),
    "breaks enquiries": (Act.SEE, ()),
    "breaks answer": (Act.ENQUIRE, ("TS1", "--answer", "đúng", "--reference", "CV 1")),
    "role list": (Act.SEE, ()),
    "role grant": (Act.GRANT_ROLE, ("dung", "viewer")),
    "role revoke": (Act.GRANT_ROLE, ("dung", "viewer")),
    "refund list": (Act.SEE, ()),
    "refund show": (Act.SEE, ("{refund}",)),
    "refund request": (Act.PROPOSE_REFUND, ("1", "1000", *WHY)),
    "refund propose": (Act.PROPOSE_REFUND, ("{refund}",)),
    "refund approve": (Act.APPROVE_REFUND, ("{refund}",)),
    "refund reject": (Act.APPROVE_REFUND, ("{refund}", *WHY)),
    "refund paid": (Act.PROPOSE_REFUND, ("{refund}", "UNC-1", "2026-11-23")),
    "refund not-paid": (Act.APPROVE_REFUND, ("{refund}", *WHY)),
    "refund receipt": (Act.PROPOSE_REFUND, ("{refund}", "BB-1")),
    "cash list": (Act.SEE, DAY[1:]),
    "cash record": (Act.RECORD_CASH, (*DAY[1:], *COUNT)),
    "cash confirm": (Act.CONFIRM_RECORD, ("1",)),
    "treasury list": (Act.SEE, DAY[1:]),
    "treasury record": (Act.RECORD_VOUCHER, ("{voucher}",)),
    "treasury confirm": (Act.CONFIRM_RECORD, ("1",)),
    "treasury cancel": (Act.CANCEL_VOUCHER, ("1", *WHY)),
    "account book": (Act.SEE, DAY[1:]),
    "account units": (Act.SEE, DAY[1:]),
    "month show": (Act.SEE, ("bank-a", "2026-11")),
    "month close": (Act.CLOSE_MONTH, ("bank-a", "2026-11")),
    "minutes prepare": (Act.SIGN_MINUTES, DAY),
    "minutes list": (Act.SEE, DAY),
    "minutes download": (Act.EXPORT, ("1",)),
    "minutes sign-check": (Act.SIGN_MINUTES, ("1", "{file}")),
    "minutes accept": (Act.SIGN_MINUTES, ("1", "{file}")),
    "minutes register": (Act.GRANT_ROLE, ("dung", "lap_bieu", "{file}")),
    "minutes workbook": (Act.EXPORT, ("2026-11", "--out", "{folder}")),
    "sent list": (Act.SEE, DAY),
    "sent download": (Act.EXPORT, ("1",)),
    "dossier find": (Act.SEE, ("Nguyễn Thị Hạnh",)),
}
"""``{file}``, ``{voucher}``, ``{folder}``, ``{key}``, ``{refund}`` (a proposed one): what the test has made."""
