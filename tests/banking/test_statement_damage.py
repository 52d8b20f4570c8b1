"""Damaged files: whatever happened to the bytes, one line of JSON comes out, with declared codes only."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.banking.statements.describe import describe_files
from gateway.reasons import REASONS

pytestmark = [pytest.mark.unit, pytest.mark.property]

GOLDEN = Path(__file__).parents[1] / "golden" / "statements"
FILES = {path.name: path.read_bytes() for path in sorted(GOLDEN.iterdir()) if path.suffix != ".json"}
PIECES = (
    *(b"\n", b"\r", b"\x00", b"\xff", b"\x1a", b":", b":61:", b":62F:", b":20:", b"-}", b"{4:", b"@@", b"?20", b"//"),
    *(b"<", b">", b"&a;", b"]]>", b"<!--", b"<!DOCTYPE a [<!ENTITY a 'b'>]>", b"<Ntry>", b"</Stmt>", b"n:", b"<Amt/>"),
    *(b"9" * 5000, b"-1", b"1e9", b"0009", "９²".encode(), b" " * 300, b"00000000", b"991332"),
)
PLACE = st.integers(min_value=0, max_value=10_000)
DAMAGE = st.one_of(
    st.tuples(st.just("cut"), PLACE),
    st.tuples(st.just("flip"), PLACE),
    st.tuples(st.just("drop"), PLACE),
    st.tuples(st.just("double"), PLACE),
    st.tuples(st.sampled_from(PIECES), PLACE),
    st.tuples(st.sampled_from(["utf-16", "utf-32", "cp1252", "cp1258", "utf-7"]), PLACE),
)


def _damaged(data: bytes, kind: str | bytes, place: int) -> bytes:
    at = place * len(data) // 10_000
    if isinstance(kind, bytes):
        return data[:at] + kind + data[at:]
    lines = data.split(b"\n")
    line = place * len(lines) // 10_001
    match kind:
        case "cut":
            return data[:at]
        case "flip":
            return data[:at] + bytes(byte ^ 0x40 for byte in data[at : at + 1]) + data[at + 1 :]
        case "drop":
            return b"\n".join(lines[:line] + lines[line + 1 :])
        case "double":
            return b"\n".join(lines[: line + 1] + lines[line:])
    return data.decode("utf-8", "replace").encode(kind, "replace")


@settings(deadline=5000, max_examples=150)
@given(st.sampled_from(sorted(FILES)), st.lists(DAMAGE, min_size=1, max_size=4))
def test_a_damaged_file_is_described_or_refused_with_a_declared_code(
    name: str, damages: list[tuple[str | bytes, int]]
) -> None:
    data = FILES[name]
    for kind, place in damages:
        data = _damaged(data, kind, place)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        (line,) = describe_files([path])
    said = json.loads(line)
    if said["ok"]:
        codes = {problem["code"] for statement in said["statements"] for problem in statement["problems"]}
    else:
        assert said["error"]["message"]
        codes = {said["error"]["code"]}
    assert codes <= set(REASONS)
