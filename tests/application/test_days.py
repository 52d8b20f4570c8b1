"""A business date under four eyes: proposed, approved and sealed, sent back, reopened, and never rewritten."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest

from gateway.application import breaks, days, roles
from gateway.application.breaks import BreakState, Decision
from gateway.application.day_views import State
from gateway.application.desk import Desk
from gateway.errors import ConfigurationError, Conflict, DoesNotClose, Forbidden, GatewayError, NotFound
from gateway.reconciliation import snapshot
from gateway.reconciliation.day import verify
from tests.application.office import Office
from tests.ledger.story import MONDAY

pytestmark = pytest.mark.services
BANK = "bank-a"


def accept_all(office: Office) -> None:
    frozen = breaks.open_breaks(office.desk, office.an, BANK, MONDAY)
    if frozen.count:
        breaks.decide_many(office.desk, office.an, frozen, Decision.ACCEPT, reason="đã xem")


def agree(office: Office) -> None:
    """One person decides and proposes, another approves."""
    accept_all(office)
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)


def late_line(office: Office, reference: str, amount: int) -> None:
    office.line(amount, reference)
    office.load()
    assert office.judge().changed


def test_the_day_shows_totals_as_a_bridge_from_ours_to_theirs(office: Office) -> None:
    office.settled(100_000)
    office.line(7_000, text="NOP TIEN KHONG RO")
    missing = office.owe(40_000)
    office.pay(missing, 40_000)
    office.settle_day()
    view = days.day(office.desk, office.an, BANK, MONDAY)
    assert (view.state, view.version, view.ours, view.theirs) == (State.RECONCILED, 1, 140_000, 107_000)
    assert (view.bridge[0].amount, view.bridge[-1].amount) == (140_000, 107_000)
    assert view.bridge[0].amount + sum(step.amount for step in view.bridge[1:-1]) == view.bridge[-1].amount
    assert {line.name: line.count for line in view.outcomes}["matched"] == 1
    assert sum(line.count for line in view.classes) == sum(line.count for line in view.outcomes) == 3
    assert view.open_breaks == view.states["open"] == 2
    assert view.rules
    with pytest.raises(NotFound) as unknown:
        days.day(office.desk, office.an, BANK, date(2020, 1, 1))
    assert unknown.value.code == "day-unknown"


def test_the_calendar_tells_every_partner_and_date_and_who_is_next(office: Office) -> None:
    office.settled()
    office.settle_day()
    cells = {(cell.partner, cell.business_on): cell for cell in days.calendar(office.desk, office.an, MONDAY)}
    assert {partner for partner, _ in cells} == {"bank-a", "bank-b", "intermediary", "vnpost"}
    assert max(on for _, on in cells) == date(2026, 11, 24)
    monday = cells[BANK, MONDAY]
    assert (monday.state, monday.ours, monday.theirs, monday.open_breaks) == (State.RECONCILED, 100_000, 100_000, 0)
    assert monday.waits_for == "maker"
    sunday, friday = cells["bank-b", date(2026, 11, 22)], cells["bank-b", date(2026, 11, 20)]
    assert (sunday.works, sunday.late, sunday.waits_for) == (False, False, "")
    assert (friday.state, friday.late, friday.waits_for) == (State.NONE, True, "partner")
    days.propose(office.desk, office.an, BANK, MONDAY)
    again = {(cell.partner, cell.business_on): cell for cell in days.calendar(office.desk, office.an, MONDAY)}
    assert (again[BANK, MONDAY].waits_for, again[BANK, MONDAY].proposed_by) == ("checker", "an")


def test_a_day_with_undecided_breaks_cannot_be_proposed(office: Office) -> None:
    office.short()
    office.settle_day()
    with pytest.raises(Conflict) as early:
        days.propose(office.desk, office.an, BANK, MONDAY)
    assert early.value.code == "breaks-open"
    agree(office)
    assert office.state() == "approved"


def test_a_write_off_that_waits_for_its_second_person_keeps_the_day_open(office: Office) -> None:
    office.short(500_000, 400_000)
    office.settle_day()
    pk = breaks.decide(office.desk, office.an, office.only_row().target, Decision.WRITE_OFF, reason="lệch")
    with pytest.raises(Conflict) as waiting:
        days.propose(office.desk, office.an, BANK, MONDAY)
    assert waiting.value.code == "breaks-open"
    breaks.confirm(office.desk, office.binh, pk, reason="đồng ý")
    days.propose(office.desk, office.an, BANK, MONDAY)


def test_an_approved_day_is_sealed_and_the_seal_verifies(office: Office) -> None:
    office.short()
    office.settle_day()
    agree(office)
    view = days.day(office.desk, office.an, BANK, MONDAY)
    assert view.seal is not None
    assert (view.state, view.seal.version, view.seal.snapshot_sha256) == (State.APPROVED, 1, view.snapshot_sha256)
    assert [(step.act, step.by_user) for step in view.steps] == [("propose", "an"), ("approve", "binh")]
    assert {step.decisions_sha256 for step in view.steps} == {view.seal.decisions_sha256}
    found = days.verify_seal(office.desk, office.person("minh"), BANK, MONDAY, 1)
    assert found.signer.thumbprint == view.seal.certificate_sha256
    kinds = office.rows("SELECT kind FROM gateway.message WHERE direction = 'out' AND partner IN ('bank-a', 'broker')")
    assert sorted(kind for (kind,) in kinds) == ["day_approved", "settlement_confirmation"]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE gateway.recon_version SET snapshot = %(snapshot)s",
        "UPDATE gateway.day_seal SET decisions = 'x', decisions_sha256 = encode(sha256('x'), 'hex')",
    ],
)
def test_whoever_rewrites_evidence_is_found_out_by_the_seal(office: Office, tampering: str) -> None:
    office.settled()
    office.settle_day()
    agree(office)
    packed = bytes(office.one("SELECT snapshot FROM gateway.recon_version"))
    forged = snapshot.unpack(packed).replace(b"100000", b"900000")
    office.conn.execute("SET session_replication_role = replica")  # no trigger, as the owner of the database could
    office.conn.execute(tampering, {"snapshot": compressed(forged)})  # type: ignore[call-overload]  # a literal of this test
    with pytest.raises(DoesNotClose) as found:
        days.verify_seal(office.desk, office.an, BANK, MONDAY, 1)
    assert found.value.code == "seal-differs"


def compressed(content: bytes) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as packed:
        packed.write(content)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]  # pyarrow has no types


def test_a_day_without_the_gateways_key_is_not_approved(
    office: Office, tmp_path_factory: pytest.TempPathFactory
) -> None:
    office.settled()
    office.settle_day()
    days.propose(office.desk, office.an, BANK, MONDAY)
    from dataclasses import replace

    desk = replace(office.desk, settings=replace(office.desk.settings, certs=tmp_path_factory.mktemp("none")))
    with pytest.raises(ConfigurationError) as keyless:
        days.approve(desk, office.binh, BANK, MONDAY)
    assert keyless.value.code == "signing-key-unusable"
    assert office.state() == "proposed"


def test_an_approval_without_its_seal_is_not_committed(office: Office) -> None:
    office.settled()
    office.settle_day()
    days.propose(office.desk, office.an, BANK, MONDAY)
    with pytest.raises(psycopg.errors.CheckViolation) as unsealed:
        office.desk.connection.execute(
            "INSERT INTO gateway.recon_decision"
            " (partner, business_on, version, act, by_user, at, snapshot_sha256)"
            " SELECT partner, business_on, version, 'approve', 'binh', now(), snapshot_sha256"
            " FROM gateway.recon_version"
        )
    assert unsealed.value.diag.constraint_name == "approval_sealed"
    assert office.state() == "proposed"


def test_maker_and_checker_are_different_people_also_where_one_has_both_roles(office: Office) -> None:
    office.settled()
    office.settle_day()
    chi = office.person("chi")
    days.propose(office.desk, chi, BANK, MONDAY)
    with pytest.raises(Forbidden) as same:
        days.approve(office.desk, chi, BANK, MONDAY)
    assert same.value.code == "same-person"
    days.approve(office.desk, office.binh, BANK, MONDAY)


def test_a_proposed_day_takes_no_decisions_until_it_is_sent_back(office: Office) -> None:
    office.short()
    office.settle_day()
    accept_all(office)
    row = office.only_row()
    (told,) = breaks.history(office.desk, office.an, BANK, MONDAY, row.row_key)
    days.propose(office.desk, office.an, BANK, MONDAY)
    with pytest.raises(Conflict) as closed:
        breaks.undo(office.desk, office.an, told.decision_pk, reason="khoan")
    assert closed.value.code == "decision-day-closed"
    days.reject(office.desk, office.binh, BANK, MONDAY, reason="xem lại dòng 1")
    breaks.undo(office.desk, office.an, told.decision_pk, reason="xem lại")
    view = days.day(office.desk, office.an, BANK, MONDAY)
    assert (view.state, view.open_breaks, view.steps[-1].reason) == (State.RECONCILED, 1, "xem lại dòng 1")


def test_a_proposal_is_of_what_was_seen(office: Office) -> None:
    office.settled()
    office.settle_day()
    with pytest.raises(Conflict) as other:
        days.propose(office.desk, office.an, BANK, MONDAY, snapshot_sha256="0" * 64)
    assert other.value.code == "snapshot-changed"
    days.propose(
        office.desk,
        office.an,
        BANK,
        MONDAY,
        snapshot_sha256=days.day(office.desk, office.an, BANK, MONDAY).snapshot_sha256,
    )


def test_a_second_statement_voids_a_pending_proposal_and_the_day_says_why(office: Office) -> None:
    late = office.owe(50_000)
    office.pay(late, 50_000)
    office.settled()
    office.settle_day()
    accept_all(office)
    days.propose(office.desk, office.an, BANK, MONDAY)
    old = office.one("SELECT snapshot FROM gateway.recon_version WHERE version = 1")
    late_line(office, late, 50_000)
    with pytest.raises(Conflict) as void:
        days.approve(office.desk, office.binh, BANK, MONDAY)
    assert void.value.code == "step-not-allowed"
    view = days.day(office.desk, office.an, BANK, MONDAY)
    assert (view.state, view.version, view.open_breaks) == (State.REOPENED, 2, 0)
    (why,) = view.reopenings
    assert (why.was, why.by_user, why.reason) == ("proposed", "", "sao kê hoặc bảng kê của đối tác đến sau")
    assert office.one("SELECT snapshot FROM gateway.recon_version WHERE version = 1") == old
    assert [one.version for one in view.versions] == [1, 2]


def test_an_approved_day_that_a_late_statement_reopens_keeps_its_old_seal(office: Office) -> None:
    late = office.owe(50_000)
    office.pay(late, 50_000)
    office.settled()
    office.settle_day()
    agree(office)
    late_line(office, late, 50_000)
    view = days.day(office.desk, office.an, BANK, MONDAY)
    assert (view.state, view.seal, view.reopenings[0].was) == (State.REOPENED, None, "approved")
    days.verify_seal(office.desk, office.an, BANK, MONDAY, 1)
    with pytest.raises(NotFound) as unsealed:
        days.verify_seal(office.desk, office.an, BANK, MONDAY, 2)
    assert unsealed.value.code == "seal-unknown"
    agree(office)
    days.verify_seal(office.desk, office.an, BANK, MONDAY, 2)
    assert days.day(office.desk, office.an, BANK, MONDAY).state is State.APPROVED


def test_a_person_reopens_an_approved_day_as_a_new_version_of_the_same_bytes(office: Office) -> None:
    office.short()
    office.settle_day()
    agree(office)
    with pytest.raises(Forbidden):
        days.reopen(office.desk, office.an, BANK, MONDAY, reason="nhầm")
    assert days.reopen(office.desk, office.binh, BANK, MONDAY, reason="quyết định nhầm") == 2
    view = days.day(office.desk, office.an, BANK, MONDAY)
    assert (view.state, view.reopenings[0].by_user, view.reopenings[0].reason) == (
        State.REOPENED,
        "binh",
        "quyết định nhầm",
    )
    assert {one.snapshot_sha256 for one in view.versions} == {view.snapshot_sha256}
    assert office.only_row().state is BreakState.DECIDED
    assert verify(office.conn, office.partners[BANK], MONDAY)
    assert not office.judge().changed
    with pytest.raises(Conflict) as open_already:
        days.reopen(office.desk, office.binh, BANK, MONDAY, reason="lần nữa")
    assert open_already.value.code == "step-not-allowed"
    agree(office)
    days.verify_seal(office.desk, office.an, BANK, MONDAY, 1)
    days.verify_seal(office.desk, office.an, BANK, MONDAY, 2)


def test_of_two_checkers_who_approve_at_once_one_wins(office: Office) -> None:
    office.settled()
    office.settle_day()
    days.propose(office.desk, office.an, BANK, MONDAY)
    other = office.another_desk()
    ready = threading.Barrier(2)

    def approve(desk: Desk, user: str) -> str:
        person = roles.person_of(desk, user)
        ready.wait(10)
        try:
            days.approve(desk, person, BANK, MONDAY)
        except GatewayError as error:
            return error.code
        return "approved"

    with ThreadPoolExecutor(2) as pool, other.connection:
        ends = sorted(pool.map(approve, (office.desk, other), ("binh", "chi")))
    assert ends == ["approved", "step-not-allowed"]
    assert office.one("SELECT count(*) FROM gateway.day_seal") == 1


def test_a_person_vouches_for_a_strange_statement(office: Office) -> None:
    office.pay(office.owe(100_000), 100_000)
    office.load()
    assert office.judge().stopped == "statement-empty"
    view = days.day(office.desk, office.an, BANK, MONDAY)
    assert (view.state, view.stopped) == (State.OPEN, "statement-empty")
    with pytest.raises(Conflict) as silent:
        days.release(office.desk, office.an, BANK, MONDAY, reason="")
    assert silent.value.code == "reason-missing"
    days.release(office.desk, office.an, BANK, MONDAY, reason="ngân hàng xác nhận")
    with pytest.raises(Conflict) as twice:
        days.release(office.desk, office.person("ba"), BANK, MONDAY, reason="tôi cũng thấy thế")
    assert twice.value.code == "day-not-stopped", "who vouched first stays named"
    assert office.judge().stopped == ""
    assert days.day(office.desk, office.an, BANK, MONDAY).released_by == "an"


def test_a_day_without_a_file_may_be_closed_by_people_where_nobody_paid(office: Office) -> None:
    assert office.judge().stopped == "statement-missing"
    days.release(office.desk, office.an, BANK, MONDAY, reason="ngân hàng nghỉ, không có sao kê")
    assert office.judge().stopped == ""
    days.propose(office.desk, office.an, BANK, MONDAY)
    days.approve(office.desk, office.binh, BANK, MONDAY)
    assert days.day(office.desk, office.an, BANK, MONDAY).state is State.APPROVED


def test_a_day_that_nothing_stops_is_released_by_nobody(office: Office) -> None:
    """Not while it is worked on, and not after it was approved: nobody is named who vouched for nothing."""
    office.settled()
    office.settle_day()
    for act in (lambda: None, lambda: days.propose(office.desk, office.an, BANK, MONDAY),
                lambda: days.approve(office.desk, office.binh, BANK, MONDAY)):  # fmt: skip
        act()
        with pytest.raises(Conflict) as refused:
            days.release(office.desk, office.an, BANK, MONDAY, reason="ngân hàng xác nhận")
        assert (refused.value.code, refused.value.where) == ("day-not-stopped", "bank-a 2026-11-23")
    assert office.rows("SELECT released_by, released_reason, released_digest FROM gateway.recon_day") == [
        (None, None, None)
    ]


def test_money_that_only_the_missing_file_can_confirm_keeps_the_day_stopped(office: Office) -> None:
    office.pay(office.owe(100_000), 100_000)
    assert office.judge().stopped == "statement-missing"
    with pytest.raises(Conflict) as refused:
        days.release(office.desk, office.an, BANK, MONDAY, reason="ngân hàng nghỉ")
    assert refused.value.code == "day-stopped"
    assert office.judge().stopped == "statement-missing"


def test_other_files_stop_a_released_day_again_and_it_is_the_makers_turn(office: Office) -> None:
    office.pay(office.owe(100_000), 100_000)
    office.load()
    office.judge()
    days.release(office.desk, office.an, BANK, MONDAY, reason="ngân hàng xác nhận")
    office.judge()
    assert days.day(office.desk, office.an, BANK, MONDAY).released_by == "an"
    office.balances["1120000000101"] += 7_000_000
    office.load()
    assert office.judge().stopped == "balance-does-not-add-up"
    view = days.day(office.desk, office.an, BANK, MONDAY)
    assert (view.state, view.version, view.stopped) == (State.RECONCILED, 1, "balance-does-not-add-up")
    assert view.released_by == ""
    cells = {cell.business_on: cell for cell in days.calendar(office.desk, office.an, MONDAY) if cell.partner == BANK}
    assert cells[MONDAY].waits_for == "maker"
    with pytest.raises(Conflict) as refused:
        days.propose(office.desk, office.an, BANK, MONDAY, snapshot_sha256=view.snapshot_sha256)
    assert refused.value.code == "day-stopped"
