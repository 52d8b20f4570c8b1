"""Statements and remittances by file: digest, totals, continuity, lines, and the original as it came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from gateway.application import personal, statements
from gateway.errors import DoesNotClose, Forbidden, Malformed, NotFound
from tests.application.people_office import AN, CHI, DUNG, STRANGER, Office, office_at
from tests.reconciliation.day_story import MONDAY
from tests.reconciliation.test_other_partners import deliver

pytestmark = pytest.mark.services
TUESDAY = date(2026, 11, 24)
BODY = b"<Document>sao k\xc3\xaa</Document>"


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with office_at(database_url) as one:
        yield one


def keep(office: Office, body: bytes) -> None:
    """The bytes of the last message that was told."""
    conn = office.story.conn
    conn.execute("SELECT gateway.ensure_month('2026-11-01')")
    conn.execute(
        "INSERT INTO gateway.message_body (month, message_pk, body, signature)"
        " SELECT body_month, message_pk, %s, 'sig' FROM gateway.message ORDER BY message_pk DESC LIMIT 1",
        (body,),
    )
    conn.execute(
        "UPDATE gateway.message SET body_sha256 = %s, signer = 'bank-a'"
        " WHERE message_pk = (SELECT max(message_pk) FROM gateway.message)",
        (hashlib.sha256(BODY).digest(),),
    )


def test_a_file_shows_its_totals_and_that_balances_continue(office: Office) -> None:
    story = office.story
    story.line(100_000, "A")
    story.load()
    story.line(-30_000, "B", on=TUESDAY)
    story.load(on=TUESDAY)
    newest, first = statements.files(office.open(), CHI, "statement", partner="bank-a").files
    assert (first.opening, first.closing, first.line_count, first.line_total) == (0, 100_000, 1, 100_000)
    assert (first.adds_up, first.continues) == (True, None)
    assert (newest.opening, newest.closing, newest.adds_up, newest.continues) == (100_000, 70_000, True, True)
    assert newest.account == "•••0101"


def test_a_gap_between_balances_is_shown(office: Office) -> None:
    story = office.story
    story.line(100_000, "A")
    story.load()
    story.balances = dict.fromkeys(story.balances, 500_000)
    story.line(10_000, "B", on=TUESDAY)
    story.load(on=TUESDAY)
    newest, _ = statements.files(office.open(), CHI, "statement").files
    assert newest.continues is False
    assert [code for code, _ in newest.problems] == ["balances-do-not-continue"]


def test_lines_are_paged_and_say_how_they_were_judged(office: Office) -> None:
    story = office.story
    for amount in (100_000, 110_000, 120_000):
        reference = story.owe(amount)
        story.pay(reference, amount)
        story.line(amount, reference)
    story.line(55_000, text="khong ro 0912345678")
    story.settle_day()
    desk = office.open()
    (file,) = statements.files(desk, CHI, "statement", on=MONDAY).files
    page = statements.lines(desk, CHI, "statement", file.pk, limit=3)
    assert [line.outcome for line in page.lines] == ["matched"] * 3
    assert page.after == 3
    rest = statements.lines(desk, CHI, "statement", file.pk, after=page.after, limit=3)
    assert [(line.amount, line.is_new) for line in rest.lines] == [(55_000, True)]
    assert rest.lines[0].outcome not in ("", "matched")
    assert "0912345678" not in rest.lines[0].text
    assert rest.after is None


def test_a_remittance_shows_what_was_declared_and_what_was_listed(office: Office) -> None:
    office.story.remit(("EO1", 100_000, 20_000), ("EO2", 50_000, 15_000))
    desk = office.open()
    (file,) = statements.files(desk, CHI, "remittance").files
    assert (file.line_count, file.line_total, file.adds_up, file.account) == (2, 185_000, True, "•••0303")
    page = statements.lines(desk, CHI, "remittance", file.pk)
    told = [(line.reference, line.amount, line.postage, line.outcome) for line in page.lines]
    assert told == [("EO1", 100_000, 20_000, ""), ("EO2", 50_000, 15_000, "")]


def test_a_line_of_a_remittance_says_how_it_was_judged(office: Office) -> None:
    code = deliver(office.story, 100_000, 30_000)
    office.story.remit((code, 100_000, 30_000), ("H49.12-20261123-7777777", 10_000, 0))
    office.story.judge("vnpost")
    desk = office.open()
    (file,) = statements.files(desk, CHI, "remittance").files
    page = statements.lines(desk, CHI, "remittance", file.pk)
    assert [(line.amount, line.postage, line.outcome) for line in page.lines] == [
        (100_000, 30_000, "matched"), (10_000, 0, "unidentified"),
    ]  # fmt: skip


def test_files_are_paged_without_gap(office: Office) -> None:
    for number in range(7):
        office.story.line(1_000 + number, f"R{number}")
        office.story.load()
    desk = office.open()
    seen: list[int] = []
    after = ""
    while True:
        page = statements.files(desk, CHI, "statement", after=after, limit=3)
        seen += [file.pk for file in page.files]
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 7


def test_the_original_is_handed_out_as_it_came_and_logged(office: Office) -> None:
    office.story.line(100_000, "A")
    office.story.load()
    keep(office, BODY)
    desk = office.open()
    (file,) = statements.files(desk, AN, "statement").files
    got = statements.original(desk, AN, "statement", file.pk)
    assert (got.content, got.signature, got.name) == (BODY, b"sig", "F1")
    (line,) = personal.exported(desk, DUNG)
    assert (line.by_user, line.what, line.sha256) == ("an", f"original:statement:{file.pk}", got.sha256)


def test_altered_bytes_are_never_handed_out(office: Office) -> None:
    office.story.line(100_000, "A")
    office.story.load()
    keep(office, BODY + b" ")
    desk = office.open()
    (file,) = statements.files(desk, AN, "statement").files
    with pytest.raises(DoesNotClose) as raised:
        statements.original(desk, AN, "statement", file.pk)
    assert raised.value.code == "original-altered"
    assert personal.exported(desk, DUNG) == []


def test_an_expired_original_is_said_to_be_gone(office: Office) -> None:
    office.story.line(100_000, "A")
    office.story.load()
    desk = office.open()
    (file,) = statements.files(desk, AN, "statement").files
    with pytest.raises(NotFound) as raised:
        statements.original(desk, AN, "statement", file.pk)
    assert raised.value.code == "original-expired"


def test_who_may_not_export_gets_no_original_and_a_stranger_nothing(office: Office) -> None:
    desk = office.open()
    for act in (
        lambda: statements.original(desk, CHI, "statement", 1),
        lambda: statements.files(desk, STRANGER, "statement"),
        lambda: statements.lines(desk, STRANGER, "statement", 1),
    ):
        with pytest.raises(Forbidden) as raised:
            act()
        assert raised.value.code == "act-not-allowed"


def test_the_console_reads_no_other_bodies(office: Office) -> None:
    desk = office.open()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        desk.connection.execute("SELECT body FROM gateway.message_body")
    office.story.message()
    keep(office, BODY)
    office.open()
    assert desk.connection.execute("SELECT count(*) FROM gateway.statement_original(1)").fetchone() == (0,)


def test_an_unknown_file_and_a_foreign_place_are_refused(office: Office) -> None:
    desk = office.open()
    with pytest.raises(NotFound) as raised:
        statements.file_of(desk, CHI, "statement", 99)
    assert raised.value.code == "statement-unknown"
    with pytest.raises(Malformed) as refused:
        statements.files(desk, CHI, "statement", after="2026|x")
    assert refused.value.code == "page-cursor-invalid"
