"""Tra soát: what a partner is asked about one row of a day, as the text of a signed file, and the answer that it signs.

Both layouts are project-defined: ``adapters/banking/contracts/enquiry.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from psycopg import Connection

from gateway.model import Applied, Disposition, EnquiryAnswer, Kind, OutboxRow
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


def keep_answer(
    connection: Connection[tuple[object, ...]], message_pk: int, answer: EnquiryAnswer, now: datetime
) -> Applied:
    """Lay a believed answer beside its enquiry; the row then waits for a person's conclusion.

    Quarantined: ``enquiry-unknown`` (this partner was never asked that), ``enquiry-answered`` (an answer is there).
    """
    told = (answer.text, answer.reference, answer.partner, now, message_pk, answer.answered_on)
    asked = (answer.enquiry_id, answer.partner)
    kept = connection.execute(
        "INSERT INTO gateway.enquiry_answer (decision_pk, answer, reference, by_user, at, message_pk, answered_on)"
        f" SELECT q.decision_pk, %s, %s, %s, %s, %s, %s {_ASKED} ON CONFLICT (decision_pk) DO NOTHING",
        (*told, *asked),
    )
    if kept.rowcount:
        return Applied()
    known = connection.execute(f"SELECT 1 {_ASKED}", asked).fetchone()
    return Applied(Disposition.QUARANTINED, "enquiry-answered" if known else "enquiry-unknown", answer.enquiry_id)


_ASKED = """
FROM gateway.enquiry q JOIN gateway.break_decision d USING (decision_pk) WHERE q.enquiry_id = %s AND d.partner = %s"""

_AWAITED = """
FROM gateway.enquiry q JOIN gateway.break_decision d USING (decision_pk)
WHERE NOT EXISTS (SELECT FROM gateway.enquiry_answer a WHERE a.decision_pk = q.decision_pk)"""


def partners_that_owe_answers(connection: Connection[tuple[object, ...]]) -> list[str]:
    """Partners with an enquiry that has no answer yet, by id."""
    rows = connection.execute(f"SELECT DISTINCT d.partner {_AWAITED} ORDER BY d.partner").fetchall()
    return [str(row[0]) for row in rows]


def awaited(connection: Connection[tuple[object, ...]]) -> int:
    """How many enquiries have no answer yet."""
    row = connection.execute(f"SELECT count(*) {_AWAITED}").fetchone()
    assert row is not None  # count(*) always gives a row
    return int(str(row[0]))


def _plain(value: object) -> str:
    """One field of a line: separators and line ends cannot come from what people write."""
    return " ".join(str(value).replace("|", "/").split())
