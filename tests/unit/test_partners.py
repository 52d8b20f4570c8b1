"""Partner files: every problem of every file at once, by file and key; a secret in plain text is refused."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from adapters.banking.statements.encodings import normal_name
from gateway.errors import ConfigurationError
from gateway.partners import load_partners

pytestmark = pytest.mark.unit
OURS = Path(__file__).resolve().parents[2] / "config" / "partners"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OURS, tmp_path / "partners"))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} no longer says {old}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems_of(folder: Path) -> set[tuple[str, str]]:
    with pytest.raises(ConfigurationError) as told:
        load_partners(folder, {})
    assert told.value.code == "configuration-invalid"
    return {(problem.file, problem.key) for problem in told.value.problems}


def test_the_shipped_files_are_right() -> None:
    assert set(load_partners(OURS, {})) == {file.stem for file in OURS.glob("*.toml")}


def test_the_problems_of_all_files_are_told_at_once(folder: Path) -> None:
    change(folder / "bank-a.toml", "[statements]\n", '[statements]\nfollow = "yes"\n')
    change(folder / "bank-b.toml", 'role = "bank"', 'role = "shop"')
    (folder / "vnpost.toml").write_text("id = [", encoding="utf-8")
    assert problems_of(folder) == {
        ("bank-a.toml", "statements.follow"),
        ("bank-b.toml", "role"),
        ("vnpost.toml", "(whole file)"),
    }


def test_a_secret_in_plain_text_is_refused_and_not_repeated(folder: Path) -> None:
    file = folder / "intermediary.toml"
    [line] = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("secret")]
    change(file, line, 'secret = "hidden-word"')
    with pytest.raises(ConfigurationError) as told:
        load_partners(folder, {})
    [problem] = told.value.problems
    assert (told.value.code, problem.file, problem.key) == (
        "configuration-invalid",
        "intermediary.toml",
        "platform.secret",
    )
    assert "hidden-word" not in told.value.explain()


def test_a_variable_that_is_not_set_is_named_with_its_key(folder: Path) -> None:
    change(folder / "bank-a.toml", "[statements]\n", '[statements]\nformat = "${NOWHERE_SET}"\n')
    text = (folder / "bank-a.toml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("format = ") or "NOWHERE" in line]
    (folder / "bank-a.toml").write_text("\n".join(kept), encoding="utf-8")
    assert problems_of(folder) == {("bank-a.toml", "statements.format")}


def test_a_partner_without_the_section_that_its_role_needs_is_refused(folder: Path) -> None:
    (folder / "bank-c.toml").write_text('id = "bank-c"\nname = "Ngân hàng C"\nrole = "bank"\n', encoding="utf-8")
    assert problems_of(folder) == {("bank-c.toml", "(whole file)")}


def test_a_partner_is_called_as_its_file(folder: Path) -> None:
    (folder / "bank-a.toml").rename(folder / "bank-z.toml")
    assert problems_of(folder) == {("bank-z.toml", "id")}


def test_an_empty_folder_is_a_problem(tmp_path: Path) -> None:
    assert problems_of(tmp_path) == {(str(tmp_path), "*.toml")}


def told_of(folder: Path) -> set[tuple[str, str, str]]:
    with pytest.raises(ConfigurationError) as told:
        load_partners(folder, {})
    return {(problem.file, problem.key, problem.message) for problem in told.value.problems}


MEANINGS = "'collecting', 'collected', 'delivering', 'delivered', 'returned' or 'cancelled'"
WRONG = {
    "a misspelt encoding": (
        "bank-b.toml", 'encoding = "windows-1258"', 'encoding = "windows-1285"', "statements.encoding",
        "'windows-1285' is no encoding: utf-8, utf-16, windows-1258, tcvn3, vni or one of Python",
    ),
    "a codec of Python that makes no text": (
        "bank-b.toml", 'encoding = "windows-1258"', 'encoding = "base64"', "statements.encoding",
        "'base64' is no encoding: utf-8, utf-16, windows-1258, tcvn3, vni or one of Python",
    ),
    "a statement's name without its date": (
        "bank-a.toml", r"(?P<date>\d{8})", r"\d{8}", "statements.name_pattern",
        r"it needs a group (?P<date>\d{8}): the business date of a statement is read from its name",
    ),
    "a broken pattern": (
        "vnpost.toml", r"_\d+\.csv$", r"_(\d+\.csv$", "remittances.name_pattern",
        "not a regular expression: missing ), unterminated subpattern at position 24",
    ),
    "a format of remittances for a bank": (
        "bank-a.toml", 'format = "camt.053"', 'format = "vnpost-cod"', "statements.format",
        "Input should be 'camt.053', 'mt940' or 'vnpay'",
    ),
    "a misspelt meaning": (
        "vnpost.toml", '"4" = "delivered"', '"4" = "deliverd"', "postal_api.statuses.4", f"Input should be {MEANINGS}",
    ),
    "money collected at a code that is not listed": (
        "vnpost.toml", 'collected_statuses = ["4"]', 'collected_statuses = ["44"]', "postal_api.collected_statuses",
        "44 is not among `statuses`",
    ),
    "a sender without an address": (
        "vnpost.toml", 'address = "Số 2 Trần Hưng Đạo", ', "", "postal_api.centre", "an address needs address, too",
    ),
    "an operation that we do not have": (
        "national-portal.toml", "{ sync =", "{ synch =", "dossier_api.operations",
        "synch is none of sync, steps, find",
    ),
    "an address without its scheme": (
        "bank-a.toml", "https://127.0.0.1:9101", "127.0.0.1:9101", "collection.endpoint",
        "an address is written https://host:port/path, without user, query or fragment",
    ),
    "an address with a port that is none": (
        "vnpost.toml", "https://127.0.0.1:9103", "https://127.0.0.1:port", "postal_api.endpoint",
        "an address is written https://host:port/path, without user, query or fragment",
    ),
    "a path without its slash": (
        "vnpost.toml", 'client_id = "quangninh"', 'client_id = "quangninh"\ntoken_path = "token"',
        "postal_api.token_path", "a path begins with one /",
    ),
    "a cut-off that is a number": (
        "bank-b.toml", "cutoff = 22:30:00", "cutoff = 2230", "calendar.cutoff",
        "a time of the day in Vietnam is written 22:30:00",
    ),
    "files that are due before their day ends": (
        "vnpost.toml", "settles_after_days = 1", "settles_after_days = 0", "calendar.settles_after_days",
        "its inputs are due at 11:00:00, before its own day ends at 17:00:00: at least 1",
    ),
    "an archive that is the folder": (
        "bank-a.toml", 'archive = "/processed"', 'archive = "/out/"', "statements.archive",
        "files would be moved to where they are: it must be another folder",
    ),
    "confirmations that nobody signs": (
        "bank-b.toml", '\nsigning_key = "gateway-ec"\n\n[statements.sftp]', "\n\n[statements.sftp]",
        "statements.signing_key", "an outbox is named, so the key that signs our confirmations is needed",
    ),
    "an account of another partner": (
        "bank-b.toml", "0511000022233", "1120000000202", "accounts.default",
        "the account •••0202 is one of bank-a.toml already",
    ),
    "an unknown channel of a later settlement": (
        "bank-b.toml", "[statements]\n", "[matching.settles_after]\ncard = 1\n\n[statements]\n",
        "matching.settles_after.card",
        "Input should be 'internet_banking', 'pos', 'qr', 'platform', 'cod' or 'cash'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_by_file_and_key(folder: Path, case: str) -> None:
    file, old, new, key, message = WRONG[case]
    change(folder / file, old, new)
    assert told_of(folder) == {(file, key, message)}


def test_ten_problems_of_two_files_are_told_at_once(folder: Path) -> None:
    cases = [
        "a misspelt encoding", "a cut-off that is a number", "an account of another partner",
        "confirmations that nobody signs", "an unknown channel of a later settlement",
        "a misspelt meaning", "a sender without an address", "an address with a port that is none",
        "a path without its slash", "a broken pattern",
    ]  # fmt: skip
    # What is one partner's alone is judged where its file can be read: the account of two partners is told after that.
    expected = {WRONG[case][:1] + WRONG[case][3:] for case in cases if case != "an account of another partner"}
    change(folder / "bank-b.toml", 'role = "bank"', 'role = "bank"\nfollows = "bank-a"')
    expected.add(("bank-b.toml", "follows", "Extra inputs are not permitted"))
    for case in cases:
        file, old, new, *_ = WRONG[case]
        change(folder / file, old, new)
    assert told_of(folder) == expected
    assert len(expected) == 10
    assert {file for file, *_ in expected} == {"bank-b.toml", "vnpost.toml"}


def test_an_unset_variable_and_a_missing_section_hide_no_other_problem(folder: Path) -> None:
    file = folder / "bank-b.toml"
    text = re.sub(r"\[calendar\]\n(?:[^\[]*\n)?(?=\[)", "", file.read_text("utf-8"), count=1)
    file.write_text(text.replace('role = "bank"', 'role = "bank"\nfollows = "${GATEWAY_NOT_SET}"'), encoding="utf-8")
    assert told_of(folder) == {
        ("bank-b.toml", "follows", "the environment variable GATEWAY_NOT_SET is not set and has no default"),
        ("bank-b.toml", "(whole file)", "a partner of role bank needs the section(s) calendar"),
    }


@pytest.mark.parametrize("encoding", ["tcvn3", "VNI", "TCVN-3", "vni-windows", "utf-16", "cp1258", "windows-1258"])
def test_every_encoding_that_our_readers_know_may_be_named(folder: Path, encoding: str) -> None:
    change(folder / "bank-b.toml", 'encoding = "windows-1258"', f'encoding = "{encoding}"')
    assert normal_name(load_partners(folder, {})["bank-b"].statements.encoding)  # type: ignore[union-attr]
