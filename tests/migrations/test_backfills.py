"""A database with a history is brought up to date: what new columns and tables need is taken from what was there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway import migrations
from gateway.reconciliation import settled

pytestmark = pytest.mark.services

HERE = Path(__file__).parent
Owner = psycopg.Connection[tuple[object, ...]]


def at(text: str) -> datetime:
    """A time of November 2026, UTC: ``24 05:00``."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


LATER = {"0009_cancelled_vouchers.sql"}
"""Written after files of a higher number."""


def migrated_to(owner: Owner, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Apply the files up to that number, as they were when it was the newest."""
    files = migrations._files()
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "_files", lambda: [f for f in files if f[0][:4] <= version and f[0] not in LATER])
        migrations.migrate(owner)


def rows(owner: Owner, query: str) -> list[tuple[Any, ...]]:
    return owner.execute(query.encode()).fetchall()


@pytest.fixture
def brought_up(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Owner]]:
    """The database of a version, with its history, brought to the newest version."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:

        def bring(version: str) -> Owner:
            migrated_to(connection, version, monkeypatch)
            with connection.transaction():
                connection.execute((HERE / f"history_of_{version}.sql").read_bytes())
            migrations.migrate(connection)
            return connection

        yield bring


@pytest.fixture
def owner(brought_up: Callable[[str], Owner]) -> Owner:
    """The province of 0015 today."""
    return brought_up("0015")


def test_a_request_that_an_attribution_settled_left_open_at_the_approval_and_others_keep_their_time(
    owner: Owner,
) -> None:
    assert rows(owner, "SELECT request_pk, state, state_at FROM gateway.payment_request ORDER BY 1") == [
        (1, "settled", at("23 02:30")),
        (2, "settled", at("24 05:00")),
        (3, "open", None),  # half of it was attributed
        (4, "cancelled", at("20 01:05")),  # born closed
    ]


def test_payments_whose_dossier_people_found_are_told_apart_from_those_whose_notice_named_it(owner: Owner) -> None:
    found = rows(
        owner,
        "SELECT p.entry_pk, n.dossier_code, p.dossier_code, d.act, n.at FROM gateway.payment_named n"
        " JOIN gateway.payment p USING (payment_pk) JOIN gateway.recon_decision d ON d.decision_pk = n.approval_pk"
        " ORDER BY 1",
    )
    assert found == [
        (1, "D2", "D2", "approve", at("24 05:00")),
        (2, "D3", "D3", "approve", at("24 05:00")),
    ], "the surplus of D1, whose request named it, is none"
    assert rows(owner, "SELECT payment_pk, fee_pk, amount FROM gateway.attribution WHERE payment_pk = 1") == [
        (1, 5, 20_000)
    ]


def test_only_a_refund_that_the_bank_answered_after_its_debit_has_a_late_answer(owner: Owner) -> None:
    assert rows(owner, "SELECT refund_pk, answered_at FROM gateway.refund_late_answer") == [(12, at("24 06:00"))]


def test_each_step_of_a_refund_has_the_date_that_the_history_of_its_order_tells_and_no_other(owner: Owner) -> None:
    told = rows(owner, "SELECT refund_pk, state, in_doubt_at, ended_at, paid_at FROM gateway.refund ORDER BY refund_pk")
    assert told == [
        (11, "debited", None, None, None),
        (12, "debited", at("23 03:10"), None, None),
        (13, "refused", at("23 03:10"), at("24 07:00"), None),
        (14, "refused", None, at("23 03:20"), None),
        (15, "refused", at("23 03:10"), at("25 02:00"), None),  # the first doubt and the last end
        (16, "rejected", None, None, None),  # nothing told when
        (17, "debited", None, None, None),
    ]


def test_the_summary_of_what_was_erased_before_goes_too_and_stays_gone(owner: Owner) -> None:
    summaries = dict(rows(owner, "SELECT dossier_code, summary FROM gateway.dossier"))
    assert {code for code, summary in summaries.items() if summary == "[đã xóa]"} == {"D5", "D6"}
    logged = "SELECT dossier_code, act, by_user, fields FROM gateway.subject_log WHERE fields = '{summary}' ORDER BY 1"
    assert rows(owner, logged) == [
        ("D5", "retention", "system", ["summary"]),
        ("D6", "retention", "system", ["summary"]),
    ]
    told_anew = "summary = 'x', phone = '0912345678', owner_name = 'A', owner_at = now()"
    owner.execute(f"UPDATE gateway.dossier SET {told_anew} WHERE status = 10".encode())
    again = rows(
        owner, "SELECT dossier_code, summary, phone, owner_name FROM gateway.dossier WHERE status = 10 ORDER BY 1"
    )
    assert again == [
        ("D5", "[đã xóa]", "[đã xóa]", "A"),  # its name is kept with the books
        ("D6", "[đã xóa]", "[đã xóa]", "[đã xóa]"),
        ("D7", "x", "0912345678", "A"),
    ]


def test_what_one_person_recorded_before_there_was_a_second_counts_as_it_did_and_says_that_nobody_confirmed_it(
    brought_up: Callable[[str], Owner],
) -> None:
    owner = brought_up("0008")
    nobody = "(trước khi có người thứ hai)"
    assert rows(owner, "SELECT count_pk, confirmed_by, confirmed_at FROM gateway.cash_count ORDER BY 1") == [
        (1, nobody, at("23 10:00")),
        (2, nobody, at("24 02:00")),
    ]
    vouchers = "SELECT voucher_pk, confirmed_by, confirmed_at, cancelled_by FROM gateway.treasury_voucher ORDER BY 1"
    assert rows(owner, vouchers) == [
        (1, nobody, at("23 03:00"), None),
        (2, None, None, "an"),  # what was cancelled needs nobody's confirmation, whoever cancelled it
        (3, None, None, "ba"),
    ]
    for act in ("cancelled_reason = 'khác'", "confirmed_by = 'binh', confirmed_at = now()"):
        with pytest.raises(psycopg.errors.CheckViolation) as refused:
            owner.execute(f"UPDATE gateway.treasury_voucher SET {act} WHERE voucher_pk = 2".encode())
        assert refused.value.diag.constraint_name == "treasury_voucher_is_a_fact"


def test_alerts_of_single_messages_end_and_no_others(brought_up: Callable[[str], Owner]) -> None:
    open_now = "SELECT cause FROM gateway.alert WHERE cleared_at IS NULL"
    assert rows(brought_up("0008"), open_now) == [("statement-late:bank-a:2026-11-23",)]


def test_a_database_that_came_further_before_is_brought_up_as_well(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        migrated_to(owner, "0024", monkeypatch)
        assert {*LATER, "0026_after_cancelled_vouchers.sql"} <= set(migrations.migrate(owner))
        left = "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'treasury_voucher_cancelled%'"
        assert rows(owner, left) == []
        assert migrations.migrate(owner) == []


def test_a_credit_says_in_keys_what_it_said_to_people(brought_up: Callable[[str], Owner]) -> None:
    owner = brought_up("0024")
    assert rows(owner, "SELECT row_no, settles FROM gateway.recon_row ORDER BY row_no") == [
        (1, [settled.of_remittance("B 1")]),
        (2, ["cash AA/1-5", "cash AB/7-9"]),
        (3, [settled.of_date("intermediary", "23/11/2026")]),
        (4, [settled.of_date("pos:T1", "23/11/2026")]),
        (5, []),
        (6, []),
    ]
    with pytest.raises(psycopg.errors.CheckViolation, match="recon_row is never edited"):
        owner.execute("UPDATE gateway.recon_row SET settles = '[]'")
