"""The portal's and the payment platform's simulators as processes, and the adapters joined to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.national_portal import adapter, platform
from gateway.partners import load_partners
from tests import partner_pki
from tests.simulator_process import REPOSITORY, Simulator

SECRETS = {"GATEWAY_PORTAL_PASSWORD": "mật khẩu Cổng", "GATEWAY_PLATFORM_SECRET": "bí mật nền tảng"}


@pytest.fixture(scope="session")
def portal_certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return partner_pki.make(tmp_path_factory.mktemp("portal-certs"))


@pytest.fixture(scope="session")
def running_portal(portal_certs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    state = tmp_path_factory.mktemp("portal")
    simulator = Simulator("portal", state=state, certs=portal_certs, environ=SECRETS)
    yield simulator
    simulator.stop()


@pytest.fixture(scope="session")
def running_intermediary(portal_certs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    state = tmp_path_factory.mktemp("intermediary")
    simulator = Simulator("intermediary", state=state, certs=portal_certs, environ=SECRETS)
    yield simulator
    simulator.stop()


@pytest.fixture
def portal(running_portal: Simulator) -> Simulator:
    running_portal.behave()
    return running_portal


@pytest.fixture
def intermediary(running_intermediary: Simulator) -> Simulator:
    running_intermediary.behave()
    return running_intermediary


@pytest.fixture
def sender(portal: Simulator, portal_certs: Path) -> adapter.PortalSender:
    """The committed configuration, pointed at the running simulator, impatient."""
    environ = {"GATEWAY_PORTAL_URL": portal.url}
    partner = load_partners(REPOSITORY / "config" / "partners", environ)["national-portal"]
    assert partner.dossier_api is not None
    impatient = {"read_timeout_seconds": 1, "dossier_codes": {"HS-CU-15": "H49.12-20261123-9915"}}
    partner = partner.model_copy(update={"dossier_api": partner.dossier_api.model_copy(update=impatient)})
    return adapter.build(partner, certs=portal_certs, environment="test", environ=SECRETS)


@pytest.fixture
def payments(intermediary: Simulator, portal_certs: Path) -> platform.PlatformParts:
    """The committed configuration, pointed at the running simulator, impatient."""
    environ = {"GATEWAY_PLATFORM_URL": intermediary.url}
    partner = load_partners(REPOSITORY / "config" / "partners", environ)["intermediary"]
    assert partner.platform is not None
    impatient = partner.platform.model_copy(update={"read_timeout_seconds": 1})
    partner = partner.model_copy(update={"platform": impatient})
    return platform.build(partner, certs=portal_certs, environment="test", environ=SECRETS)
