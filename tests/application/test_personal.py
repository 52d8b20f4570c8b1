"""Personal data is masked, shown for a reason that is kept, and erased as far as accounting law allows."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from gateway import masking, retention
from gateway.application import personal, subjects
from gateway.clock import FixedClock
from gateway.errors import Forbidden, Malformed, NotFound
from gateway.flows.retention import apply as expire
from gateway.flows.wiring import Work
from gateway.model import EventType
from tests.application.people_office import AN, CHI, DUNG, OPS, REPOSITORY, Office, office_at

CCCD = "022190000001"
WHY = "Người dân hỏi tại quầy"


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with office_at(database_url) as one:
        yield one


@pytest.mark.unit
def test_masks_keep_only_what_tells_two_people_apart() -> None:
    assert masking.masked_cccd("022190000001") == "•••0001"
    assert masking.masked_phone("0912345678") == "•••678"
    assert masking.masked_account("1120000000101") == masking.masked_account("00000101") == "•••0101"
    assert masking.masked_email("hanh@example.vn") == "h•••@example.vn"
    assert masking.masked_address("Số 1, Tổ 5, Phường Hồng Gai") == "•••, Phường Hồng Gai"
    assert masking.masked_address("Tổ 5") == "•••"
    assert masking.masked_name("Nguyễn Thị Hạnh") == "N. T. Hạnh"


@pytest.mark.unit
@pytest.mark.parametrize("mask", [masking.masked_cccd, masking.masked_phone, masking.masked_account,
                                  masking.masked_email, masking.masked_address, masking.masked_name])  # fmt: skip
def test_nothing_and_the_marker_of_an_erasure_stay_as_they_are(mask: object) -> None:
    assert callable(mask)
    assert mask("") == ""
    assert mask(masking.ERASED) == masking.ERASED


@pytest.mark.unit
def test_a_short_number_is_never_shown_whole() -> None:
    for value in ("1", "12", "123", "1234"):
        assert not set(masking.masked_cccd(value)) - {"•"}


@pytest.mark.unit
def test_free_text_hides_long_numbers_and_keeps_our_codes() -> None:
    text = (
        "NGUYEN THI HANH 0912345678 nop phi QN261123000001A hs H49.12-20261123-0000001"
        " CD022190000001 TK 1120 0000 00101"
    )
    shown = masking.masked_text(text)
    assert "QN261123000001A" in shown
    assert "H49.12-20261123-0000001" in shown
    assert "0912345678" not in shown
    assert "022190000001" not in shown
    assert "0000 00101" not in shown
    assert len(shown) == len(text)  # positions of what was found in it still fit


@pytest.mark.unit
def test_free_text_keeps_amounts_and_dates_whole() -> None:
    text = "hoàn 1.234.567.890 đ ngày 23/11/2026 09:00, theo văn bản 2026-11-23 và 100.000.000 đồng"
    assert masking.masked_text(text) == text
    dots = "•" * 9
    assert masking.masked_text("gọi 091.234.5678, TK 1120.0000.101") == f"gọi {dots}678, TK {dots}•101"


@pytest.mark.unit
def test_folding_forgets_diacritics_case_and_spaces() -> None:
    assert personal.folded("  ĐẶNG  Thị\tHường ") == "dang thi huong"


@pytest.mark.services
def test_a_revealed_field_is_on_record_with_its_reason(office: Office) -> None:
    office.story.owe(100_000)
    desk = office.open()
    subject = f"dossier:{office.story.code()}"
    assert personal.reveal(desk, AN, subject, "owner_id_number", reason=WHY) == CCCD
    assert personal.reveal(desk, AN, subject, "phone", reason="Gọi người nộp tiền") == "0912345678"
    looks = personal.revealed(desk, DUNG, subject=subject)
    assert [(look.by_user, look.field, look.personal, look.reason) for look in looks] == [
        ("an", "phone", "phone", "Gọi người nộp tiền"),
        ("an", "owner_id_number", "cccd", WHY),
    ]


@pytest.mark.services
def test_who_may_not_reveal_is_refused_and_learns_nothing(office: Office) -> None:
    office.story.owe(100_000)
    desk = office.open()
    for person in (CHI, OPS):
        with pytest.raises(Forbidden) as raised:
            personal.reveal(desk, person, f"dossier:{office.story.code()}", "phone", reason=WHY)
        assert raised.value.code == "act-not-allowed"
    assert personal.revealed(desk, DUNG) == []


@pytest.mark.services
@pytest.mark.parametrize("reason", ["", "    ", "vì"])
def test_without_a_reason_nothing_is_revealed(office: Office, reason: str) -> None:
    desk = office.open()
    with pytest.raises(Malformed) as raised:
        personal.reveal(desk, AN, "dossier:H49.12-20261123-0000001", "phone", reason=reason)
    assert raised.value.code == "reason-needed"


@pytest.mark.services
@pytest.mark.parametrize(
    ("subject", "field"),
    [("dossier:H49.12-20261123-9999999", "phone"), ("dossier:x", "message_pk"), ("payment:1; DROP", "account"),
     ("payment:17", "account"), ("message_body:1", "body")],
)  # fmt: skip
def test_only_listed_fields_of_what_exists_are_revealed(office: Office, subject: str, field: str) -> None:
    desk = office.open()
    with pytest.raises(NotFound) as raised:
        personal.reveal(desk, AN, subject, field, reason=WHY)
    assert raised.value.code == "personal-field-unknown"
    assert personal.revealed(desk, DUNG) == []


@pytest.mark.services
@pytest.mark.parametrize("table", ["reveal_log", "export_log", "subject_log"])
def test_the_logs_are_only_added_to(office: Office, table: str) -> None:
    office.story.owe(100_000)
    desk = office.open()
    personal.reveal(desk, AN, f"dossier:{office.story.code()}", "phone", reason=WHY)
    for act in (f"DELETE FROM gateway.{table}", f"UPDATE gateway.{table} SET by_user = 'x'"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            desk.connection.execute(act.encode())
        with psycopg.connect(office.url) as owner, pytest.raises(psycopg.errors.CheckViolation):
            owner.execute(act.encode())


@pytest.mark.services
def test_an_export_is_logged_with_its_digest(office: Office) -> None:
    desk = office.open()
    personal.log_export(
        desk, AN, "day-xlsx:bank-a:2026-11-23", rows=12, sha256="a" * 64, filters={"outcome": "duplicate"}
    )
    (line,) = personal.exported(desk, DUNG)
    assert (line.by_user, line.what, line.row_count, line.sha256) == ("an", "day-xlsx:bank-a:2026-11-23", 12, "a" * 64)
    with pytest.raises(Forbidden):
        personal.log_export(desk, CHI, "x", rows=0, sha256="a" * 64)


@pytest.mark.services
def test_the_answer_to_a_data_subject_names_all_that_is_held_and_is_logged(office: Office) -> None:
    story = office.story
    story.pay(story.owe(100_000), 100_000)
    story.owe(50_000, owner_id_number="022190000099")
    desk = office.open()
    held = subjects.subject_request(desk, DUNG, "022 190 000 001", reason=WHY)
    (dossier,) = held.dossiers
    assert held.subject == "•••0001"
    assert (dossier.owner_id_number, dossier.phone, dossier.address) == (
        "•••0001",
        "•••678",
        "•••, Phường Hồng Gai",
    )
    assert (dossier.fees, dossier.payments, dossier.refunds, dossier.needed) == (1, 1, 0, "in-process")
    (step,) = subjects.subject_steps(desk, DUNG)
    assert (step.act, step.by_user, step.subject, step.reason) == ("list", "dung", "•••0001", WHY)


@pytest.mark.services
def test_only_the_auditor_answers_data_subjects(office: Office) -> None:
    desk = office.open()
    for person in (AN, CHI, OPS):
        for act in (subjects.subject_request, subjects.erase_subject):
            with pytest.raises(Forbidden) as raised:
                act(desk, person, CCCD, reason=WHY)
            assert raised.value.code == "act-not-allowed"


@pytest.mark.services
@pytest.mark.parametrize("number", ["", "12345678", "abcdefghijkl", "0221900000011234"])
def test_what_is_no_identity_number_is_not_searched(office: Office, number: str) -> None:
    with pytest.raises(Malformed) as raised:
        subjects.subject_request(office.open(), DUNG, number, reason=WHY)
    assert raised.value.code == "subject-id-invalid"


def returned(office: Office, *, paid: bool) -> str:
    """A dossier whose result was returned, with or without money."""
    story = office.story
    if paid:
        story.pay(story.owe(100_000), 100_000)
    else:
        story.number += 1
        story.submit(story.code())
    story.conn.execute(
        "UPDATE gateway.dossier SET status = 10, returned_at = status_at WHERE dossier_code = %s", (story.code(),)
    )
    return story.code()


@pytest.mark.services
def test_erasure_takes_contact_data_and_keeps_what_the_books_need(office: Office) -> None:
    paid = returned(office, paid=True)
    moneyless = returned(office, paid=False)
    office.story.owe(70_000)
    waiting = office.story.code()
    desk = office.open()
    done = subjects.erase_subject(desk, DUNG, CCCD, reason="Yêu cầu xóa ngày 24/11")
    assert done.erased == (paid, moneyless)
    assert done.kept == ((waiting, "in-process"),)
    columns = "owner_name, owner_id_number, phone, email, address, summary"
    row = desk.connection.execute(
        f"SELECT {columns} FROM gateway.dossier WHERE dossier_code = %s".encode(), (paid,)
    ).fetchone()
    assert row == ("Nguyễn Thị Hạnh", CCCD, masking.ERASED, "", masking.ERASED, masking.ERASED)
    row = desk.connection.execute(
        f"SELECT {columns} FROM gateway.dossier WHERE dossier_code = %s".encode(), (moneyless,)
    ).fetchone()
    assert row == (masking.ERASED, masking.ERASED, masking.ERASED, "", masking.ERASED, masking.ERASED)
    assert desk.connection.execute("SELECT count(*) FROM gateway.payment").fetchone() == (1,)
    steps = {step.dossier_code: step.fields for step in subjects.subject_steps(desk, DUNG)}
    assert steps == {
        paid: ("phone", "email", "address", "deliver_to", "summary"),
        moneyless: ("phone", "email", "address", "deliver_to", "summary", "owner_name", "owner_id_number"),
    }


@pytest.mark.services
def test_no_hand_but_the_logged_one_erases(office: Office) -> None:
    returned(office, paid=True)
    desk = office.open()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        desk.connection.execute("UPDATE gateway.dossier SET phone = ''")
    with psycopg.connect(office.url, autocommit=True) as worker:
        worker.execute("SET ROLE gateway_worker")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            worker.execute("SELECT gateway.erase_contact('{}', 'erase', 'x', 'x', 'xxxxx', now())")


@pytest.mark.services
def test_retention_erases_contact_data_two_years_after_the_end(office: Office) -> None:
    old = returned(office, paid=True)
    assert subjects.retention_due(office.open(), DUNG) == []
    later = office.open(datetime(2028, 11, 25, tzinfo=UTC))
    assert subjects.retention_due(later, DUNG) == [old]
    assert subjects.apply_retention(later, DUNG).erased == (old,)
    assert subjects.retention_due(later, DUNG) == []
    assert subjects.subject_steps(later, DUNG)[0].act == "retention"


@pytest.mark.services
def test_an_event_that_tells_an_erased_dossier_again_does_not_fill_it(office: Office) -> None:
    paid = returned(office, paid=True)
    moneyless = returned(office, paid=False)
    desk = office.open()
    subjects.erase_subject(desk, DUNG, CCCD, reason=WHY)
    for code in (paid, moneyless):
        office.story.submit(
            code, phone="0911111111", email="lai@example.vn", address="Tổ 9, Phường Bãi Cháy", summary="Nhà của bà Hạnh"
        )
    desk = office.open()
    rows = desk.connection.execute(
        "SELECT owner_name, phone, email, address, summary FROM gateway.dossier WHERE dossier_code = ANY (%s)"
        " ORDER BY dossier_code",
        ([paid, moneyless],),
    ).fetchall()
    gone = (masking.ERASED, masking.ERASED, masking.ERASED, masking.ERASED)
    assert rows == [("Nguyễn Thị Hạnh", *gone), (masking.ERASED, *gone)]


@pytest.mark.services
def test_what_was_still_needed_when_its_erasure_was_asked_for_goes_once_nothing_needs_it(office: Office) -> None:
    office.story.owe(70_000)
    code = office.story.code()
    desk = office.open()
    assert subjects.erase_subject(desk, DUNG, CCCD, reason=WHY).kept == ((code, "in-process"),)
    assert subjects.retention_due(desk, DUNG) == []
    office.story.conn.execute("UPDATE gateway.fee SET state = 'cancelled'")
    office.story.conn.execute("UPDATE gateway.dossier SET status = 7 WHERE dossier_code = %s", (code,))
    assert subjects.retention_due(office.open(), DUNG) == [code]
    office.story.number += 1
    office.story.submit(office.story.code(), submitted_at="2026-12-24T08:00:00+07:00")
    later = office.story.code()
    office.story.conn.execute("UPDATE gateway.dossier SET status = 7 WHERE dossier_code = %s", (later,))
    assert subjects.apply_retention(office.open(), DUNG).erased == (code,)  # what was submitted since has its own term


@pytest.mark.services
def test_the_marks_of_erasures_name_nobody(office: Office) -> None:
    returned(office, paid=True)
    desk = office.open()
    subjects.erase_subject(desk, DUNG, CCCD, reason=WHY)
    ((mark,),) = office.story.conn.execute("SELECT mark FROM gateway.erasure_mark").fetchall()
    assert mark not in (hashlib.sha256(CCCD.encode()).digest(), CCCD.encode())
    for role in ("gateway_worker", "gateway_console", "gateway_auditor", "gateway_door"):
        with psycopg.connect(office.url, autocommit=True) as other:
            other.execute(f"SET ROLE {role}".encode())
            for act in ("SELECT * FROM gateway.erasure_key", f"SELECT gateway.mark_of('{CCCD}')"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    other.execute(act.encode())


@pytest.mark.services
def test_a_machine_erases_by_night_what_is_due_and_not_a_day_before(office: Office) -> None:
    old = returned(office, paid=True)
    office.open()
    periods = retention.load(REPOSITORY / "config")
    with psycopg.connect(office.url, autocommit=True) as connection:
        connection.execute("SET ROLE gateway_worker")
        for at, gone in ((datetime(2028, 11, 22, tzinfo=UTC), 0), (datetime(2028, 11, 25, tzinfo=UTC), 1)):
            work = Work(connection, FixedClock(at), office.desk.partners)
            assert expire(work, periods).counts["contacts"] == gone
        with pytest.raises(psycopg.errors.CheckViolation) as raised:
            connection.execute("SELECT gateway.erase_due(0, now(), 1)")
        assert raised.value.diag.constraint_name == "retention_term"
    step = subjects.subject_steps(office.desk, DUNG)[0]
    assert (step.act, step.by_user, step.dossier_code) == ("retention", "system", old)


@pytest.mark.services
def test_an_open_refund_keeps_the_contact_data(office: Office) -> None:
    story = office.story
    story.pay(story.owe(100_000), 100_000)
    code = story.code()
    story.tell(
        EventType.DOSSIER_REFUSED, {"reason": "Không đủ điều kiện", "refused_at": "2026-11-23T10:00:00+07:00"}, code
    )
    done = subjects.erase_subject(office.open(), DUNG, CCCD, reason=WHY)
    assert done.erased == ()
    assert done.kept == ((code, "refund-open"),)


@pytest.mark.services
def test_the_privacy_document_maps_every_personal_column_of_the_schema(office: Office) -> None:
    rows = office.desk.connection.execute(
        "SELECT c.relname, a.attname, col_description(c.oid, a.attnum) FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE n.nspname = 'gateway' AND c.relkind IN ('r', 'p')"
        " AND col_description(c.oid, a.attnum) LIKE 'personal:%'"
    )
    schema = {(str(table), str(column)): str(comment).removeprefix("personal:") for table, column, comment in rows}
    text = (REPOSITORY / "docs" / "privacy.md").read_text(encoding="utf-8")
    mapped = {
        (table, column): name
        for table, column, name in re.findall(r"^\| `(\w+)\.(\w+)` \| `([\w-]+)` \|", text, re.MULTILINE)
    }
    assert mapped == schema
    assert set(schema.values()) <= set(personal.CLASSES)
    assert {(field.table, field.column): field.personal for field in personal.FIELDS.values()}.items() <= schema.items()
    periods = retention.load(REPOSITORY / "config")
    for name, one in personal.CLASSES.items():
        assert re.search(rf"^\| `{name}` \|.*\| {one.years(periods)} \|", text, re.MULTILINE), name


@pytest.mark.services
def test_a_revealed_delivery_party_is_told_as_text(office: Office) -> None:
    office.story.owe(100_000, deliver_to={"name": "Trần Văn Bình", "phone": "0987654321"})
    desk = office.open()
    shown = personal.reveal(desk, AN, f"dossier:{office.story.code()}", "deliver_to", reason=WHY)
    assert json.loads(shown)["name"] == "Trần Văn Bình"
