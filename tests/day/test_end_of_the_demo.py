"""How the demo ends: by its exit code, and, left running, by a table of where to look and with which password."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
import typer
from typer.testing import CliRunner

from gateway.cli import app
from gateway.errors import DoesNotClose
from gateway.local import demo
from gateway.local import stage as stages

pytestmark = pytest.mark.unit
VAR = Path("/srv/gateway/var/demo")


@dataclass
class Stage:
    """What the demo tells of a stage, and whether it was stopped."""

    folder: Path = VAR
    environment: dict[str, str] = field(default_factory=dict)
    simulators: dict[str, Any] = field(
        default_factory=lambda: {"bank-a": SimpleNamespace(control=20001), "vnpost": SimpleNamespace(control=20002)}
    )
    airflow: Any = field(
        default_factory=lambda: SimpleNamespace(
            url="http://127.0.0.1:20000", passwords={user: f"password-of-{user}" for user in stages.USERS}
        )
    )
    closed: int = 0

    def close(self) -> None:
        self.closed += 1


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stage:
    """Nothing is started; what would be played is the test's to say."""
    built = Stage()
    monkeypatch.setenv("GATEWAY_VAR", str(tmp_path))
    monkeypatch.setattr(demo.stages, "build", lambda *_, **__: built)
    monkeypatch.setattr(demo, "give_first_roles", lambda *_: None)
    monkeypatch.setattr(demo.signatories, "register", lambda *_: None)
    monkeypatch.setattr(demo, "_write_environment", lambda *_: None)
    monkeypatch.setattr(demo.signal, "pause", interrupt)
    return built


@pytest.mark.parametrize(("differences", "code"), [([], 0), (["bank-a: one row too many"], 1)])
def test_a_day_that_is_not_as_planted_ends_in_exit_code_1(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, differences: list[str], code: int
) -> None:
    monkeypatch.setattr(demo, "_play", lambda *_, **__: differences)
    assert CliRunner().invoke(app, ["demo", "--once"]).exit_code == code
    assert stage.closed == 1


def test_a_day_that_does_not_close_ends_in_exit_code_1_and_stops_everything(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def play(*_: object, **__: object) -> list[str]:
        raise DoesNotClose("the run scheduled__1 ended failed", code="demo-run-failed", where="conservation")

    monkeypatch.setattr(demo, "_play", play)
    answer = CliRunner().invoke(app, ["demo", "--once"])
    assert answer.exit_code == 1
    assert "[demo-run-failed] conservation" in answer.output
    assert stage.closed == 1


def test_ctrl_c_in_mid_day_is_no_success_of_a_day_that_is_checked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "_play", lambda *_, **__: interrupt())
    assert demo.play(once=True) == 130
    assert demo.play(once=False) == 0
    assert stage.closed == 2


@pytest.fixture
def terminal() -> Iterator[None]:
    """Ctrl-C is listened to, as in a terminal: what is started in the background ignores it, this suite too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_whoever_presses_ctrl_c_again_while_it_stops_still_leaves_nothing_behind(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], first: signal.Signals
) -> None:
    def close() -> None:
        for again in (signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), again)
        stage.closed += 1

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(stage, "close", close)
    monkeypatch.setattr(demo, "_play", lambda *_, **__: os.kill(os.getpid(), first))
    assert demo.play(once=True) == 130
    assert stage.closed == 1
    assert capsys.readouterr().out.splitlines()[-1].endswith("everything is stopped")
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


@pytest.mark.usefixtures("terminal")
def test_ctrl_c_at_the_very_end_of_a_day_that_is_checked_leaves_nothing_behind(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def close() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        stage.closed += 1

    monkeypatch.setattr(stage, "close", close)
    monkeypatch.setattr(demo, "_play", lambda *_, **__: [])
    assert demo.play(once=True) == 0
    assert stage.closed == 1


def test_left_running_it_tells_every_address_user_and_password_and_ctrl_c_ends_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "_play", lambda *_, **__: [])
    monkeypatch.setenv("COLUMNS", "80")
    assert demo.play(once=False) == 0
    told = capsys.readouterr().out
    for user, role in stages.USERS.items():
        assert f"{user} ({role}): password-of-{user}" in told
    for address in (
        *("http://127.0.0.1:20000", "http://127.0.0.1:20000/gateway/", str(VAR / "reports"), str(VAR / "environment")),
        *("http://127.0.0.1:20001/control/state", "http://127.0.0.1:20002/control/state"),
    ):
        assert address in told, "in one piece, to be copied"
    assert told.index("Ctrl-C stops everything") > told.index("/control/state")
    assert told.splitlines()[-1].endswith("everything is stopped")
    assert stage.closed == 1


@pytest.mark.parametrize("line", demo._COMMANDS)
def test_every_command_that_it_suggests_can_be_typed(line: str) -> None:
    program, *words = shlex.split(line)
    assert program == "gateway"
    command: Any = typer.main.get_command(app)
    context = click.Context(command)
    while hasattr(command, "commands"):
        command = command.get_command(context, words.pop(0))
        assert command is not None, line
    command.make_context(line, words)  # reads the words, and does nothing yet
