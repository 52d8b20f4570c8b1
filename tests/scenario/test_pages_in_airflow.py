"""Our pages inside a real Airflow: its navigation, its sign-in, its frame, in a real browser."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright

from gateway.application import month_report
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.local import standalone
from gateway.local.airflow_api import AirflowApi
from gateway.local.postgres import PostgresAddress
from gateway.local.standalone import Standalone
from gateway.migrations import migrate
from gateway.partners import load_partners
from gateway.security import development_pki
from gateway.settings import Settings
from tests.console import browser, every_page, world
from tests.console.every_page import Places
from tests.console.finance_world import AN, LAST_OF_OCTOBER, finance_of_a_week
from tests.console.people_world import people_of_a_monday

pytestmark = [pytest.mark.scenario, pytest.mark.services]

REPOSITORY = Path(__file__).resolve().parents[2]
ROLES = {"an": "finance_maker", "binh": "finance_checker", "dung": "auditor"}
WIDTHS = pytest.mark.parametrize("width", [browser.DESKTOP, browser.PHONE], ids=["desktop", "phone"])


@dataclass(frozen=True)
class Stage:
    """A running Airflow whose gateway has a reconciled day, what finance recorded about it, and a closed month."""

    airflow: Standalone
    chromium: Browser
    places: Places

    def sign_in(self, user: str, path: str, width: Any = browser.DESKTOP) -> Page:
        """Open ``path`` as a stranger, and come back to it through Airflow's own form."""
        page = self.chromium.new_context(viewport=width, locale="vi-VN").new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{self.airflow.url}{path}")
        page.locator("input[name=username]").fill(user)
        page.locator("input[name=password]").fill(self.airflow.passwords[user])
        page.locator("button[type=submit]").click()
        page.wait_for_url(lambda url: "login" not in url)
        return page

    def framed(self, user: str, width: Any = browser.DESKTOP) -> Framed:
        """Somebody who opened our pages from Airflow's navigation."""
        page = self.sign_in(user, "/", browser.DESKTOP)
        complaints = listening(page)
        page.get_by_role("link", name="Đối soát").click()
        expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_contain_text("Hôm nay")
        page.set_viewport_size(width)
        (frame,) = (one for one in page.frames if one is not page.main_frame and "/gateway" in one.url)
        return Framed(page, frame, complaints)


@dataclass(frozen=True)
class Framed:
    """Our pages inside Airflow's frame, and what the browser complained about."""

    page: Page
    frame: Frame
    complaints: list[str]

    def go(self, stage: Stage, path: str) -> None:
        self.frame.goto(f"{stage.airflow.url}/gateway{path}")

    def ours(self) -> list[str]:
        """Complaints about our pages; Airflow's own are its own."""
        return [text for text in self.complaints if "/gateway" in text or "Content Security" in text]

    def faults(self) -> tuple[list[str], int]:
        """What axe-core finds serious or critical, and by how many pixels the page is wider than the frame.

        The same pages are looked at with axe-core at both widths without the frame, once for their colours: inside it,
        once.
        """
        narrow = self.page.viewport_size == browser.PHONE
        return browser.complaints_about(self.frame, colours=False) if narrow else [], browser.sticks_out(self.frame)


def listening(page: Page) -> list[str]:
    """What the browser's console complains about from now on, in all frames, with the address of what it is about."""
    heard: list[str] = []
    page.on("console", lambda told: heard.append(f"{told.text} {told.location}") if told.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(f"{error} {error.stack}"))
    return heard


def worlds(url: str, settings: Settings) -> Places:
    """Everything that a page may need a key of; the minutes of the closed month wait for their first signature."""
    partners = load_partners(settings.config / "partners", {})
    monday = world.monday_of_a_bank(url, partners)
    finance = finance_of_a_week(url, partners, settings)
    people = people_of_a_monday(url, partners)
    with psycopg.connect(url, autocommit=True) as connection:
        desk = Desk(connection, FixedClock(world.TUESDAY_MORNING), partners, settings)
        month_report.prepare_month(desk, AN, "bank-b", LAST_OF_OCTOBER)
    return Places(monday, finance, people)


