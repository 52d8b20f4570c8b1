"""Dossiers and money are found by what people have at hand, and one timeline tells everything about a dossier."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest

from gateway.application import ways
from gateway.application.dossiers import Hit, find, thread, timeline, ways_of
from gateway.application.personal import folded, words_of
from gateway.errors import Forbidden, Malformed, NotFound
from gateway.migrations import migrate
from tests.application.people_office import AN, CHI, STRANGER, Office, office_at
from tests.reconciliation.day_story import MONDAY

pytestmark = pytest.mark.services
LARGE = {"dossier", "fee", "payer", "payment", "payment_request", "statement_entry"}
"""A small table is read whole and rightly so; these have a million rows."""
A_PAGE_OF_ROWS = 3_000
"""What a page of 51 may read of a large table, beyond the newest that its way looks through."""


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with office_at(database_url) as one:
        yield one


def kinds(hits: tuple[Hit, ...]) -> list[tuple[str, str]]:
    return [(hit.kind, hit.why) for hit in hits]


@pytest.mark.parametrize(
    "typed",
    ["H49.12-20261123-0000001", "h49.12-20261123-0000001", "H4912202611230000001", "H49 12 20261123 0000001",
     "000.00.H49.12-20261123-0000001"],
)  # fmt: skip
def test_a_dossier_is_found_by_its_code_however_it_is_typed(office: Office, typed: str) -> None:
    for _ in range(3):
        office.story.owe(100_000)
    found = find(office.open(), CHI, typed)
    assert [(hit.kind, hit.key) for hit in found.hits] == [("dossier", "H49.12-20261123-0000001")]
    assert found.hits[0].text == "Nguyễn Thị Hạnh"


def test_a_dossier_is_found_by_the_end_of_its_code(office: Office) -> None:
    for _ in range(12):
        office.story.owe(100_000)
    found = find(office.open(), CHI, "0000012")
    assert [(hit.why, hit.key) for hit in found.hits] == [("dossier_code_end", "H49.12-20261123-0000012")]


@pytest.mark.parametrize("typed", ["Nguyễn Thị Hạnh", "nguyen thi hanh", "NGUYEN  THI", "thị hạnh"])
def test_an_owner_is_found_without_diacritics(office: Office, typed: str) -> None:
    office.story.owe(100_000)
    office.story.owe(100_000, owner_name="Đặng Văn Hùng")
    found = find(office.open(), CHI, typed)
    assert [hit.key for hit in found.hits] == ["H49.12-20261123-0000001"]
    assert [hit.key for hit in find(office.open(), CHI, "dang van hung").hits] == ["H49.12-20261123-0000002"]


@pytest.mark.parametrize(
    "typed",
    ["an nguyen van", "Văn An", "AN VĂN", "nguyễn an", "van nguyen", "an ng", "đức an văn nguyen", "an, van",
     "(nguyen) an"],
)  # fmt: skip
def test_an_owner_is_found_by_words_in_any_order(office: Office, typed: str) -> None:
    office.story.owe(100_000, owner_name="Nguyễn Văn Đức An")
    office.story.owe(100_000, owner_name="Nguyễn Thị Hạnh")
    office.story.owe(100_000, owner_name="Trần Văn Ân Đức")
    found = {hit.key[-1]: hit.text for hit in find(office.open(), CHI, typed).hits}
    assert found.pop("1") == "Nguyễn Văn Đức An"
    assert set(found.values()) <= {"Trần Văn Ân Đức"}, "a and â are one letter when they are looked for"
    assert bool(found) == ("ng" not in folded(typed))


def test_only_the_last_word_may_be_begun(office: Office) -> None:
    office.story.owe(100_000, owner_name="Nguyễn Văn An")
    assert [hit.key for hit in find(office.open(), CHI, "van nguy").hits] == ["H49.12-20261123-0000001"]
    assert find(office.open(), CHI, "nguy van").hits == ()


@pytest.mark.parametrize("typed", ["bình trần", "van tran", "Bình Văn Tr"])
def test_a_payer_is_found_by_words_in_any_order(office: Office, typed: str) -> None:
    office.story.owe(100_000, payer_name="Trần Văn Bình")
    office.story.owe(100_000, payer_name="Bùi Thu Hà")
    (hit,) = find(office.open(), CHI, typed).hits
    assert (hit.why, hit.dossier_code, hit.text) == ("payer_name", "H49.12-20261123-0000001", "Trần Văn Bình")


def test_an_enterprise_is_found_by_its_name_without_its_punctuation(office: Office) -> None:
    office.story.owe(100_000, owner_name='Công ty TNHH "Hạ Long" (Việt Nam)')
    office.story.owe(100_000, owner_name="Nguyễn Thị Hạnh")
    for typed in ("ha long tnhh", 'việt nam "Hạ-Long"', "cong ty (ha"):
        assert [hit.key for hit in find(office.open(), CHI, typed).hits] == ["H49.12-20261123-0000001"]


def test_a_line_is_found_by_its_words_in_any_order(office: Office) -> None:
    office.story.line(90_000, text="PHẠM THỊ LAN chuyen tien")
    office.story.line(90_000, text="LE VAN LAN chuyen tien")
    office.story.load()
    assert [hit.text[:4] for hit in find(office.open(), CHI, "lan pham").hits] == ["PHẠM"]


def test_many_and_few_of_a_name_are_paged_alike_the_newest_first(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of those that fit are among the newest that are looked through first, the others behind them."""
    monkeypatch.setattr(ways, "OWNERS", 4)
    for number in range(1, 13):
        office.story.submit(
            f"H49.12-20261123-00000{number:02}", submitted_at=f"2026-11-{number:02}T10:00:00+07:00",
            owner_name="Nguyễn Văn An" if number % 3 else "Trần Thị Lan",
        )  # fmt: skip
    for typed, owner in (("an van", [11, 10, 8, 7, 5, 4, 2, 1]), ("lan tran", [12, 9, 6, 3])):
        for limit in (1, 2, 3, 5, 100):
            told: list[int] = []
            after = ""
            while True:
                page = find(office.open(), CHI, typed, after=after, limit=limit)
                told += [int(hit.key[-2:]) for hit in page.hits]
                after = page.after
                if not after:
                    break
            assert told == owner, (typed, limit)


