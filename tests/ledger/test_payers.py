"""Who pays is kept with the request for fees, stays what it was, and is told to partners as that person alone."""

from __future__ import annotations

import psycopg
import pytest

from gateway.model import Disposition, EventType
from tests.ledger.story import CODE, Story, requested

pytestmark = pytest.mark.services

BINH = {"payer_name": "Trần Văn Bình", "payer_address": "Tổ 9, Phường Bãi Cháy"}
OFFICER = {"accepted_at": "2026-11-23T09:00:00+07:00", "due_at": None, "officer": "Phạm Thu Trang"}


def payers(story: Story) -> list[tuple[object, ...]]:
    return story.rows("SELECT name, address, is_owner, mark IS NOT NULL FROM gateway.payer ORDER BY payer_pk")


def payer_of_requests(story: Story) -> list[tuple[object, ...]]:
    return story.rows(
        "SELECT q.amount, q.state, p.name FROM gateway.payment_request q LEFT JOIN gateway.payer p USING (payer_pk)"
        " ORDER BY request_pk"
    )


def test_the_payer_is_kept_with_the_request_and_the_fee(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), **BINH, payer_id_number="022188000007")
    assert payers(story) == [("Trần Văn Bình", "Tổ 9, Phường Bãi Cháy", False, True)]
    assert payer_of_requests(story) == [(100_000, "open", "Trần Văn Bình")]
    assert story.one("SELECT f.payer_pk = q.payer_pk FROM gateway.fee f, gateway.payment_request q") is True


def test_cash_has_no_request_and_a_payer_all_the_same(story: Story) -> None:
    story.submit()
    assert story.ask(("p1", "phi", 100_000), channel="cash", **BINH) == ""
    assert story.one("SELECT p.name FROM gateway.fee JOIN gateway.payer p USING (payer_pk)") == "Trần Văn Bình"


def test_the_identity_number_of_a_payer_is_nowhere_kept(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), **BINH, payer_id_number="022188000007")
    (row,) = story.rows("SELECT to_jsonb(p)::text, p.mark FROM gateway.payer p")
    assert "022188000007" not in row[0]
    assert b"022188000007".hex() not in row[0]
    assert len(row[1]) == 32


def test_the_same_request_again_names_nobody_anew(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), **BINH)
    story.ask(("p1", "phi", 100_000), payer_name="Lê Minh Tuấn")
    assert payers(story) == [("Trần Văn Bình", "Tổ 9, Phường Bãi Cháy", False, False)]


def test_the_owner_who_pays_is_known_as_the_owner_however_the_name_is_written(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), payer_name="NGUYEN  THI HANH")
    assert payers(story) == [("NGUYEN THI HANH", "", True, False)]


def test_another_payer_is_told_to_the_bank_without_the_owner_s_number_and_address(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), payer_name="Trần Văn Bình")
    (row,) = story.sent("payment_request_create")
    told = {name: row.payload[name] for name in ("payer_name", "payer_id_number", "payer_address")}
    assert told == {"payer_name": "Trần Văn Bình", "payer_id_number": "", "payer_address": ""}


def test_what_is_not_told_of_an_owner_who_pays_is_the_owner_s(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000))
    (row,) = story.sent("payment_request_create")
    assert (row.payload["payer_id_number"], row.payload["payer_address"]) == ("022190000001", "Tổ 5, Phường Hồng Gai")


def test_a_changed_fee_is_asked_for_anew_of_the_same_payer(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), **BINH)
    line = {"fee_id": "p1", "kind": "phi", "name": "Phí thẩm định", "amount": 120_000}
    story.tell(EventType.FEE_CHANGED, {"lines": [line], "reason": "Tính lại"})
    assert payer_of_requests(story) == [
        (100_000, "cancelled", "Trần Văn Bình"), (120_000, "open", "Trần Văn Bình"),
    ]  # fmt: skip
    *_, again = story.sent("payment_request_create")
    assert (again.payload["payer_name"], again.payload["payer_address"]) == tuple(BINH.values())
    assert len(payers(story)) == 1


def test_fees_of_two_payers_are_asked_for_apart(story: Story) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), **BINH)
    story.ask(("p2", "phi", 50_000), payer_name="Lê Minh Tuấn")
    lines = [{"fee_id": f, "kind": "phi", "name": "Phí", "amount": a} for f, a in (("p1", 110_000), ("p2", 60_000))]
    story.tell(EventType.FEE_CHANGED, {"lines": lines, "reason": "Tính lại"})
    assert [row for row in payer_of_requests(story) if row[1] == "open"] == [
        (110_000, "open", "Trần Văn Bình"), (60_000, "open", "Lê Minh Tuấn"),
    ]  # fmt: skip


def test_a_payer_that_is_no_text_is_refused_and_nothing_is_owed(story: Story) -> None:
    story.submit()
    result = story.tell(EventType.FEE_REQUESTED, {**requested(("p1", "phi", 5), channel="qr"), "payer_name": 7})
    assert (result.disposition, result.reason) == (Disposition.QUARANTINED, "event-data-invalid")
    assert story.rows("SELECT 1 FROM gateway.fee") == []
    assert payers(story) == []


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("UPDATE gateway.payer SET name = 'Người khác'", "payer_is_a_fact"),
        ("UPDATE gateway.payer SET address = ''", "payer_is_a_fact"),
        ("UPDATE gateway.payer SET told_at = now()", "payer_is_a_fact"),
        ("UPDATE gateway.payment_request SET payer_pk = NULL", "payment_request_payer_is_a_fact"),
    ],
)
def test_who_was_told_to_pay_does_not_change(story: Story, change: str, constraint: str) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), **BINH)
    with pytest.raises(psycopg.errors.CheckViolation) as refused, story.conn.transaction():
        story.conn.execute(change.encode())
    assert refused.value.diag.constraint_name == constraint


def test_a_fee_is_never_paid_by_the_payer_of_another_dossier(story: Story) -> None:
    other = "H49.12-20261123-0000002"
    for code in (CODE, other):
        story.submit(code)
        story.ask(("p1", "phi", 100_000), code=code, **BINH)
    with pytest.raises(psycopg.errors.ForeignKeyViolation) as refused, story.conn.transaction():
        story.conn.execute("UPDATE gateway.fee SET payer_pk = (SELECT max(payer_pk) FROM gateway.payer)")
    assert refused.value.diag.constraint_name == "fee_payer_of_its_dossier"


@pytest.mark.parametrize("role", ["gateway_worker", "gateway_console", "gateway_auditor", "gateway_door"])
def test_no_role_changes_or_deletes_a_payer(story: Story, role: str) -> None:
    story.submit()
    story.ask(("p1", "phi", 100_000), **BINH)
    for act in ("UPDATE gateway.payer SET name = name", "DELETE FROM gateway.payer"):
        story.conn.execute(f"SET LOCAL ROLE {role}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege), story.conn.transaction():
            story.conn.execute(act.encode())
        story.conn.execute("RESET ROLE")


def test_who_took_the_papers_in_is_kept_and_stays_when_the_dossier_is_told_again(story: Story) -> None:
    story.submit()
    story.tell(EventType.DOSSIER_ACCEPTED, OFFICER)
    story.submit(phone="0900000000")
    assert story.one("SELECT accepted_by FROM gateway.dossier") == "Phạm Thu Trang"
