"""On a day of a year that nobody entered into the banks' calendar, the start page still tells what waits."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.console.conftest import REPOSITORY
from tests.console.test_rest import Program
from tests.console.test_work_on_pages import page
from tests.console.world import Monday

pytestmark = pytest.mark.services


@pytest.fixture(params=["file", "year"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The configuration without the calendar of banks, or without its year. VNPost has another one."""
    folder = tmp_path / "config"
    shutil.copytree(REPOSITORY / "config", folder)
    file = folder / "calendars" / "vn-banking.toml"
    if request.param == "file":
        file.unlink()
    else:
        file.write_text(file.read_text("utf-8").split("[days_off.2026]")[0], "utf-8")
    return folder


def test_the_start_page_names_the_partners_and_shows_what_waits(monday: Monday, visitor: TestClient) -> None:
    shown = page(visitor, "an", "/")
    told = re.search("Không có lịch làm việc của ([^:]*) cho mọi ngày hiển thị", shown)
    assert told is not None
    assert "Ngân hàng A" in told[1]
    assert "Bưu điện Việt Nam" not in told[1]
    assert "Ngày còn khoản lệch phải quyết định" in shown
    assert "day_reconciled" in [one["kind"] for one in Program(visitor, "an").get("/waiting")]
