"""A partner's file stays where it is until its bytes and its entries are committed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from adapters.wire.signed_files import SftpDocumentSource
from gateway.ledger import statements
from gateway.ports import FetchedDocument, RemoteDocument
from tests.banking_adapter.test_files_that_are_refused import Inbox, inbox

__all__ = ["inbox"]

pytestmark = [pytest.mark.services, pytest.mark.scenario]


@dataclass
class Watched:
    """A folder that notes what others see of a file in the database when it is put away."""

    inside: SftpDocumentSource
    database_url: str
    seen: list[tuple[str, int]] = field(default_factory=list)

    def list(self) -> Sequence[RemoteDocument]:
        return self.inside.list()

    def fetch(self, document: RemoteDocument, folder: Path, *, unsigned: bool = False) -> FetchedDocument:
        return self.inside.fetch(document, folder, unsigned=unsigned)

    def archive(self, document: RemoteDocument) -> None:
        with psycopg.connect(self.database_url) as other:
            self.seen += other.execute(
                "SELECT state, amount FROM gateway.message, gateway.statement_entry WHERE direction = 'in'"
            ).fetchall()
        self.inside.archive(document)


def test_a_file_is_put_away_only_after_it_is_committed(inbox: Inbox, database_url: str) -> None:
    name = inbox.put(10_000)
    watched = Watched(inbox.source, database_url)
    inbox.look(watched)
    assert watched.seen == [("applied", 10_000)]
    assert not inbox.remote(name).exists()


def fail(*_: object, **__: object) -> None:
    raise MemoryError("no memory left")


def test_a_file_that_could_not_be_committed_is_still_with_the_bank_and_its_bytes_with_us(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = inbox.put(10_000)
    size = inbox.remote(name).stat().st_size
    with monkeypatch.context() as patch:
        patch.setattr(statements, "load", fail)
        with pytest.raises(MemoryError):
            inbox.look()
    assert inbox.remote(name).exists()
    assert inbox.kept() == [("stored", "", size)]
    inbox.look()
    assert inbox.entries() == [10_000]
    assert [state for state, _, _ in inbox.kept()] == ["applied", "duplicate"]
    assert not inbox.remote(name).exists()
