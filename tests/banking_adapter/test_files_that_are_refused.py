"""A file without its signature and one that is too large: stored as refused, told once, ended by the good file."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.wire.signed_files import SftpDocumentSource
from gateway.clock import FixedClock
from gateway.errors import Conflict, GatewayError, NotFound, Refused
from gateway.flows import documents
from gateway.flows.documents import Files, day_of_statement
from gateway.flows.signed_box import limits_of
from gateway.flows.wiring import Work
from gateway.messages import receive, store
from gateway.messages.proof import prove
from gateway.model import Kind, RawMessage, Summary
from gateway.partners import Partner
from gateway.ports import FetchedDocument, RemoteDocument
from simulators import cms
from tests.banking_adapter.world import Counterpart

pytestmark = [pytest.mark.scenario, pytest.mark.services]
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
_days = iter(date(2026, 8, 1) + timedelta(days=number) for number in range(100))


@dataclass
class Inbox:
    """Bank A's folder, and the gateway that looks into it."""

    bank: Counterpart
    partner: Partner
    connection: psycopg.Connection[Any]
    folder: Path
    on: date

    @property
    def work(self) -> Work:
        return Work(self.connection, FixedClock(NOW), {"bank-a": self.partner})

    @property
    def source(self) -> SftpDocumentSource:
        assert isinstance(self.bank.parts.source, SftpDocumentSource)
        return replace(self.bank.parts.source, settle_seconds=0.02)

    def look(self, source: Any = None) -> Summary:
        reader = self.bank.parts.statements
        files = Files(source or self.source, reader, Kind.STATEMENT_FILE, self.folder, day_of_statement(reader))
        return documents.load(self.work, self.partner, files, self.on, owed=False)

    def put(self, amount: int, *, fault: str = "") -> str:
        """A statement with one credit of that amount."""
        at = f"{self.on}T10:00:00+07:00"
        self.bank.simulator.act("transfer_in", amount=amount, at=at, text="nop phi", reference="")
        return str(self.bank.simulator.act("make_statement", date=self.on.isoformat(), fault=fault)["name"])

    def remote(self, name: str) -> Path:
        return self.bank.files / "out" / name

    def sign(self, name: str) -> None:
        seal = cms.sign(self.remote(name).read_bytes(), self.bank.simulator._certs, "bank-a")
        self.remote(f"{name}.p7s").write_bytes(seal)

    def let_it_lie(self, name: str, minutes: int) -> None:
        then = datetime.now(UTC) - timedelta(minutes=minutes)
        os.utime(self.remote(name), (then.timestamp(), then.timestamp()))

    def kept(self) -> list[tuple[str, str, int]]:
        """State, reason and bytes kept of every file that was met, oldest first."""
        return self.connection.execute(
            "SELECT m.state, m.reason, length(b.body) FROM gateway.message m JOIN gateway.message_body b"
            " USING (message_pk) WHERE m.direction = 'in' ORDER BY m.message_pk"
        ).fetchall()

    def entries(self) -> list[int]:
        return [row[0] for row in self.connection.execute("SELECT amount FROM gateway.statement_entry ORDER BY 1")]

    def takes_at_most(self, megabytes: int) -> None:
        assert self.partner.statements is not None
        statements = self.partner.statements.model_copy(update={"largest_megabytes": megabytes})
        self.partner = self.partner.model_copy(update={"statements": statements})


@pytest.fixture
def inbox(bank_a: Counterpart, database_url: str, tmp_path: Path) -> Iterator[Inbox]:
    for file in (bank_a.files / "out").glob("BANKA_STMT_*"):
        file.unlink()  # what another test left there
    with psycopg.connect(database_url, autocommit=True) as worker:
        worker.execute("SET ROLE gateway_worker")
        yield Inbox(bank_a, bank_a.partner, worker, tmp_path, next(_days))
        assert all(line.closes for line in prove(worker, date(2026, 11, 24)))


def test_a_file_waits_for_its_signature_for_an_hour(inbox: Inbox) -> None:
    name = inbox.put(10_000, fault="unsigned")
    inbox.let_it_lie(name, 59)
    assert inbox.look().counts == {"entries": 0, "problems": 0}
    assert inbox.kept() == []


