"""What was made of a version is made again from what is stored: the same bytes, or it says what differs and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from gateway.application import breaks, days, reports
from gateway.clock import FixedClock
from gateway.errors import Conflict, DoesNotClose, NotFound
from gateway.flows.deliveries import deliver_approved
from gateway.flows.wiring import Work
from gateway.model import Channel
from gateway.reports import decided, prints
from gateway.reports.day import write_day_reports
from gateway.reports.delivery import Letterhead
from gateway.reports.verification import Verification, verify
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import ACCOUNT, TUESDAY_MORNING, DayStory
from tests.reconciliation.test_other_partners import deliver
from tests.reports.signing import AN, BINH, Signing

pytestmark = pytest.mark.services
BANK = "bank-a"


class Folder:
    """A way out that keeps nothing itself."""

    way, recipient = "sftp", "kho"

    def send(self, name: str, content: bytes) -> None:
        assert content, name


def later(signing: Signing, hours: int = 1) -> DayStory:
    """The business clock goes on; the story that goes on with it."""
    signing.desk = replace(signing.desk, clock=FixedClock(signing.desk.clock.now() + timedelta(hours=hours)))
    story = DayStory(signing.desk.connection, signing.desk.partners, now=signing.desk.clock.now())
    story.number, story.count, story.files = 40, 900, 40
    story.balances[ACCOUNT] = 1_223_567  # what the statement of Monday closed with
    return story


def checked(signing: Signing, version: int | None = None, partner: str = BANK) -> Verification:
    return verify(signing.desk.connection, signing.desk.partners[partner], MONDAY, version)


def export_all(signing: Signing) -> None:
    for form in reports.MEDIA_TYPES:
        reports.export_day(signing.desk, AN, BANK, MONDAY, form)


def send_all(signing: Signing) -> None:
    work = Work(signing.desk.connection, signing.desk.clock, signing.desk.partners)
    deliver_approved(work, [Folder()], Letterhead("a@b.example", ("c@d.example",), "https://x.example"))


def test_files_minutes_and_what_was_sent_are_the_same_bytes_after_all_that_came_later(signing: Signing) -> None:
    export_all(signing)
    send_all(signing)
    story = later(signing)
    story.submit("H49.12-20261123-0000001", owner_name="Trần Văn Bình")
    days.reopen(signing.desk, BINH, BANK, MONDAY, reason="xem lại")
    export_all(signing)
    story.line(9_000, text="CK 9000")
    story.load()
    assert story.judge(now=story.now).version == 3
    frozen = breaks.open_breaks(signing.desk, AN, BANK, MONDAY)
    breaks.decide_many(signing.desk, AN, frozen, breaks.Decision.ACCEPT, reason="đã xem")
    days.propose(signing.desk, AN, BANK, MONDAY)
    export_all(signing)
    days.approve(signing.desk, BINH, BANK, MONDAY)
    export_all(signing)
    told = {version: checked(signing, version) for version in (1, 2, 3)}
    assert {item.verdict for found in told.values() for item in found.items} == {"equal"}
    names = [item.name for item in told[1].items]
    assert names[0] == "snapshot"
    assert names[-1] == "minutes prepared for signing"
    assert len([name for name in names if "sent to kho" in name]) == 3
    assert {name.split(",")[1] for name in names if name.startswith("xlsx")} == {" approved"}
    assert [name.split(",")[1] for name in (i.name for i in told[3].items) if name.startswith("csv")] == [
        " proposed", " approved",
    ]  # fmt: skip
    assert checked(signing).version == 3


def test_a_report_says_the_name_that_was_known_when_its_day_was_judged(signing: Signing) -> None:
    before = reports.export_day(signing.desk, AN, BANK, MONDAY, "csv").content
    later(signing).submit("H49.12-20261123-0000001", owner_name="Trần Văn Bình")
    assert reports.export_day(signing.desk, AN, BANK, MONDAY, "csv").content == before
    later(signing).submit("H49.12-20261123-0000001", owner_name="Lê Văn Chung")
    assert reports.export_day(signing.desk, AN, BANK, MONDAY, "csv").content == before


def test_an_erased_name_differs_and_is_told_with_who_erased_it_and_when(signing: Signing) -> None:
    conn = signing.desk.connection
    story = later(signing)
    story.submit("H49.12-20261123-0000002", owner_name="Trần Văn Bình")
    export_all(signing)
    conn.execute(
        "INSERT INTO gateway.subject_log (act, by_user, at, subject, reason, dossier_code, fields) VALUES"
        " ('erase', 'dung', %s, '•••0001', 'theo yêu cầu', 'H49.12-20261123-0000002', '{owner_name}')",
        (story.now,),
    )
    conn.execute("UPDATE gateway.dossier SET owner_name = '[đã xóa]' WHERE dossier_code = 'H49.12-20261123-0000002'")
    assert conn.execute("SELECT count(*) FROM gateway.dossier_owner_past").fetchone() == (0,)
    found = checked(signing)
    assert found.items[0].verdict == "equal", "no judgement holds the name"
    with pytest.raises(DoesNotClose) as told:
        found.require()
    assert told.value.code == "report-bytes-differ"
    assert "names were erased since: H49.12-20261123-0000002 by dung on 2026-11-24" in str(told.value)


def test_a_digest_that_does_not_come_out_again_is_a_difference_unless_another_program_made_it(signing: Signing) -> None:
    conn = signing.desk.connection
    columns = "partner, business_on, version, steps, decisions, form, made_with, sha256, made_at"
    put = f"INSERT INTO gateway.report_print ({columns}) VALUES ('bank-a', %s, 1, 0, 0, 'csv', %s, %s, now())"
    conn.execute(put.encode(), (MONDAY, "gateway older", "0" * 64))
    assert [item.verdict for item in checked(signing).items if item.name.startswith("csv")] == ["other-program"]
    assert checked(signing).require().equal
    conn.execute(put.encode(), (MONDAY, prints.made_with(), "0" * 64))
    with pytest.raises(DoesNotClose) as told:
        checked(signing).require()
    assert told.value.code == "report-bytes-differ"


def test_a_version_that_is_not_there_is_told(signing: Signing) -> None:
    with pytest.raises(NotFound) as unknown:
        checked(signing, 7)
    assert (unknown.value.code, unknown.value.where) == ("day-unknown", "bank-a 2026-11-23 v7")


@pytest.mark.parametrize("role", ["gateway_console", "gateway_worker"])
def test_a_kept_digest_is_never_changed(signing: Signing, role: str) -> None:
    export_all(signing)
    conn = signing.desk.connection
    with pytest.raises(psycopg.errors.CheckViolation) as refused, conn.transaction():
        conn.execute("UPDATE gateway.report_print SET form = 'csv'")
    assert refused.value.diag.constraint_name == "never_edited"
    conn.execute(f"SET ROLE {role}".encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        conn.execute("DELETE FROM gateway.report_print")


def test_the_days_of_the_intermediary_and_of_vnpost_are_made_again_too(day: DayStory, tmp_path: Path) -> None:
    account = "9704790000001"
    reference = day.owe(100_000, channel="platform")
    day.pay(reference, 100_000, partner="intermediary", channel=Channel.PLATFORM, account=account)
    day.line(90_000, account=account, trace=reference, response_code="00")
    day.load("intermediary")
    day.remit((deliver(day, 100_000, 30_000), 80_000, 30_000))
    for partner in ("intermediary", "vnpost"):
        assert day.judge(partner).stopped == ""
        write_day_reports(day.conn, day.partners[partner], MONDAY, tmp_path / partner)
    day.now = TUESDAY_MORNING + timedelta(hours=1)
    day.submit("H49.12-20261123-0000001", owner_name="Trần Văn Bình")
    day.submit("H49.12-20261123-0000002", owner_name="Trần Văn Bình")
    for partner in ("intermediary", "vnpost"):
        found = verify(day.conn, day.partners[partner], MONDAY).require()
        assert [item.name.split(",")[0] for item in found.items] == ["snapshot", "xlsx", "csv", "pdf", "minutes"]
        assert {item.verdict for item in found.items} == {"equal"}


def other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that says a decision in other words: the same minutes have other bytes."""
    monkeypatch.setitem(decided.DECISION_VI, breaks.Decision.ACCEPT, "Đồng ý")