@pytest.mark.parametrize("typed", ["Trần Văn Bình", "tran van binh", "TRAN  VAN", "văn bình"])
def test_a_payer_who_is_not_the_owner_is_found_without_diacritics(office: Office, typed: str) -> None:
    office.story.owe(100_000, payer_name="Trần Văn Bình")
    office.story.owe(100_000, payer_name="Bùi Thu Hà")
    (hit,) = find(office.open(), CHI, typed).hits
    assert (hit.kind, hit.why, hit.dossier_code, hit.text) == (
        "payer", "payer_name", "H49.12-20261123-0000001", "Trần Văn Bình",
    )  # fmt: skip


def test_an_owner_who_pays_is_found_once_and_as_payer_when_the_owner_becomes_another(office: Office) -> None:
    office.story.owe(100_000)
    assert kinds(find(office.open(), CHI, "nguyen thi hanh").hits) == [("dossier", "owner_name")]
    office.story.submit(office.story.code(), owner_name="Trần Văn Bình")
    assert kinds(find(office.open(), CHI, "nguyen thi hanh").hits) == [("payer", "payer_name")]
    office.story.submit(office.story.code(), owner_name="NGUYỄN THỊ HẠNH")
    assert kinds(find(office.open(), CHI, "nguyen thi hanh").hits) == [("dossier", "owner_name")]


def test_payers_are_paged_like_everything_else(office: Office) -> None:
    for _ in range(7):
        office.story.owe(100_000, payer_name="Trần Văn Bình")
    desk = office.open()
    first = find(desk, CHI, "tran van binh", limit=4)
    second = find(desk, CHI, "tran van binh", after=first.after, limit=4)
    assert len({hit.key for hit in (*first.hits, *second.hits)}) == 7
    assert second.after == ""


def test_a_per_cent_sign_is_a_letter_like_any_other(office: Office) -> None:
    office.story.owe(100_000)
    assert find(office.open(), CHI, "nguyen%hanh").hits != (), "words stand beside it, as beside a comma"
    for typed in ("ng%n hanh", "%nh", "nguyen h_nh", "nguyen h\\anh", "tran' | 'hanh", "!tran hanh", "hanh:*x"):
        assert find(office.open(), CHI, typed).hits == ()