def test_a_file_whose_signature_stays_away_is_kept_as_refused_and_told_once(inbox: Inbox) -> None:
    name = inbox.put(10_000, fault="unsigned")
    inbox.let_it_lie(name, 61)
    assert inbox.look().counts["quarantined"] == 1
    size = inbox.remote(name).stat().st_size
    assert inbox.kept() == [("quarantined", "unsigned-message", size)]
    assert inbox.look().counts == {"entries": 0, "problems": 0}
    assert inbox.kept() == [("quarantined", "unsigned-message", size)]
    assert inbox.remote(name).exists()
    assert inbox.entries() == []
    assert not [file for file in inbox.folder.rglob("*") if file.is_file()]


def test_the_signature_that_comes_later_makes_the_file_good_and_nothing_is_doubled(inbox: Inbox) -> None:
    name = inbox.put(10_000, fault="unsigned")
    inbox.let_it_lie(name, 61)
    inbox.look()
    inbox.sign(name)
    assert inbox.look().counts["applied"] == 1
    assert [(state, reason) for state, reason, _ in inbox.kept()] == [("duplicate", ""), ("applied", "")]
    first, second = inbox.connection.execute(
        "SELECT message_pk, duplicate_of FROM gateway.message ORDER BY message_pk"
    ).fetchall()
    assert first[1] == second[0]
    assert inbox.entries() == [10_000]
    assert not inbox.remote(name).exists()
    assert inbox.look().counts == {"entries": 0, "problems": 0}


def test_a_signature_of_other_bytes_ends_nothing(inbox: Inbox) -> None:
    name = inbox.put(10_000, fault="unsigned")
    inbox.let_it_lie(name, 61)
    inbox.look()
    inbox.remote(name).write_bytes(inbox.remote(name).read_bytes() + b"\n")
    inbox.sign(name)
    inbox.look()
    assert [(state, reason) for state, reason, _ in inbox.kept()] == [
        ("quarantined", "unsigned-message"),
        ("applied", ""),
    ]


def test_a_wrong_signature_that_comes_later_ends_nothing(inbox: Inbox) -> None:
    name = inbox.put(10_000, fault="unsigned")
    inbox.let_it_lie(name, 61)
    inbox.look()
    inbox.remote(f"{name}.p7s").write_bytes(cms.sign(b"another file", inbox.bank.simulator._certs, "bank-a"))
    inbox.look()
    assert [(state, reason) for state, reason, _ in inbox.kept()] == [
        ("quarantined", "unsigned-message"),
        ("quarantined", "digest-mismatch"),
    ]
    assert inbox.entries() == []


def test_a_file_that_is_too_large_is_told_once_and_none_of_it_is_taken(inbox: Inbox) -> None:
    name = inbox.put(10_000)
    with inbox.remote(name).open("ab") as file:
        file.truncate(1024 * 1024 + 1)
    inbox.takes_at_most(1)
    for _ in range(2):
        inbox.look()
        assert inbox.kept() == [("quarantined", "message-too-large", 0)]
    detail = inbox.connection.execute("SELECT detail FROM gateway.message").fetchone()
    assert detail is not None
    assert detail[0].startswith(f"[message-too-large] {name}: 1048577 bytes, at most 1048576 are taken")
    assert inbox.remote(name).exists()
    assert not [file for file in inbox.folder.rglob("*") if file.is_file()]


def test_another_file_is_taken_beside_one_that_is_too_large(inbox: Inbox) -> None:
    large = inbox.put(10_000)
    with inbox.remote(large).open("ab") as file:
        file.truncate(1024 * 1024 + 1)
    inbox.takes_at_most(1)
    inbox.on = next(_days)
    inbox.put(20_000)
    inbox.look()
    assert [(state, reason) for state, reason, _ in inbox.kept()] == [
        ("quarantined", "message-too-large"),
        ("applied", ""),
    ]
    assert inbox.entries() == [20_000]


