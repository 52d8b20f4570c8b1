"""The schema asks who is named, whoever asks: every act by every role in SQL, and no granted write without a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import psycopg
import pytest

from gateway.application import breaks, days, personal, refunds, signers, subjects
from gateway.application.access import Person, Role
from gateway.application.breaks import Decision
from gateway.errors import Forbidden
from tests.application.granted import granted
from tests.application.office import Office
from tests.application.sql_acts import ACTS, BY_HAND, FREE, PEOPLE, PROPOSED, REFUND, WHO, SqlAct

pytestmark = pytest.mark.services
TUESDAY = date(2026, 11, 24)


@pytest.fixture
def world(office: Office) -> Office:
    """A day with an underpaid and an overpaid fee, one without breaks, and a second person of operations."""
    office.short(300_000, 200_000)
    reference = office.owe(100_000)
    office.pay(reference, 130_000)
    office.line(130_000, reference)
    office.settle_day()
    office.load("bank-b")
    office.judge("bank-b")
    assert office.state("bank-b") == "reconciled"
    office.employ(phuc=Role.OPS.value)
    return office


def answered(office: Office, tried: SqlAct, who: str) -> str:
    """How the database answers the act in the name of ``who``: "done", or the rule that refused it."""
    with psycopg.connect(office.desk.settings.database_url) as conn:
        conn.execute(tried.before.replace(WHO, who).encode() or b"SELECT 1")
        conn.execute(f"SET ROLE {tried.role}".encode())
        try:
            conn.execute(tried.act.replace(WHO, who).encode())
        except psycopg.Error as error:
            return error.diag.constraint_name or type(error).__name__
        finally:
            conn.rollback()
    return "done"


def test_every_act_of_people_is_done_in_sql_by_those_who_may_and_refused_to_everybody_else(world: Office) -> None:
    wrong = []
    for name, tried in ACTS.items():
        for role, person in PEOPLE.items():
            expected = "done" if tried.may(role) else tried.rule
            told = answered(world, tried, person)
            if told != expected:
                wrong.append((name, role, told, expected))
    assert wrong == []
    assert len(ACTS) * len(PEOPLE) > 200


def test_no_other_database_role_acts_in_the_name_of_somebody_who_may(world: Office) -> None:
    own_rule = {"InsufficientPrivilege", "refund_by_role", "enquiry_answer_of_its_partner"}
    done = []
    for name, act in ACTS.items():
        who = next(person for role, person in PEOPLE.items() if act.may(role))
        for role in {"gateway_worker", "gateway_auditor", "gateway_door"} - {act.role}:
            told = answered(world, replace(act, role=role), who)
            done += [(name, role, told)] if told not in own_rule else []
    assert done == []


NO_PERSON: Mapping[str, Mapping[str, str]] = {
    "gateway_console": {
        "INSERT day_seal": "of an approval, in its transaction: the rule is day_seal_of_an_approval",
        "INSERT enquiry": "of a decision to ask, which names its person: enquiry_of_its_decision",
        "INSERT message": "what an act tells a partner; an order to pay leaves for an approved refund alone",
        "INSERT message_body": "the bytes of those messages",
        "INSERT report_print": "the digest of a report that was made, so that the same bytes are made again",
        "INSERT recon_month_day": "a line of a month, whose row names the checker who closes it",
        "INSERT recon_month_item": "a line of a month, whose row names the checker who closes it",
        "INSERT treasury_voucher_item": "a line of a voucher, which names who recorded it and must add up",
        "EXECUTE book_entry": "books what a statement tells as unidentified; giving it to somebody is a decision",
        "EXECUTE ensure_month": "makes the partition of a month",
    },
    "gateway_worker": {
        **dict.fromkeys(
            (
                "INSERT run", "INSERT message", "INSERT message_body", "DELETE message_body",
                "INSERT body_expiry", "INSERT message_history",
                "INSERT message_key", "DELETE message_key", "INSERT business_transaction",
                "DELETE business_transaction", "INSERT receipt", "INSERT attempt", "UPDATE attempt", "INSERT circuit",
                "UPDATE circuit", "INSERT feed_cursor", "UPDATE feed_cursor", "EXECUTE ensure_month",
                "INSERT unreadable_answer", "UPDATE unreadable_answer.times", "UPDATE unreadable_answer.last_at",
            ),
            "the spine of messages; an act of a person on one is checked by message_by_ops",
        ),
        **dict.fromkeys(
            (
                "INSERT dossier", "UPDATE dossier", "INSERT fee", "UPDATE fee", "INSERT fee_history",
                "INSERT payment_request", "UPDATE payment_request", "INSERT payment_request_fee",
                "UPDATE payment_request_fee", "INSERT payment_request_status", "INSERT payment", "UPDATE payment",
                "INSERT payment_allocation", "INSERT payment_bill", "UPDATE payment_bill", "INSERT statement",
                "UPDATE statement", "INSERT statement_entry", "INSERT statement_entry_seen", "INSERT remittance",
                "UPDATE remittance", "INSERT remittance_line", "INSERT postal_order", "UPDATE postal_order",
                "INSERT postal_event", "INSERT payer", "INSERT refund_late_answer",
            ),
            "the ledger of what partners and the dossier system told, signed by them",
        ),
        "EXECUTE sum_indicators": "adds up what the triggers counted, every night; the sums stay the same",
        **dict.fromkeys(
            (
                "INSERT refund.refund_pk", "INSERT refund.refund_id", "INSERT refund.payment_pk",
                "INSERT refund.dossier_code", "INSERT refund.partner", "INSERT refund.amount", "INSERT refund.reason",
                "INSERT refund.requested_at", "INSERT refund.message_pk",
            ),
            "asks for the refund of a cancelled fee, in nobody's name; two people decide",
        ),
        **dict.fromkeys(
            (
                "UPDATE refund.state", "UPDATE refund.sent_at", "UPDATE refund.refund_transaction_id",
                "UPDATE refund.debit_entry_pk", "UPDATE refund.debited_on", "UPDATE refund.return_entry_pk",
                "UPDATE refund.returned_on", "UPDATE refund.in_doubt_at", "UPDATE refund.ended_at",
            ),
            "carries out what two people approved; refund_by_role leaves a machine no other step",
        ),
        **dict.fromkeys(
            (
                "INSERT recon_day.partner", "INSERT recon_day.business_on", "INSERT recon_day.changed_at",
                "UPDATE recon_day.state", "UPDATE recon_day.version", "UPDATE recon_day.stopped",
                "UPDATE recon_day.changed_at", "UPDATE recon_day.judged_at",
                "INSERT recon_version", "INSERT recon_row", "INSERT recon_entry",
                "INSERT recon_grounds", "INSERT recon_moved", "INSERT report_print",
            ),
            "judges a day; day_by_decision leaves proposing and approving to people",
        ),
        **dict.fromkeys(
            tuple(
                f"INSERT day_reopening.{column}"
                for column in ("partner", "business_on", "from_version", "to_version", "was", "reason", "at")
            ),
            "reopens by new inputs, in nobody's name",
        ),
        "INSERT enquiry_answer": "what the partner signed: enquiry_answer_of_its_partner, enquiry_answer_is_signed",
        "INSERT report_delivery": "sends what was approved, as the flow that it is",
        "EXECUTE erase_due": "erases by age alone, as the system",
        "INSERT alert": "tells of causes, in nobody's name",
        "UPDATE alert": "tells of causes, in nobody's name",
        "INSERT alert_told": "tells of causes, in nobody's name",
    },
}  # fmt: skip
"""Database role -> a right to write that needs no person, and why."""


def tried_rights(role: str) -> set[str]:
    """The rights that the acts above try: ``UPDATE refund.state, refund.ended_by`` is two of them."""
    rights = set()
    for act in ACTS.values():
        if act.role == role:
            verb, _, what = act.writes.partition(" ")
            rights |= {f"{verb} {one.strip()}" for one in what.split(",")}
    return rights


def test_every_write_that_a_database_role_is_granted_is_checked_or_needs_no_person_for_a_reason(world: Office) -> None:
    known = {role: tried_rights(role) | set(NO_PERSON.get(role, {})) for role in ("gateway_console", "gateway_worker")}
    held = granted(world.conn)
    assert {role: rights for role, rights in held.items() if role not in known} == {}
    assert {role: held[role] ^ known[role] for role in known} == {role: set() for role in known}


def test_who_is_named_under_a_refund_is_named_by_its_step_and_stays(world: Office) -> None:
    """Nobody exchanges the proposer of a refund, so that the first one may approve it; not even the owner."""
    for change in (
        "proposed_by = 'an', proposed_at = now()", "approved_by = 'binh', approved_at = now()",
        "ended_by = 'binh', ended_reason = 'x'", "paid_by = 'an'",
    ):  # fmt: skip
        for role in ("gateway_console", None):
            assert answered_as(world, PROPOSED, f"UPDATE gateway.refund SET {change}", role) == "refund_decided"
    back = "UPDATE gateway.refund SET state = 'requested'"
    assert answered_as(world, PROPOSED, back, "gateway_console") == "refund_by_role"


def answered_as(office: Office, before: str, act: str, role: str | None) -> str:
    with psycopg.connect(office.desk.settings.database_url) as conn:
        conn.execute(before.encode())
        if role:
            conn.execute(f"SET ROLE {role}".encode())
        try:
            conn.execute(act.encode())
        except psycopg.Error as error:
            return error.diag.constraint_name or type(error).__name__
        finally:
            conn.rollback()
    return "done"


def test_a_machine_decides_nothing_and_names_nobody(world: Office) -> None:
    for before, act, rule in (
        (REFUND, "UPDATE gateway.refund SET state = 'rejected'", "refund_by_role"),
        (PROPOSED, "UPDATE gateway.refund SET state = 'approved'", "refund_by_role"),
        ("SELECT 1", "INSERT INTO gateway.refund (requested_by) VALUES ('an')", "InsufficientPrivilege"),
        ("SELECT 1", "INSERT INTO gateway.refund (approved_by) VALUES ('an')", "InsufficientPrivilege"),
        ("SELECT 1", "INSERT INTO gateway.recon_day (released_by) VALUES ('an')", "InsufficientPrivilege"),
        ("SELECT 1", "INSERT INTO gateway.recon_day (state) VALUES ('approved')", "InsufficientPrivilege"),
        ("SELECT 1", "INSERT INTO gateway.day_reopening (by_user) VALUES ('binh')", "InsufficientPrivilege"),
        ("SELECT 1", "SELECT gateway.erase_due_by(2, 'minh', now(), 1)", "InsufficientPrivilege"),
        ("SELECT 1", "SELECT gateway.erase_fields('{}', 'erase', 'minh', '', 'xxxxx', now())", "InsufficientPrivilege"),
    ):
        assert answered_as(world, before, act, "gateway_worker") == rule, act


def test_an_order_to_pay_money_back_leaves_for_an_approved_refund_alone(world: Office) -> None:
    order = (
        "INSERT INTO gateway.message (direction, partner, kind, state, message_id, transaction_id, body_month,"
        " body_sha256, body_size, next_attempt_at, business_on, created_at, state_at) VALUES ('out', 'bank-a',"
        " 'refund', 'waiting', 'm', 'HT261123000001A', '2026-11-01', sha256('x'), 1, now(), '2026-11-23', now(), now())"
    )
    approved = PROPOSED + " UPDATE gateway.refund SET state = 'approved', approved_by = 'binh', approved_at = now();"
    for before, told in (
        ("SELECT 1", "message_of_approved_refund"), (REFUND, "message_of_approved_refund"),
        (PROPOSED, "message_of_approved_refund"), (BY_HAND, "message_of_approved_refund"), (approved, "done"),
    ):  # fmt: skip
        for role in ("gateway_console", "gateway_worker"):
            assert answered_as(world, before, order, role) == told


def test_a_refund_that_the_bank_has_an_order_for_is_not_said_to_be_unpaid(world: Office) -> None:
    approved = PROPOSED + " UPDATE gateway.refund SET state = 'approved', approved_by = 'binh', approved_at = now();"
    refused = "UPDATE gateway.refund SET state = 'refused', ended_by = 'binh', ended_reason = 'x'"
    assert answered_as(world, approved, refused, "gateway_console") == "refund_by_role"


def test_nobody_signs_with_a_certificate_that_is_somebody_elses(world: Office) -> None:
    sign = ACTS["sign minutes"]
    before = sign.before.replace(WHO, "binh")
    for thumbprint in ("binh", "none"):
        act = sign.act.replace(f"sha256('{WHO}')", f"sha256('{thumbprint}')").replace(WHO, "an")
        assert answered_as(world, before, act, "gateway_console") == "report_signature_by_signer"


def test_a_right_that_was_taken_since_the_page_was_opened_is_told_as_a_refusal(world: Office) -> None:
    desk, gone = world.desk, Person("la", frozenset(Role))
    payment_pk = int(world.one(f"SELECT p.payment_pk {FREE}"))
    certs = desk.settings.certs
    approved = Person("binh", frozenset(Role))
    refund_id = refunds.request(desk, world.an, payment_pk, 1_000, "thừa")
    refunds.propose(desk, world.an, refund_id)
    refunds.approve(desk, approved, refund_id)
    assert world.judge(on=TUESDAY).stopped == "statement-missing"
    for act in (
        lambda: days.release(desk, gone, "bank-a", TUESDAY, reason="x"),
        lambda: refunds.request(desk, gone, payment_pk, 1_000, "thừa"),
        lambda: refunds.correct_receipt(desk, gone, refund_id, "BB 1"),
        lambda: breaks.decide_many(desk, gone, breaks.freeze(world.rows_of_day()), Decision.ACCEPT, reason="x"),
        lambda: signers.register_certificate(desk, gone, "dung", "lap_bieu", (certs / "people/an.crt").read_bytes()),
        lambda: personal.reveal(desk, gone, "payment:1", "account", reason="xxxxx"),
        lambda: personal.log_export(desk, gone, "x", rows=1, sha256="a" * 64),
        lambda: subjects.subject_request(desk, gone, "022190000001", reason="xxxxx"),
        lambda: subjects.erase_subject(desk, gone, "022190000001", reason="xxxxx"),
        lambda: subjects.apply_retention(desk, gone),
    ):
        with pytest.raises(Forbidden) as refused:
            act()
        assert refused.value.code == "act-not-allowed"
    assert world.rows("SELECT 1 FROM gateway.erasure_mark") == []
