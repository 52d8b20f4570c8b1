"""A list longer than a page goes on where the page ended: every row once, in order, and the filter is kept."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from starlette.testclient import TestClient

from gateway.application import breaks
from gateway.application.access import Person, Role
from gateway.application.breaks import Decision
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.model import EventType
from gateway.partners import Partner
from gateway.settings import Settings
from tests.console.conftest import REPOSITORY
from tests.console.world import PATH, TUESDAY_MORNING
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import DayStory

pytestmark = pytest.mark.services

MANY = 130
AN = Person("an", frozenset({Role.MAKER}))
NEXT = re.compile(r'<a class="button" href="([^"]+)">Trang sau</a>')


@pytest.fixture
def story(visitor: TestClient, database_url: str, partners: Mapping[str, Partner]) -> Iterator[DayStory]:
    visitor.cookies["user"] = "an"
    with psycopg.connect(database_url) as conn:
        yield DayStory(conn, partners)


def told(story: DayStory, visitor: TestClient, path: str, what: str) -> tuple[list[str], list[str]]:
    """What ``what`` finds on all pages of a list, one after the other; and the address of each page."""
    story.conn.commit()
    found: list[str] = []
    addresses = [f"/gateway{path}"]
    while True:
        answer = visitor.get(addresses[-1])
        assert answer.status_code == 200, addresses[-1]
        body = answer.text.partition("<tbody>")[2]
        found += re.findall(what, html.unescape(body))
        onward = NEXT.search(answer.text)
        if onward is None:
            return found, addresses
        addresses.append(html.unescape(onward.group(1)))
        assert len(addresses) < 10, "it goes on for ever"


def strangers(story: DayStory) -> None:
    """Credits that nobody knows: each is a line of one file, a break and money to be identified."""
    for number in range(1, MANY + 1):
        story.line(1000 + number, text=f"CHUYEN TIEN SO {number:04d} X")
    story.settle_day()


def test_breaks_of_a_day_and_the_lines_of_a_file_and_what_nobody_identified(
    story: DayStory, visitor: TestClient
) -> None:
    strangers(story)
    pk = story.one("SELECT statement_pk FROM gateway.statement")
    amounts = sorted(f"{number:,}".replace(",", ".") for number in range(1001, 1001 + MANY))
    for path, kept in (
        (f"{PATH}?outcome=unidentified", "outcome=unidentified"),
        (f"/statements/statement/{pk}", ""),
        ("/unidentified?partner=bank-a", "partner=bank-a"),
    ):
        found, addresses = told(story, visitor, path, r"(1\.\d{3})\N{NO-BREAK SPACE}đ</td>")
        each = found[::2] if path.startswith(PATH) else found  # their amount, and the same as the difference
        assert sorted(each) == amounts, path
        assert len(addresses) > 1
        assert all(kept in address for address in addresses)


def test_questions_to_a_partner(
    story: DayStory, visitor: TestClient, database_url: str, partners: Mapping[str, Partner], tmp_path: Path
) -> None:
    strangers(story)
    chosen = Settings("test", database_url, "", REPOSITORY / "config", tmp_path, tmp_path)
    desk = Desk(story.conn, FixedClock(TUESDAY_MORNING), partners, chosen)
    for row in breaks.breaks_of(desk, AN, "bank-a", MONDAY, limit=MANY).rows:
        breaks.decide(desk, AN, row.target, Decision.ENQUIRE, reason="ai chuyển", question="Ai chuyển?")
    found, addresses = told(story, visitor, "/enquiries?state=open&partner=bank-a", r"<code>(TS\w+)</code>")
    asked = {str(one) for (one,) in story.rows("SELECT enquiry_id FROM gateway.enquiry")}
    assert (len(found), set(found)) == (MANY, asked)
    assert len(addresses) > 1
    assert all("partner=bank-a" in address for address in addresses)


def test_refunds_and_dossiers_of_one_name(story: DayStory, visitor: TestClient) -> None:
    reason = {"refused_at": "2026-11-23T09:00:00+07:00", "reason": "thiếu giấy tờ"}
    for _ in range(MANY):
        story.pay(story.owe(100_000, owner_name="Bùi Thị Xuân"), 100_000)
        story.tell(EventType.DOSSIER_REFUSED, reason, story.code())
    found, addresses = told(story, visitor, "/refunds?partner=bank-a", r"<code>(HT\w+)</code>")
    wanted = [str(one) for (one,) in story.rows("SELECT refund_id FROM gateway.refund")]
    assert (len(found), set(found)) == (MANY, set(wanted))
    assert len(addresses) > 1
    assert all("partner=bank-a" in address for address in addresses)
    found, addresses = told(story, visitor, "/dossiers?q=bui+thi+xuan", r'href="/gateway/dossiers/(H49[^"?]+)"')
    codes = {str(one) for (one,) in story.rows("SELECT dossier_code FROM gateway.dossier")}
    assert set(found) == codes
    assert len(addresses) > 1
    assert all("q=bui" in address for address in addresses)


def test_files(story: DayStory, visitor: TestClient) -> None:
    for _ in range(MANY):
        story.line(1000, text="CHUYEN TIEN")
        story.load()
    found, addresses = told(story, visitor, "/statements?partner=bank-a", r'href="/gateway/statements/statement/(\d+)"')
    assert sorted(map(int, found)) == [
        pk for (pk,) in story.rows("SELECT statement_pk FROM gateway.statement ORDER BY 1")
    ]
    assert len(addresses) > 1
    assert all("partner=bank-a" in address for address in addresses)
