"""A stage that cannot be set up says which part failed, and takes down what it had already started."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from gateway.errors import Unavailable
from gateway.local import stage

pytestmark = [pytest.mark.scenario, pytest.mark.services]


def test_where_one_partner_cannot_start_the_others_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "_PROGRAMS", {"broken": "simulators.no_such_partner", **stage._PROGRAMS})
    with pytest.raises(Unavailable) as caught:
        stage.build(tmp_path, lambda _: None, with_airflow=False, began_at=datetime(2026, 11, 23, tzinfo=UTC))
    assert caught.value.code == "local-service-did-not-start"
    assert caught.value.where == str(tmp_path / "log" / "simulator-broken.log")
    assert [found for found in psutil.process_iter(["cmdline"]) if _of(found, tmp_path)] == []


def _of(process: psutil.Process, folder: Path) -> bool:
    return process.status() != psutil.STATUS_ZOMBIE and str(folder) in " ".join(process.info["cmdline"] or [])
