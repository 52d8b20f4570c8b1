"""Every act of a person as the statement that does it: what it writes, who may, and which rule refuses the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.application.access import WHO_MAY, Act, Role

WHO = "<who>"
"""Stands for the person in whose name an act is tried."""
PEOPLE: Mapping[Role | None, str] = {
    None: "nobody", Role.VIEWER: "vy", Role.OPS: "oanh", Role.MAKER: "an", Role.CHECKER: "binh", Role.AUDITOR: "minh",
}  # fmt: skip
"""Somebody with that role and no other. ``chi``, who has two of them, is the first person wherever two are needed."""


@dataclass(frozen=True, slots=True)
class SqlAct:
    """``before`` is told by the owner; then ``role`` does ``act`` in the name of ``WHO``.

    ``writes``: the granted rights that it tries (``UPDATE refund.state``, ``EXECUTE reopen_day``).
    """

    right: Act
    rule: str
    writes: str
    act: str
    before: str = ""
    role: str = "gateway_console"
    also: Act | None = None

    def may(self, role: Role | None) -> bool:
        return any(role in WHO_MAY[right] for right in (self.right, self.also) if right is not None)


FREE = "FROM gateway.payment p WHERE p.amount > p.allocated ORDER BY payment_pk LIMIT 1"
REFUND = (
    "INSERT INTO gateway.refund (refund_id, payment_pk, partner, amount, reason, requested_at)"
    f" SELECT 'HT261123000001A', p.payment_pk, p.partner, 1000, 'thừa', now() {FREE};"
)
PROPOSED = f"{REFUND} UPDATE gateway.refund SET state = 'proposed', proposed_by = 'chi', proposed_at = now();"
BY_HAND = (
    "INSERT INTO gateway.payment (partner, channel, source, reference, partner_transaction_id, amount, account,"
    " paid_at, business_on, cashier, receipt_series, receipt_number, recorded_at, message_pk) SELECT '', 'cash',"
    " 'counter', '', '', 5000, '', now(), '2026-11-23', 'thu', 'S', '1', now(), max(message_pk) FROM gateway.message;"
    + PROPOSED.replace("p.amount > p.allocated", "p.source = 'counter'")
    + " UPDATE gateway.refund SET state = 'approved', approved_by = 'binh', approved_at = now();"
)
UNDERPAID = (
    "FROM gateway.recon_row r JOIN gateway.recon_version v USING (version_pk)"
    " WHERE v.partner = 'bank-a' AND r.outcome = 'underpaid'"
)
DAY = "partner = 'bank-b' AND business_on = '2026-11-23'"


def decision(kind: str, who: str, *, about: bool = False) -> str:
    newest = "(SELECT max(decision_pk) FROM gateway.break_decision)"
    return (
        "INSERT INTO gateway.break_decision (partner, business_on, version, row_key, kind, reason, amount, about,"
        f" by_user, at) SELECT v.partner, v.business_on, v.version, r.row_key, '{kind}', 'x', 100000,"
        f" {newest if about else 'NULL'}, '{who}', now() {UNDERPAID};"
    )


def step(act: str, who: str) -> str:
    return (
        "INSERT INTO gateway.recon_decision (partner, business_on, version, act, by_user, at, snapshot_sha256)"
        f" SELECT partner, business_on, version, '{act}', '{who}', now(), snapshot_sha256 FROM gateway.recon_version"
        f" WHERE {DAY};"
    )


def certificate(person: str, office: str, by: str, *, in_force: bool = True) -> str:
    return (
        "INSERT INTO gateway.person_certificate (person, signs_as, subject, serial, thumbprint, not_after, in_force,"
        f" by_user, at) VALUES ('{person}', '{office}', 'CN={person}', '1', encode(sha256('{person}'), 'hex'),"
        f" now() + interval '1 year', {in_force}, '{by}', now());"
    )


def document(who: str) -> str:
    return (
        "INSERT INTO gateway.report_document (kind, partner, period, version, snapshot_sha256, sha256, content,"
        f" made_by, made_at) VALUES ('day_minutes', 'bank-b', '2026-11-23', 1, repeat('a', 64), repeat('a', 64),"
        f" 'x', '{who}', now());"
    )


def signature(number: int, office: str, who: str) -> str:
    return (
        "INSERT INTO gateway.report_signature (document_pk, step, field, person, subject, serial, thumbprint,"
        f" signed_at, accepted_at, sha256, content) SELECT document_pk, {number}, '{office}', '{who}', 'CN', '1',"
        f" encode(sha256('{who}'), 'hex'), now(), now(), repeat('c', 64), 'x' FROM gateway.report_document;"
    )


def cash_count(who: str) -> str:
    return (
        "INSERT INTO gateway.cash_count (cashier, business_on, unit_code, receipt_series, first_number, last_number,"
        f" receipt_count, amount, counted_by, counted_at) VALUES ('a', '2026-11-23', 'u', 's', '1', '1', 1, 1, '{who}',"
        " now());"
    )


def voucher(who: str) -> str:
    return (
        "INSERT INTO gateway.treasury_voucher (voucher_number, form_code, document_number, reference, method,"
        " payer_name, payer_tax_code, payer_address, partner, account, collects_as, treasury_account, treasury_name,"
        " authority, unit_code, paid_on, covers_from, covers_to, total, recorded_by, recorded_at) VALUES ('1', '', '',"
        " '', 'transfer', 'x', '', '', 'bank-a', '1', '', '1', 'x', '', '', '2026-11-23', '2026-11-23', '2026-11-23',"
        f" 1, '{who}', now());"
    )


ASKED = (
    decision("enquire", "chi")
    + """ WITH m AS (INSERT INTO gateway.message (direction, partner, kind, state, message_id, body_month, body_sha256,
      body_size, next_attempt_at, business_on, created_at, state_at) VALUES ('out', 'bank-a', 'enquiry', 'waiting',
      'e', '2026-11-01', sha256('x'), 1, now(), '2026-11-23', now(), now()) RETURNING message_pk)
    INSERT INTO gateway.enquiry (decision_pk, enquiry_id, message_pk, question, answer_due_on)
    SELECT (SELECT max(decision_pk) FROM gateway.break_decision), 'TS1', message_pk, 'x', now() FROM m;"""
)
DEAD = """INSERT INTO gateway.message (direction, partner, kind, state, body_month, body_sha256, body_size,
    business_on, created_at, state_at, reason) VALUES ('in', 'bank-a', 'statement_file', 'dead_lettered',
    '2026-11-01', sha256('x'), 1, '2026-11-23', now(), now(), 'x');"""
SIGNED_BY_US = document("chi") + "".join(
    certificate(person, office, "phuc") + signature(number, office, person)
    for number, (person, office) in enumerate(
        (("chi", "lap_bieu"), ("an", "ke_toan_truong"), ("binh", "thu_truong")), start=1
    )
)


_DECIDE, _CERTIFIES = "INSERT break_decision", "INSERT person_certificate"
_ENDS = "UPDATE refund.state, refund.ended_by, refund.ended_reason, refund.ended_at"
_ENDED = f"UPDATE gateway.refund SET state = '{{}}', ended_by = '{WHO}', ended_reason = 'x', ended_at = now()"
ACTS: Mapping[str, SqlAct] = {
    "release a stopped day": SqlAct(
        Act.RELEASE_DAY, "day_released_by_maker",
        "UPDATE recon_day.released_by, recon_day.released_reason, recon_day.released_digest, recon_day.changed_at",
        f"UPDATE gateway.recon_day SET released_by = '{WHO}', released_reason = 'x', released_digest = 'y',"
        " changed_at = now() WHERE partner = 'bank-a'",
    ),
    "request a refund": SqlAct(
        Act.PROPOSE_REFUND, "refund_by_role",
        "INSERT refund.refund_id, refund.payment_pk, refund.dossier_code, refund.partner, refund.amount,"
        " refund.reason, refund.requested_at, refund.requested_by",
        "INSERT INTO gateway.refund (refund_id, payment_pk, dossier_code, partner, amount, reason, requested_at,"
        f" requested_by) SELECT 'HT261123000002B', payment_pk, NULL, partner, 1, 'x', now(), '{WHO}' {FREE}",
    ),
    "propose a refund": SqlAct(
        Act.PROPOSE_REFUND, "refund_by_role", "UPDATE refund.state, refund.proposed_by, refund.proposed_at",
        f"UPDATE gateway.refund SET state = 'proposed', proposed_by = '{WHO}', proposed_at = now()", REFUND,
    ),
    "approve a refund": SqlAct(
        Act.APPROVE_REFUND, "refund_by_role", "UPDATE refund.state, refund.approved_by, refund.approved_at",
        f"UPDATE gateway.refund SET state = 'approved', approved_by = '{WHO}', approved_at = now()", PROPOSED,
    ),
    "reject a requested refund": SqlAct(
        Act.APPROVE_REFUND, "refund_by_role", _ENDS,
        _ENDED.format("rejected"), REFUND,
        also=Act.PROPOSE_REFUND,
    ),
    "reject a proposed refund": SqlAct(
        Act.APPROVE_REFUND, "refund_by_role", _ENDS,
        _ENDED.format("rejected"), PROPOSED,
    ),
    "pay a refund by document": SqlAct(
        Act.PROPOSE_REFUND, "refund_by_role",
        "UPDATE refund.state, refund.paid_by, refund.document_number, refund.document_on, refund.paid_at",
        f"UPDATE gateway.refund SET state = 'debited', paid_by = '{WHO}', document_number = 'UNC 1',"
        " document_on = now(), paid_at = now()", BY_HAND,
    ),
    "refuse to pay a refund": SqlAct(
        Act.APPROVE_REFUND, "refund_by_role", _ENDS,
        _ENDED.format("refused"), BY_HAND,
    ),
    "correct a receipt": SqlAct(
        Act.PROPOSE_REFUND, "refund_by_role",
        "UPDATE refund.receipt_document, refund.receipt_done_by, refund.receipt_done_at",
        f"UPDATE gateway.refund SET receipt_document = 'BB 1', receipt_done_by = '{WHO}', receipt_done_at = now()",
        BY_HAND,
    ),
    "register a certificate": SqlAct(
        Act.GRANT_ROLE, "person_certificate_by_ops", _CERTIFIES, certificate("dung", "lap_bieu", WHO)
    ),
    "withdraw a certificate": SqlAct(
        Act.GRANT_ROLE, "person_certificate_by_ops", _CERTIFIES, certificate("chi", "lap_bieu", WHO, in_force=False)
    ),
    "prepare minutes": SqlAct(Act.SIGN_MINUTES, "report_document_by_finance", "INSERT report_document", document(WHO)),
    "sign minutes": SqlAct(
        Act.SIGN_MINUTES, "report_signature_by_finance", "INSERT report_signature", signature(1, "lap_bieu", WHO),
        document("chi") + certificate(WHO, "lap_bieu", "phuc"),
    ),
    "file the partner's signature": SqlAct(
        Act.SIGN_MINUTES, "report_signature_by_finance", "INSERT report_signature", signature(4, "doi_tac", WHO),
        SIGNED_BY_US,
    ),
    "erase what its owner asked for": SqlAct(
        Act.ANSWER_SUBJECT, "erased_by_auditor", "EXECUTE erase_contact",
        f"SELECT gateway.erase_contact('{{}}', 'erase', '{WHO}', '•••0001', 'xxxxx', now())",
    ),
    "erase what a payer asked for": SqlAct(
        Act.ANSWER_SUBJECT, "erased_by_auditor", "EXECUTE erase_payers",
        f"SELECT gateway.erase_payers('{{}}', 'erase', '{WHO}', '•••0001', 'xxxxx', now())",
    ),
    "mark an erasure": SqlAct(
        Act.ANSWER_SUBJECT, "erased_by_auditor", "EXECUTE mark_erasure",
        f"SELECT gateway.mark_erasure('022190000001', '{WHO}', now())",
    ),
    "erase by age": SqlAct(
        Act.ANSWER_SUBJECT, "erased_by_auditor", "EXECUTE erase_due_by",
        f"SELECT gateway.erase_due_by(2, '{WHO}', now(), 10)",
    ),
    "look at a personal field": SqlAct(
        Act.REVEAL, "reveal_log_by_role", "INSERT reveal_log",
        "INSERT INTO gateway.reveal_log (by_user, at, subject, field, class, reason)"
        f" VALUES ('{WHO}', now(), 'payment:1', 'account', 'account', 'xxxxx')",
    ),
    "export a file": SqlAct(
        Act.EXPORT, "export_log_by_role", "INSERT export_log",
        "INSERT INTO gateway.export_log (by_user, at, what, row_count, sha256)"
        f" VALUES ('{WHO}', now(), 'x', 1, repeat('a', 64))",
    ),
    "list what is held about somebody": SqlAct(
        Act.ANSWER_SUBJECT, "subject_log_by_auditor",
        "INSERT subject_log.act, subject_log.by_user, subject_log.at, subject_log.subject, subject_log.reason",
        "INSERT INTO gateway.subject_log (act, by_user, at, subject, reason)"
        f" VALUES ('list', '{WHO}', now(), '•••0001', 'xxxxx')",
    ),
    "accept a break": SqlAct(Act.DECIDE, "break_decision_role", _DECIDE, decision("accept", WHO)),
    "ask the partner": SqlAct(Act.ENQUIRE, "break_decision_role", _DECIDE, decision("enquire", WHO)),
    "write off": SqlAct(Act.WRITE_OFF, "break_decision_role", _DECIDE, decision("write_off", WHO)),
    "confirm a write-off": SqlAct(
        Act.CONFIRM_WRITE_OFF, "break_decision_role", _DECIDE, decision("confirm", WHO, about=True),
        decision("write_off", "chi"),
    ),
    "undo a decision": SqlAct(
        Act.DECIDE, "break_decision_role", _DECIDE, decision("undo", WHO, about=True), decision("accept", "chi")
    ),
    "freeze a list": SqlAct(
        Act.WRITE_OFF, "decision_batch_by_finance", "INSERT decision_batch",
        "INSERT INTO gateway.decision_batch (kind, targets, count, amount, by_user, at)"
        f" VALUES ('write_off', '[[1]]', 1, 0, '{WHO}', now())",
    ),
    "record an answer": SqlAct(
        Act.ENQUIRE, "decision_role",
        "INSERT enquiry_answer.decision_pk, enquiry_answer.answer, enquiry_answer.reference,"
        " enquiry_answer.by_user, enquiry_answer.at",
        "INSERT INTO gateway.enquiry_answer (decision_pk, answer, reference, by_user, at)"
        f" SELECT decision_pk, 'x', 'x', '{WHO}', now() FROM gateway.enquiry", ASKED,
    ),
    "propose a day": SqlAct(Act.PROPOSE_DAY, "decision_role", "INSERT recon_decision", step("propose", WHO)),
    "approve a day": SqlAct(
        Act.APPROVE_DAY, "decision_role", "INSERT recon_decision", step("approve", WHO), step("propose", "chi")
    ),
    "reject a day": SqlAct(
        Act.REJECT_DAY, "decision_role", "INSERT recon_decision", step("reject", WHO), step("propose", "chi")
    ),
    "reopen a day": SqlAct(
        Act.REOPEN_DAY, "decision_role", "EXECUTE reopen_day",
        f"SELECT gateway.reopen_day('bank-b', '2026-11-23', '{WHO}', 'x', now())",
        step("propose", "chi") + step("approve", "binh"),
    ),
    "record a cash count": SqlAct(Act.RECORD_CASH, "recorded_by_maker", "INSERT cash_count", cash_count(WHO)),
    "confirm a cash count": SqlAct(
        Act.CONFIRM_RECORD, "confirmed_by_checker", "UPDATE cash_count.confirmed_by, cash_count.confirmed_at",
        f"UPDATE gateway.cash_count SET confirmed_by = '{WHO}', confirmed_at = now()", cash_count("chi"),
    ),
    "record a voucher": SqlAct(Act.RECORD_VOUCHER, "recorded_by_maker", "INSERT treasury_voucher", voucher(WHO)),
    "confirm a voucher": SqlAct(
        Act.CONFIRM_RECORD, "confirmed_by_checker",
        "UPDATE treasury_voucher.confirmed_by, treasury_voucher.confirmed_at",
        f"UPDATE gateway.treasury_voucher SET confirmed_by = '{WHO}', confirmed_at = now()", voucher("chi"),
    ),
    "cancel a voucher": SqlAct(
        Act.CANCEL_VOUCHER, "cancelled_by_role",
        "UPDATE treasury_voucher.cancelled_by, treasury_voucher.cancelled_at, treasury_voucher.cancelled_reason",
        f"UPDATE gateway.treasury_voucher SET cancelled_by = '{WHO}', cancelled_at = now(),"
        " cancelled_reason = 'x'", voucher("chi"),
    ),
    "close a month": SqlAct(
        Act.CLOSE_MONTH, "month_by_checker", "INSERT recon_month",
        f"INSERT INTO gateway.recon_month VALUES ('bank-x', '2026-11-01', '{WHO}', now(), '{{}}',"
        " encode(sha256('{}'), 'hex'))",
    ),
    "grant a role": SqlAct(
        Act.GRANT_ROLE, "role_by_ops", "INSERT person_role",
        "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
        f" VALUES ('dung', 'viewer', 'grant', '{WHO}', now())",
    ),
    "release a message": SqlAct(
        Act.ACT_ON_MESSAGE, "message_by_ops", "UPDATE message",
        f"SELECT set_config('gateway.actor', '{WHO}', true);"
        " UPDATE gateway.message SET state = 'stored' WHERE state = 'dead_lettered'",
        DEAD, "gateway_worker",
    ),
    "set a message aside": SqlAct(
        Act.ACT_ON_MESSAGE, "message_aside_by_ops",
        "INSERT message_aside.message_pk, message_aside.by_user, message_aside.at, message_aside.reason",
        "INSERT INTO gateway.message_aside (message_pk, by_user, at, reason)"
        f" SELECT message_pk, '{WHO}', now(), 'x' FROM gateway.message WHERE state = 'dead_lettered'",
        DEAD,
    ),
}  # fmt: skip
"""Name -> act, in the name of ``WHO``."""
