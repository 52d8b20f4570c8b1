"""What people take from a day's page and bring back: exports, and the minutes signed with their own certificate."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from gateway.application import signers
from gateway.application.access import Person, Role
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.partners import Partner
from gateway.reports.personal_signature import sign_as
from gateway.settings import Settings
from tests.console.browser import Reader
from tests.console.test_deciding import decide_all
from tests.console.world import PATH, TUESDAY_MORNING, Monday

pytestmark = [pytest.mark.services, pytest.mark.scenario]

SitDown = Callable[..., Reader]


def save(page: Page, button: str, to: Path) -> Path:
    with page.expect_download() as told:
        page.get_by_role("link", name=button).click()
    file = to / told.value.suggested_filename
    told.value.save_as(file)
    return file


def test_a_maker_takes_the_day_as_an_excel_file(monday: Monday, sit_down: SitDown, tmp_path: Path) -> None:
    an = sit_down("an")
    file = save(an.go(PATH), "Tải Excel", tmp_path)
    assert file.name == "doi-soat_bank-a_20261123_v1.xlsx"
    assert len(load_workbook(file).sheetnames) > 1


def test_a_viewer_is_offered_no_file(monday: Monday, sit_down: SitDown) -> None:
    page = sit_down("chi").go(PATH)
    expect(page.get_by_role("heading", name="Xuất số liệu và biên bản")).to_be_visible()
    expect(page.get_by_role("link", name="Tải Excel")).to_have_count(0)


@pytest.fixture
def an_has_a_certificate(database_url: str, partners: dict[str, Partner], certs: Path, tmp_path: Path) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO gateway.person_role (person, role, act, by_user, at)"
            " VALUES ('ops', 'ops', 'grant', 'owner', now())"
        )
        connection.execute("SET ROLE gateway_console")
        desk = Desk(
            connection, FixedClock(TUESDAY_MORNING), partners, Settings("test", "", "", Path(), certs, tmp_path)
        )
        ops = Person("ops", frozenset({Role.OPS}))
        signers.register_certificate(desk, ops, "an", "lap_bieu", (certs / "people" / "an.crt").read_bytes())


@pytest.mark.usefixtures("an_has_a_certificate")
def test_the_minutes_of_an_approved_day_are_signed_by_hand_and_a_foreign_file_is_refused(
    monday: Monday, sit_down: SitDown, certs: Path, tmp_path: Path
) -> None:
    an, binh = sit_down("an"), sit_down("binh")
    page = an.go(PATH)
    decide_all(page, "Đã đối chiếu từng khoản với ngân hàng")
    page.get_by_role("button", name="Đề nghị duyệt").click()
    binh.go(PATH).get_by_role("button", name="Duyệt và niêm phong").click()
    expect(binh.page.locator("h1")).to_contain_text("đã duyệt")

    page = an.go(PATH)
    page.get_by_role("button", name="Lập biên bản để ký số").click()
    expect(page.locator("#content")).to_contain_text("chờ ký: Người lập biểu")
    unsigned = save(page, "Tải bản hiện tại", tmp_path)
    signed = tmp_path / "da-ky.pdf"
    signed.write_bytes(signed_by(certs, "an", unsigned.read_bytes()))
    foreign = tmp_path / "khac.pdf"
    foreign.write_bytes(signed.read_bytes().replace(b"/CreationDate", b"/CreationDatE", 1))
    hand_in(page, foreign)
    expect(page.locator(".fault")).to_contain_text("pdf-prepared-bytes-changed")
    an.errors.clear()  # the browser itself reports the refusal's status

    page = an.go(PATH)
    hand_in(page, signed)
    expect(page.get_by_role("status")).to_contain_text("chữ ký hợp lệ")
    expect(page.locator("#content")).to_contain_text("chờ ký: Kế toán trưởng")


def hand_in(page: Page, file: Path) -> None:
    page.get_by_label("Bản PDF đã ký").set_input_files(file)
    page.get_by_role("button", name="Nộp bản đã ký").click()


def signed_by(certs: Path, user: str, pdf: bytes) -> bytes:
    """As the person's own program would; in a thread of its own, for this one belongs to the browser's event loop."""
    key, certificate = (certs / "people" / f"{user}.{kind}" for kind in ("key", "crt"))
    with ThreadPoolExecutor(1) as own:
        return own.submit(
            sign_as, pdf, "lap_bieu", key=key, certificate=certificate, chain=(certs / "intermediate.crt",)
        ).result()
