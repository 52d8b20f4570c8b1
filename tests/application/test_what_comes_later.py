"""Whatever comes after a day was judged: every version verifies, and an approved day stays approved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import psycopg
import pytest

from gateway.application import days
from gateway.ledger.events import apply_dossier_events
from gateway.model import Channel, DossierEvent, EventType
from gateway.partners import Partner
from gateway.reconciliation import grounds
from gateway.reconciliation.day import verify
from tests.application.office import Office
from tests.application.test_days_judged_again import BANK, attribute, close, owing, squeezed
from tests.ledger.story import MONDAY, submitted

pytestmark = pytest.mark.services

LATER: dict[str, Callable[[Office, str], object]] = {
    "a payment of the next day": lambda office, code: office.pay(office.owe(33_000), 33_000),
    "the suggested fee is paid": lambda office, code: office.pay(office.reference(code), 80_000),
    "the owner is corrected": lambda office, code: office.submit(code, owner_name="Trần Văn Bình"),
    "the dossier is withdrawn": lambda office, code: office.tell(
        EventType.DOSSIER_WITHDRAWN, {"withdrawn_at": "2026-11-24T11:00:00+07:00", "reason": "x"}, code
    ),
    "a dossier of the same name and amount": lambda office, code: office.owe(80_000),
    "another day's statement": lambda office, code: tuesday(office),
}


def tuesday(office: Office) -> None:
    office.line(7_000, text="CK 7000", on=date(2026, 11, 24))
    office.load(on=date(2026, 11, 24))


@pytest.mark.parametrize("first", LATER)
def test_whatever_happens_later_the_old_version_verifies_and_the_day_stays_approved(office: Office, first: str) -> None:
    code = owing(office)
    attribute(office, f"NGUYEN THI HANH {squeezed(code)}", owing(office, 80_000))
    close(office)
    names = list(LATER)
    at = names.index(first)
    for name in (*names[at:], *names[:at]):  # every one of them comes first once
        office.later(minutes=7)
        office.now = office.desk.clock.now()
        LATER[name](office, code)
        assert verify(office.conn, office.partners[BANK], MONDAY), name
        assert not office.judge(now=office.now).changed, name


def test_a_reopened_day_verifies_in_all_its_versions(office: Office) -> None:
    code = owing(office)
    attribute(office, f"NOP TIEN {squeezed(code)}", code)
    close(office)
    days.reopen(office.desk, office.binh, BANK, MONDAY, reason="xem lại")
    office.later(hours=1)
    late = office.owe(5_000)
    office.line(5_000, late)
    office.now = office.desk.clock.now()
    office.load()
    assert office.judge(now=office.now).version == 3
    bank = office.partners[BANK]
    assert [verify(office.conn, bank, MONDAY, version) for version in (1, 2, 3, None, 4)] == [True] * 4 + [False]


def test_changed_configuration_changes_no_day_that_was_judged(office: Office) -> None:
    office.settled()
    office.settle_day()
    bank: Partner = office.partners[BANK]
    matching = bank.matching.model_copy(update={"settles_after": {Channel.INTERNET_BANKING: 3}})
    other = bank.model_copy(update={"matching": matching, "name": "Ngân hàng khác"})
    assert verify(office.conn, other, MONDAY)
    assert grounds.partner_then(office.conn, other, MONDAY, 1).name == bank.name


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("UPDATE gateway.payment_request SET state = 'settled'", "payment_request_says_when"),
        ("UPDATE gateway.payment_request SET amount = 1", "payment_request_is_a_fact"),
        ("UPDATE gateway.payment SET recorded_at = now()", "payment_is_a_fact"),
        ("UPDATE gateway.payment SET dossier_code = 'x'", "payment_is_a_fact"),
        ("UPDATE gateway.dossier SET owner_name = 'x'", "dossier_owner_says_when"),
        ("UPDATE gateway.recon_grounds SET grounds = '{}'", "never_edited"),
    ],
)
def test_the_schema_keeps_what_a_day_was_judged_from(office: Office, change: str, constraint: str) -> None:
    office.settled()
    office.settle_day()
    office.owe(5_000)
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        office.conn.execute(change)
    assert refused.value.diag.constraint_name == constraint


def test_what_was_written_at_the_moment_of_judging_and_not_read_is_no_part_of_the_version(office: Office) -> None:
    office.settled()
    office.settle_day()
    event = DossierEvent("late", EventType.DOSSIER_SUBMITTED, "H49.12-20261123-0000777", office.now, submitted())
    with office.conn.transaction():  # committed after the day was judged, with a time before it
        apply_dossier_events(
            office.conn, [(office.message(), event)], partners=office.partners, now=office.now - timedelta(hours=1)
        )
    office.pay(office.owe(9_000), 9_000)
    assert verify(office.conn, office.partners[BANK], MONDAY)
