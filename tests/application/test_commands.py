"""A day from its breaks to its seal by commands alone, as people type them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from tests.application.office import Office
from tests.application.waiting_messages import message

pytestmark = pytest.mark.services
DAY = ("bank-a", "2026-11-23")


@pytest.fixture
def type_in(office: Office, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command and returns its JSON answer with the exit code."""
    settings = office.desk.settings
    clock = settings.var / "clock"
    clock.write_text(office.desk.clock.now().isoformat(), encoding="ascii")
    for name, value in {
        "GATEWAY_ENV": "test",
        "GATEWAY_DATABASE_URL": settings.database_url,
        "GATEWAY_CERTS": str(settings.certs),
        "GATEWAY_CONFIG": str(settings.config),
        "GATEWAY_VAR": str(settings.var),
        "GATEWAY_BUSINESS_CLOCK": str(clock),
    }.items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> tuple[int, Any]:
        result = CliRunner().invoke(app, [*words, "--json"])
        return result.exit_code, json.loads(result.stdout)

    return run


def test_a_day_is_decided_proposed_approved_and_its_seal_verified(office: Office, type_in: Any) -> None:
    office.short()
    office.line(3_000, text="NOP TIEN LA")
    office.settle_day()
    code, page = type_in("breaks", "list", *DAY, "--user", "an")
    assert (code, page["count"], page["amount"]) == (0, 2, 33_000)
    key = page["rows"][0]["row_key"]
    assert type_in("breaks", "show", *DAY, key, "--user", "vy")[1]["row"]["state"] == "open"
    assert type_in("day", "propose", *DAY, "--user", "an")[1]["error"]["code"] == "breaks-open"
    code, done = type_in("breaks", "decide", *DAY, key, "accept", "--why", "đã xem", "--user", "an")
    assert code == 0
    assert type_in("breaks", "undo", str(done["decision_pk"]), "--why", "nhầm", "--user", "an")[0] == 0
    assert [one["kind"] for one in type_in("breaks", "history", *DAY, key, "--user", "an")[1]] == ["accept", "undo"]
    assert type_in("breaks", "accept-all", *DAY, "--why", "đã xem", "--user", "an")[1]["count"] == 2
    assert type_in("day", "propose", *DAY, "--user", "an") == (0, {"ok": True, "state": "proposed"})
    assert type_in("day", "approve", *DAY, "--user", "an")[1]["error"]["code"] == "act-not-allowed"
    assert type_in("day", "reject", *DAY, "--why", "xem lại", "--user", "binh")[0] == 0
    assert type_in("day", "propose", *DAY, "--user", "an")[0] == 0
    assert type_in("day", "approve", *DAY, "--user", "binh") == (0, {"ok": True, "state": "approved"})
    assert type_in("day", "seal", *DAY, "1", "--user", "minh")[1]["ok"]
    assert type_in("day", "reopen", *DAY, "--why", "xem lại", "--user", "binh")[1]["version"] == 2


def test_a_partner_is_asked_and_its_answer_recorded(office: Office, type_in: Any) -> None:
    office.short()
    office.settle_day()
    key = office.only_row().row_key
    asked = type_in("breaks", "decide", *DAY, key, "enquire", "--why", "hỏi", "--question", "Ai?", "--user", "an")
    assert asked[0] == 0
    ((enquiry),) = type_in("breaks", "enquiries", "--user", "an")[1]
    assert (enquiry["question"], enquiry["state"]) == ("Ai?", "asked")
    answer = ("breaks", "answer", enquiry["enquiry_id"], "--answer", "A", "--reference", "CV 1")
    assert type_in(*answer, "--user", "vy")[1]["error"]["code"] == "act-not-allowed"
    assert type_in(*answer, "--user", "an")[0] == 0
    assert type_in("breaks", "decide", *DAY, key, "burn", "--why", "x", "--user", "an")[1]["error"]["code"] == (
        "decision-incomplete"
    )


