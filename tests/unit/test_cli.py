"""The command line: help everywhere, errors as one line or one JSON document, exit codes, and nothing it needs not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
import typer
from typer.testing import CliRunner

from gateway.cli import app
from gateway.cli.answering import errors_are_told
from gateway.errors import NotFound

REPOSITORY = Path(__file__).resolve().parents[2]
STATEMENTS = REPOSITORY / "tests" / "golden" / "statements"
pytestmark = pytest.mark.golden


def commands(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


@pytest.mark.parametrize("path", list(commands(typer.main.get_command(app))), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    answer = CliRunner().invoke(app, [*path, "--help"])
    assert answer.exit_code == 0, answer.output
    assert "Usage" in click.unstyle(answer.output)


def run(*arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    return subprocess.run(
        [Path(sys.executable).parent / "gateway", *arguments],
        env={**kept, **(environ or {})},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("messages", "list", "--state", "quarantene"), "quarantined"),
        (("breaks", "list", "bank-a", "2026-11-23", "--state", "openn"), "partly"),
        (("breaks", "list", "bank-a", "2026-11-23", "--outcome", "thiếu"), "underpaid"),
        (("breaks", "enquiries", "--state", "late"), "overdue"),
        (("refund", "list", "--state", "paid"), "debited"),
        (("messages", "list", "--limit", "-5"), "--limit"),
        (("breaks", "list", "bank-a", "2026-11-23", "--limit", "-5"), "--limit"),
        (("breaks", "enquiries", "--limit", "0"), "--limit"),
        (("refund", "list", "--limit", "-5"), "--limit"),
    ],
    ids=" ".join,
)
def test_a_value_that_can_fit_nothing_is_refused_and_no_empty_answer(words: tuple[str, ...], named: str) -> None:
    answer = CliRunner().invoke(app, list(words))
    assert answer.exit_code == 2
    assert named in click.unstyle(answer.output)


def test_a_wrong_setting_ends_in_exit_code_1_and_names_its_variable() -> None:
    answer = run("alerts", environ={"GATEWAY_ENV": "staging"})
    assert answer.returncode == 1
    assert "GATEWAY_ENV" in answer.stderr
    assert "[configuration-invalid]" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_machine_gets_the_error_as_one_json_document() -> None:
    answer = run("alerts", "--json", environ={"GATEWAY_ENV": "staging"})
    told = json.loads(answer.stdout)
    assert (answer.returncode, told["ok"], told["error"]["code"]) == (1, False, "configuration-invalid")
    assert "GATEWAY_ENV" in told["error"]["message"]


@pytest.mark.parametrize("as_json", [False, True])
def test_an_error_that_names_no_act_says_what_its_code_asks_for(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    @errors_are_told
    def command(*, as_json: bool) -> None:
        raise NotFound("it is not there", code="file-unknown", where="/tmp/statement.xml")

    with pytest.raises(typer.Exit) as ended:
        command(as_json=as_json)
    assert ended.value.exit_code == 1
    told = capsys.readouterr()
    act = "Check the path, and that its .p7s lies beside it."
    if as_json:
        assert json.loads(told.out)["error"]["action"] == act
    else:
        assert told.err == f"[file-unknown] /tmp/statement.xml: it is not there → {act}\n"


def test_an_unknown_command_is_a_usage_error() -> None:
    assert run("pay-everybody").returncode == 2


def test_a_statement_is_read_without_database_and_without_airflow() -> None:
    file = next(file for file in sorted(STATEMENTS.rglob("*")) if file.suffix == ".xml")
    program = (
        "import sys; from gateway.cli import app; app(sys.argv[1:], standalone_mode=False); "
        "assert not {'airflow', 'psycopg', 'pika'} & sys.modules.keys(), 'too much was imported'"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "statement", "parse", str(file)],
        env={"PATH": os.environ["PATH"]},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[0])


def test_a_file_that_is_no_statement_ends_in_exit_code_1(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.xml"
    wrong.write_bytes(b"<not-a-statement/>")
    answer = run("statement", "parse", str(wrong))
    assert answer.returncode == 1
    assert json.loads(answer.stdout.splitlines()[0])
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("encoding", ["hex", "rot13", "base64", "undefined", "idna", "latin-9x"])
def test_an_option_that_names_no_encoding_of_text_is_refused_before_a_file_is_read(encoding: str) -> None:
    answer = run("statement", "parse", "--encoding", encoding, str(next(STATEMENTS.glob("*.sta"))))
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "windows-1258" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("terminal", ["latin-1", "ascii", "utf-16"])
def test_statements_are_told_in_utf_8_whatever_the_terminal_is(terminal: str) -> None:
    files = [str(file) for file in sorted(STATEMENTS.glob("ngan-hang-b.*.sta"))]
    answer = run("statement", "parse", *files, environ={"PYTHONIOENCODING": terminal})
    lines = answer.stdout.splitlines()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert [json.loads(line)["file"] for line in lines] == files
    assert not answer.stdout.isascii()
