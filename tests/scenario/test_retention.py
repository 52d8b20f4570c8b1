"""What the nightly run and the command let go of: never the bytes of money that nobody has reconciled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from gateway import bootstrap
from gateway.bootstrap.gateway import Gateway
from gateway.clock import FileClock
from gateway.model import VIETNAM
from simulators import cms
from tests.dossier.events import as_bytes, event
from tests.scenario.test_bad_input import GOOD, House, certs, house, mt940

__all__ = ["certs", "house"]

pytestmark = [pytest.mark.scenario, pytest.mark.services]

WAYS: dict[str, Callable[[Gateway], object]] = {
    "nightly": lambda gateway: gateway.apply_retention(),
    "by command": lambda gateway: gateway.expire_bodies(date(2026, 12, 1)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_statement_that_nobody_reconciled_keeps_its_bytes_for_ever_and_an_event_does_not(
    house: House, tmp_path: Path, way: str
) -> None:
    clock = FileClock(tmp_path / "business-clock")
    clock.set(datetime(2026, 11, 24, 8, 0, tzinfo=VIETNAM))
    old = replace(house, environ={**house.environ, "GATEWAY_BUSINESS_CLOCK": str(tmp_path / "business-clock")})
    old.send(
        old.sign(as_bytes(event("dossier.submitted.v1", id="e1"))),
        old.sign(as_bytes(event("dossier.accepted.v1", id="e2"))),
    )
    old.drain()
    statement = mt940().encode()
    old.load(GOOD, statement, cms.sign(statement, old.certs, "bank-b"), tmp_path)
    before = old.rows("SELECT kind, state FROM gateway.message WHERE direction = 'in' ORDER BY message_pk")
    assert before == [("dossier_event", "applied"), ("dossier_event", "applied"), ("statement_file", "applied")]
    clock.set(datetime(2046, 11, 24, 8, 0, tzinfo=VIETNAM))
    with bootstrap.open_gateway(environ=old.environ) as gateway:
        WAYS[way](gateway)
    assert [body for *_, body in old.kept() if body] == [statement]
    assert old.rows("SELECT kind, state FROM gateway.message WHERE direction = 'in' ORDER BY message_pk") == before, (
        "the record stays"
    )
