"""Versioned matching rules as files: chosen by partner and date, all problems at once, and never edited unseen."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.partners import Partner, load_partners
from gateway.reconciliation import rules
from gateway.reconciliation.day import verify
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def bank_with(config: Path, matching: str) -> Partner:
    """Bank A whose file has this section ``[matching]``."""
    file = config / "partners" / "bank-a.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\n[matching]\n{matching}\n", encoding="utf-8")
    return load_partners(config / "partners", {})["bank-a"]


def a_version(config: Path, version: str, *changes: tuple[str, str]) -> None:
    """A further file of rules, like the first but for ``changes``."""
    text = (config / "rules" / "2026-1.toml").read_text(encoding="utf-8")
    for old, new in (('version = "2026-1"', f'version = "{version}"'), *changes):
        assert old in text
        text = text.replace(old, new)
    (config / "rules" / f"{version}.toml").write_text(text, encoding="utf-8")


@pytest.mark.unit
def test_the_shipped_rules_are_right_and_take_every_step() -> None:
    assert rules.load(CONFIG / "rules")["2026-1"].steps == rules.STEPS


@pytest.mark.unit
def test_a_partner_changes_to_a_new_version_on_its_first_date(config: Path) -> None:
    a_version(config, "2026-2", ("size = 5", "size = 3"))
    bank = bank_with(config, 'rules = { "2026-1" = 2026-01-01, "2026-2" = 2026-12-01 }')
    assert rules.rules_for(bank, date(2026, 11, 30)).version == "2026-1"
    assert rules.rules_for(bank, date(2026, 12, 1)).group.size == 3
    assert rules.problems_of(bank) == []


@pytest.mark.unit
@pytest.mark.parametrize(
    ("matching", "on"),
    [('rules = { "2030-1" = 2026-01-01 }', MONDAY), ('rules = { "2026-1" = 2026-12-01 }', MONDAY)],
    ids=["no-such-version", "none-in-force"],
)
def test_a_day_without_rules_is_refused_by_name(config: Path, matching: str, on: date) -> None:
    bank = bank_with(config, matching)
    with pytest.raises(ConfigurationError) as told:
        rules.rules_for(bank, on)
    assert told.value.code == "rules-unknown"
    assert [(problem.file, problem.key) for problem in told.value.problems] == [("bank-a.toml", "matching.rules")]


@pytest.mark.unit
def test_a_version_that_does_not_exist_is_found_before_it_is_needed(config: Path) -> None:
    bank = bank_with(config, 'rules = { "2026-1" = 2026-01-01, "2031-1" = 2031-01-01 }')
    assert [problem.key for problem in rules.problems_of(bank)] == ["matching.rules.2031-1"]


@pytest.mark.unit
def test_all_problems_of_all_files_are_told_at_once(config: Path) -> None:
    a_version(config, "2026-2", ("size = 5", "size = 1"), ("^NRTI", "(NRTI"))
    a_version(config, "2026-3", ('"exact", "reference"', '"reference", "exact"'))
    a_version(config, "2026-4", ('version = "2026-4"', 'version = "2026-9"'), ("[window]", "[windows]"))
    (config / "rules" / "2026-5.toml").write_text("version = ", encoding="utf-8")
    with pytest.raises(ConfigurationError) as told:
        rules.load(config / "rules")
    assert told.value.code == "rules-invalid"
    assert {(problem.file, problem.key) for problem in told.value.problems} == {
        ("2026-2.toml", "group.size"),
        ("2026-2.toml", "wording.0.pattern"),
        ("2026-3.toml", "steps"),
        ("2026-4.toml", "window"),
        ("2026-4.toml", "windows"),
        ("2026-5.toml", "(whole file)"),
    }


@pytest.mark.unit
def test_rules_without_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as told:
        rules.load(tmp_path / "rules")
    assert told.value.code == "rules-invalid"


@pytest.mark.services
def test_a_version_that_was_edited_after_it_judged_a_day_is_seen(day: DayStory, config: Path) -> None:
    day.partners = load_partners(config / "partners", {})
    reference = day.owe(100_000)
    day.pay(reference, 100_000)
    day.line(100_000, reference)
    day.settle_day()
    assert verify(day.conn, day.partners["bank-a"], MONDAY)
    file = config / "rules" / "2026-1.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("size = 5", "size = 6"), encoding="utf-8")
    assert not verify(day.conn, day.partners["bank-a"], MONDAY)


@pytest.mark.services
def test_a_day_is_verified_by_the_version_that_judged_it(day: DayStory, config: Path) -> None:
    day.partners = load_partners(config / "partners", {})
    day.line(70_000, text="HOAN TRA LENH")
    day.settle_day()
    assert day.outcomes() == [("returned_transfer", 0, 70_000)]
    a_version(config, "2026-2", ('outcome = "returned_transfer"', 'outcome = "deposit"'))
    day.partners = {"bank-a": bank_with(config, 'rules = { "2026-2" = 2026-01-01 }')}
    assert verify(day.conn, day.partners["bank-a"], MONDAY)
    assert day.judge().rules == "2026-2"
    assert day.outcomes() == [("deposit", 0, 70_000)]
