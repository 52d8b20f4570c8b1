"""The project's own statement files read to the byte as reviewed; the goldens are never overwritten by a test.

A file's name says the encoding its partner would be configured with.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from adapters.banking.statements.describe import describe_file, describe_files

pytestmark = pytest.mark.golden

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "statements"
FILES = sorted(path for path in GOLDEN.iterdir() if path.suffix != ".json")


def _encoding(path: Path) -> str:
    return path.name.split(".")[-2]


def _reviewed(path: Path) -> Any:
    return json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))


def test_there_are_golden_files() -> None:
    assert len(FILES) >= 14


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_golden_statement_reads_as_reviewed(path: Path) -> None:
    described = describe_file(path, encoding=_encoding(path))
    assert {**described, "file": path.name} == _reviewed(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_golden_statement_reads_the_same_when_nobody_says_its_encoding(path: Path) -> None:
    assert {**describe_file(path), "file": path.name} == _reviewed(path)


def test_the_same_statement_in_every_encoding_is_the_same_statement() -> None:
    descriptions = [_reviewed(path)["statements"] for path in FILES if path.name.startswith("ngan-hang-b.")]
    assert len(descriptions) == 5
    assert all(one == descriptions[0] for one in descriptions)


def test_many_files_give_one_line_each_in_order() -> None:
    lines = list(describe_files(FILES))
    assert [Path(json.loads(line)["file"]).name for line in lines] == [path.name for path in FILES]
    assert all("\n" not in line for line in lines)
    assert [json.loads(line) for line in lines] == [describe_file(path) for path in FILES]


def test_one_bad_statement_hides_no_good_one() -> None:
    path = GOLDEN / "ngan-hang-a.mot-sao-ke-sai.utf-8.xml"
    bad, good = describe_file(path)["statements"]
    assert {problem["code"] for problem in bad["problems"]} == {"bad-amount", "balance-does-not-add-up"}
    assert good["problems"] == []
    assert [entry["amount"] for entry in good["entries"]] == [75000]


@pytest.mark.parametrize(
    ("name", "code"),
    [("ngan-hang-a.cut.utf-8.xml", "truncated-file"), ("ngan-hang-a.dtd.utf-8.xml", "doctype-refused")],
)
def test_a_file_that_cannot_be_trusted_gives_nothing_but_its_error(name: str, code: str) -> None:
    (line,) = describe_files([GOLDEN / name])
    described = json.loads(line)
    assert described["ok"] is False
    assert described["error"]["code"] == code
    assert set(described) == {"file", "ok", "error"}


def test_a_missing_file_is_an_answer_and_no_exception(tmp_path: Path) -> None:
    (line,) = describe_files([tmp_path / "khong-co.xml"])
    assert json.loads(line)["error"]["code"] == "file-unreadable"


def test_a_name_that_is_no_text_is_no_reason_to_stop(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"sao-k\xea.sta")
    path.write_bytes(b":20:S1\n:25:1\n")
    (line,) = describe_files([path])
    described = json.loads(line)
    assert described["ok"] is True
    assert described["file"].endswith("sao-k\ufffd.sta")
