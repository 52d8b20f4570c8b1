"""Every column that could hold a name or number of somebody says so, or stands here with the reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

import psycopg
import pytest

from gateway.application import personal

pytestmark = pytest.mark.services

NOT_PERSONAL: Mapping[str, tuple[str, ...]] = {
    "the id of a partner in our configuration": ("*.partner",),
    "a code, name or state that our own tables of words list": (
        "*.kind", "*.state", "*.channel", "*.source", "*.route", "*.was", "*.act", "*.outcome", "*.class", "*.side",
        "*.rule", "*.role", "*.origin", "*.fate", "*.direction", "*.from_state", "*.to_state", "*.verdict", "*.code",
        "*.meaning", "*.currency", "*.status", "*.way", "*.method", "*.signs_as", "recon_day.stopped",
        "recon_month_item.how", "refund.receipt_mark", "payment_request.last_status", "message.reason",
        "message_history.reason", "recon_row.field", "report_signature.field", "reveal_log.field", "subject_log.fields",
        "message.waits_for", "alert_told.audience", "indicator_count.what",
    ),
    "a key or number that we or a partner's system made": (
        "*.dossier_code", "*.dossier_codes", "*.reference", "*.tokens", "*.keys", "*.fee_id", "*.row_key",
        "*.other_key", "*.message_id", "*.transaction_id", "*.partner_transaction_id", "*.refund_transaction_id",
        "*.refund_id", "*.enquiry_id", "*.partner_request_id", "*.batch_id", "*.record_id", "*.order_number",
        "*.item_code", "*.statement_id", "*.transport_id", "*.terminal_id", "*.receipt_series", "*.receipt_number",
        "*.first_number", "*.last_number", "message.order_key", "message.claimed_by", "feed_cursor.feed",
        "feed_cursor.position", "statement_entry.type_code", "statement_entry.response_code",
        "postal_event.status_code", "recon_row.settles",
        "decision_batch.targets", "business_transaction.fingerprint", "payment_request.payment_url",
        "reveal_log.subject", "export_log.what", "*.period", "alert.cause", "alert.path", "*.serial",
    ),
    "the number of a document": (
        "refund.document_number", "refund.receipt_document", "treasury_voucher.voucher_number",
        "treasury_voucher.document_number", "treasury_voucher.form_code", "treasury_voucher_item.document",
        "treasury_voucher_item.chapter", "treasury_voucher_item.subitem",
    ),
    "an agency: who collects, and where the treasury books it": (
        "treasury_voucher.payer_tax_code", "treasury_voucher.payer_address", "treasury_voucher.collects_as",
        "treasury_voucher.treasury_account", "treasury_voucher.treasury_name", "treasury_voucher.authority",
        "*.unit_code", "*.unit_name",
    ),
    "the catalogue of public services": (
        "*.procedure_code", "*.procedure_name", "*.field_code", "*.field_name", "fee.name",
    ),
    "an account of staff: who did what is evidence, and stays": (
        "*.by_user", "*.person", "*.proposed_by", "*.approved_by", "*.requested_by", "*.ended_by", "*.paid_by",
        "*.receipt_done_by", "*.released_by", "*.confirmed_by", "*.cancelled_by", "*.recorded_by", "*.counted_by",
        "*.closed_by", "*.made_by", "*.sent_by", "*.cashier", "message_history.actor", "run.run_id",
    ),
    "a digest, or a random value": (
        "*.*sha256", "*.digest", "*.released_digest", "*.thumbprint", "erasure_key.key",
        "erasure_mark.mark", "payer.mark",
    ),
    "a sentence or figure of the gateway itself, accounts in it masked when it is made": (
        "alert.text_vi", "alert.action", "alert.gist", "alert_told.gist", "recon_row.our_value",
        "recon_row.their_value", "recon_row.reason", "recon_row.suggestion", "recon_row.candidates",
        "recon_version.rules", "recon_version.engine", "recon_version.inputs", "recon_version.summary",
        "recon_version.classes", "recon_month.minutes", "export_log.filters",
    ),
    "the record of a digit or letter that was masked already": ("subject_log.subject",),
    "the certificate of a machine, or what it signed of the above": (
        "message.signer", "day_seal.statement", "day_seal.signature", "day_seal.certificate", "message_body.signature",
        "receipt.receipt",
    ),
    "the gateway's own running: flows, files of partners' machines, migrations": (
        "run.dag_id", "run.task_id", "report_print.form", "*.made_with",
        "*.file_name", "*.content_type", "migration.name",
    ),
}  # fmt: skip
"""Why -> columns (``table.column``, ``*`` for any). A new column is one of these, or is marked in the schema."""

COLUMNS = """
SELECT c.relname || '.' || a.attname, coalesce(col_description(c.oid, a.attnum), '')
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relnamespace = 'gateway'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype, 'json'::regtype, 'bytea'::regtype,
                      'varchar'::regtype)"""


def reasons_of(column: str) -> list[str]:
    return [why for why, patterns in NOT_PERSONAL.items() if any(fnmatchcase(column, one) for one in patterns)]


def test_every_column_of_text_or_bytes_is_personal_or_is_not_for_a_reason(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        columns = dict(conn.execute(COLUMNS).fetchall())
    marked = {column for column, comment in columns.items() if comment.startswith("personal:")}
    assert len(columns) > 250
    assert {columns[one].removeprefix("personal:") for one in marked} <= set(personal.CLASSES)
    assert sorted(one for one in columns if one not in marked and not reasons_of(one)) == []
    named = {pattern for patterns in NOT_PERSONAL.values() for pattern in patterns}
    assert sorted(one for one in marked & named) == []
    assert sorted(one for one in named if not any(fnmatchcase(column, one) for column in columns)) == []


@pytest.mark.unit
def test_free_text_columns_hide_behind_no_pattern_for_all_tables() -> None:
    """What people write is called reason, question, answer, text, detail, content: each is looked at by itself."""
    for word in ("reason", "question", "answer", "text", "detail", "content", "summary", "params", "problems"):
        assert reasons_of(f"some_new_table.{word}") == []
