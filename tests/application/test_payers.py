"""What is held about somebody who pays for another is shown masked, for a reason whole, and erased like the owner's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from gateway import retention
from gateway.application import personal, subjects
from gateway.clock import FixedClock
from gateway.flows.retention import apply as expire
from gateway.flows.wiring import Work
from gateway.masking import ERASED
from tests.application.people_office import AN, DUNG, REPOSITORY, Office, office_at

pytestmark = pytest.mark.services

OWNER, PAYER = "022190000001", "022188000007"
BINH = {"payer_name": "Trần Văn Bình", "payer_address": "Tổ 9, Phường Bãi Cháy", "payer_id_number": PAYER}
WHY = "Người dân hỏi tại quầy"


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with office_at(database_url) as one:
        yield one


def dossier(office: Office, *, paid: bool, ended: bool = True) -> str:
    """One that somebody else pays, or only was to pay."""
    story = office.story
    reference = story.owe(100_000, **BINH)
    if paid:
        story.pay(reference, 100_000)
    else:
        story.conn.execute(
            "UPDATE gateway.fee SET state = 'cancelled' WHERE dossier_code = %s AND state = 'due'", (story.code(),)
        )
    if ended:
        end(office, story.code())
    return story.code()


def end(office: Office, code: str) -> None:
    office.story.conn.execute(
        "UPDATE gateway.dossier SET status = 10, returned_at = status_at WHERE dossier_code = %s", (code,)
    )


def payers(office: Office) -> list[tuple[object, ...]]:
    return office.desk.connection.execute("SELECT name, address FROM gateway.payer ORDER BY payer_pk").fetchall()


def nightly(office: Office, at: datetime) -> int:
    with psycopg.connect(office.url, autocommit=True) as connection:
        connection.execute("SET ROLE gateway_worker")
        work = Work(connection, FixedClock(at), office.desk.partners)
        return int(expire(work, retention.load(REPOSITORY / "config")).counts["contacts"])


def test_a_payer_s_address_is_revealed_for_a_reason_that_is_kept(office: Office) -> None:
    dossier(office, paid=True)
    desk = office.open()
    (pk,) = desk.connection.execute("SELECT payer_pk FROM gateway.payer").fetchone() or (None,)
    assert personal.reveal(desk, AN, f"payer:{pk}", "address", reason=WHY) == "Tổ 9, Phường Bãi Cháy"
    (look,) = personal.revealed(desk, DUNG, subject=f"payer:{pk}")
    assert (look.by_user, look.field, look.personal, look.reason) == ("an", "address", "address", WHY)


def test_a_payer_is_told_what_is_held_by_the_number_that_nobody_kept(office: Office) -> None:
    code = dossier(office, paid=True, ended=False)
    held = subjects.subject_request(office.open(), DUNG, PAYER, reason=WHY)
    assert held.dossiers == ()
    (one,) = held.payers
    assert (one.dossier_code, one.name, one.address, one.needed) == (
        code, "T. V. Bình", "•••, Phường Bãi Cháy", "in-process",
    )  # fmt: skip


def test_an_owner_is_told_of_the_own_payments_and_of_nobody_else_s(office: Office) -> None:
    office.story.owe(100_000, payer_name="Nguyễn Thị Hạnh", payer_address="Tổ 5")
    own = office.story.code()
    dossier(office, paid=True)
    held = subjects.subject_request(office.open(), DUNG, OWNER, reason=WHY)
    assert [one.dossier_code for one in held.payers] == [own]


def test_what_is_held_about_the_payer_goes_with_the_dossier_s_contact_data(office: Office) -> None:
    paid = dossier(office, paid=True)
    moneyless = dossier(office, paid=False)
    desk = office.open()
    assert subjects.erase_subject(desk, DUNG, OWNER, reason=WHY).erased == (paid, moneyless)
    assert payers(office) == [("Trần Văn Bình", ERASED), (ERASED, ERASED)]
    steps = {step.dossier_code: step.fields for step in subjects.subject_steps(desk, DUNG)}
    assert steps[paid][-1] == "payer_address"
    assert steps[moneyless][-2:] == ("payer_address", "payer_name")


def test_a_payer_s_own_request_erases_the_payer_and_leaves_the_owner(office: Office) -> None:
    paid = dossier(office, paid=True)
    desk = office.open()
    done = subjects.erase_subject(desk, DUNG, PAYER, reason=WHY)
    assert (done.erased, done.kept) == ((paid,), ())
    assert payers(office) == [("Trần Văn Bình", ERASED)]
    assert desk.connection.execute("SELECT phone, owner_name FROM gateway.dossier").fetchone() == (
        "0912345678", "Nguyễn Thị Hạnh",
    )  # fmt: skip
    (step,) = subjects.subject_steps(desk, DUNG)
    assert (step.act, step.dossier_code, step.subject, step.fields) == ("erase", paid, "•••0007", ("payer_address",))
    assert subjects.erase_subject(desk, DUNG, OWNER, reason=WHY).erased == (paid,)  # the owner's own is still there
    assert desk.connection.execute("SELECT phone FROM gateway.dossier").fetchone() == (ERASED,)


def test_a_payer_who_is_needed_is_kept_with_the_reason_and_goes_when_nothing_needs_it(office: Office) -> None:
    code = dossier(office, paid=True, ended=False)
    desk = office.open()
    done = subjects.erase_subject(desk, DUNG, PAYER, reason=WHY)
    assert (done.erased, done.kept) == ((), ((code, "in-process"),))
    assert nightly(office, desk.clock.now()) == 0
    end(office, code)
    office.open()
    assert subjects.retention_due(desk, DUNG) == [code]
    assert nightly(office, desk.clock.now()) == 1
    assert payers(office) == [("Trần Văn Bình", ERASED)]
    assert nightly(office, desk.clock.now()) == 0


def test_a_late_event_about_a_payer_who_asked_for_erasure_is_not_kept(office: Office) -> None:
    code = dossier(office, paid=True)
    desk = office.open()
    subjects.erase_subject(desk, DUNG, PAYER, reason=WHY)
    office.story.ask(("p9", "phi", 5_000), channel="cash", code=code, **BINH)
    office.story.conn.execute("UPDATE gateway.fee SET state = 'cancelled' WHERE fee_id = 'p9'")
    office.open()
    assert payers(office)[-1] == ("Trần Văn Bình", "Tổ 9, Phường Bãi Cháy")
    assert nightly(office, desk.clock.now()) == 1
    assert payers(office) == [("Trần Văn Bình", ERASED)] * 2


def test_a_late_event_fills_nothing_of_an_erased_dossier(office: Office) -> None:
    paid, moneyless = dossier(office, paid=True), dossier(office, paid=False)
    subjects.erase_subject(office.open(), DUNG, OWNER, reason=WHY)
    for code in (paid, moneyless):
        office.story.ask(("p9", "phi", 5_000), channel="cash", code=code, **BINH)
    office.open()
    assert payers(office)[-2:] == [("Trần Văn Bình", ERASED), (ERASED, ERASED)]


def test_an_address_of_a_payer_is_erased_by_age_where_the_dossier_held_no_contact(office: Office) -> None:
    office.story.owe(100_000, phone="", address="", **BINH)
    office.story.pay(office.story.reference(office.story.code()), 100_000)
    end(office, office.story.code())
    office.open()
    assert nightly(office, datetime(2028, 11, 22, tzinfo=UTC)) == 0
    assert nightly(office, datetime(2028, 11, 25, tzinfo=UTC)) == 1
    assert payers(office) == [("Trần Văn Bình", ERASED)]


def test_only_the_console_asks_by_a_payer_s_number(office: Office) -> None:
    dossier(office, paid=True)
    office.open()
    for role in ("gateway_worker", "gateway_auditor", "gateway_door"):
        with psycopg.connect(office.url, autocommit=True) as other:
            other.execute(f"SET ROLE {role}".encode())
            for act in (
                f"SELECT * FROM gateway.payers_of('{PAYER}')",
                "SELECT gateway.erase_payers('{}', '', '', '', '', now())",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    other.execute(act.encode())
