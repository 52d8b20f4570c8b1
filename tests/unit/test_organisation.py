"""Whose papers these are is said by a file, checked whole, and remembered for the papers of older days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway import organisation, retention
from gateway.bootstrap import configured
from gateway.errors import ConfigurationError
from gateway.settings import Settings

pytestmark = pytest.mark.unit

NAMES = """
[[centre]]
since = 2024-01-01
superior = "UBND tỉnh A"
name = "Trung tâm A"
place = "A"
province = "Tỉnh A"
province_en = "Province A"

[[centre]]
since = 2025-07-01
superior = "UBND tỉnh B"
name = "Trung tâm B"
place = "B"
province = "Tỉnh B"
province_en = "Province B"
"""


def test_a_paper_bears_the_name_of_its_day_and_keeps_it(tmp_path: Path) -> None:
    (tmp_path / organisation.FILE).write_text(NAMES, encoding="utf-8")
    names = organisation.load(tmp_path)
    days = (date(2020, 1, 1), date(2025, 6, 30), date(2025, 7, 1), date(2030, 1, 1))
    assert [names.on(day).name for day in days] == ["Trung tâm A", "Trung tâm A", "Trung tâm B", "Trung tâm B"]


def test_names_out_of_order_are_refused(tmp_path: Path) -> None:
    (tmp_path / organisation.FILE).write_text(NAMES.replace("2025-07-01", "2024-01-01"), encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        organisation.load(tmp_path)
    assert raised.value.code == "configuration-invalid"
    assert "each [[centre]] begins after the one before it" in raised.value.problems[0].message


def test_the_start_tells_every_problem_of_partners_organisation_and_retention_at_once(tmp_path: Path) -> None:
    (tmp_path / "partners").mkdir()
    (tmp_path / organisation.FILE).write_text(NAMES.replace('name = "Trung tâm B"\n', 'nom = "B"\n'), encoding="utf-8")
    short = 'contact_years = 0\nbooks_years = 9\nreports_years = 10\nmessage_months = "x"\n'
    (tmp_path / retention.FILE).write_text(short, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        configured(Settings("test", "", "", tmp_path, tmp_path, tmp_path), {})
    assert raised.value.code == "configuration-invalid"
    assert [(Path(problem.file).name, problem.key) for problem in raised.value.problems] == [
        ("partners", "*.toml"),
        ("organisation.toml", "centre.1.name"),
        ("organisation.toml", "centre.1.nom"),
        ("retention.toml", "contact_years"),
        ("retention.toml", "books_years"),
        ("retention.toml", "message_months"),
    ]