def test_roles_are_granted_by_ops(office: Office, type_in: Any) -> None:
    assert type_in("role", "grant", "dung", "viewer", "--user", "an")[1]["error"]["code"] == "act-not-allowed"
    assert type_in("role", "grant", "dung", "viewer", "--user", "oanh")[0] == 0
    assert type_in("role", "grant", "dung", "king", "--user", "oanh")[1]["error"]["code"] == "role-unknown"
    assert ("dung", "viewer") in {(one["person"], one["role"]) for one in type_in("role", "list", "--user", "vy")[1]}
    assert type_in("role", "revoke", "dung", "viewer", "--user", "oanh")[0] == 0
    assert type_in("role", "list", "--history", "--user", "vy")[1][-1]["act"] == "revoke"
    assert type_in("role", "begin", "dung")[1]["error"]["code"] == "roles-begun"


def test_messages_of_a_partner_that_does_not_exist_are_no_empty_list(office: Office, type_in: Any) -> None:
    assert type_in("messages", "list", "--partner", "bank-a", "--user", "oanh") == (0, [])
    assert type_in("messages", "list", "--partner", "bank-z", "--user", "oanh")[1]["error"]["code"] == "partner-unknown"


def test_a_reconciliation_that_waits_says_where_to_look(office: Office, type_in: Any) -> None:
    office.owe(100_000)
    answer = CliRunner().invoke(app, ["reconcile", *DAY, "--user", "oanh"])
    assert (answer.exit_code, answer.stdout) == (
        0, "bank-a 23/11/2026 waits; `gateway day show bank-a 2026-11-23` says for what.\n",
    )  # fmt: skip


def test_a_typing_error_makes_no_day_that_has_not_begun(office: Office, type_in: Any) -> None:
    answer = CliRunner().invoke(app, ["reconcile", "bank-a", "2062-11-23", "--user", "oanh"])
    assert (answer.exit_code, "2062-11-23 has not begun" in answer.output) == (2, True)
    assert type_in("day", "show", "bank-a", "2062-11-23", "--user", "oanh")[1]["error"]["code"] == "day-unknown"


def test_a_payer_is_found_by_a_command(office: Office, type_in: Any) -> None:
    office.owe(100_000, payer_name="Trần Văn Bình")
    code, found = type_in("dossier", "find", "tran van binh", "--user", "vy")
    assert code == 0
    assert [(hit["kind"], hit["why"], hit["dossier_code"]) for hit in found["hits"]] == [
        ("payer", "payer_name", office.code())
    ]
    assert type_in("dossier", "find", "a", "--user", "vy")[1]["error"]["code"] == "search-too-short"


def test_what_was_sent_is_listed_and_taken_by_commands(office: Office, type_in: Any, tmp_path: Path) -> None:
    office.conn.execute(
        "INSERT INTO gateway.report_delivery (partner, period, way, recipient, file_name, size, sha256, content,"
        " sent_by, sent_at) VALUES ('bank-a', '2026-11-23', 'mail', 'ke-toan@quangninh.example', 'a.eml', 2,"
        " encode(sha256('xy'), 'hex'), 'xy', 'system', now())"
    )
    code, (one,) = type_in("sent", "list", *DAY, "--user", "vy")
    assert (code, one["recipient"], one["file_name"]) == (0, "k•••@quangninh.example", "a.eml")
    file, number = tmp_path / "a.eml", str(one["delivery_pk"])
    assert type_in("sent", "download", number, "--out", str(file), "--user", "an")[0] == 0
    assert file.read_bytes() == b"xy"
    assert type_in("sent", "download", "4711", "--user", "an")[1]["error"]["code"] == "delivery-unknown"


