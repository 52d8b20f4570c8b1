"""Partner files: every problem of every file at once, by file and key; a secret in plain text is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

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
    change(folder / "bank-a.toml", "[statements]\n", '[statements]\nformat = "${NOWHERE_SET}"\n#')
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
