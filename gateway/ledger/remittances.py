"""Stores what VNPost states it passes on (bảng kê chuyển trả tiền thu hộ; project-defined file)."""

from __future__ import annotations

import json
from datetime import date, datetime

from psycopg import Connection

from gateway.errors import Conflict
from gateway.ledger.statements import LoadResult
from gateway.masking import masked_account
from gateway.model import Remittance
from gateway.partners import Partner


def load(
    conn: Connection[tuple[object, ...]],
    message_pk: int,
    remittance: Remittance,
    *,
    partner: Partner,
    business_on: date,
    file_name: str,
    sha256: str,
    now: datetime,
) -> LoadResult:
    """Store one remittance, inside the caller's transaction. The same file again adds nothing.

    What does not add up is a problem kept with it. Raises Conflict ``remittance-known`` where the batch is loaded with
    other content.
    """
    count, total = len(remittance.lines), sum(line.state_fee + line.postage for line in remittance.lines)
    problems = _problems(remittance, count, total, partner)
    row = conn.execute(
        "INSERT INTO gateway.remittance (partner, batch_id, business_on, remitted_on, account, declared_count,"
        " declared_total, line_count, line_total, problems, file_name, file_sha256, message_pk, loaded_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s)"
        " ON CONFLICT (partner, batch_id) DO NOTHING RETURNING remittance_pk",
        (
            partner.id, remittance.batch_id, business_on, remittance.remitted_on, remittance.account,
            remittance.declared_count, remittance.declared_total, count, total,
            json.dumps(problems, ensure_ascii=False), file_name, sha256, message_pk, now,
        ),
    ).fetchone()  # fmt: skip
    if row is None:
        _same_file(conn, partner.id, remittance.batch_id, sha256)
        return LoadResult(1, count, 0, (), tuple(problems))
    with conn.cursor().copy(
        "COPY gateway.remittance_line (remittance_pk, line_no, order_number, item_code, state_fee, postage,"
        " collected_on) FROM STDIN"
    ) as copy:
        for number, line in enumerate(remittance.lines, start=1):
            copy.write_row(
                (row[0], number, line.order_number, line.item_code, line.state_fee, line.postage, line.collected_on)
            )
    return LoadResult(1, count, count, (business_on,), tuple(problems))


def _problems(remittance: Remittance, count: int, total: int, partner: Partner) -> list[tuple[str, str]]:
    problems = []
    if remittance.declared_count != count:
        problems.append(("remittance-count", f"{remittance.declared_count} lines declared, {count} found"))
    if remittance.declared_total != total:
        problems.append(("remittance-total", f"{remittance.declared_total} đồng declared, {total} found"))
    if partner.accounts is not None and remittance.account not in partner.accounts.all():
        problems.append(
            ("statement-account-foreign", f"{masked_account(remittance.account)} is no account of {partner.id}")
        )
    return problems


def _same_file(conn: Connection[tuple[object, ...]], partner: str, batch_id: str, sha256: str) -> None:
    row = conn.execute(
        "SELECT file_sha256 FROM gateway.remittance WHERE partner = %s AND batch_id = %s", (partner, batch_id)
    ).fetchone()
    if row is not None and row[0] != sha256:
        raise Conflict(
            f"batch {batch_id} is loaded with other content",
            code="remittance-known",
            where=batch_id,
            action="ask the partner which of the two files is right",
        )
