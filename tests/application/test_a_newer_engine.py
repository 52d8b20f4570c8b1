"""A release with a newer engine: what older ones judged stays proven, and asks nobody again what was agreed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from gateway.errors import DoesNotClose
from gateway.reconciliation import day, engine, judgement, snapshot, versions
from gateway.reconciliation.rules import ENGINE
from gateway.reports import verification
from gateway.reports.verification import Item
from tests.application.office import Office
from tests.application.test_days_judged_again import close
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services

BANK = "bank-a"
Older = Callable[[Callable[[], object]], None]


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> Older:
    """Does something in the release before."""

    def does(act: Callable[[], object]) -> None:
        with monkeypatch.context() as before:
            for module in (day, judgement, versions):
                before.setattr(module, "ENGINE", "before")
            act()

    return does


@pytest.fixture
def says_otherwise(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on the engine gives every row another reason."""
    judged = engine.reconcile

    def otherwise(*args: Any) -> pa.Table:
        rows = judged(*args)
        at = rows.schema.get_field_index("reason")
        return rows.set_column(at, "reason", pa.array(["khác"] * rows.num_rows, pa.string()))

    return lambda: monkeypatch.setattr(engine, "reconcile", otherwise)


def agreed_before(office: Office, older: Older, says_otherwise: Callable[[], None]) -> None:
    """A day that people approved under the release before; this one says otherwise of it."""
    office.short()
    older(lambda: (office.load(), office.judge()))
    close(office)
    says_otherwise()
    office.later(hours=1)


def snapshot_of(office: Office, version: int = 1) -> Item:
    return verification.verify(office.conn, office.partners[BANK], MONDAY, version).items[0]


def engines(office: Office) -> list[object]:
    rows = office.conn.execute("SELECT engine FROM gateway.recon_version ORDER BY version").fetchall()
    return [name for (name,) in rows]


def test_a_day_that_a_newer_engine_judges_alike_is_proven_and_gets_no_new_version(office: Office, older: Older) -> None:
    office.short()
    older(lambda: (office.load(), office.judge()))
    assert engines(office) == ["before"]
    assert snapshot_of(office) == Item("snapshot", "equal")
    again = office.judge()
    assert (again.changed, again.version, again.engine) == (False, 1, "before")
    assert again.summary == {"underpaid": (1, 70_000, 70_000)}


def test_a_day_that_a_newer_engine_judges_otherwise_gets_a_version_of_its_own_and_the_old_one_is_no_alarm(
    office: Office, older: Older, says_otherwise: Callable[[], None]
) -> None:
    office.short()
    older(lambda: (office.load(), office.judge()))
    says_otherwise()
    told = Item("snapshot", "other-program", f"engine before judged it, engine {ENGINE} says otherwise")
    assert snapshot_of(office) == told
    again = office.judge()
    assert (again.changed, again.version, again.engine) == (True, 2, ENGINE)
    assert engines(office) == ["before", ENGINE]
    assert [snapshot_of(office, version) for version in (1, 2)] == [told, Item("snapshot", "equal")]


def test_what_people_agreed_on_is_not_asked_again_because_the_engine_is_newer(
    office: Office, older: Older, says_otherwise: Callable[[], None]
) -> None:
    agreed_before(office, older, says_otherwise)
    again = office.judge(now=office.desk.clock.now())
    assert (again.changed, again.version, again.state, office.state()) == (False, 1, "approved", "approved")


def test_a_late_line_reopens_an_agreed_day_under_a_newer_engine_too(
    office: Office, older: Older, says_otherwise: Callable[[], None]
) -> None:
    agreed_before(office, older, says_otherwise)
    office.now = office.desk.clock.now()
    office.line(7_000, text="NOP TIEN KHONG RO")
    office.load()
    again = office.judge(now=office.now)
    assert (again.changed, again.version, again.state, again.engine) == (True, 2, "reconciled", ENGINE)


@pytest.mark.parametrize("damage", [
    lambda stored: pa.compress(snapshot.unpack(stored).replace(b"underpaid", b"overpaid"), codec="zstd", asbytes=True),
    lambda stored: pa.compress(b"no line of JSON", codec="zstd", asbytes=True),
    lambda stored: stored[:-9],
    lambda stored: b"no snapshot",
], ids=["another word", "no facts", "cut", "not compressed"])  # fmt: skip
def test_stored_bytes_that_somebody_changed_are_an_alarm_whatever_engine_they_name(
    office: Office, older: Older, damage: Callable[[bytes], bytes]
) -> None:
    office.short()
    older(lambda: (office.load(), office.judge()))
    changed = damage(office.one("SELECT snapshot FROM gateway.recon_version"))
    office.conn.execute("RESET ROLE")
    with office.conn.transaction():
        office.conn.execute("SET LOCAL session_replication_role = replica")
        office.conn.execute("UPDATE gateway.recon_version SET snapshot = %s", (changed,))
    with pytest.raises(DoesNotClose) as differs:
        verification.verify(office.conn, office.partners[BANK], MONDAY).require()
    assert (differs.value.code, snapshot_of(office).why) == (
        "snapshot-differs", "the stored bytes are not those of its digest",
    )  # fmt: skip