def test_refused_messages_are_listed_set_aside_and_judged_again_several_at_a_time(office: Office, type_in: Any) -> None:
    first, second, third = (message(office, "quarantined", reason="wrong-signature") for _ in range(3))
    done = message(office, "applied")
    open_ones = ("messages", "list", "--state", "quarantined", "--not-aside", "--user", "oanh")
    aside = ("messages", "aside", "--why", "giả mạo", "--user", "oanh")
    assert [row["message_pk"] for row in type_in(*open_ones)[1]] == [third, second, first]
    code, told = type_in(*aside, str(first), str(second), str(done))
    assert (code, told["error"]["code"], told["error"]["where"]) == (1, "message-awaits-nobody", f"message {done}")
    assert type_in(*aside, str(first), str(second)) == (
        0,
        {"ok": True, "messages": [first, second], "done": "set aside"},
    )
    assert [row["message_pk"] for row in type_in(*open_ones)[1]] == [third]
    (row,) = (row for row in type_in("messages", "list", "--aside", "--user", "oanh")[1] if row["message_pk"] == first)
    assert (row["aside_by"], row["aside_why"], row["aside_at"][:10]) == ("oanh", "giả mạo", "2026-11-24")
    (told,) = type_in("messages", "show", str(first), "--user", "oanh")[1]["set_aside"]
    assert (told["by_user"], told["reason"], told["holds"]) == ("oanh", "giả mạo", True)
    release = ("messages", "release", "--why", "chứng thư mới", "--user", "oanh")
    code, told = type_in(*release, str(second), str(done), str(third))
    assert (code, told["error"]["code"], told["error"]["where"]) == (1, "message-not-releasable", f"message {done}")
    assert office.rows("SELECT count(*) FROM gateway.message_history") == [(0,)]
    assert type_in(*release, str(third), str(second)) == (
        0,
        {"ok": True, "messages": [third, second], "done": "released"},
    )
    assert type_in(*open_ones)[1] == []
    shown = type_in("messages", "show", str(second), "--user", "oanh")[1]
    assert (shown["state"], shown["set_aside"][0]["holds"]) == ("stored", False)


def test_a_person_reads_in_the_table_who_set_a_message_aside(office: Office, type_in: Any) -> None:
    pk = message(office, "dead_lettered")
    plain = ("messages", "list", "--user", "oanh")
    assert "aside" not in CliRunner().invoke(app, plain).stdout
    acted = CliRunner().invoke(app, ("messages", "aside", str(pk), "--why", "đã nhận bản đúng", "--user", "oanh"))
    assert acted.stdout == f"Message {pk} is set aside.\n"
    told = CliRunner().invoke(app, plain).stdout
    assert ("aside_by" in told, "oanh" in told, "đã nhận bản đúng" in told) == (True, True, True)
    shown = CliRunner().invoke(app, ("messages", "show", str(pk), "--user", "oanh")).stdout
    assert "set_aside: by_user=oanh at=2026-11-24 10:00:00 reason=đã nhận bản đúng holds=True" in shown
    assert type_in("messages", "aside", str(pk), "--why", " ", "--user", "oanh")[1]["error"]["code"] == "reason-missing"


def test_a_person_who_looks_at_a_refused_message_reads_why_and_what_to_do(office: Office, type_in: Any) -> None:
    pk = office.message()
    office.conn.execute(
        "UPDATE gateway.message SET state = 'quarantined', reason = 'wrong-signature', detail = 'it does not verify',"
        " state_at = %s WHERE message_pk = %s",
        (office.now, pk),
    )
    answer = CliRunner().invoke(app, ["messages", "show", str(pk), "--user", "oanh"])
    assert answer.exit_code == 0, answer.output
    told = answer.stdout.splitlines()
    assert "reason: wrong-signature: the signature does not verify" in told
    assert "what to do: Ask the partner to send it again; never release by hand." in told
    assert "detail: it does not verify" in told
    assert any(line.startswith("  history: from_state=stored to_state=quarantined") for line in told)
    code, record = type_in("messages", "show", str(pk), "--user", "oanh")
    assert (code, record["state"], record["reason"]) == (0, "quarantined", "wrong-signature")