def test_a_larger_limit_takes_the_file_and_ends_the_record_of_it(inbox: Inbox) -> None:
    name = inbox.put(10_000)
    content = inbox.remote(name).read_bytes()
    padded = content.replace(b"<BkToCstmrStmt>", b"<BkToCstmrStmt>" + b" " * (1024 * 1024))
    inbox.remote(name).write_bytes(padded)
    inbox.sign(name)
    inbox.takes_at_most(1)
    inbox.look()
    inbox.takes_at_most(2)
    assert inbox.look().counts["applied"] == 1
    assert inbox.kept() == [("duplicate", "", 0), ("applied", "", len(padded))]
    assert inbox.entries() == [10_000]


@dataclass
class Growing:
    """A folder whose listing tells of less than is there when it is fetched."""

    inside: SftpDocumentSource

    def list(self) -> Sequence[RemoteDocument]:
        return [replace(document, size=1) for document in self.inside.list()]

    def fetch(self, document: RemoteDocument, folder: Path, *, unsigned: bool = False) -> FetchedDocument:
        return self.inside.fetch(document, folder, unsigned=unsigned)

    def archive(self, document: RemoteDocument) -> None:
        self.inside.archive(document)


def test_a_file_that_grew_after_it_was_listed_is_too_large_all_the_same(inbox: Inbox) -> None:
    name = inbox.put(10_000)
    with inbox.remote(name).open("ab") as file:
        file.truncate(1024 * 1024 + 1)
    inbox.takes_at_most(1)
    inbox.look(Growing(inbox.source))
    assert inbox.kept() == [("quarantined", "message-too-large", 0)]
    assert not [file for file in inbox.folder.rglob("*") if file.is_file()]


def test_a_name_that_is_none_is_told_once_and_holds_up_no_other_file(inbox: Inbox) -> None:
    overlong = f"BANKA_STMT_20260801_{'0' * 190}.xml"
    inbox.remote(overlong).write_bytes(b"<x/>")
    inbox.sign(overlong)
    inbox.put(20_000)
    for _ in range(2):
        inbox.look()
        assert [(state, reason) for state, reason, _ in inbox.kept()] == [
            ("quarantined", "path-outside-folder"),
            ("applied", ""),
        ]
    assert inbox.entries() == [20_000]
    assert inbox.remote(overlong).exists()


@dataclass
class Locked:
    """A folder in which the server lets nobody read one file, or put it away."""

    inside: SftpDocumentSource
    name: str
    error: GatewayError
    act: str = "fetch"
    fetched: list[str] = field(default_factory=list)

    def list(self) -> Sequence[RemoteDocument]:
        return self.inside.list()

    def fetch(self, document: RemoteDocument, folder: Path, *, unsigned: bool = False) -> FetchedDocument:
        self._may("fetch", document)
        self.fetched.append(document.name)
        return self.inside.fetch(document, folder, unsigned=unsigned)

    def archive(self, document: RemoteDocument) -> None:
        self._may("archive", document)
        self.inside.archive(document)

    def _may(self, act: str, document: RemoteDocument) -> None:
        if (act, document.name) == (self.act, self.name):
            raise self.error


REFUSED = Refused("permission denied", code="sftp-refused")


def test_a_locked_file_holds_up_no_other_is_told_once_and_taken_when_it_is_opened(inbox: Inbox) -> None:
    locked = inbox.put(10_000)
    first_day, inbox.on = inbox.on, next(_days)
    inbox.put(20_000)
    folder = Locked(inbox.source, locked, REFUSED)
    done = inbox.look(folder)
    assert done.counts["quarantined"] == 1
    assert done.keys == [f"bank-a:{inbox.on}"]
    assert inbox.look(folder).counts == {"entries": 0, "problems": 0}
    assert [(state, reason) for state, reason, _ in inbox.kept()] == [("quarantined", "file-locked"), ("applied", "")]
    detail = inbox.connection.execute("SELECT detail FROM gateway.message ORDER BY message_pk").fetchone()
    assert detail == (
        f"[file-locked] {locked}: the server does not let us read it (sftp-refused) → ask the partner for the right to"
        " read it; every run tries it again",
    )
    assert inbox.look().keys == [f"bank-a:{first_day}", f"bank-a:{inbox.on}"]
    assert [state for state, _, _ in inbox.kept()] == ["duplicate", "applied", "applied"]
    assert inbox.entries() == [10_000, 20_000]


