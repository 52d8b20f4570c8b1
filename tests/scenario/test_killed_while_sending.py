"""A worker is killed (SIGKILL) at each step of sending, over SOAP and REST; the partner's own books are counted.

Whatever the step, the next run settles the doubt by asking: the partner was told once, and has it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.local import stage as stages
from gateway.model import Kind
from simulators.province.population import Dossier
from tests.scenario.stage_acts import (
    MORNING,
    blocked,
    expire_leases,
    kill,
    locked,
    new_dossier,
    published_and_drained,
    rows,
    settled,
    started,
    until,
)

pytestmark = [pytest.mark.scenario, pytest.mark.services]
State = Mapping[str, Any]


@dataclass(frozen=True)
class Wire:
    """One kind of message to one partner, and where to see in that partner's books what it did to them."""

    flow: str
    partner: str
    kind: Kind
    payment: str
    operation: str
    lost_before: str
    lost_after: str
    told: Callable[[State, str], int]
    """How many such calls of ours the partner processed."""
    has: Callable[[State, str], int]
    """How many of what was asked for stand in its books."""


def _calls(operation: str, key: str) -> Callable[[State, str], int]:
    def told(state: State, ours: str) -> int:
        return len([call for call in state["calls"] if (call["operation"], call[key]) == (operation, ours)])

    return told


def _synced(state: State, code: str) -> int:
    made = [call for call in state["calls"] if call["service"] == "DongBoHoSoMC" and call["code"] == code]
    return len([call for call in made if call["outcome"] == "created"])


WIRES = {
    "SOAP, a payment request": Wire(
        "payment_requests", "bank-a", Kind.PAYMENT_REQUEST_CREATE, "internet_banking", "CreatePaymentRequest",
        "timeout_before_processing", "timeout_after_processing",
        _calls("CreatePaymentRequest", "reference"), lambda state, ours: state["references"].count(ours),
    ),
    "REST, a payment request": Wire(
        "payment_requests", "intermediary", Kind.PAYMENT_REQUEST_CREATE, "platform", "INIT",
        "timeout_before", "timeout_after",
        _calls("INIT", "reference"),
        lambda state, ours: len([held for held in state["requests"] if held["MaThamChieu"] == ours]),
    ),
    "REST, a dossier": Wire(
        "portal_sync", "national-portal", Kind.DOSSIER_SYNC, "internet_banking", "DongBoHoSoMC",
        "timeout_before", "timeout_after",
        _synced, lambda state, ours: len([held for held in state["dossiers"] if held["MaHoSo"] == ours]),
    ),
    "REST, a postal order": Wire(
        "postal_orders", "vnpost", Kind.POSTAL_ORDER, "cod", "postOrder", "timeout_before", "timeout_after",
        _calls("postOrder", "order_number"),
        lambda state, ours: len(
            [held for held in state["records"] if (held["OrderNumber"], held["StatusCode"]) == (ours, 1)]
        ),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stages.Stage]:
    built = stages.build(tmp_path_factory.mktemp("killed"), lambda _: None, with_airflow=False, began_at=MORNING)
    yield built
    built.close()


def claimed_and_nothing_left_us(stage: stages.Stage, wire: Wire, ours: str) -> None:
    with locked(stage, "gateway.attempt"):
        worker = started(stage, lambda gateway: gateway.dispatch(wire.flow))
        until(lambda: blocked(stage))
        kill(worker)
    assert wire.told(stage.simulators[wire.partner].state(), ours) == 0


def the_partner_got_it_and_did_nothing_yet(stage: stages.Stage, wire: Wire, ours: str) -> None:
    partner = stage.simulators[wire.partner]
    partner.misbehave(wire.lost_before, match={"operation": wire.operation}, seconds=3)
    worker = started(stage, lambda gateway: gateway.dispatch(wire.flow))
    until(lambda: not partner.state()["planned"])
    kill(worker)
    assert wire.told(partner.state(), ours) == 0


def the_partner_did_it_and_has_not_answered(stage: stages.Stage, wire: Wire, ours: str) -> None:
    partner = stage.simulators[wire.partner]
    partner.misbehave(wire.lost_after, match={"operation": wire.operation}, seconds=3)
    worker = started(stage, lambda gateway: gateway.dispatch(wire.flow))
    until(lambda: wire.has(partner.state(), ours) == 1)
    kill(worker)


def the_answer_is_here_and_not_recorded(stage: stages.Stage, wire: Wire, ours: str) -> None:
    partner = stage.simulators[wire.partner]
    partner.misbehave("slow", match={"operation": wire.operation}, seconds=2)
    worker = started(stage, lambda gateway: gateway.dispatch(wire.flow))
    until(lambda: not partner.state()["planned"])
    with locked(stage, "gateway.attempt"):
        until(lambda: blocked(stage))
        kill(worker)
    assert wire.has(partner.state(), ours) == 1


STEPS = [
    claimed_and_nothing_left_us,
    the_partner_got_it_and_did_nothing_yet,
    the_partner_did_it_and_has_not_answered,
    the_answer_is_here_and_not_recorded,
]


@pytest.mark.parametrize("step", STEPS, ids=[step.__name__ for step in STEPS])
@pytest.mark.parametrize("wire", WIRES.values(), ids=list(WIRES))
def test_a_worker_killed_while_sending_tells_the_partner_once(
    stage: stages.Stage, wire: Wire, step: Callable[[stages.Stage, Wire, str], None]
) -> None:
    until(lambda: settled(stage, wire.flow))  # what earlier tests left
    stage.set_clock(MORNING)
    dossier = new_dossier(wire.payment)
    published_and_drained(stage, dossier)
    ours = _name(stage, wire, dossier)
    step(stage, wire, ours)
    assert _states(stage, wire, dossier) <= {"sending", "waiting"}, "it was killed before it could say what came of it"
    stage.simulators[wire.partner].reset()
    expire_leases(stage)
    until(lambda: settled(stage, wire.flow))
    assert _states(stage, wire, dossier) == {"delivered"}
    held = stage.simulators[wire.partner].state()
    assert (wire.told(held, ours), wire.has(held, ours)) == (1, 1)


def _name(stage: stages.Stage, wire: Wire, dossier: Dossier) -> str:
    """What the partner calls it: the transaction where there is one, else the dossier."""
    [(name,)] = rows(
        stage,
        "SELECT DISTINCT coalesce(transaction_id, dossier_code) FROM gateway.message"
        " WHERE partner = %s AND kind = %s AND dossier_code = %s",
        wire.partner, str(wire.kind), dossier.code,
    )  # fmt: skip
    return str(name)


def _states(stage: stages.Stage, wire: Wire, dossier: Dossier) -> set[str]:
    query = "SELECT state FROM gateway.message WHERE partner = %s AND kind = %s AND dossier_code = %s"
    return {row[0] for row in rows(stage, query, wire.partner, str(wire.kind), dossier.code)}
