"""Settings of a process: every problem at once, named by its variable, and no password in what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import settings
from gateway.errors import ConfigurationError

pytestmark = pytest.mark.unit


def test_all_wrong_variables_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as told:
        settings.load(
            {
                "GATEWAY_ENV": "staging",
                "GATEWAY_DATABASE_URL": "mysql://somewhere",
                "GATEWAY_AMQP_URL_FILE": str(tmp_path / "absent"),
            }
        )
    assert told.value.code == "configuration-invalid"
    assert [problem.key for problem in told.value.problems] == [
        "GATEWAY_ENV",
        "GATEWAY_DATABASE_URL",
        "GATEWAY_AMQP_URL_FILE",
    ]
    assert told.value.action


def test_production_refuses_the_clock_of_a_demo() -> None:
    with pytest.raises(ConfigurationError) as told:
        settings.load({"GATEWAY_ENV": "production", "GATEWAY_BUSINESS_CLOCK": "/var/clock"})
    assert [(problem.key, told.value.code) for problem in told.value.problems] == [
        ("GATEWAY_BUSINESS_CLOCK", "configuration-invalid")
    ]


def test_a_mounted_secret_is_read_without_its_line_end_and_never_printed(tmp_path: Path) -> None:
    mounted = tmp_path / "amqp"
    mounted.write_text("amqp://gateway:hidden-word@broker/\n", encoding="utf-8")
    found = settings.load(
        {"GATEWAY_AMQP_URL_FILE": str(mounted), "GATEWAY_DATABASE_URL": "postgresql://gateway:hidden-word@db/gateway"}
    )
    assert found.amqp_url == "amqp://gateway:hidden-word@broker/"
    assert "hidden-word" not in repr(found)


def test_a_mounted_secret_that_holds_no_text_is_told_with_its_variable(tmp_path: Path) -> None:
    mounted = tmp_path / "amqp"
    mounted.write_bytes(b"\xff\xfeamqp")
    with pytest.raises(ConfigurationError) as told:
        settings.load({"GATEWAY_AMQP_URL_FILE": str(mounted)})
    assert [(one.file, one.key) for one in told.value.problems] == [("environment", "GATEWAY_AMQP_URL_FILE")]


def test_a_wrong_url_is_told_without_its_password() -> None:
    with pytest.raises(ConfigurationError) as told:
        settings.load({"GATEWAY_DATABASE_URL": "mysql://gateway:hidden-word@db/gateway"})
    assert told.value.code == "configuration-invalid"
    assert "hidden-word" not in told.value.explain()