@pytest.mark.parametrize(
    "error",
    [REFUSED, NotFound("no such folder", code="sftp-file-not-found"), Conflict("taken", code="sftp-target-exists")],
)
def test_a_file_that_cannot_be_put_away_is_loaded_once_and_told_once(inbox: Inbox, error: GatewayError) -> None:
    stuck = inbox.put(10_000)
    folder = Locked(inbox.source, stuck, error, act="archive")
    done = inbox.look(folder)
    assert (done.counts["applied"], done.counts["quarantined"]) == (1, 1)
    assert done.keys == [f"bank-a:{inbox.on}"]
    for _ in range(2):
        assert inbox.look(folder).counts == {"entries": 0, "problems": 0}
    assert folder.fetched == [stuck]
    assert [(state, reason) for state, reason, _ in inbox.kept()] == [
        ("applied", ""),
        ("quarantined", "file-not-put-away"),
    ]
    inbox.look()
    assert not inbox.remote(stuck).exists()
    assert [state for state, _, _ in inbox.kept()] == ["applied", "duplicate"]


def test_another_file_of_a_name_that_could_not_be_put_away_is_read(inbox: Inbox) -> None:
    stuck = inbox.put(10_000)
    folder = Locked(inbox.source, stuck, REFUSED, act="archive")
    inbox.look(folder)
    inbox.remote(stuck).write_bytes(inbox.remote(stuck).read_bytes() + b"\n")
    inbox.sign(stuck)
    inbox.look(folder)
    assert [(state, reason) for state, reason, _ in inbox.kept()] == [
        ("applied", ""),
        ("quarantined", "file-not-put-away"),
        ("applied", ""),
        ("quarantined", "file-not-put-away"),
    ]
    inbox.look()
    assert [state for state, _, _ in inbox.kept()] == ["applied", "duplicate", "applied", "duplicate"]


def test_the_record_of_an_unsigned_file_ends_also_where_its_bytes_came_under_another_name_first(inbox: Inbox) -> None:
    unsigned = inbox.put(10_000, fault="unsigned")
    inbox.let_it_lie(unsigned, 61)
    inbox.look()
    other = unsigned.replace(".xml", "0.xml")
    inbox.remote(other).write_bytes(inbox.remote(unsigned).read_bytes())
    inbox.sign(other)
    inbox.look()
    inbox.sign(unsigned)
    inbox.look()
    assert [state for state, _, _ in inbox.kept()] == ["duplicate", "applied", "duplicate"]
    assert inbox.entries() == [10_000]


def test_a_file_that_is_gone_when_it_is_fetched_is_no_failure(inbox: Inbox) -> None:
    gone = inbox.put(10_000)
    inbox.on = next(_days)
    inbox.put(20_000)
    inbox.look(Locked(inbox.source, gone, NotFound("no such file", code="sftp-file-not-found")))
    assert inbox.entries() == [20_000]


def test_of_an_endless_signature_only_the_beginning_is_taken(inbox: Inbox) -> None:
    name = inbox.put(10_000)
    with inbox.remote(f"{name}.p7s").open("ab") as seal:
        seal.truncate(1024 * 1024 * 1024)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024 * 1024, limits[1]))  # a disk that 1 GB would fill
    try:
        inbox.look()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [(state, reason) for state, reason, _ in inbox.kept()] == [("quarantined", "message-too-large")]


def test_a_run_that_was_killed_after_it_stored_the_record_is_finished_by_the_next(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = inbox.put(10_000)
    with inbox.remote(name).open("ab") as file:
        file.truncate(1024 * 1024 + 1)
    inbox.takes_at_most(1)

    def killed(connection: Any, messages: Sequence[RawMessage], _: Any) -> Any:
        store.store(connection, messages, now=NOW)
        raise KeyboardInterrupt

    monkeypatch.setattr(receive, "receive", killed)
    with pytest.raises(KeyboardInterrupt):
        inbox.look()
    monkeypatch.undo()
    assert inbox.kept() == [("stored", "", 0)]
    inbox.look()
    assert inbox.kept() == [("quarantined", "message-too-large", 0)]


def test_the_default_limits_are_those_of_the_documents(bank_a: Counterpart) -> None:
    limits = limits_of(bank_a.partner)
    assert (limits.largest_bytes, limits.signature_within) == (128 * 1024 * 1024, timedelta(hours=1))
