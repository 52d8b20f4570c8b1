"""A machine where we may not install: the error names exactly what to install, and every other way."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.local import install

pytestmark = pytest.mark.unit


def test_what_is_there_is_not_installed_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    there = {name: dataclasses.replace(one, program="/bin/sh") for name, one in install.PACKAGES.items()}
    monkeypatch.setattr(install, "PACKAGES", there)
    install.ensure()
    assert install.missing() == []


def test_without_a_broker_and_without_root_the_error_names_the_three_ways(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    away = {name: dataclasses.replace(one, program="/nowhere") for name, one in install.PACKAGES.items()}
    monkeypatch.setattr(install, "PACKAGES", away)
    with pytest.raises(ConfigurationError) as told:
        install.ensure("rabbitmq-server")
    assert told.value.code == "system-package-missing"
    for way in ("apt-get install rabbitmq-server", "docker compose", "GATEWAY_AMQP_URL"):
        assert way in told.value.action
    assert "openssh" not in told.value.explain(), "only what was asked for"
