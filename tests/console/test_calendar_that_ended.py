"""On a day of a year that nobody entered into the banks' calendar the pages tell all they can, and what is missing."""

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
def gap(request: pytest.FixtureRequest) -> str:
    """What is missing: the whole file, or the year in it."""
    return str(request.param)


@pytest.fixture
def config(gap: str, tmp_path: Path) -> Path:
    """The configuration without the calendar of banks, or without its year. VNPost has another one."""
    folder = tmp_path / "config"
    shutil.copytree(REPOSITORY / "config", folder)
    file = folder / "calendars" / "vn-banking.toml"
    if gap == "file":
        file.unlink()
    else:
        file.write_text(file.read_text("utf-8").split("[days_off.2026]")[0], "utf-8")
    return folder


GAP = {
    "file": "tệp lịch làm việc config/calendars/vn-banking.toml chưa có hoặc không đọc được.",
    "year": "chưa có lịch làm việc năm 2026 trong tệp config/calendars/vn-banking.toml.",
}
COMPLETE = "Báo bộ phận vận hành bổ sung lịch; lịch phải có người duyệt."


def told(shown: str, gap: str) -> tuple[str, str]:
    """What stands before the only notice about the gap (whose calendar it is), and the effect that it tells of."""
    ((partners, effect),) = re.findall(f"([^:]*): {re.escape(GAP[gap])} (.*?) {re.escape(COMPLETE)}", shown)
    return partners, effect


def test_the_start_page_names_the_partners_and_shows_what_waits(monday: Monday, visitor: TestClient, gap: str) -> None:
    shown = page(visitor, "an", "/")
    partners, effect = told(shown, gap)
    assert "Ngân hàng A" in partners
    assert "Bưu điện Việt Nam" not in partners
    assert effect == "Không biết ngày nào trễ hạn."
    assert "Ngày còn khoản lệch phải quyết định" in shown
    assert "day_reconciled" in [one["kind"] for one in Program(visitor, "an").get("/waiting")]


def test_the_months_of_all_partners_are_shown_and_which_file_keeps_some_from_closing(
    monday: Monday, visitor: TestClient, gap: str
) -> None:
    shown = page(visitor, "an", "/months?month=2026-11")
    partners, effect = told(shown, gap)
    assert "Ngân hàng A" in partners
    assert effect == "Không biết những ngày nào phải đối soát, nên tháng chưa đóng được."
    assert shown.count("! thiếu lịch làm việc") == 1, "of the others nothing is on record yet"
    assert "Bưu điện Việt Nam" in shown
    months = {one["partner"]: one["calendar_gap"] for one in Program(visitor, "an").get("/months?month=2026-11")}
    lacking = {"file": "vn-banking.toml", "year": 2026 if gap == "year" else 0}
    assert months == {"bank-a": lacking, "bank-b": None, "intermediary": None, "vnpost": None}


def test_the_month_of_a_partner_without_calendar_tells_its_days_and_offers_no_closing(
    monday: Monday, visitor: TestClient, gap: str
) -> None:
    shown = page(visitor, "binh", "/months/bank-a/2026-11")
    assert told(shown, gap)[1] == "Không biết những ngày nào phải đối soát, nên tháng chưa đóng được."
    assert "23/11/2026" in shown
    assert "Mọi ngày đã qua đều có hai người duyệt." not in shown
    assert "Đóng rồi không mở lại." not in shown, "the words beside the form that closes"
