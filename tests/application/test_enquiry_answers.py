"""A partner answers a tra soát by a signed file, over the wire, and the row waits for a conclusion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from adapters.wire.signed_files import SftpDocumentSource
from gateway.application import breaks, enquiries
from gateway.application.break_views import BreakState
from gateway.application.breaks import BreakRow
from gateway.errors import Conflict, Unavailable
from gateway.flows import enquiry_answers
from gateway.flows.wiring import Work, send_due
from gateway.model import Kind
from gateway.reconciliation.break_decisions import Decision
from tests.application.office import Office
from tests.application.test_decided_money import stray
from tests.banking_adapter.world import Counterpart, bank_a, banking_pki, parts_of, running_partners

__all__ = ["bank_a", "banking_pki", "parts_of", "running_partners"]

pytestmark = [pytest.mark.services, pytest.mark.scenario]


@dataclass
class Exchange:
    """An office, its bank, and the worker between them."""

    office: Office
    bank: Counterpart
    work: Work
    folder: Path

    def ask(self) -> BreakRow:
        row = stray(self.office)
        breaks.decide(self.office.desk, self.office.an, row.target, Decision.ENQUIRE, reason="không rõ người nộp")
        self.send()
        return row

    def send(self) -> None:
        send_due(self.work, self.bank.parts.senders, frozenset({Kind.ENQUIRY}))

    def answer(self, **told: object) -> None:
        self.bank.simulator.act("answer_enquiry", **told)

    def collect(self, *, away: bool = False) -> dict[str, int]:
        source, reader = self.bank.parts.answers
        assert isinstance(source, SftpDocumentSource)
        address = replace(source.address, port=1) if away else source.address  # nobody listens at port 1
        ways = {"bank-a": (replace(source, address=address, settle_seconds=0.02), reader)}
        return dict(enquiry_answers.collect(self.work, ways, self.folder).counts)

    def quarantined(self) -> list[str]:
        rows = self.office.conn.execute(
            "SELECT reason FROM gateway.message WHERE kind = 'enquiry_answer' AND state = 'quarantined'"
            " ORDER BY message_pk"
        ).fetchall()
        return [str(row[0]) for row in rows]


@pytest.fixture
def exchange(office: Office, bank_a: Counterpart, database_url: str, tmp_path: Path) -> Iterator[Exchange]:
    for file in (bank_a.files / "out").glob("TRALOI_*"):
        file.unlink()  # what another test left there
    with psycopg.connect(database_url, autocommit=True) as worker:
        worker.execute("SET ROLE gateway_worker")
        yield Exchange(office, bank_a, Work(worker, office.desk.clock, {"bank-a": bank_a.partner}), tmp_path)


def test_a_signed_answer_reaches_the_row_and_waits_for_a_conclusion(exchange: Exchange) -> None:
    row = exchange.ask()
    assert exchange.collect() == {"answers": 0, "awaited": 1}
    exchange.answer(text="Người nộp là NGUYEN VAN A.\nNộp tại quầy.", reference="CV 88/NHA")
    assert exchange.collect() == {"answers": 1, "awaited": 0}
    (found,) = enquiries.enquiries(exchange.office.desk, exchange.office.an, state="answered")
    assert (found.answer, found.reference) == ("Người nộp là NGUYEN VAN A. Nộp tại quầy.", "CV 88/NHA")
    assert (found.answered_by, found.delivery) == ("bank-a", "delivered")
    assert found.answer_message_pk is not None
    assert found.answered_on is not None
    assert exchange.office.rows_of_day()[0].state is BreakState.ANSWERED
    breaks.decide(
        exchange.office.desk, exchange.office.an, row.target, Decision.ACCEPT, reason="theo trả lời của ngân hàng"
    )


def test_a_second_look_changes_nothing_and_calls_nobody(exchange: Exchange) -> None:
    exchange.ask()
    exchange.answer()
    exchange.collect()
    before = exchange.office.one("SELECT count(*) FROM gateway.message")
    assert exchange.collect(away=True) == {"answers": 0, "awaited": 0}
    assert exchange.office.one("SELECT count(*) FROM gateway.message") == before


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"fault": "tampered", "text": "Số 100"}, "digest-mismatch"),
        ({"fault": "wrong_signer"}, "certificate-wrong-ca"),
        ({"fault": "other_partner"}, "wrong-partner"),
        ({"fault": "other_environment"}, "wrong-environment"),
        ({"fault": "wrong_count"}, "enquiry-answer-layout"),
        ({"fault": "unasked", "enquiry_id": "TS20261123999999"}, "enquiry-unknown"),
    ],
)
def test_an_answer_that_cannot_be_believed_is_kept_and_answers_nothing(
    exchange: Exchange, told: dict[str, object], reason: str
) -> None:
    exchange.ask()
    exchange.answer(**told)
    assert exchange.collect() == {"answers": 0, "awaited": 1}
    assert exchange.quarantined() == [reason]
    exchange.answer(text="Đã kiểm tra lại.")
    assert exchange.collect() == {"answers": 1, "awaited": 0}


def test_an_answer_after_a_persons_record_is_kept_for_a_person(exchange: Exchange) -> None:
    exchange.ask()
    exchange.answer()
    (asked,) = enquiries.enquiries(exchange.office.desk, exchange.office.an)
    source, reader = exchange.bank.parts.answers
    enquiries.record_answer(
        exchange.office.desk, exchange.office.an, asked.enquiry_id, answer="nói qua điện thoại", reference="ĐT 9 giờ"
    )
    box = enquiry_answers.box("bank-a", reader, exchange.work, exchange.folder)
    assert isinstance(source, SftpDocumentSource)
    box.take_all(exchange.work, replace(source, settle_seconds=0.02))
    assert exchange.quarantined() == ["enquiry-answered"]
    with pytest.raises(Conflict) as twice:
        enquiries.record_answer(
            exchange.office.desk, exchange.office.an, asked.enquiry_id, answer="khác", reference="CV"
        )
    assert twice.value.code == "enquiry-answered"


def test_a_bank_that_is_away_costs_lateness_only(exchange: Exchange) -> None:
    exchange.ask()
    exchange.answer()
    with pytest.raises(Unavailable) as away:
        exchange.collect(away=True)
    assert away.value.code == "sftp-unreachable"
    assert exchange.collect() == {"answers": 1, "awaited": 0}


@pytest.mark.parametrize(
    ("role", "by", "message", "constraint"),
    [
        ("gateway_console", "vy", None, "decision_role"),
        ("gateway_console", "bank-a", None, "decision_role"),
        ("gateway_worker", "bank-b", 1, "enquiry_answer_of_its_partner"),
    ],
)
def test_the_database_lets_nobody_answer_for_another(
    exchange: Exchange, role: str, by: str, message: int | None, constraint: str
) -> None:
    exchange.ask()
    with psycopg.connect(exchange.office.desk.settings.database_url) as other:
        other.execute(f"SET ROLE {role}".encode())
        columns = "decision_pk, answer, reference, by_user, at" + (", message_pk, answered_on" if message else "")
        values = "decision_pk, 'x', 'y', %s, now()" + (", message_pk, current_date" if message else "")
        with pytest.raises(psycopg.errors.CheckViolation) as refused:
            other.execute(
                f"INSERT INTO gateway.enquiry_answer ({columns}) SELECT {values} FROM gateway.enquiry".encode(), (by,)
            )
    assert refused.value.diag.constraint_name == constraint


def test_the_console_cannot_make_a_message_speak_for_a_partner(exchange: Exchange) -> None:
    exchange.ask()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        exchange.office.desk.connection.execute(
            "INSERT INTO gateway.enquiry_answer (decision_pk, answer, reference, by_user, at, message_pk, answered_on)"
            " SELECT decision_pk, 'x', 'y', 'bank-a', now(), message_pk, current_date FROM gateway.enquiry"
        )
