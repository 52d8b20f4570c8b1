"""A new broker gets what the gateway needs by one command, which may be given again."""

from __future__ import annotations

from pathlib import Path

import pika
import pytest
from typer.testing import CliRunner

from gateway.cli import app

pytestmark = pytest.mark.services

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, amqp_url: str) -> str:
    monkeypatch.setenv("GATEWAY_AMQP_URL", amqp_url)
    monkeypatch.setenv("GATEWAY_CONFIG", str(REPOSITORY / "config"))
    return amqp_url


def test_the_queues_that_start_flows_are_declared_and_survive_a_second_time(settings: str) -> None:
    for _ in range(2):
        answer = CliRunner().invoke(app, ["queues", "declare", "--json"])
        assert answer.exit_code == 0, answer.output
    with pika.BlockingConnection(pika.URLParameters(settings)) as connection:
        for queue in ("gateway.dossier-events", "gateway.day-approved"):
            assert connection.channel().queue_declare(queue, passive=True).method.message_count == 0