def prepared_by(signing: Signing, program: str) -> None:
    with signing.desk.connection.transaction():
        signing.desk.connection.execute("SET LOCAL session_replication_role = replica")
        signing.desk.connection.execute("UPDATE gateway.report_document SET made_with = %s", (program,))


@pytest.mark.parametrize("program", ["", "gateway older"])
def test_minutes_that_an_older_program_prepared_stand_and_are_signed(
    signing: Signing, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    prepared_by(signing, program)
    other_words(monkeypatch)
    found = [item for item in checked(signing).require().items if item.name == "minutes prepared for signing"]
    assert [(item.verdict, item.why) for item in found] == [
        ("other-program", f"it was made with {program or 'an older program'}")
    ]
    again = reports.prepare_day(signing.desk, AN, BANK, MONDAY)
    assert (again.document_pk, again.sha256) == (signing.document.document_pk, signing.document.sha256)
    assert signing.upload(AN, signing.sign("people/an", "lap_bieu")).next_field == "ke_toan_truong"


def test_the_program_that_prepared_minutes_must_prepare_the_same_again(
    signing: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_words(monkeypatch)
    with pytest.raises(DoesNotClose) as told:
        checked(signing).require()
    assert told.value.code == "report-bytes-differ"
    assert "minutes prepared for signing: made again it has other bytes" in str(told.value)
    with pytest.raises(Conflict) as refused:
        reports.prepare_day(signing.desk, AN, BANK, MONDAY)
    assert refused.value.code == "report-differs"


@pytest.mark.parametrize("table", ["report_document", "report_signature"])
def test_damaged_bytes_of_what_people_sign_are_told_whatever_program_prepared_them(
    signing: Signing, table: str
) -> None:
    signing.upload(AN, signing.sign("people/an", "lap_bieu"))
    prepared_by(signing, "gateway older")
    with signing.desk.connection.transaction():
        signing.desk.connection.execute("SET LOCAL session_replication_role = replica")
        signing.desk.connection.execute(f"UPDATE gateway.{table} SET content = content || 'x'".encode())
    with pytest.raises(DoesNotClose) as told:
        checked(signing).require()
    assert told.value.code == "report-bytes-differ"
    assert "minutes prepared for signing: the kept bytes are not those of their digest" in str(told.value)
