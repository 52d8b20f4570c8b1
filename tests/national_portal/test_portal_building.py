"""The parts are built from the configuration alone, and what is missing is told by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.national_portal import adapter, platform
from gateway.errors import ConfigurationError
from gateway.model import Kind
from gateway.partners import Partner, load_partners
from tests.national_portal.conftest import SECRETS
from tests.simulator_process import REPOSITORY

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def committed() -> dict[str, Partner]:
    return load_partners(REPOSITORY / "config" / "partners", {})


def test_the_committed_configuration_gives_every_part(committed: dict[str, Partner], portal_certs: Path) -> None:
    sender = adapter.build(committed["national-portal"], certs=portal_certs, environment="test", environ=SECRETS)
    parts = platform.build(committed["intermediary"], certs=portal_certs, environment="test", environ=SECRETS)
    assert sender.kinds == {Kind.DOSSIER_SYNC, Kind.STEP_SYNC}
    assert parts.sender.kinds == {Kind.PAYMENT_REQUEST_CREATE}
    assert (sender.partner, parts.sender.partner, parts.enquirer.partner) == (
        "national-portal",
        "intermediary",
        "intermediary",
    )
    assert not any(secret in repr((sender, parts)) for secret in SECRETS.values())


def test_a_missing_section_is_told_by_file_and_key(committed: dict[str, Partner], portal_certs: Path) -> None:
    portal = committed["national-portal"].model_copy(update={"dossier_api": None})
    intermediary = committed["intermediary"].model_copy(update={"platform": None})
    with pytest.raises(ConfigurationError) as caught:
        adapter.build(portal, certs=portal_certs, environment="test", environ=SECRETS)
    assert str(caught.value.problems[0]).startswith("national-portal.toml: dossier_api:")
    with pytest.raises(ConfigurationError) as caught:
        platform.build(intermediary, certs=portal_certs, environment="test", environ=SECRETS)
    assert str(caught.value.problems[0]).startswith("intermediary.toml: platform:")


def test_a_secret_that_is_not_set_is_told_by_its_reference(committed: dict[str, Partner], portal_certs: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        adapter.build(committed["national-portal"], certs=portal_certs, environment="test", environ={})
    assert (caught.value.code, caught.value.where) == ("secret-unusable", "env:GATEWAY_PORTAL_PASSWORD")
    with pytest.raises(ConfigurationError) as caught:
        platform.build(committed["intermediary"], certs=portal_certs, environment="test", environ={})
    assert (caught.value.code, caught.value.where) == ("secret-unusable", "env:GATEWAY_PLATFORM_SECRET")
