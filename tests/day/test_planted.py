"""The planted cases are those of issue 2, can be told apart, and speak words that simulators and contracts know."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from adapters.dossier import codec, contract
from gateway.errors import Malformed
from gateway.local.day import script
from gateway.local.day.cases import Kept, Reference
from gateway.local.day.planted import BUSINESS_DAY, planted
from gateway.local.day.steps import HOURS
from simulators.bank import acts as bank_acts
from simulators.bank import endpoint as bank_endpoint
from simulators.dossier import acts as dossier_acts
from simulators.dossier.events import as_json, cloud_event
from simulators.province.places import COMMUNES, PROVINCE
from simulators.province.population import population
from simulators.sftp_server import BEHAVIOURS as SFTP_BEHAVIOURS

pytestmark = pytest.mark.unit
DAY = script.compose(BUSINESS_DAY, count=60)
IN = contract.incoming()
LISTED = {
    "paid-internet-banking", "paid-qr", "paid-pos", "paid-platform", "paid-cod", "paid-cash", "underpaid", "topped-up",
    "overpaid", "paid-twice", "bank-has-it", "we-have-it", "wrong-day", "wrong-account", "one-transfer-for-three",
    "three-transfers-for-one", "time-out-then-paid-bank", "time-out-then-failed-bank", "money-for-an-unknown-dossier",
    "money-for-a-cancelled-dossier", "cod-remitted-short", "refund-after-refusal", "bank-charge", "interest",
    "treasury-transfer", "event-tamper", "replay", "resend-under-a-new-id", "same-id-other-bytes",
    "expired-certificate",
    "statement-cut-and-resumed", "only-a-hint",
}  # fmt: skip


def events_of(day: script.Day) -> list[dict[str, Any]]:
    return [dict(event) for act in day.acts if act.wish.get("act") == "publish" for event in act.wish["events"]]  # type: ignore[attr-defined]  # a list


def test_everything_that_the_issue_lists_is_planted_once() -> None:
    names = Counter(case.name for case in DAY.cases)
    assert names.keys() >= LISTED
    assert max(names.values()) == 1


def test_two_planted_cases_never_expect_the_same_row_or_message() -> None:
    for kind in ("rows", "messages"):
        expected = Counter(each for case in DAY.cases for each in getattr(case, kind))
        assert [each for each, count in expected.items() if count > 1] == []


def test_the_same_seed_gives_the_same_day() -> None:
    assert script.compose(BUSINESS_DAY, count=60) == DAY
    assert script.compose(BUSINESS_DAY, count=60, seed=1).acts != DAY.acts


def test_every_act_belongs_to_an_hour_and_the_hours_follow_each_other() -> None:
    assert {act.step for act in DAY.acts} <= {hour.name for hour in HOURS}
    assert sum(len(DAY.acts_of(hour)) for hour in HOURS) == len(DAY.acts)
    times = [hour.on(BUSINESS_DAY) for hour in HOURS]
    assert times == sorted(times)


def test_every_event_of_the_day_keeps_the_contract_but_the_two_that_must_not() -> None:
    """The planted spoils are spoiled by the simulator; what it is asked to publish honestly must be right."""
    refused = {}
    for event in events_of(DAY):
        data = {key: "B0000000001" if isinstance(value, Kept) else value for key, value in event["data"].items()}
        payload = as_json(cloud_event({**event, "data": data}, BUSINESS_AT))
        try:
            codec.decode(payload, IN)
        except Malformed as error:
            refused[event["id"]] = error.code
    assert refused == {"planted/negative": "amount-not-positive", "planted/code": "dossier-code-invalid"}


BUSINESS_AT = HOURS[0].on(BUSINESS_DAY)


def test_events_have_ids_of_their_own() -> None:
    ids = Counter(event["id"] for event in events_of(DAY))
    assert max(ids.values()) == 1


def test_every_act_is_one_that_its_simulator_knows() -> None:
    known = {
        "bank-a": set(bank_acts._ACTS),
        "bank-b": set(bank_acts._ACTS),
        "intermediary": {"pay", "pend", "fail", "record_transaction", "alter_in_file", "make_file"},
        "vnpost": {"deliver", "make_remittance"},
        "dossier": {"publish", "told", *dossier_acts._AGAIN, *dossier_acts._SPOILS},
        "people": {"refund"},
    }
    behaviours = bank_endpoint.BEHAVIOURS | SFTP_BEHAVIOURS
    for act in DAY.acts:
        if act.misbehave:
            assert act.wish["behaviour"] in behaviours
        else:
            assert act.wish["act"] in known[act.partner], act


def test_the_population_is_of_quang_ninh_and_of_nobody() -> None:
    people = population(BUSINESS_DAY, count=300)
    assert len(COMMUNES) == 54
    assert len({dossier.code for dossier in people}) == 300
    assert all(dossier.owner.id_number.startswith("0229") and len(dossier.owner.id_number) == 12 for dossier in people)
    assert all(dossier.owner.phone.startswith("090000") for dossier in people)
    assert all(dossier.owner.full_address().endswith(f"tỉnh {PROVINCE}") for dossier in people)
    payments = Counter(dossier.payment for dossier in people)
    assert all(payments[way] > 15 for way in ("internet_banking", "qr", "platform", "pos", "cash", "cod"))


def test_references_stand_only_for_dossiers_of_the_day() -> None:
    subjects = {event["subject"] for event in events_of(DAY)}
    named = [value.dossier for act in DAY.acts for value in act.wish.values() if isinstance(value, Reference)]
    assert named
    assert set(named) <= subjects


def test_planted_cases_may_be_asked_for_alone() -> None:
    assert [case.name for case in planted()] == [case.name for case in DAY.cases]
