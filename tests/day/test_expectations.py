"""Planted = found: what is missing, what is doubled and what nobody planted is told, one line each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gateway.local.day.cases import (
    Case,
    FeesExpected,
    Found,
    FoundAtPartner,
    FoundFees,
    FoundMessage,
    FoundRow,
    MessageExpected,
    ResumeExpected,
    RowExpected,
)
from gateway.local.day.expectations import differences, unbelieved

pytestmark = pytest.mark.unit
DAY = date(2026, 11, 23)
CODE = "H49.12-20261123-0000001"
CASE = Case(
    "underpaid",
    "Nộp thiếu",
    rows=(RowExpected("bank-a", DAY, "underpaid", "người nộp thiếu", CODE),),
    messages=(MessageExpected("dossier", "applied", transport_id="e-1", was="parked"),),
    fees=(FeesExpected(CODE, "due", 200_000),),
)
ROW = FoundRow("bank-a", DAY, "underpaid", "người nộp thiếu", frozenset({CODE}), 200_000, 200_000)
MESSAGE = FoundMessage(1, "dossier", "dossier_event", "applied", transport_id="e-1", was=frozenset({"parked"}))
FEES = {CODE: FoundFees(CODE, "due", 200_000)}
FOUND = Found((ROW,), (MESSAGE,), FEES)


def test_planted_is_found() -> None:
    assert differences([CASE], FOUND) == []


def test_a_matched_row_of_an_ordinary_dossier_is_no_difference() -> None:
    ordinary = replace(ROW, outcome="matched", side="", dossiers=frozenset({"H49.12-20261123-0000002"}))
    assert differences([CASE], replace(FOUND, rows=(ROW, ordinary))) == []


def test_a_missing_row_is_told_with_what_its_dossier_has_instead() -> None:
    [missing, unplanted] = differences([CASE], replace(FOUND, rows=(replace(ROW, outcome="overpaid"),)))
    assert missing.startswith("underpaid: 0 rows, not 1: bank-a 2026-11-23 underpaid")
    assert "its dossier has: bank-a 2026-11-23 overpaid" in missing
    assert unplanted.startswith("not planted: bank-a 2026-11-23 overpaid")


def test_a_row_on_the_wrong_side_is_not_the_planted_one() -> None:
    assert len(differences([CASE], replace(FOUND, rows=(replace(ROW, side="ngân hàng thừa"),)))) == 2


def test_the_same_row_twice_is_one_too_many() -> None:
    [line] = differences([CASE], replace(FOUND, rows=(ROW, ROW)))
    assert line.startswith("underpaid: 2 rows, not 1")


def test_a_break_that_nobody_planted_is_told() -> None:
    strange = replace(ROW, outcome="missing_with_us", dossiers=frozenset())
    [line] = differences([CASE], replace(FOUND, rows=(ROW, strange)))
    assert line.startswith("not planted: bank-a 2026-11-23 missing_with_us")


@pytest.mark.parametrize("state", ["quarantined", "parked", "dead_lettered", "in_doubt", "given_up", "duplicate"])
def test_a_message_in_trouble_that_nobody_planted_is_told(state: str) -> None:
    strange = FoundMessage(9, "dossier", "dossier_event", state, "some-reason")
    [line] = differences([CASE], replace(FOUND, messages=(MESSAGE, strange)))
    assert line.startswith("not planted: message 9 of dossier")


def test_a_feed_page_that_repeats_itself_is_no_trouble() -> None:
    page = FoundMessage(9, "vnpost", "tracking_page", "duplicate")
    assert differences([CASE], replace(FOUND, messages=(MESSAGE, page))) == []


def test_a_message_that_did_not_go_the_planted_way_is_told() -> None:
    [line] = differences([CASE], replace(FOUND, messages=(replace(MESSAGE, was=frozenset()),)))
    assert line == "underpaid: 0 messages, not 1: dossier e-1 applied was parked"


def test_fees_that_came_to_something_else_are_told() -> None:
    [line] = differences([CASE], replace(FOUND, fees={CODE: FoundFees(CODE, "settled", 263_000)}))
    assert line == f"underpaid: fees of {CODE} are settled with 263000 paid, not due with 200000"
    [line] = differences([CASE], replace(FOUND, fees={}))
    assert line == f"underpaid: {CODE} has no fees"


CUT = Case("cut", "Đứt kết nối", resumed=(ResumeExpected("bank-b", "a.sta"),))


@pytest.mark.parametrize(
    ("cut", "resumed", "told"),
    [
        ((("a.sta", 2_000),), (("a.sta", 2_000),), []),
        ((("a.sta", 2_000),), (("a.sta", 1_000),), []),
        ((("a.sta", 2_000),), (), ["cut: a.sta was cut at [2000] and resumed at none"]),
        ((), (("a.sta", 2_000),), ["cut: a.sta was cut at no byte and resumed at [2000]"]),
        ((("a.sta.p7s", 900),), (("a.sta.p7s", 900),), ["cut: a.sta was cut at no byte and resumed at none"]),
    ],
    ids=["resumed", "a-little-before", "never-resumed", "never-cut", "another-file"],
)
def test_a_cut_download_is_found_only_where_it_was_cut_and_went_on(
    cut: tuple[tuple[str, int], ...], resumed: tuple[tuple[str, int], ...], told: list[str]
) -> None:
    assert differences([CUT], Found(partners=(FoundAtPartner("bank-b", (), cut, resumed),))) == told


def test_a_misbehaviour_that_nothing_set_off_is_told() -> None:
    idle = FoundAtPartner("bank-a", ("garbage {'operation': 'CreatePaymentRequest'}",))
    assert differences([], Found(partners=(idle,))) == [
        "planned and never set off: bank-a garbage {'operation': 'CreatePaymentRequest'}"
    ]


@pytest.mark.parametrize(
    ("confirmed", "not_believed", "told"),
    [
        ({"XNDS_bank-a_20261123_v2.csv": ""}, [], []),
        ({"XNDS_bank-a_20261122_v1.csv": ""}, [], ["bank-a has no confirmation of 23/11/2026"]),
        (
            {"XNDS_bank-a_20261123_v2.csv": "wrong-signature"},
            ["NotSigned: no token"],
            [
                "dossier did not believe: NotSigned: no token",
                "bank-a did not believe XNDS_bank-a_20261123_v2.csv: wrong-signature",
            ],
        ),
    ],
    ids=["believed", "not-told", "not-believed"],
)
def test_what_partners_did_not_believe_of_us_is_told(
    confirmed: dict[str, str], not_believed: list[str], told: list[str]
) -> None:
    states = {"dossier": {"not_believed": not_believed}, "bank-a": {"confirmed": confirmed}}
    assert unbelieved(states, ["bank-a"], DAY) == told
