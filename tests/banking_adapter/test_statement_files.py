"""Statements by SFTP from both banks and the intermediary, as they should be and as they should not."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from adapters.wire.signed_files import SftpDocumentSource
from gateway.errors import GatewayError, Malformed, NotFound, Unavailable, Untrusted
from gateway.model import Statement
from gateway.ports import FetchedDocument, RemoteDocument
from simulators import cms
from tests.banking_adapter.test_collection import requested
from tests.banking_adapter.world import Counterpart

pytestmark = pytest.mark.scenario

PARTNERS = ["bank-a", "bank-b", "intermediary"]
_days = iter(date(2026, 1, 1) + timedelta(days=number) for number in range(300))


@pytest.fixture(params=PARTNERS)
def partner(request: pytest.FixtureRequest, parts_of: Callable[[str], Counterpart]) -> Counterpart:
    return parts_of(request.param)


@pytest.fixture
def on() -> date:
    """A business date that no other test uses."""
    return next(_days)


def source_of(partner: Counterpart) -> SftpDocumentSource:
    assert isinstance(partner.parts.source, SftpDocumentSource)
    return replace(partner.parts.source, settle_seconds=0.02)


def offered(partner: Counterpart, name: object) -> RemoteDocument:
    return next(found for found in source_of(partner).list() if found.name == name)


def fetched(partner: Counterpart, folder: Path, on: date, **wishes: object) -> FetchedDocument:
    made = partner.simulator.act("make_statement", date=on.isoformat(), **wishes)
    return source_of(partner).fetch(offered(partner, made["name"]), folder)


def statements(partner: Counterpart, document: FetchedDocument) -> dict[str, Statement]:
    partner.parts.statements.verify(document)
    return {found.account: found for found in partner.parts.statements.read(document)}


def money_came(partner: Counterpart, on: date, amount: int, text: str, reference: str = "") -> str:
    at = f"{on}T10:00:00+07:00"
    act = "record_transaction" if partner.partner.role == "intermediary" else "transfer_in"
    return str(partner.simulator.act(act, amount=amount, at=at, text=text, reference=reference)["number"])


def test_a_statement_is_offered_fetched_verified_and_read(partner: Counterpart, tmp_path: Path, on: date) -> None:
    number = money_came(partner, on, 125_000, "Nguyễn Thị Hạ nộp phí", "QNREF1")
    document = fetched(partner, tmp_path, on)
    assert partner.parts.statements.business_on(document.name) == on
    assert len(partner.parts.statements.verify(document)) == 64
    found = statements(partner, document)[partner.account]
    [entry] = found.entries
    assert (entry.amount, entry.currency, entry.booked_on) == (125_000, "VND", on)
    assert {"QNREF1", number} <= set(entry.references.values())
    assert found.problems == ()


def test_vietnamese_text_survives_the_banks_encoding(bank: Counterpart, tmp_path: Path, on: date) -> None:
    text = "Phí thẩm định hồ sơ đất đai: Nguyễn Thị Hạ Long, phường Hồng Gai"
    money_came(bank, on, 50_000, text)
    [entry] = statements(bank, fetched(bank, tmp_path, on))[bank.account].entries
    assert text in entry.text.replace("\n", "")


def test_payments_charges_refunds_interest_and_treasury_transfers_add_up(
    bank: Counterpart, tmp_path: Path, on: date
) -> None:
    at = f"{on}T09:00:00+07:00"
    reference = requested(bank, 200_000)
    bank.simulator.act("pay", reference=reference, at=at)
    bank.simulator.act("bank_charge", amount=1_100, at=at)
    bank.simulator.act("interest", amount=330, at=at)
    bank.simulator.act("treasury_transfer", amount=150_000, at=at)
    found = statements(bank, fetched(bank, tmp_path, on))[bank.account]
    assert [entry.amount for entry in found.entries] == [200_000, -1_100, 330, -150_000]
    assert found.opening is not None
    assert found.closing is not None
    assert found.opening.amount + 49_230 == found.closing.amount
    assert found.problems == ()


def test_balances_continue_from_day_to_day(bank: Counterpart, tmp_path: Path) -> None:
    first, second = next(_days), next(_days)
    money_came(bank, first, 10_000, "mot")
    money_came(bank, second, 20_000, "hai")
    one = statements(bank, fetched(bank, tmp_path, first))[bank.account]
    two = statements(bank, fetched(bank, tmp_path, second))[bank.account]
    assert one.closing is not None
    assert two.opening is not None
    assert one.closing.amount == two.opening.amount


def test_overlapping_statements_tell_the_same_entries_again(bank: Counterpart, tmp_path: Path) -> None:
    first, second = next(_days), next(_days)
    number = money_came(bank, first, 10_000, "mot")
    money_came(bank, second, 20_000, "hai")
    both = statements(bank, fetched(bank, tmp_path, second, overlap_days=1))[bank.account]
    assert [entry.amount for entry in both.entries] == [10_000, 20_000]
    assert number in both.entries[0].references.values()
    assert both.problems == ()


def test_one_transfer_for_three_dossiers_is_one_entry_with_text_only(
    bank: Counterpart, tmp_path: Path, on: date
) -> None:
    references = [requested(bank, amount) for amount in (10_000, 20_000, 30_000)]
    bank.simulator.act("pay_three_in_one", references=references, at=f"{on}T08:00:00+07:00", text="nop 3 ho so")
    [entry] = statements(bank, fetched(bank, tmp_path, on))[bank.account].entries
    assert entry.amount == 60_000
    assert not set(references) & set(entry.references.values())


def test_the_bank_may_have_what_it_does_not_state_and_state_what_it_does_not_tell(
    bank: Counterpart, tmp_path: Path, on: date
) -> None:
    at = f"{on}T08:00:00+07:00"
    missing, untold = requested(bank, 11_000), requested(bank, 22_000)
    bank.simulator.act("pay", reference=missing, at=at, book=False)
    bank.simulator.act("pay", reference=untold, at=at, tell=False)
    found = statements(bank, fetched(bank, tmp_path, on))[bank.account]
    assert [entry.amount for entry in found.entries] == [22_000]


def test_money_booked_on_another_day_or_account(bank_a: Counterpart, tmp_path: Path, on: date) -> None:
    booked_on = next(_days)
    reference = requested(bank_a, 33_000)
    at = f"{on}T08:00:00+07:00"
    bank_a.simulator.act("pay", reference=reference, at=at, booked_on=booked_on.isoformat(), account="1120000000202")
    assert statements(bank_a, fetched(bank_a, tmp_path, on))["1120000000202"].entries == ()
    [entry] = statements(bank_a, fetched(bank_a, tmp_path, booked_on))["1120000000202"].entries
    assert (entry.amount, entry.booked_on) == (33_000, booked_on)


def test_a_day_without_money_says_so(partner: Counterpart, tmp_path: Path, on: date) -> None:
    found = statements(partner, fetched(partner, tmp_path, on))[partner.account]
    assert found.entries == ()
    assert [code for code, _ in found.problems] == ["empty-statement"]


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("tampered", Untrusted, "digest-mismatch"),
        ("wrong_signer", Untrusted, "unknown-signer"),
        ("expired_signer", Untrusted, "unknown-signer"),
    ],
)
def test_a_file_that_is_not_the_partners_is_not_believed(
    partner: Counterpart, tmp_path: Path, on: date, fault: str, kind: type[GatewayError], code: str
) -> None:
    money_came(partner, on, 10_000, "mot")
    document = fetched(partner, tmp_path, on, fault=fault)
    with pytest.raises(kind) as raised:
        partner.parts.statements.verify(document)
    # The deliberately bad certificates carry bank A's name: for it they are expired or of a wrong CA, not unknown.
    known = {"expired_signer": "certificate-expired", "wrong_signer": "certificate-wrong-ca"}
    assert raised.value.code == (known.get(fault, code) if partner.partner.id == "bank-a" else code)


def test_a_file_without_its_signature_waits(partner: Counterpart, tmp_path: Path, on: date) -> None:
    made = partner.simulator.act("make_statement", date=on.isoformat(), fault="unsigned")
    document = offered(partner, made["name"])
    assert document.signature_name is None
    with pytest.raises(NotFound) as raised:
        source_of(partner).fetch(document, tmp_path)
    assert raised.value.code == "signature-not-there-yet"


def test_the_signature_of_another_file_is_no_signature(partner: Counterpart, tmp_path: Path, on: date) -> None:
    document = fetched(partner, tmp_path, on)
    other = cms.sign(b"another file", partner.simulator._certs, partner.partner.id)
    with pytest.raises(Untrusted) as raised:
        partner.parts.statements.verify(replace(document, signature=other))
    assert raised.value.code == "digest-mismatch"
    with pytest.raises(Malformed) as broken:
        partner.parts.statements.verify(replace(document, signature=b"not CMS"))
    assert broken.value.code == "malformed-cms"


@pytest.mark.parametrize(
    ("name", "fault", "code"),
    [
        ("bank-a", "truncated", "truncated-file"),
        ("intermediary", "truncated", "truncated-file"),
        ("bank-a", "empty", "empty-file"),
        ("bank-b", "empty", "empty-file"),
        ("intermediary", "empty", "empty-file"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_malformed(
    parts_of: Callable[[str], Counterpart], tmp_path: Path, on: date, name: str, fault: str, code: str
) -> None:
    partner = parts_of(name)
    for amount in range(1_000, 40_000, 1_000):
        money_came(partner, on, amount, "nop phi")
    document = fetched(partner, tmp_path, on, fault=fault)
    partner.parts.statements.verify(document)
    with pytest.raises(Malformed) as raised:
        partner.parts.statements.read(document)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("name", "fault", "codes"),
    [
        ("bank-a", "wrong_balance", ["balance-does-not-add-up"]),
        ("bank-b", "wrong_balance", ["balance-does-not-add-up"]),
        ("bank-a", "wrong_count", ["totals-do-not-add-up"]),
        ("intermediary", "wrong_count", ["trailer-count-differs"]),
        ("intermediary", "wrong_total", ["trailer-total-differs"]),
        ("intermediary", "no_total", ["trailer-total-missing"]),
        ("bank-a", "other_account", ["statement-of-another-account"]),
        ("bank-b", "other_account", ["statement-of-another-account"]),
        ("intermediary", "other_account", ["statement-of-another-account"]),
    ],
)
def test_what_does_not_add_up_is_a_problem_and_the_entries_are_there(
    parts_of: Callable[[str], Counterpart], tmp_path: Path, on: date, name: str, fault: str, codes: list[str]
) -> None:
    partner = parts_of(name)
    money_came(partner, on, 77_000, "nop phi")
    document = fetched(partner, tmp_path, on, fault=fault)
    partner.parts.statements.verify(document)
    found = partner.parts.statements.read(document)[0]
    assert [entry.amount for entry in found.entries] == [77_000]
    assert [code for code, _ in found.problems] == codes


def test_an_mt940_that_ends_too_early_lacks_its_closing_balance(bank_b: Counterpart, tmp_path: Path, on: date) -> None:
    for amount in range(1_000, 40_000, 1_000):
        money_came(bank_b, on, amount, "nop phi")
    found = statements(bank_b, fetched(bank_b, tmp_path, on, fault="truncated"))[bank_b.account]
    assert found.closing is None
    assert len(found.entries) < 39
    assert "balance-missing" in [code for code, _ in found.problems]


def test_the_intermediarys_pending_and_failed_lines(intermediary: Counterpart, tmp_path: Path, on: date) -> None:
    at = f"{on}T08:00:00+07:00"
    numbers = [money_came(intermediary, on, amount, "") for amount in (1_000, 2_000, 3_000)]
    intermediary.simulator.act("record_transaction", amount=4_000, at=at, response_code="51")
    intermediary.simulator.act("alter_in_file", number=numbers[0], response_code="68")
    intermediary.simulator.act("alter_in_file", number=numbers[1], reconciliation_code="35")
    intermediary.simulator.act("alter_in_file", number=numbers[2], omitted=True)
    found = statements(intermediary, fetched(intermediary, tmp_path, on))[intermediary.account]
    assert [(entry.amount, entry.references["response_code"]) for entry in found.entries] == [
        (1_000, "68"),
        (2_000, "00"),
        (4_000, "51"),
    ]
    assert found.entries[1].references["reconciliation_code"] == "35"
    assert (found.opening, found.closing) == (None, None)
    codes = [code for code, _ in found.problems]
    assert codes == ["outcome-pending", "partner-reports-difference", "unbooked-entry"]


def test_an_intermediarys_file_of_another_day_or_bank_is_refused(
    intermediary: Counterpart, tmp_path: Path, on: date
) -> None:
    document = fetched(intermediary, tmp_path, on)
    with pytest.raises(Malformed) as raised:
        intermediary.parts.statements.read(replace(document, name="TGTT_20250101_1.txt"))
    assert raised.value.code == "header-differs"
    path = tmp_path / "of another bank"
    path.write_bytes(document.path.read_bytes().replace(b"0001970479", b"0001970436"))
    with pytest.raises(Malformed) as raised:
        intermediary.parts.statements.read(replace(document, path=path))
    assert raised.value.code == "header-differs"


def test_the_bank_may_write_more_than_the_number_of_its_account(bank_b: Counterpart, tmp_path: Path, on: date) -> None:
    money_came(bank_b, on, 77_000, "nop phi")
    document = fetched(bank_b, tmp_path, on)
    text = document.path.read_bytes().replace(b":25:", b":25:970436/")
    path = tmp_path / "with its bank"
    path.write_bytes(text)
    found = {one.account: one for one in bank_b.parts.statements.read(replace(document, path=path))}[bank_b.account]
    assert ([entry.amount for entry in found.entries], found.problems) == ([77_000], ())


def test_another_format_than_agreed_is_refused(
    bank_a: Counterpart, bank_b: Counterpart, tmp_path: Path, on: date
) -> None:
    document = fetched(bank_b, tmp_path, on)
    with pytest.raises(Malformed) as raised:
        bank_a.parts.statements.read(document)
    assert raised.value.code == "statement-format-unexpected"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BANKA_STMT_20261123_1.xml", date(2026, 11, 23)),
        ("BANKA_STMT_20261399_1.xml", None),
        ("BANKA_STMT_20261123_1.xml.p7s", None),
        ("../BANKA_STMT_20261123_1.xml", None),
        ("readme.txt", None),
    ],
)
def test_the_business_date_is_what_the_name_says(bank_a: Counterpart, name: str, expected: date | None) -> None:
    assert bank_a.parts.statements.business_on(name) == expected


# The wire


def test_a_cut_in_mid_file_is_resumed_where_it_stopped(bank_a: Counterpart, tmp_path: Path, on: date) -> None:
    for amount in range(1_000, 401_000, 1_000):
        money_came(bank_a, on, amount, "nop phi tham dinh ho so")
    made = bank_a.simulator.act("make_statement", date=on.isoformat())
    document = offered(bank_a, made["name"])
    bank_a.simulator.misbehave("drop_mid_file", match={"name": made["name"]}, after=131_072)
    with pytest.raises(Unavailable) as raised:
        source_of(bank_a).fetch(document, tmp_path)
    assert raised.value.code == "sftp-connection-lost"
    assert 0 < (tmp_path / f"{document.name}.part").stat().st_size < document.size
    whole = source_of(bank_a).fetch(document, tmp_path)
    assert whole.size == document.size
    assert len(statements(bank_a, whole)[bank_a.account].entries) == 400


@pytest.mark.parametrize(
    "slow_by", [timedelta(0), timedelta(minutes=4)], ids=["clock right", "clock four minutes slow"]
)
def test_a_file_still_growing_is_left_alone_whatever_the_clock_of_its_server_says(
    partner: Counterpart, on: date, slow_by: timedelta
) -> None:
    made = partner.simulator.act("make_statement", date=on.isoformat())
    assert partner.partner.statements is not None
    file = partner.files / partner.partner.statements.folder.strip("/") / str(made["name"])

    def as_its_server_says() -> None:
        for each in file.parent.iterdir():
            os.utime(each, times=(time.time() - slow_by.total_seconds(),) * 2)

    def grow(seconds: float) -> None:
        with file.open("ab") as growing:
            growing.write(b"\n")
        as_its_server_says()

    as_its_server_says()
    watching = replace(source_of(partner), pause=grow)
    assert made["name"] not in [found.name for found in watching.list()]
    assert made["name"] in [found.name for found in source_of(partner).list()]


def test_a_file_under_its_temporary_name_is_not_offered(partner: Counterpart, on: date) -> None:
    made = partner.simulator.act("make_statement", date=on.isoformat(), fault="growing")
    assert made["name"] not in [found.name for found in source_of(partner).list()]


def test_archiving_moves_file_and_signature_and_may_be_done_twice(
    partner: Counterpart, tmp_path: Path, on: date
) -> None:
    made = partner.simulator.act("make_statement", date=on.isoformat())
    document = offered(partner, made["name"])
    source = source_of(partner)
    source.fetch(document, tmp_path)
    source.archive(document)
    source.archive(document)
    assert document.name not in [found.name for found in source.list()]
    assert partner.partner.statements is not None
    archive = partner.files / partner.partner.statements.archive.strip("/")
    assert {document.name, f"{document.name}.p7s"} <= {file.name for file in archive.iterdir()}


def test_a_reused_name_with_other_content_is_not_archived_unread(partner: Counterpart, on: date) -> None:
    made = partner.simulator.act("make_statement", date=on.isoformat())
    document = offered(partner, made["name"])
    money_came(partner, on, 10_000, "muon")
    partner.simulator.act("make_statement", date=on.isoformat())
    source_of(partner).archive(document)
    again = offered(partner, made["name"])
    assert again.size != document.size
    source_of(partner).archive(again)
    partner.simulator.act("make_statement", date=on.isoformat())
    source_of(partner).archive(offered(partner, made["name"]))
    assert partner.partner.statements is not None
    archive = partner.files / partner.partner.statements.archive.strip("/")
    kept = [file.name for file in archive.iterdir() if file.name.startswith(str(made["name"]))]
    assert len(kept) == 4


def test_files_of_one_name_and_one_second_are_all_kept(partner: Counterpart, on: date) -> None:
    assert partner.partner.statements is not None
    folder = partner.files / partner.partner.statements.folder.strip("/")
    archive = partner.files / partner.partner.statements.archive.strip("/")
    for number in range(4):
        made = partner.simulator.act("make_statement", date=on.isoformat(), number=900)
        (folder / made["name"]).write_bytes(b"%d" % number)
        os.utime(folder / made["name"], (1_790_000_000, 1_790_000_000))
        source_of(partner).archive(offered(partner, made["name"]))
    kept = [file for file in archive.iterdir() if file.name.startswith(made["name"]) and ".p7s" not in file.name]
    assert {file.read_bytes() for file in kept} == {b"0", b"1", b"2", b"3"}


def test_a_server_with_another_host_key_is_not_believed(bank_a: Counterpart, tmp_path: Path) -> None:
    source = source_of(bank_a)
    other = tmp_path / "known_hosts"
    port = bank_a.simulator.greeting["sftp_port"]
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGMC3uV91nLTjGAmGxh3o9Ax+GqPMooMTrmA8wckNoee"
    other.write_text(f"[127.0.0.1]:{port} {key}\n", encoding="ascii")
    with pytest.raises(Untrusted) as raised:
        replace(source, address=replace(source.address, host_keys=other)).list()
    assert raised.value.code == "sftp-host-key-unknown"


def test_only_names_of_the_pattern_are_offered(bank_a: Counterpart) -> None:
    folder = bank_a.files / "out"
    for name in ("BANKA_STMT_20260101_1.xml.exe", "note.txt", "BANKA_STMT_2026_1.xml"):
        (folder / name).write_bytes(io.BytesIO(b"x").getvalue())
    names = {found.name for found in source_of(bank_a).list()}
    assert not names & {"BANKA_STMT_20260101_1.xml.exe", "note.txt", "BANKA_STMT_2026_1.xml"}
