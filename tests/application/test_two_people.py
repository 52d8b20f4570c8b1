"""Two people are two in the database, however they write their names, and agree to the bytes that were proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import psycopg
import pytest

from gateway.application import breaks, days
from gateway.application.breaks import Decision
from gateway.errors import Conflict
from tests.application.office import Office
from tests.application.sql_acts import ACTS
from tests.application.test_sql_rights import answered, world
from tests.ledger.story import MONDAY

__all__ = ["world"]

pytestmark = pytest.mark.services

SECOND: Mapping[str, str] = {
    "approve a day": "decision_two_people",
    "confirm a write-off": "break_decision_two_people",
    "approve a refund": "refund_two_people",
    "confirm a cash count": "cash_count_two_people",
    "confirm a voucher": "treasury_voucher_two_people",
}
"""What ``chi``, who may do both steps, did first -> the rule that keeps her from the second."""


def test_who_did_the_first_step_never_does_the_second_not_even_in_other_letters(world: Office) -> None:
    for act, rule in SECOND.items():
        for who in ("chi", "CHI", "Chi"):
            assert (act, answered(world, ACTS[act], who)) == (act, rule)
    for who in ("oanh", "OANH"):
        to_oneself = replace(ACTS["grant a role"], act=ACTS["grant a role"].act.replace("'dung'", "'Oanh'"))
        assert answered(world, to_oneself, who) == "role_by_ops"


def test_a_role_is_held_however_the_sign_in_writes_the_name(world: Office) -> None:
    assert answered(world, ACTS["propose a day"], "AN") == "done"
    assert answered(world, ACTS["approve a day"], "Binh") == "done"


@pytest.mark.parametrize("act", ["propose a day", "approve a day"])
def test_a_step_about_other_bytes_than_the_day_has_is_refused(world: Office, act: str) -> None:
    tried = ACTS[act]
    other = replace(tried, act=tried.act.replace("now(), snapshot_sha256 FROM", "now(), repeat('0', 64) FROM"))
    assert other != tried
    assert answered(world, other, "an" if act == "propose a day" else "binh") == "decision_about_what_is"
    older = replace(tried, act=tried.act.replace("business_on, version, '", "business_on, version - 1, '"))
    assert answered(world, older, "an" if act == "propose a day" else "binh") == "decision_about_what_is"


def test_nobody_approves_decisions_that_are_not_those_that_were_proposed(office: Office) -> None:
    """A proposed day takes no decisions; one that was slipped in past the triggers is found out."""
    office.short()
    office.settle_day()
    row = office.only_row()
    pk = breaks.decide(office.desk, office.an, row.target, Decision.ACCEPT, reason="người nộp sẽ nộp thêm")
    days.propose(office.desk, office.an, "bank-a", MONDAY)
    with psycopg.connect(office.desk.settings.database_url) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE gateway.break_decision SET reason = 'lý do khác' WHERE decision_pk = %s", (pk,))
    with pytest.raises(Conflict) as changed:
        days.approve(office.desk, office.binh, "bank-a", MONDAY)
    assert changed.value.code == "snapshot-changed"
    assert office.state() == "proposed"


def test_a_seal_that_is_not_of_what_was_approved_is_refused(office: Office) -> None:
    office.settled()
    office.settle_day()
    days.propose(office.desk, office.an, "bank-a", MONDAY)
    days.approve(office.desk, office.binh, "bank-a", MONDAY)
    columns = (
        "approval_pk, partner, business_on, version, snapshot_sha256, decisions_sha256, decisions, statement,"
        " signature, certificate, sealed_at"
    )
    for column, other in {
        "approval_pk": "(SELECT min(decision_pk) FROM gateway.recon_decision)",
        "snapshot_sha256": "repeat('0', 64)",
        "version": "version + 1",
        "partner": "'bank-b'",
    }.items():
        with pytest.raises(psycopg.errors.CheckViolation) as refused, office.desk.connection.transaction():
            office.desk.connection.execute(
                f"INSERT INTO gateway.day_seal ({columns})"
                f" SELECT {columns.replace(column, other, 1)} FROM gateway.day_seal".encode()
            )
        assert (column, refused.value.diag.constraint_name) == (column, "day_seal_of_an_approval")
