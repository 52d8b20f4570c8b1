"""The demo as a newcomer plays it: through real Airflow, to planted = found, and nothing of it stays behind.

What it wrote is then searched for secrets and for personal numbers.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from gateway.local.demo import own_folder

pytestmark = [pytest.mark.scenario, pytest.mark.services]

REPOSITORY = Path(__file__).resolve().parents[2]
SECRETS = ("GATEWAY_PLATFORM_SECRET", "GATEWAY_VNPOST_SECRET", "GATEWAY_PORTAL_PASSWORD")
PERSONAL_NUMBER = re.compile(rb"(?<!\d)0229\d{8}(?!\d)")  # how the population of the demo makes its CCCD numbers
TELEPHONE = re.compile(rb"(?<!\d)(?:0|\+?84)90000\d{4}(?!\d)")  # and its telephone numbers
WHERE_PEOPLE_MUST_BE = ("postgres", "rabbitmq", "simulators")
"""The ledger, the broker's queues, the partners' own worlds: no other file of the demo names anyone."""


@dataclass(frozen=True)
class Played:
    folder: Path
    output: str
    code: int
    started: frozenset[psutil.Process]


@pytest.fixture(scope="module")
def played(airflow_turn: None, tmp_path_factory: pytest.TempPathFactory) -> Played:
    return demo(tmp_path_factory.mktemp("var"), "--once")


def demo(var: Path, *arguments: str, interrupted_at: str = "") -> Played:
    """A demo from its start to its end, and everything that it ever started.

    Ctrl-C once it has told something, and again half a second later, as impatient people do.
    """
    told = var / "told"
    began = time.monotonic()
    started: set[psutil.Process] = set()
    presses = 2 if interrupted_at else 0
    with told.open("wb") as out:
        playing = psutil.Popen(
            # A shell that starts a suite in the background lets it ignore Ctrl-C; who sits before a demo does not.
            ["env", "--default-signal=INT", Path(sys.executable).parent / "gateway", "demo", *arguments],
            env={**os.environ, "GATEWAY_VAR": str(var)},
            cwd=REPOSITORY,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        while playing.poll() is None:
            assert time.monotonic() - began < 1800, told.read_text()
            with suppress(psutil.NoSuchProcess):
                started.update(playing.children(recursive=True))
            if presses and interrupted_at in told.read_text():
                presses -= 1
                os.killpg(playing.pid, signal.SIGINT)  # as a terminal does
            with suppress(psutil.TimeoutExpired):
                playing.wait(0.5)
    return Played(var / "demo", told.read_text(), int(playing.returncode), frozenset(started))


def test_the_day_is_played_approved_and_found_as_planted(played: Played) -> None:
    assert played.code == 0, played.output
    assert "planted = found" in played.output
    assert "conservation closes" in played.output
    assert "everything is stopped" in played.output


def test_every_partner_has_its_reports(played: Played) -> None:
    for partner in ("bank-a", "bank-b", "intermediary", "vnpost"):
        written = {file.suffix for file in (played.folder / "reports" / "2026-11-23" / partner).iterdir()}
        assert written == {".xlsx", ".csv", ".pdf"}, partner


def survivors(played: Played) -> list[str]:
    """What the demo started, or what names its folder, and still runs."""
    place = str(played.folder)
    named = (one for one in psutil.process_iter(["cmdline"]) if place in " ".join(one.info.get("cmdline") or []))
    alive = []
    for process in {*played.started, *named}:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(" ".join(process.cmdline()))
    return alive


def test_nothing_that_was_started_survives(played: Played) -> None:
    assert survivors(played) == []


def test_ctrl_c_while_it_starts_stops_everything_down_to_erlangs_port_mapper(
    airflow_turn: None, tmp_path: Path
) -> None:
    stopped = demo(tmp_path, interrupted_at="waiting for Airflow")
    assert stopped.code == 0, stopped.output
    assert stopped.output.splitlines()[-1].endswith("everything is stopped")
    assert survivors(stopped) == []
    assert len(stopped.started) > 10, "the search would have found them"


def test_of_demos_at_the_same_time_each_has_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_VAR", str(tmp_path))
    with own_folder() as first:
        (first / "kept").touch()
        with own_folder() as second:
            assert (first.name, second.name) == ("demo", "demo-2")
            assert (first / "kept").exists()
    with own_folder() as again:
        assert again == first
        assert not (again / "kept").exists(), "a demo begins with an empty folder"


def test_no_secret_is_in_any_log_report_or_database(played: Played) -> None:
    secrets = [value.encode() for value in secrets_of(played.folder).values()]
    assert len(secrets) >= 9
    keys = [b"PRIVATE KEY"]
    places = ("log", "reports", "airflow/logs", "postgres/base", "postgres/pg_wal", "incoming")
    told = [
        f"{file}: {place}"
        for place in places
        for file, content in contents(played.folder / place)
        for secret in [*secrets, *keys]
        if secret in content
    ]
    assert told == []


def test_no_personal_number_is_in_any_log_or_report(played: Played) -> None:
    found = [
        f"{file}: {match.group(0)!r}"
        for place in ("log", "reports", "airflow/logs")
        for file, content in contents(played.folder / place)
        if (match := PERSONAL_NUMBER.search(content)) is not None
    ]
    assert found == []


@pytest.mark.parametrize("number", [PERSONAL_NUMBER, TELEPHONE], ids=["CCCD", "telephone"])
def test_no_file_names_a_person_but_those_that_must(played: Played, number: re.Pattern[bytes]) -> None:
    found = [
        f"{file}: {match.group(0)!r}"
        for place in sorted(played.folder.iterdir())
        if place.name not in WHERE_PEOPLE_MUST_BE
        for file, content in contents(place)
        if (match := number.search(content)) is not None
    ]
    assert found == []


def test_the_search_would_have_found_them(played: Played) -> None:
    """A search that finds nothing proves something only where it finds what is there."""
    for number in (PERSONAL_NUMBER, TELEPHONE):
        assert any(number.search(content) for _, content in contents(played.folder / "postgres" / "base"))
    pages = [text for file, text in contents(played.folder / "reports") if file.name == "text"]
    assert len(pages) >= 4
    assert all("đối soát".encode() in text.lower() or "ĐỐI SOÁT".encode() in text for text in pages)
    environment = (played.folder / "environment").read_bytes()
    assert all(secrets_of(played.folder)[name].encode() in environment for name in SECRETS)
    assert (played.folder / "environment").stat().st_mode & 0o077 == 0


def secrets_of(folder: Path) -> dict[str, str]:
    lines = (folder / "environment").read_text(encoding="utf-8").splitlines()
    environment = {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}
    found = {name: environment[name] for name in SECRETS}
    found["database password"] = environment["GATEWAY_DATABASE_URL"].split(":")[2].split("@")[0]
    for user, password in json.loads((folder / "airflow" / "passwords.json").read_text()).items():
        found[f"Airflow's password of {user}"] = password
    found["broker password"] = (folder / "amqp-url").read_text().split(":")[2].split("@")[0]
    return found


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for file in [folder] if folder.is_file() else sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as book:
                for name in book.namelist():
                    yield file / name, book.read(name)
        else:
            yield file, file.read_bytes()
        if file.suffix == ".pdf":  # its pages are compressed
            yield file / "text", subprocess.run(["pdftotext", file, "-"], capture_output=True, check=True).stdout
