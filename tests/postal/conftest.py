"""VNPost's simulator as a process, and the adapter joined to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.postal.adapter import PostalParts, build
from gateway.partners import Partner, load_partners
from tests import partner_pki
from tests.simulator_process import REPOSITORY, Simulator

SECRET = {"GATEWAY_VNPOST_SECRET": "bí mật của VNPost"}


@pytest.fixture(scope="session")
def vnpost_certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return partner_pki.make(tmp_path_factory.mktemp("vnpost-certs"))


@pytest.fixture(scope="session")
def running_vnpost(vnpost_certs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    environ = {**SECRET, "GATEWAY_ENV": "test"}
    simulator = Simulator("vnpost", state=tmp_path_factory.mktemp("vnpost"), certs=vnpost_certs, environ=environ)
    yield simulator
    simulator.stop()


@pytest.fixture
def vnpost(running_vnpost: Simulator) -> Simulator:
    running_vnpost.behave()
    return running_vnpost


@pytest.fixture
def vnpost_partner(vnpost: Simulator, vnpost_certs: Path) -> Partner:
    """The committed configuration, pointed at the running simulator, impatient."""
    known_hosts = vnpost_certs / "sftp" / "known_hosts"
    port = vnpost.greeting["sftp_port"]
    known_hosts.write_text(f"[127.0.0.1]:{port} {vnpost.greeting['host_key']}\n", encoding="ascii")
    environ = {"GATEWAY_VNPOST_URL": vnpost.url, "GATEWAY_VNPOST_SFTP_PORT": str(port)}
    partner = load_partners(REPOSITORY / "config" / "partners", environ)["vnpost"]
    assert partner.postal_api is not None
    api = partner.postal_api.model_copy(update={"read_timeout_seconds": 1})
    return partner.model_copy(update={"postal_api": api})


@pytest.fixture
def parts(vnpost_partner: Partner, vnpost_certs: Path) -> PostalParts:
    made = build(vnpost_partner, certs=vnpost_certs, environment="test", environ=SECRET)
    # The files of this simulator come by renaming: a listing needs no second look.
    return replace(made, remittances=replace(made.remittances, settle_seconds=0.0))