def test_a_payment_reference_leads_to_request_payment_and_entry(office: Office) -> None:
    story = office.story
    reference = story.owe(100_000)
    story.pay(reference, 100_000, "FT26327001")
    story.line(100_000, reference, text="nop phi")
    story.load()
    found = find(office.open(), CHI, reference.lower())
    assert kinds(found.hits) == [("request", "reference"), ("payment", "reference"), ("entry", "bank_reference")]
    assert {hit.dossier_code for hit in found.hits} == {story.code()}


def test_a_bank_reference_leads_to_payment_and_entry(office: Office) -> None:
    story = office.story
    reference = story.owe(100_000)
    story.pay(reference, 100_000, "FT26327001")
    story.line(100_000, "FT26327001", text="nop phi")
    story.load()
    found = find(office.open(), CHI, "FT26327001")
    assert kinds(found.hits) == [("payment", "bank_reference"), ("entry", "bank_reference")]


@pytest.mark.parametrize("typed", ["123000", "123.000", "123,000 đ", "123 000 VND"])
def test_an_amount_finds_payments_fees_and_entries(office: Office, typed: str) -> None:
    story = office.story
    story.pay(story.owe(123_000), 123_000)
    story.line(-123_000, text="hoan phi")
    story.load()
    found = find(office.open(), CHI, typed)
    assert sorted(kinds(found.hits)) == [("entry", "amount"), ("fee", "amount"), ("payment", "amount")]
    assert [hit.amount for hit in found.hits if hit.kind == "entry"] == [-123_000]


def test_a_payer_named_only_by_the_bank_is_found_and_numbers_stay_hidden(office: Office) -> None:
    office.story.line(90_000, text="PHẠM THỊ LAN 0912345678 chuyen tien")
    office.story.load()
    (hit,) = find(office.open(), CHI, "pham thi lan").hits
    assert (hit.kind, hit.why, hit.dossier_code) == ("entry", "text", None)
    assert "0912345678" not in hit.text


def test_pages_follow_each_other_without_gap_or_repetition(office: Office) -> None:
    for _ in range(23):
        office.story.pay(office.story.owe(100_000), 100_000)
    desk = office.open()
    whole = [(hit.kind, hit.key) for hit in find(desk, CHI, "100.000", limit=100).hits]
    assert len(whole) == 46
    paged: list[tuple[str, str]] = []
    after = ""
    for _ in range(20):
        page = find(desk, CHI, "100.000", after=after, limit=5)
        paged += [(hit.kind, hit.key) for hit in page.hits]
        after = page.after
        if not after:
            break
    assert paged == whole


@pytest.mark.parametrize("after", ["9|2026-11-23|1", "x", "0|'; DROP|1", "0|2026-11-23 00:00+00|a b"])
def test_a_place_to_go_on_from_that_is_not_ours_is_refused(office: Office, after: str) -> None:
    with pytest.raises(Malformed) as raised:
        find(office.open(), CHI, "100.000", after=after)
    assert raised.value.code == "page-cursor-invalid"


def test_a_search_for_next_to_nothing_is_refused(office: Office) -> None:
    with pytest.raises(Malformed) as raised:
        find(office.open(), CHI, " a ")
    assert raised.value.code == "search-too-short"


def test_who_has_no_role_finds_nothing(office: Office) -> None:
    for act in (lambda: find(office.open(), STRANGER, "100.000"), lambda: timeline(office.open(), STRANGER, "x")):
        with pytest.raises(Forbidden) as raised:
            act()
        assert raised.value.code == "act-not-allowed"


@pytest.fixture(scope="module")
def full_url(postgres_server: object, migrated_template: str) -> Iterator[str]:
    """A database with 60,000 dossiers: enough that no sane plan reads them all."""
    from bench.people_store import fill
    from gateway.local.postgres import PostgresAddress

    assert isinstance(postgres_server, PostgresAddress)
    url = postgres_server.create_database("people_full", template=migrated_template)
    with psycopg.connect(url, autocommit=True) as connection:
        fill(connection, 60_000)
    yield url
    postgres_server.drop_database("people_full")


