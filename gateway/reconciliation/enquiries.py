"""Tra soát: what a partner is asked about one row of a day, as the text of a signed file (project-defined layout)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from gateway.model import Kind, OutboxRow
from gateway.payloads import Enquiry
from gateway.reconciliation.break_decisions import Target

ENQUIRY = "TS"
"""The prefix of an enquiry's number (tra soát), as ``QN`` and ``HT`` are of payments and refunds."""


def outbox_row(
    enquiry_id: str, target: Target, row: Mapping[str, object], keys: str, question: str, answer_due_on: date
) -> OutboxRow:
    """The message that asks. ``keys``: the partner's own references of the row, as its files name them."""
    lines = [
        f"TRASOAT|{enquiry_id}|{target.partner}|{target.business_on.isoformat()}|{target.version}|{target.row_key}",
        f"KHOAN|{row['outcome']}|{_plain(row['reference'])}|{_plain(keys)}|{row['our_amount']}|{row['their_amount']}",
        f"LECH|{_plain(row['field'])}|{_plain(row['our_value'])}|{_plain(row['their_value'])}",
        f"HOI|{_plain(question)}",
        f"HAN|{answer_due_on.isoformat()}",
    ]
    payload = Enquiry(
        enquiry_id=enquiry_id,
        partner=target.partner,
        business_on=target.business_on.isoformat(),
        answer_due_on=answer_due_on.isoformat(),
        file_name=f"TRASOAT_{target.partner}_{target.business_on:%Y%m%d}_{enquiry_id}.csv",
        content="\r\n".join(lines) + "\r\n",
    )
    return OutboxRow(
        partner=target.partner,
        kind=Kind.ENQUIRY,
        message_id=f"enquiry:{enquiry_id}",
        payload={**payload},
        transaction_id=enquiry_id,
    )


def _plain(value: object) -> str:
    """One field of a line: separators and line ends cannot come from what people write."""
    return " ".join(str(value).replace("|", "/").split())
