"""Dossiers to the national portal over real HTTPS: created once, updated after, real statuses only."""

from __future__ import annotations

import json

import pytest

from adapters.national_portal.adapter import PortalSender
from gateway.errors import Malformed, Unavailable
from gateway.model import Knowledge, OutboundMessage, SendOutcome, SendVerdict
from tests.national_portal.dossiers import dossier, new_code, step
from tests.simulator_process import Simulator

pytestmark = pytest.mark.scenario


def send(sender: PortalSender, *messages: OutboundMessage) -> dict[str, SendOutcome]:
    batch = [(message, sender.encode(message)) for message in messages]
    outcomes = [(message.message_id, outcome) for message, outcome in sender.send(batch)]
    assert len(outcomes) == len(messages)
    return dict(outcomes)


def one(sender: PortalSender, message: OutboundMessage) -> SendOutcome:
    return send(sender, message)[message.message_id]


def outcomes_at(portal: Simulator, code: str | None) -> list[str]:
    return [call["outcome"] for call in portal.holds()["calls"] if call["code"] == code]


def test_a_new_dossier_is_created_and_the_next_version_updates_it(portal: Simulator, sender: PortalSender) -> None:
    first = dossier(status=2)
    code = first.dossier_code
    assert one(sender, first).verdict is SendVerdict.DELIVERED
    assert one(sender, dossier(code or "", status=4)).verdict is SendVerdict.DELIVERED
    assert outcomes_at(portal, code) == ["created", "updated"]
    (kept,) = [found for found in portal.holds()["dossiers"] if found["MaHoSo"] == code]
    assert kept["TrangThaiHoSo"] == "4"
    assert (kept["NgayNopHoSo"], kept["NgayTiepNhan"]) == ("20261123081500", "20261124013000")
    assert kept["DanhSachLePhi"][0]["Gia"] == "100000"


def test_a_dossier_that_appeared_meanwhile_is_updated(portal: Simulator, sender: PortalSender) -> None:
    first = dossier()
    one(sender, first)
    portal.misbehave("hide_dossier")
    assert one(sender, dossier(first.dossier_code or "", status=4)).verdict is SendVerdict.DELIVERED
    assert outcomes_at(portal, first.dossier_code) == ["created", "exists", "updated"]


def test_a_refused_dossier_is_given_up_with_the_portals_words(portal: Simulator, sender: PortalSender) -> None:
    portal.misbehave("refuse", code=9, message="Mã thủ tục không tồn tại", match={"operation": "DongBoHoSoMC"})
    outcome = one(sender, dossier())
    assert (outcome.verdict, outcome.code) == (SendVerdict.REFUSED, "portal-refused")
    assert outcome.facts == {"partner_code": "9", "partner_message": "Mã thủ tục không tồn tại"}


def test_an_expired_session_is_renewed_once(portal: Simulator, sender: PortalSender) -> None:
    one(sender, dossier())
    logins = portal.holds()["logins"]
    portal.misbehave("expire_session")
    assert one(sender, dossier()).verdict is SendVerdict.DELIVERED
    assert portal.holds()["logins"] == logins + 1


def test_a_session_that_never_lasts_costs_lateness_only(portal: Simulator, sender: PortalSender) -> None:
    portal.misbehave("expire_session", count=2)
    outcome = one(sender, dossier())
    assert (outcome.verdict, outcome.code) == (SendVerdict.UNAVAILABLE, "session-not-accepted")


def test_a_refused_sign_in_gives_no_dossier_up(portal: Simulator, sender: PortalSender) -> None:
    portal.misbehave("refuse_login")
    outcome = one(sender, dossier())
    assert (outcome.verdict, outcome.code) == (SendVerdict.UNAVAILABLE, "login-refused")


def test_what_is_kept_of_an_attempt_holds_no_session(sender: PortalSender) -> None:
    call = json.loads(sender.encode(dossier()))
    assert call.keys() == {"service", "madonvi", "data"}


def test_a_time_out_after_processing_is_in_doubt_and_the_look_up_settles_it(
    portal: Simulator, sender: PortalSender
) -> None:
    message = dossier()
    portal.misbehave("timeout_after", match={"operation": "DongBoHoSoMC"}, seconds=2)
    outcome = one(sender, message)
    assert (outcome.verdict, outcome.code) == (SendVerdict.IN_DOUBT, "http-no-answer-in-time")
    assert sender.enquire(message).knowledge is Knowledge.HAS_IT


def test_an_update_lost_in_a_time_out_is_found_missing_by_its_status(portal: Simulator, sender: PortalSender) -> None:
    first = dossier(status=2)
    one(sender, first)
    update = dossier(first.dossier_code or "", status=9)
    portal.misbehave("timeout_before", match={"operation": "DongBoHoSoMC"}, seconds=2)
    assert one(sender, update).verdict is SendVerdict.IN_DOUBT
    assert sender.enquire(update).knowledge is Knowledge.HAS_IT_NOT
    assert sender.enquire(first).knowledge is Knowledge.HAS_IT