@pytest.mark.parametrize(
    "typed",
    ["H49.12-20261123-0000001", "H49", "H49.12", "H49.12-202609", "H49.12-2026090", "H4977", "0000012",
     "QN261123000001A", "FT26327001", "FT000000012345", "50.000", "77123", "nguyen thi hanh", "nguyen",
     "tran van khong co", "an nguyen van", "van an", "thi van tran nguyen", "thi nguyen", "oanh chiu",
     "phi nop", "phi nguyen", "khong ng"],
)  # fmt: skip
@pytest.mark.parametrize("misled", [False, True])
def test_every_way_of_finding_reads_an_index(full_url: str, typed: str, misled: bool) -> None:
    """Neither the whole table nor a whole index that is filtered: a page reads a bounded number of rows.

    Also where the planner thinks that looking things up one by one is dear, as it does of a million rows of which it
    overestimates how many fit: then it would rather walk an index in the order of the page.
    """
    with psycopg.connect(full_url, autocommit=True) as connection:
        if misled:
            connection.execute("SET random_page_cost = 100; SET enable_seqscan = off")
        # A way that looks through the newest first is held apart from that by its own statement.
        for way in (way for way in ways_of(typed) if not (misled and way.newest)):
            key = {"dossier": "H49.12-20261120-0000001", "order": "x"}.get(way.kind, "1")
            for after in (None, ("2026-11-05", key)):
                sql, values = way.statement(after, 51)
                row = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}".encode(), values).fetchone()
                assert row is not None
                plan = row[0][0]["Plan"]
                assert sum(rows_read(plan)) <= way.newest + A_PAGE_OF_ROWS, f"{way.why}\n{json.dumps(plan, indent=1)}"


def rows_read(node: Mapping[str, Any]) -> Iterator[float]:
    """Rows of large tables that a plan took up, also those that it threw away."""
    if node.get("Relation Name") in LARGE:
        kept, lost = node["Actual Rows"], 0
        for why in ("Filter", "Index Recheck", "Join Filter"):
            lost += node.get(f"Rows Removed by {why}", 0)
        yield (kept + lost) * node["Actual Loops"]
    for part in node.get("Plans", ()):
        yield from rows_read(part)


