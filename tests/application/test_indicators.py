"""Indicators are counts of what passed through the gateway, by unit and by month of Viet Nam."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from gateway.application.indicators import Share, indicators, targets
from gateway.errors import ConfigurationError, DoesNotClose, Forbidden
from gateway.ledger.indicator_counts import prove, sum_up
from gateway.model import Channel
from tests.application.people_office import CHI, REPOSITORY, STRANGER, Office, office_at

pytestmark = pytest.mark.services


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    with office_at(database_url) as one:
        yield one


@pytest.mark.unit
def test_shares_are_rounded_once_and_nothing_divides_by_nothing() -> None:
    assert Share(1, 3).permille == 333
    assert Share(2, 3).permille == 667
    assert Share(1, 2000).permille == 1
    assert Share(0, 0).permille is None


def test_dossiers_filed_online_are_counted_by_unit_and_month(office: Office) -> None:
    story = office.story
    story.submit("H49.12-20261123-0000001", channel=2)
    story.submit("H49.12-20261123-0000002", channel=1)
    story.submit("H49.13-20261101-0000003", channel=2, unit_code="H49.13", unit_name="Sở Y tế",
                 submitted_at="2026-11-01T00:30:00+07:00")  # fmt: skip
    told = indicators(office.open(), CHI)
    assert told.year == 2026
    assert told.total.filed_online == Share(2, 3)
    assert {unit.unit_name: unit.filed_online for unit in told.units} == {
        "Sở Xây dựng": Share(1, 2),
        "Sở Y tế": Share(1, 1),
    }
    assert [month.month for month in told.months] == [date(2026, 11, 1)]
    assert indicators(office.open(), CHI, year=2026, month=10).total.filed_online == Share(0, 0)


def test_a_dossier_is_paid_online_only_when_all_of_it_was(office: Office) -> None:
    story = office.story
    for _ in range(3):
        story.pay(story.owe(100_000), 100_000)
    reference = story.owe(100_000, channel="pos")
    story.pay(reference, 100_000, channel=Channel.POS)
    unpaid = story.owe(50_000)
    assert unpaid
    total = indicators(office.open(), CHI).total
    assert total.paid_online == Share(3, 4)
    assert total.paid_directly == 1


def test_results_returned_by_post_are_those_that_were_returned(office: Office) -> None:
    story = office.story
    for number, post in enumerate((True, False, False, True)):
        story.submit(f"H49.12-20261123-000000{number}", returns_by_post=post)
    story.conn.execute(
        "UPDATE gateway.dossier SET returned_at = '2026-11-23 03:00+00' WHERE dossier_code < 'H49.12-20261123-0000003'"
    )
    assert indicators(office.open(), CHI, year=2026, month=11).total.by_post == Share(1, 3)


@pytest.mark.unit
def test_the_years_target_is_configuration_with_its_source() -> None:
    told = targets(REPOSITORY / "config")
    assert (told[2019].target, told[2019].published) == (20, 19)
    assert told[2019].source


@pytest.mark.unit
@pytest.mark.parametrize(
    "text",
    [
        "[online_filing.2026]\ntarget = 101\nsource = 'x'",
        "[online_filing.2026]\ntarget = 20",
        "[online_filing.x]\n",
        "not toml",
        "[online_filing.2026]\ntarget = 20.5\nsource = 'x'",
    ],
)
def test_a_wrong_target_is_told_with_its_key(tmp_path: Path, text: str) -> None:
    (tmp_path / "indicators.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        targets(tmp_path)
    assert raised.value.code == "indicators-invalid"
    assert raised.value.problems


BY_ROWS = """
WITH filed AS (SELECT unit_code, date_trunc('month', submitted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS month,
                      count(*) FILTER (WHERE channel = 2) AS part, count(*) AS whole FROM gateway.dossier
                WHERE submitted_at >= %(from)s AND submitted_at < %(to)s GROUP BY 1, 2),
returned AS (SELECT unit_code, date_trunc('month', returned_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS month,
                    count(*) FILTER (WHERE returns_by_post) AS part, count(*) AS whole FROM gateway.dossier
              WHERE returned_at >= %(from)s AND returned_at < %(to)s GROUP BY 1, 2),
settling AS (SELECT dossier_code, date_trunc('month', min(business_on))::date AS month,
                    bool_and(channel = ANY('{internet_banking,qr,platform}')) AS online
               FROM gateway.payment WHERE allocated > 0 AND dossier_code IS NOT NULL
                AND business_on >= %(first)s AND business_on < %(last)s GROUP BY dossier_code),
paid AS (SELECT d.unit_code, s.month, count(*) FILTER (WHERE s.online) AS part, count(*) AS whole
           FROM settling s JOIN gateway.dossier d USING (dossier_code) GROUP BY 1, 2)
SELECT 'filed', * FROM filed UNION ALL SELECT 'returned', * FROM returned UNION ALL SELECT 'paid', * FROM paid"""
"""The indicators from the rows themselves, dossier by dossier and payment by payment: obviously right, and slow."""
PAY = """
INSERT INTO gateway.payment (partner, channel, source, reference, dossier_code, partner_transaction_id, amount,
    allocated, account, paid_at, business_on, recorded_at, message_pk)
SELECT 'bank-a', %(channel)s, 'notice', '', %(code)s, 'FT' || %(number)s, 1000, %(allocated)s, '1', %(at)s, %(on)s,
       %(at)s, min(message_pk) FROM gateway.message"""


def by_rows(office: Office, year: int, month: int | None) -> dict[tuple[str, str, date], Share]:
    first = date(year, month or 1, 1)
    last = date(year + 1, 1, 1) if month in (None, 12) else date(year, month + 1, 1)
    at = {"from": f"{first} 00:00+07", "to": f"{last} 00:00+07", "first": first, "last": last}
    rows = office.story.conn.execute(BY_ROWS, at).fetchall()
    return {(what, unit, on): Share(part, whole) for what, unit, on, part, whole in rows}


def proven(office: Office) -> None:
    office.story.conn.commit()
    prove(office.story.conn)


def shares(office: Office, year: int, month: int | None) -> list[tuple[Share, Share, Share]]:
    told = indicators(office.open(), CHI, year=year, month=month)
    return [(one.filed_online, one.paid_online, one.by_post) for one in (*told.units, *told.months, told.total)]


def summed(rows: Mapping[tuple[str, str, date], Share]) -> list[tuple[Share, Share, Share]]:
    """The same figures of the page, by unit (named as its code is), by month and in all."""
    units, months = (sorted({key[place] for key in rows}) for place in (1, 2))

    def one(unit: str | None = None, month: date | None = None) -> tuple[Share, Share, Share]:
        def of(what: str) -> Share:
            chosen = [
                share for (told, of_unit, on), share in rows.items()
                if told == what and unit in (None, of_unit) and month in (None, on)
            ]  # fmt: skip
            return Share(sum(share.part for share in chosen), sum(share.whole for share in chosen))

        return of("filed"), of("paid"), of("returned")

    return [*(one(unit=str(unit)) for unit in units), *(one(month=on) for on in months if isinstance(on, date)), one()]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_the_counts_are_those_of_the_rows(office: Office, seed: int) -> None:
    """Dossiers over two years, told anew, returned; payments and top-ups in other months and years, allocated later."""
    dice, conn = random.Random(seed), office.story.conn
    codes: list[str] = []
    for number in range(60):
        day = date(2025, 11, 1) + timedelta(days=dice.randrange(400))
        act = dice.randrange(6) if codes else 0
        code = dice.choice(codes) if codes else ""
        if act == 0:
            code = f"H49.1{dice.randrange(3)}-{day:%Y%m%d}-{number:07}"
            office.story.submit(
                code, channel=dice.choice((1, 2, 3)), unit_code=code[:6], unit_name=code[:6],
                returns_by_post=dice.random() < 0.5,
                submitted_at=f"{day}T{dice.choice(('00:30', '06:30', '23:30'))}:00+07:00",
            )  # fmt: skip
            codes.append(code)
        elif act == 1:
            conn.execute(
                "UPDATE gateway.dossier SET returned_at = %s WHERE dossier_code = %s", (f"{day} 00:30+07", code)
            )
        elif act == 2:
            conn.execute(
                "UPDATE gateway.dossier SET returns_by_post = NOT returns_by_post WHERE dossier_code = %s", (code,)
            )
        else:
            known = dice.random() < 0.7
            told = {
                "channel": dice.choice(("qr", "pos", "internet_banking")), "code": code if known else None,
                "number": number, "allocated": dice.choice((0, 1000)) if known else 0, "at": f"{day} 03:00+00",
                "on": day,
            }  # fmt: skip
            conn.execute(PAY, told)
    conn.execute("UPDATE gateway.payment SET allocated = amount WHERE allocated = 0 AND dossier_code IS NOT NULL AND"
                 " payment_pk % 3 = 0")  # fmt: skip
    for again in (False, True):
        for year, month in ((2025, None), (2026, None), *((2026, month) for month in range(1, 13))):
            assert shares(office, year, month) == summed(by_rows(office, year, month)), (year, month)
        proven(office)
        if not again:
            sum_up(conn)
    assert conn.execute("SELECT count(*) > 0 AND count(*) = count(DISTINCT (what, unit_code, month)) FROM"
                        " gateway.indicator_count").fetchone() == (True,)  # fmt: skip


def test_a_unit_that_a_dossier_is_moved_to_takes_its_figures_with_it(office: Office) -> None:
    office.story.pay(office.story.owe(100_000), 100_000)
    office.story.conn.execute("UPDATE gateway.dossier SET unit_code = 'H49.77', unit_name = 'Sở Y tế'")
    (unit,) = indicators(office.open(), CHI).units
    assert (unit.unit_code, unit.unit_name, unit.filed_online.whole, unit.paid_online) == (
        "H49.77", "Sở Y tế", 1, Share(1, 1),
    )  # fmt: skip
    proven(office)


@pytest.mark.parametrize(
    "past",
    ["INSERT INTO gateway.indicator_count (what, unit_code, unit_name, month, part, whole)"
     " VALUES ('filed', 'H49.12', 'x', '2026-11-01', 0, 1)",
     "UPDATE gateway.paid_month SET online = NOT online"],
)  # fmt: skip
def test_a_count_that_is_not_what_there_is_is_told_every_night_and_mended_by_counting_anew(
    office: Office, past: str
) -> None:
    office.story.pay(office.story.owe(100_000), 100_000)
    conn = office.story.conn
    proven(office)
    conn.execute(past.encode())
    with pytest.raises(DoesNotClose) as raised:
        proven(office)
    assert raised.value.code == "indicators-differ"
    conn.execute("SELECT gateway.count_indicators_anew()")
    proven(office)


def test_a_page_adds_up_counts_and_reads_no_dossier(office: Office) -> None:
    office.story.pay(office.story.owe(100_000), 100_000)
    desk = office.open()
    seen = (
        "SELECT sum(seq_scan + coalesce(idx_scan, 0)) FROM pg_stat_xact_user_tables"
        " WHERE relname IN ('dossier', 'payment')"
    )
    with desk.connection.transaction():
        before = desk.connection.execute(seen).fetchone()
        assert indicators(desk, CHI).total.paid_online == Share(1, 1)
        assert desk.connection.execute(seen).fetchone() == before


def test_two_payments_of_one_dossier_at_the_same_moment_are_one_dossier(office: Office) -> None:
    """Neither transaction sees the other's payment; the second waits for the first."""
    office.story.owe(100_000)
    office.story.conn.commit()
    code = {"code": office.story.code(), "allocated": 1000, "at": "2026-11-23 03:00+00", "on": "2026-11-23"}
    url = office.story.conn.info.dsn
    with ThreadPoolExecutor(1) as other, psycopg.connect(url, password=office.story.conn.info.password) as late:
        with psycopg.connect(url, password=office.story.conn.info.password) as first:
            first.execute(PAY, {**code, "channel": "qr", "number": 1})
            waits = other.submit(late.execute, PAY, {**code, "channel": "pos", "number": 2})
            with pytest.raises(TimeoutError):
                waits.result(0.2)
        waits.result(10)
        late.commit()
    assert indicators(office.open(), CHI).total.paid_online == Share(0, 1)
    proven(office)


def test_a_stranger_sees_no_indicators(office: Office) -> None:
    with pytest.raises(Forbidden) as raised:
        indicators(office.open(), STRANGER)
    assert raised.value.code == "act-not-allowed"
