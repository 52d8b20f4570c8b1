"""Tables of the command line lose nothing, however narrow the terminal is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.cli.answering import print_table

pytestmark = pytest.mark.unit
COLUMNS = ["message_pk", "direction", "partner", "kind", "state", "reason", "dossier_code", "state_at"]
ROW = {
    "message_pk": 1234567,
    "direction": "out",
    "partner": "national-portal",
    "kind": "settlement_confirmation",
    "state": "quarantined",
    "reason": "certificate-not-yet-valid",
    "dossier_code": "000.00.12.H49-261123-0001",
    "state_at": datetime(2026, 11, 23, 18, 30, tzinfo=UTC),
}


@pytest.mark.parametrize("width", [80, 60, 200])
def test_no_value_of_a_table_is_cut_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    print_table([ROW], COLUMNS)
    told = capsys.readouterr().out
    assert "…" not in told
    assert max(len(line) for line in told.splitlines()) <= width
    lines = [line.strip("│").split("│") for line in told.splitlines() if line.startswith("│")]
    shown = ["".join(cell.strip() for cell in column) for column in zip(*lines, strict=True)]
    expected = [str(ROW[name]) for name in COLUMNS[:-1]] + ["2026-11-2401:30"]
    assert [text.replace(" ", "") for text in shown] == expected, "the time is Vietnam's, nothing is missing"


def test_square_brackets_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([{"reason": "[wrong-signature]"}], ["reason"])
    assert "[wrong-signature]" in capsys.readouterr().out
