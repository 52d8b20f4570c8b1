"""A machine where we may not install: the error names exactly what to install, and every other way."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.local import install

pytestmark = pytest.mark.unit
BOOTSTRAP = Path(__file__).resolve().parents[1] / "bin" / "bootstrap"


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is installed, and nothing may be."""
    monkeypatch.setenv("PATH", str(tmp_path))
    away = {name: dataclasses.replace(one, program="/nowhere", found="") for name, one in install.PACKAGES.items()}
    monkeypatch.setattr(install, "PACKAGES", away)


def test_what_is_there_is_not_installed_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    there = {name: dataclasses.replace(one, program="/bin/sh") for name, one in install.PACKAGES.items()}
    monkeypatch.setattr(install, "PACKAGES", there)
    install.ensure()
    assert install.missing() == []


def test_without_a_broker_and_without_root_the_error_names_what_to_install(bare_machine: None) -> None:
    with pytest.raises(ConfigurationError) as told:
        install.ensure("rabbitmq-server")
    assert told.value.code == "system-package-missing"
    assert told.value.action == "as root: apt-get install rabbitmq-server (for the demo and the tests)"
    assert "openssh" not in told.value.explain(), "only what was asked for"


def test_what_is_installed_by_name_only_is_no_part_of_setting_up(bare_machine: None) -> None:
    with pytest.raises(ConfigurationError) as told:
        install.ensure()
    named = re.findall(r"apt-get install ([a-z-]+)", told.value.action)
    assert named == ["rabbitmq-server", "openssh-server", "chromium-headless-shell", "poppler-utils"]
    with pytest.raises(ConfigurationError) as told:
        install.ensure("chromium")
    assert told.value.action == "as root: apt-get install chromium (for the pictures of the documents)"


@pytest.mark.parametrize(
    ("policy", "taken"),
    [
        ("chromium:\n  Candidate: 156.0.8078.73-1~deb12u1\n", "apt-get"),
        ("", "playwright"),
        ("chromium:\n  Candidate: (none)\n", "playwright"),
        ("chromium-browser:\n  Candidate: 2:1snap1-0ubuntu2\n", "playwright"),
    ],
    ids=["debian", "unknown", "no-candidate", "ubuntu-snap"],
)
def test_a_browser_comes_from_the_distribution_or_else_from_the_tests_library(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, policy: str, taken: str
) -> None:
    """The programs are stand-ins that write down how they were called."""
    called = tmp_path / "called"
    for name, answer in (("apt-cache", policy), ("apt-get", ""), ("python", "")):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\nprintf \'%s\' "{answer}"\necho "$0 $*" >> {called}\n')
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(install.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(install, "POLICY", tmp_path)
    browser = dataclasses.replace(
        install.PACKAGES["chromium"],
        program="/nowhere",
        found="",
        elsewhere=(str(tmp_path / "python"), "-m", "playwright"),
    )
    monkeypatch.setattr(install, "PACKAGES", {"chromium": browser})
    install._install([browser], [])
    calls = called.read_text().splitlines()
    assert any(taken in call and ("install" in call or taken == "playwright") for call in calls), calls
    assert not any("install -y" in call for call in calls) or taken == "apt-get"


NO_PYTHON = "Install it, as root: apt-get install python3.11 python3.11-venv (where python3 is that new: python3-venv)"


@pytest.mark.parametrize(
    ("python", "told"),
    [
        ("bare", "Install uv itself (pip install uv), or as root: apt-get install python3.12-venv"),
        ("too-old", NO_PYTHON),
        ("none", NO_PYTHON),
    ],
)
def test_without_uv_and_without_a_way_to_it_the_error_names_what_to_install(
    tmp_path: Path, python: str, told: str
) -> None:
    """Debian's own Python, without ensurepip and pip; one that is too old; and a machine without any."""
    programs, clone = tmp_path / "programs", tmp_path / "clone"
    programs.mkdir()
    (clone / "bin").mkdir(parents=True)
    shutil.copy(BOOTSTRAP, clone / "bin")  # it makes and removes folders of its clone
    for name in ("bash", "dirname", "id", "rm"):
        found = shutil.which(name)
        assert found is not None
        (programs / name).symlink_to(found)
    if python != "none":
        suits = 1 if python == "too-old" else 0
        answers = f"*exit*) exit {suits};; *print*) echo python3.12-venv; exit 0;; *) exit 1;;"
        (programs / "python3").write_text(f'#!/bin/sh\ncase "$2" in {answers} esac\n')
        (programs / "python3").chmod(0o755)
    done = subprocess.run(
        [programs / "bash", clone / "bin" / "bootstrap"],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].endswith(told)
    assert not (clone / ".venv-uv").exists()
