"""Indicators are counts of what passed through the gateway, by unit and by month of Viet Nam."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from gateway.application.indicators import Share, indicators, targets
from gateway.errors import ConfigurationError, Forbidden
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


def test_a_stranger_sees_no_indicators(office: Office) -> None:
    with pytest.raises(Forbidden) as raised:
        indicators(office.open(), STRANGER)
    assert raised.value.code == "act-not-allowed"
