"""Every act of the workflow, tried by every role that may not do it: here, and in SQL with each database role."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from gateway.application import breaks, days, enquiries, messages, roles
from gateway.application.access import Act, Role
from gateway.application.breaks import Decision, FrozenList, Target
from tests.application.doors import Doors, forbidden, not_refused
from tests.application.office import Office

pytestmark = pytest.mark.services
DAY = date(2026, 11, 23)
TARGET = Target("bank-a", DAY, 1, "0" * 32)
LIST = FrozenList((TARGET,), 1, 1)

DOORS: Doors = {
    "breaks_of": (Act.SEE, lambda d, p: breaks.breaks_of(d, p, "bank-a", DAY)),
    "break_of": (Act.SEE, lambda d, p: breaks.break_of(d, p, "bank-a", DAY, 1)),
    "open_breaks": (Act.SEE, lambda d, p: breaks.open_breaks(d, p, "bank-a", DAY)),
    "history": (Act.SEE, lambda d, p: breaks.history(d, p, "bank-a", DAY, "0" * 32)),
    **{
        f"decide {kind}": (
            {Decision.ENQUIRE: Act.ENQUIRE, Decision.WRITE_OFF: Act.WRITE_OFF}.get(kind, Act.DECIDE),
            lambda d, p, kind=kind: breaks.decide(d, p, TARGET, kind, reason="x"),  # type: ignore[misc]  # bound now
        )
        for kind in sorted(set(Decision) - {Decision.UNDO, Decision.CONFIRM})
    },
    "decide_many": (Act.DECIDE, lambda d, p: breaks.decide_many(d, p, LIST, Decision.ACCEPT, reason="x")),
    "undo": (Act.DECIDE, lambda d, p: breaks.undo(d, p, 1, reason="x")),
    "confirm": (Act.CONFIRM_WRITE_OFF, lambda d, p: breaks.confirm(d, p, 1, reason="x")),
    "calendar": (Act.SEE, lambda d, p: days.calendar(d, p, DAY)),
    "day": (Act.SEE, lambda d, p: days.day(d, p, "bank-a", DAY)),
    "propose": (Act.PROPOSE_DAY, lambda d, p: days.propose(d, p, "bank-a", DAY)),
    "approve": (Act.APPROVE_DAY, lambda d, p: days.approve(d, p, "bank-a", DAY)),
    "reject": (Act.REJECT_DAY, lambda d, p: days.reject(d, p, "bank-a", DAY, reason="x")),
    "release": (Act.RELEASE_DAY, lambda d, p: days.release(d, p, "bank-a", DAY, reason="x")),
    "reopen": (Act.REOPEN_DAY, lambda d, p: days.reopen(d, p, "bank-a", DAY, reason="x")),
    "verify_seal": (Act.SEE, lambda d, p: days.verify_seal(d, p, "bank-a", DAY, 1)),
    "enquiries": (Act.SEE, lambda d, p: enquiries.enquiries(d, p)),
    "record_answer": (Act.ENQUIRE, lambda d, p: enquiries.record_answer(d, p, "TS1", answer="x", reference="x")),
    "people": (Act.SEE, lambda d, p: roles.people(d, p)),
    "steps": (Act.SEE, lambda d, p: roles.steps(d, p)),
    "grant": (Act.GRANT_ROLE, lambda d, p: roles.grant(d, p, "dung", Role.OPS)),
    "revoke": (Act.GRANT_ROLE, lambda d, p: roles.revoke(d, p, "dung", Role.OPS)),
    "set_aside": (Act.ACT_ON_MESSAGE, lambda d, p: messages.set_aside(d, p, [1], reason="x")),
}


def test_every_forbidden_act_is_refused_before_anything_is_looked_at(office: Office) -> None:
    assert not_refused(office.desk, DOORS) == []
    assert len(forbidden(DOORS)) > 80


@pytest.fixture
def decided(office: Office) -> Office:
    """A day with one decision of every table: decided, asked, answered, approved, reopened."""
    office.short()
    office.settle_day()
    row = office.only_row()
    breaks.decide(office.desk, office.an, row.target, Decision.ENQUIRE, reason="hỏi")
    (asked,) = enquiries.enquiries(office.desk, office.an)
    enquiries.record_answer(office.desk, office.an, asked.enquiry_id, answer="rõ", reference="CV 1")
    frozen = breaks.freeze([row])
    breaks.decide_many(office.desk, office.an, frozen, Decision.ACCEPT, reason="đã rõ")
    days.propose(office.desk, office.an, "bank-a", DAY)
    days.approve(office.desk, office.binh, "bank-a", DAY)
    days.reopen(office.desk, office.binh, "bank-a", DAY, reason="xem lại")
    return office


TABLES = (
    "person_role", "break_decision", "decision_batch", "enquiry", "enquiry_answer", "day_seal", "day_reopening",
    "attribution", "recon_decision", "recon_version", "recon_row", "write_off_limit", "money_move", "recon_moved",
    "message_aside",
)  # fmt: skip
WRITERS = {
    "gateway_console": {
        "person_role", "break_decision", "decision_batch", "enquiry", "enquiry_answer", "day_seal", "recon_decision",
        "message_aside",
    },
    "gateway_worker": {"day_reopening", "enquiry_answer", "recon_version", "recon_row", "recon_moved"},
    "gateway_auditor": set(),
    "gateway_door": set(),
}  # fmt: skip


def refused(office: Office, role: str, act: str) -> type[Exception] | None:
    with psycopg.connect(office.desk.settings.database_url) as conn:
        conn.execute(f"SET ROLE {role}".encode())
        try:
            conn.execute(act.encode())
        except psycopg.Error as error:
            return type(error)
        finally:
            conn.rollback()
    return None


def test_no_database_role_edits_erases_or_adds_what_is_not_its_own(decided: Office) -> None:
    denied = psycopg.errors.InsufficientPrivilege
    done = []
    for role, own in WRITERS.items():
        for table in TABLES:
            acts = [f"DELETE FROM gateway.{table}", f"TRUNCATE gateway.{table} CASCADE"]
            acts.append(f"UPDATE gateway.{table} SET {column_of(decided, table)} = DEFAULT")
            if table not in own:
                acts.append(f"INSERT INTO gateway.{table} DEFAULT VALUES")
            done += [(role, act) for act in acts if refused(decided, role, act) is not denied]
    assert done == []


def column_of(office: Office, table: str) -> str:
    row = office.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'gateway' AND table_name = %s"
        " AND is_identity = 'NO' ORDER BY ordinal_position LIMIT 1",
        table,
    )
    return str(row[0][0])


@pytest.mark.parametrize("table", [table for table in TABLES if table not in ("write_off_limit", "attribution")])
def test_evidence_is_never_rewritten_not_even_by_the_owner(decided: Office, table: str) -> None:
    for act in (f"DELETE FROM gateway.{table}", f"UPDATE gateway.{table} SET {column_of(decided, table)} = DEFAULT"):
        with pytest.raises(psycopg.Error) as never:
            decided.conn.execute(act.encode())
        assert never.value.diag.constraint_name == "never_edited"


INSERT = (
    "INSERT INTO gateway.break_decision (partner, business_on, version, row_key, kind, reason, amount, about, by_user,"
    " at) SELECT 'bank-a', '2026-11-23', {version}, '{key}', '{kind}', 'x', {amount}, {about}, '{user}', now()"
)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"version": "0 + 9"}, "break_decision_stale"),
        ({"key": "0" * 32}, "break_decision_row"),
        ({"user": "vy"}, "break_decision_role"),
        ({"user": "binh"}, "break_decision_role"),
        ({"user": "oanh"}, "break_decision_role"),
        ({"amount": "1"}, "break_decision_amount"),
        ({"kind": "write_off", "user": "minh"}, "break_decision_role"),
        ({"kind": "undo", "about": "99"}, "break_decision_not_in_force"),
        ({"kind": "confirm", "about": "99"}, "break_decision_role"),
        ({"kind": "undo"}, "break_decision_about"),
    ],
)
def test_the_database_refuses_a_decision_that_breaks_a_rule(
    office: Office, change: dict[str, str], constraint: str
) -> None:
    office.short()
    office.settle_day()
    row = office.only_row()
    told = {
        "version": "1", "key": row.row_key, "kind": "accept", "amount": str(row.amount), "about": "NULL", "user": "an",
        **change,
    }  # fmt: skip
    with pytest.raises(psycopg.errors.CheckViolation) as rule:
        office.desk.connection.execute(INSERT.format(**told).encode())
    assert rule.value.diag.constraint_name == constraint


@pytest.mark.parametrize(
    ("act", "user", "constraint"),
    [
        ("propose", "binh", "decision_role"),
        ("propose", "vy", "decision_role"),
        ("approve", "binh", "decision_step"),
        ("propose", "an", "decision_breaks_open"),
    ],
)
def test_the_database_refuses_a_step_of_the_day_that_breaks_a_rule(
    office: Office, act: str, user: str, constraint: str
) -> None:
    office.short()
    office.settle_day()
    with pytest.raises(psycopg.errors.CheckViolation) as rule:
        office.desk.connection.execute(
            "INSERT INTO gateway.recon_decision (partner, business_on, version, act, by_user, at, snapshot_sha256)"
            " SELECT partner, business_on, version, %s, %s, now(), snapshot_sha256 FROM gateway.recon_version",
            (act, user),
        )
    assert rule.value.diag.constraint_name == constraint


def test_a_bulk_decision_that_is_not_whole_is_not_committed(office: Office) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as rule:
        office.desk.connection.execute(
            "INSERT INTO gateway.decision_batch (kind, targets, count, amount, by_user, at)"
            " VALUES ('accept', '[[1]]', 1, 0, 'an', now())"
        )
    assert rule.value.diag.constraint_name == "decision_batch_whole"


@pytest.mark.parametrize("call", ["reopen_day('bank-a', '2026-11-23', 'binh', 'x', now())", "book_entry(1, now())"])
@pytest.mark.parametrize("role", ["gateway_worker", "gateway_auditor", "gateway_door"])
def test_only_the_console_reopens_days_and_books_stray_money(office: Office, role: str, call: str) -> None:
    assert refused(office, role, f"SELECT gateway.{call}") is psycopg.errors.InsufficientPrivilege