def test_the_schema_is_made_by_an_owner_who_is_no_superuser(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as root:
        name = root.info.dbname
        root.execute(b"CREATE ROLE people_owner LOGIN PASSWORD 'x' CREATEROLE")
        root.execute(f"ALTER DATABASE {name} OWNER TO people_owner".encode())
        try:
            with psycopg.connect(postgres_url, user="people_owner", password="x") as owner:
                assert "0006_people.sql" in migrate(owner)
                owner.commit()
        finally:
            root.execute(f"ALTER DATABASE {name} OWNER TO gateway".encode())
            root.execute(
                "REASSIGN OWNED BY people_owner TO gateway; DROP OWNED BY people_owner; DROP ROLE people_owner"
            )


def test_sql_and_python_fold_alike(office: Office) -> None:
    for text in ("ĐẶNG Thị  Hường", "Nguyễn\tVăn Ước", "Ỷ ỹ Ằ ǵ", "o\u0302\u0323 đ", "NGUYEN"):
        row = office.desk.connection.execute("SELECT gateway.folded(%s)", (text,)).fetchone()
        assert row == (folded(text),)


def test_sql_and_python_take_a_name_apart_alike(office: Office) -> None:
    for text in (
        "ĐẶNG Thị  Hường",
        '"Hạ-Long" (Việt Nam), c\'d a\\b',
        "",
        " -- ",
        "50% & A_B [x] {y} ~z `w` ^v =u",
        "x" * 700,
    ):
        row = office.desk.connection.execute("SELECT gateway.words_of(%s)", (text,)).fetchone()
        assert row == (words_of(text),)


def test_the_timeline_tells_money_messages_and_judgement_in_order(office: Office) -> None:
    story = office.story
    reference = story.owe(100_000)
    story.pay(reference, 100_000, "FT1")
    story.line(90_000, reference, text="NGUYEN THI HANH 0912345678")
    story.settle_day()
    story.conn.execute("UPDATE gateway.message SET dossier_code = %s, signer = 'ab'", (story.code(),))
    told = timeline(office.open(), AN, story.code())
    assert (told.dossier.owed, told.dossier.paid, told.dossier.owner_id_number) == (100_000, 100_000, "•••0001")
    assert [event.at for event in told.events] == sorted(event.at for event in told.events)
    found = {event.kind: event for event in told.events}
    assert {"dossier", "fee", "request", "payment", "allocation", "entry", "judged", "message", "signature"} <= set(
        found
    )
    assert (found["judged"].name, found["judged"].amount) == ("underpaid", -10_000)
    order = [event.kind for event in told.events]
    assert order.index("payment") < order.index("entry"), "of a line only the day is known: it is no cause of that day"
    assert "0912345678" not in found["entry"].detail
    assert len(found["message"].digest) == 64


def test_the_timeline_tells_who_was_told_to_pay_with_the_address_hidden(office: Office) -> None:
    story = office.story
    story.owe(100_000, payer_name="Trần Văn Bình", payer_address="Tổ 9, Phường Bãi Cháy")
    story.ask(("p2", "phi", 50_000), channel="cash", code=story.code(), payer_name="Nguyễn Thị Hạnh")
    told = timeline(office.open(), CHI, story.code())
    assert [(payer.name, payer.address, payer.is_owner) for payer in told.payers] == [
        ("Trần Văn Bình", "•••, Phường Bãi Cháy", False),
        ("Nguyễn Thị Hạnh", "", True),
    ]


def test_a_viewer_sees_the_money_but_no_messages(office: Office) -> None:
    office.story.pay(office.story.owe(100_000), 100_000)
    office.story.conn.execute("UPDATE gateway.message SET dossier_code = %s", (office.story.code(),))
    told = timeline(office.open(), CHI, office.story.code())
    assert {event.kind for event in told.events}.isdisjoint({"message", "signature", "receipt", "message_step"})


def test_a_matched_entry_stands_in_the_timeline(office: Office) -> None:
    story = office.story
    reference = story.owe(100_000)
    story.pay(reference, 100_000, "FT1")
    story.line(100_000, reference)
    story.settle_day()
    told = timeline(office.open(), CHI, story.code())
    assert [event.name for event in told.events if event.kind == "judged"] == ["matched"]


def test_a_refused_and_paid_dossier_shows_its_refund(office: Office) -> None:
    from gateway.model import EventType

    story = office.story
    story.pay(story.owe(100_000), 100_000)
    story.tell(
        EventType.DOSSIER_REFUSED, {"reason": "Không đủ", "refused_at": "2026-11-23T10:00:00+07:00"}, story.code()
    )
    told = timeline(office.open(), CHI, story.code())
    assert [event.state for event in told.events if event.kind == "refund"] == ["requested"]


def test_an_unknown_dossier_has_no_timeline(office: Office) -> None:
    with pytest.raises(NotFound) as raised:
        timeline(office.open(), CHI, "H49.12-20261123-9999999")
    assert raised.value.code == "dossier-not-found"


def test_the_thread_leads_from_a_break_to_its_evidence(office: Office) -> None:
    story = office.story
    reference = story.owe(100_000)
    story.pay(reference, 100_000, "FT1")
    story.line(90_000, reference, text="nop phi")
    story.settle_day()
    story.conn.execute("UPDATE gateway.message SET dossier_code = %s, signer = 'ab'", (story.code(),))
    (row,) = story.found()
    told = thread(office.open(), AN, "bank-a", MONDAY, row["row_no"])
    assert told.dossier_codes == (story.code(),)
    stages = {stage.kind: stage.events for stage in told.stages}
    assert list(stages) == ["dossier", "message", "signature", "receipt", "fee", "payment", "entry", "file"]
    assert [event.amount for event in stages["fee"]] == [100_000]
    assert [event.amount for event in stages["entry"]] == [90_000]
    assert [event.name for event in stages["file"]] == ["F1"]
    assert all(event.digest for event in (*stages["signature"], *stages["file"]))


def test_a_statement_that_its_bank_names_by_the_account_shows_no_account_in_the_thread(office: Office) -> None:
    story = office.story
    reference = story.owe(100_000)
    story.pay(reference, 100_000, "FT1")
    story.line(90_000, reference)
    story.settle_day()
    told = []
    for name in ("20261123-1", "1120000000101-20261123-1"):
        story.conn.execute("UPDATE gateway.statement SET statement_id = %s", (name,))
        (file,) = thread(office.open(), AN, "bank-a", MONDAY, 1).stages[-1].events
        told.append((file.name, file.detail))
    assert told == [("F1", "20261123-1"), ("F1", "")]


def test_a_row_that_is_not_there_has_no_thread(office: Office) -> None:
    with pytest.raises(NotFound) as raised:
        thread(office.open(), AN, "bank-a", MONDAY, 1)
    assert raised.value.code == "break-unknown"