@pytest.fixture(scope="module")
def stage(
    airflow_turn: None, postgres_server: PostgresAddress, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("pages")
    certs, clock, dags = folder / "certs", folder / "clock", folder / "dags"
    development_pki.create(certs)
    dags.mkdir()
    clock.write_text(world.TUESDAY_MORNING.isoformat())
    url = postgres_server.create_database("pages_gateway")
    with psycopg.connect(url) as owner:
        migrate(owner)
        owner.cursor().executemany(
            "INSERT INTO gateway.person_role (person, role, act, by_user, at) VALUES (%s, %s, 'grant', 'owner', now())",
            list(ROLES.items()),
        )
    places = worlds(url, Settings("test", url, "", REPOSITORY / "config", certs, folder))
    airflow = standalone.start(
        folder,
        postgres_server,
        dags_folder=dags,
        users=dict.fromkeys(ROLES, "op"),
        environment={
            "GATEWAY_ENV": "test",
            "GATEWAY_DATABASE_URL": url,
            "GATEWAY_CONFIG": str(REPOSITORY / "config"),
            "GATEWAY_CERTS": str(certs),
            "GATEWAY_VAR": str(folder),
            "GATEWAY_BUSINESS_CLOCK": str(clock),
        },
        database="pages_airflow",
        idle_seconds=5,
    )
    try:
        with sync_playwright() as playwright:
            expect.set_options(timeout=60_000)  # Airflow's first answer of a kind takes long on two busy cores
            yield Stage(airflow, browser.launch(playwright), places)
    finally:
        expect.set_options(timeout=5_000)
        airflow.stop()
        postgres_server.drop_database("pages_airflow")
        postgres_server.drop_database("pages_gateway")


def test_a_stranger_signs_in_to_airflow_and_comes_back_to_the_page(stage: Stage) -> None:
    page = stage.sign_in("an", f"/gateway{world.PATH}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ngân hàng A")
    expect(page.locator(".who")).to_contain_text("kế toán lập")


def test_airflows_log_tells_that_somebody_searched_and_not_for_whom(stage: Stage) -> None:
    page = stage.sign_in("an", "/gateway/dossiers?q=Dang+Thi+Huong")
    page.get_by_label("Tìm hồ sơ hoặc khoản tiền").fill("Dang Thi Huong")
    page.get_by_role("button", name="Tìm").click()
    expect(page.get_by_role("link", name="H49.12-20261123-0000501").first).to_be_visible()
    page.goto(f"{stage.airflow.url}/gateway/about")
    log = stage.airflow.child.log.read_text("utf-8", "replace")
    assert "path=/gateway/dossiers query= status_code=200" in log
    assert "Huong" not in log


def test_whose_sign_in_ran_out_inside_the_frame_signs_in_there_and_is_back(stage: Stage) -> None:
    dung = stage.framed("dung")
    dung.page.context.clear_cookies()
    dung.frame.get_by_role("link", name="Sao kê", exact=True).click()
    dung.frame.locator("input[name=username]").fill("dung")
    dung.frame.locator("input[name=password]").fill(stage.airflow.passwords["dung"])
    dung.frame.locator("button[type=submit]").click()
    expect(dung.frame.get_by_role("heading", level=1)).to_contain_text("Sao kê và bảng kê")
    expect(dung.page.get_by_role("link", name="Đối soát")).to_be_visible()


def test_the_pages_stand_in_airflows_navigation_and_work_inside_its_frame(stage: Stage) -> None:
    page = stage.sign_in("an", "/")
    complaints = listening(page)
    page.get_by_role("link", name="Đối soát").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Hôm nay")
    frame.get_by_role("table").get_by_role("link", name="23/11/2026").first.click()
    frame.get_by_label("Kết quả", exact=True).select_option(label="Thừa tiền")
    expect(frame.locator("#break-list tbody tr")).to_have_count(1, timeout=30_000)
    frame.locator("#break-list").get_by_role("link", name="Thừa tiền").click()
    form = frame.locator("details", has_text="Chấp nhận").first
    form.get_by_label("Lý do").fill("Hoàn lại người nộp ở quầy")
    form.get_by_role("button").click()
    expect(frame.get_by_role("status")).to_contain_text("Đã ghi quyết định")
    assert [text for text in complaints if "/gateway" in text or "Content Security" in text] == []


def faults_of(stage: Stage, somebody: Framed, pages: Mapping[str, str]) -> dict[str, object]:
    """Path -> what is wrong with its page inside the frame: told as a fault, not accessible, too wide."""
    found: dict[str, object] = {}
    for path in stage.places.of(pages):
        somebody.go(stage, path)
        expect(somebody.frame.locator("h1")).to_be_visible()
        wrong = (somebody.frame.locator("section.fault").count(), *somebody.faults())
        if wrong != (0, [], 0):
            found[path] = wrong
    return found


@WIDTHS
def test_every_page_also_one_that_needs_a_key_is_accessible_inside_the_frame_and_fits_it(
    stage: Stage, width: Any
) -> None:
    an = stage.framed("an", width)
    assert faults_of(stage, an, every_page.OF_MAKER) == {}
    assert an.ours() == []


@WIDTHS
def test_an_auditor_sees_every_page_inside_the_frame_and_answers_a_data_subject(stage: Stage, width: Any) -> None:
    dung = stage.framed("dung", width)
    assert faults_of(stage, dung, every_page.OF_AUDITOR) == {}
    dung.go(stage, "/personal")
    dung.frame.get_by_label("Số CCCD, CMND hoặc mã số thuế").fill("022190000001")
    dung.frame.get_by_label("Căn cứ (số, ngày của yêu cầu)").fill("Đơn số 12 ngày 24/11/2026")
    dung.frame.get_by_role("button", name="Liệt kê đang giữ gì").click()
    expect(dung.frame.locator("#held")).to_contain_text("•••0001")
    assert dung.faults() == ([], 0)
    assert dung.ours() == []


def test_two_people_close_the_day_inside_the_frame_and_take_its_files(stage: Stage, tmp_path: Path) -> None:
    an, binh = stage.framed("an"), stage.framed("binh")
    an.go(stage, world.PATH)
    for box in an.frame.locator("#break-list input[name=row_key]").all():
        box.check()
    an.frame.get_by_role("button", name="Quyết định các dòng đã chọn").click()
    an.frame.get_by_label("Lý do").fill("Đã đối chiếu từng khoản với ngân hàng")
    an.frame.get_by_role("button", name=re.compile("Ghi quyết định cho")).click()
    an.frame.get_by_role("button", name="Đề nghị duyệt").click()
    expect(an.frame.locator("h1")).to_contain_text("chờ duyệt")
    expect(an.frame.get_by_role("button", name="Duyệt và niêm phong")).to_have_count(0)
    binh.go(stage, world.PATH)
    binh.frame.get_by_role("button", name="Duyệt và niêm phong").click()
    expect(binh.frame.locator("h1")).to_contain_text("đã duyệt")
    for name, begins in (("Tải Excel", b"PK"), ("Tải biên bản PDF (chưa ký)", b"%PDF"), ("Tải CSV", b"\xef\xbb\xbf")):
        with binh.page.expect_download() as download:
            binh.frame.get_by_role("link", name=name, exact=True).click()
        kept = tmp_path / download.value.suggested_filename
        download.value.save_as(kept)
        assert kept.read_bytes().startswith(begins), name
    assert an.ours() == binh.ours() == []


def test_a_program_reads_the_day_with_airflows_bearer_token(stage: Stage) -> None:
    api = AirflowApi.sign_in(stage.airflow.url, "binh", stage.airflow.passwords["binh"])
    request = urllib.request.Request(f"{stage.airflow.url}/gateway/api{world.PATH}")
    request.add_header("Authorization", f"Bearer {api.token}")
    with urllib.request.urlopen(request, timeout=180) as answer:
        assert json.load(answer)["partner"] == "bank-a"
