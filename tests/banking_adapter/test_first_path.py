from __future__ import annotations

from pathlib import Path

import pytest

from gateway.model import Kind, SendVerdict
from tests.banking_adapter.world import Counterpart, a_payment_request

pytestmark = pytest.mark.scenario


def test_a_payment_request_reaches_the_bank(bank: Counterpart) -> None:
    message = a_payment_request(bank)
    sender = bank.sender(Kind.PAYMENT_REQUEST_CREATE)
    [(_, outcome)] = sender.send([(message, sender.encode(message))])
    assert (outcome.verdict, outcome.code, outcome.detail) == (SendVerdict.DELIVERED, "", "")


def test_a_statement_is_fetched(bank: Counterpart, tmp_path: Path) -> None:
    made = bank.simulator.act("make_statement", date="2026-11-23")
    [offered] = [found for found in bank.parts.source.list() if found.name == made["name"]]
    fetched = bank.parts.source.fetch(offered, tmp_path)
    print(bank.parts.statements.verify(fetched), bank.parts.statements.read(fetched))