def test_a_look_up_without_a_status_proves_no_version(portal: Simulator, sender: PortalSender) -> None:
    message = dossier()
    one(sender, message)
    portal.misbehave("bare_lookup")
    assert sender.enquire(message).knowledge is Knowledge.HAS_IT_NOT


def test_an_unknown_dossier_is_not_there(sender: PortalSender) -> None:
    assert sender.enquire(dossier()).knowledge is Knowledge.HAS_IT_NOT


def test_a_look_up_that_fails_leaves_nothing_in_doubt(portal: Simulator, sender: PortalSender) -> None:
    portal.misbehave("timeout_after", match={"operation": "TraCuuHoSo"}, seconds=2)
    assert one(sender, dossier()).verdict is SendVerdict.UNAVAILABLE
    portal.misbehave("garbage", match={"operation": "TraCuuHoSo"})
    outcome = one(sender, dossier())
    assert (outcome.verdict, outcome.code) == (SendVerdict.UNAVAILABLE, "bad-portal-reply")
    portal.misbehave("garbage", match={"operation": "TraCuuHoSo"})
    with pytest.raises(Unavailable) as caught:
        sender.enquire(dossier())
    assert caught.value.code == "bad-portal-reply"


def test_a_garbage_answer_to_a_dossier_is_in_doubt(portal: Simulator, sender: PortalSender) -> None:
    portal.misbehave("garbage", match={"operation": "DongBoHoSoMC"})
    outcome = one(sender, dossier())
    assert (outcome.verdict, outcome.code) == (SendVerdict.IN_DOUBT, "bad-portal-reply")


def test_a_portal_that_is_away_costs_lateness_only(portal: Simulator, sender: PortalSender) -> None:
    portal.misbehave("refuse_http")
    outcome = one(sender, dossier())
    assert (outcome.verdict, outcome.code) == (SendVerdict.UNAVAILABLE, "http-not-now")


def test_a_code_that_does_not_conform_goes_through_the_mapping_table(portal: Simulator, sender: PortalSender) -> None:
    message = dossier("HS-CU-15")
    assert one(sender, message).verdict is SendVerdict.DELIVERED
    assert "created" in outcomes_at(portal, "H49.12-20261123-9915")
    assert sender.enquire(message).knowledge is Knowledge.HAS_IT


def test_a_code_without_a_mapping_is_never_replaced_by_an_invented_one(sender: PortalSender) -> None:
    with pytest.raises(Malformed) as caught:
        sender.encode(dossier("HS-CU-16"))
    assert caught.value.code == "dossier-code-not-conforming"


def test_steps_travel_in_chunks_and_each_has_its_outcome(portal: Simulator, sender: PortalSender) -> None:
    message = dossier()
    one(sender, message)
    code = message.dossier_code or ""
    outcomes = send(sender, *(step(code, number) for number in range(1, 24)))
    assert {outcome.verdict for outcome in outcomes.values()} == {SendVerdict.DELIVERED}
    calls = [call for call in portal.holds()["calls"] if call["code"] == code and call["outcome"] == "accepted"]
    assert [call["count"] for call in calls] == ["10", "10", "3"]
    assert len([kept for kept in portal.holds()["steps"] if kept["MaHoSo"] == code]) == 23


def test_one_bad_step_does_not_hold_up_its_chunk(portal: Simulator, sender: PortalSender) -> None:
    known = dossier()
    one(sender, known)
    bad = step(new_code())
    good = [step(known.dossier_code or "", number) for number in (1, 2)]
    outcomes = send(sender, good[0], bad, good[1])
    assert [outcomes[message.message_id].verdict for message in good] == [SendVerdict.DELIVERED] * 2
    refused = outcomes[bad.message_id]
    assert (refused.verdict, refused.code) == (SendVerdict.REFUSED, "portal-refused")
    assert "không tìm thấy hồ sơ" in refused.detail


def test_a_chunk_that_times_out_is_in_doubt_and_each_step_is_asked_for(portal: Simulator, sender: PortalSender) -> None:
    known = dossier()
    one(sender, known)
    code = known.dossier_code or ""
    steps = [step(code, number) for number in (1, 2)]
    portal.misbehave("timeout_after", match={"operation": "CapNhatTienDoHoSoMC"}, seconds=2)
    outcomes = send(sender, *steps)
    assert {outcome.verdict for outcome in outcomes.values()} == {SendVerdict.IN_DOUBT}
    assert [sender.enquire(message).knowledge for message in steps] == [Knowledge.HAS_IT] * 2
    assert sender.enquire(step(code, 3)).knowledge is Knowledge.HAS_IT_NOT


def test_the_portal_keeps_real_statuses_only_and_survives_a_crash(portal: Simulator, sender: PortalSender) -> None:
    for status in range(1, 11):
        assert one(sender, dossier(status=status)).verdict is SendVerdict.DELIVERED
    before = portal.holds()["dossiers"]
    portal.restart()
    assert portal.holds()["dossiers"] == before
    assert {kept["TrangThaiHoSo"] for kept in before} >= {str(status) for status in range(1, 11)}
