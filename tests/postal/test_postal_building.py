"""The parts are built from the configuration alone, and what is missing is told by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.postal.adapter import build
from gateway.errors import ConfigurationError
from gateway.model import Kind
from gateway.partners import Partner, load_partners
from tests.postal.conftest import SECRET
from tests.simulator_process import REPOSITORY

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def committed() -> Partner:
    return load_partners(REPOSITORY / "config" / "partners", {})["vnpost"]


def made(partner: Partner, certs: Path, environ: dict[str, str]) -> object:
    return build(partner, certs=certs, environment="test", environ=environ)


def test_the_committed_configuration_gives_every_part(committed: Partner, vnpost_certs: Path) -> None:
    parts = build(committed, certs=vnpost_certs, environment="test", environ=SECRET)
    assert parts.orders.kinds == {Kind.POSTAL_ORDER, Kind.POSTAL_CANCEL}
    assert parts.confirmations is not None
    assert parts.confirmations.kinds == {Kind.SETTLEMENT_CONFIRMATION, Kind.ENQUIRY}
    assert {parts.orders.partner, parts.confirmations.partner} == {"vnpost"}
    assert SECRET["GATEWAY_VNPOST_SECRET"] not in repr(parts)


def test_a_partner_without_an_outbox_takes_no_confirmations(committed: Partner, vnpost_certs: Path) -> None:
    assert committed.remittances is not None
    without = committed.remittances.model_copy(update={"outbox": ""})
    partner = committed.model_copy(update={"remittances": without})
    assert build(partner, certs=vnpost_certs, environment="test", environ=SECRET).confirmations is None


@pytest.mark.parametrize("section", ["postal_api", "remittances", "trust"])
def test_a_missing_section_is_told_by_file_and_key(committed: Partner, vnpost_certs: Path, section: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        made(committed.model_copy(update={section: None}), vnpost_certs, SECRET)
    (problem,) = caught.value.problems
    assert problem.file == "vnpost.toml"
    assert section in problem.key


def test_a_secret_that_is_not_set_is_told_by_its_reference(committed: Partner, vnpost_certs: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        made(committed, vnpost_certs, {})
    assert caught.value.code == "secret-unusable"
    assert caught.value.where == "env:GATEWAY_VNPOST_SECRET"


def test_a_folder_without_the_authority_is_told(committed: Partner, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        made(committed, tmp_path, SECRET)
    assert caught.value.code == "tls-files-unusable"
