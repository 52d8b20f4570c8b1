"""What a partner's file refers to is tried by ``gateway partners check``: all of it at once, by file and key."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway import bootstrap
from gateway.bootstrap import parts
from gateway.bootstrap.parts import Need
from gateway.errors import ConfigurationError
from gateway.partners import load_partners
from gateway.security import development_pki
from gateway.settings import load
from tests.unit.test_partners import change

pytestmark = pytest.mark.unit
OURS = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    certs = tmp_path_factory.mktemp("certs")
    development_pki.create(certs)
    (certs / "sftp").mkdir()
    (certs / "sftp" / "gateway").write_text("a private key")
    (certs / "sftp" / "known_hosts").write_text("host ssh-ed25519 AAAA")
    return certs


@pytest.fixture
def environ(made: Path, tmp_path: Path) -> dict[str, str]:
    clock = tmp_path / "clock"
    clock.write_text("2026-11-23T10:00:00+07:00")
    return {
        "GATEWAY_CONFIG": str(shutil.copytree(OURS, tmp_path / "config")),
        "GATEWAY_CERTS": str(shutil.copytree(made, tmp_path / "certs")),
        "GATEWAY_VAR": str(tmp_path),
        "GATEWAY_BUSINESS_CLOCK": str(clock),
        "GATEWAY_PLATFORM_SECRET": "one",
        "GATEWAY_PORTAL_PASSWORD": "two",
        "GATEWAY_VNPOST_SECRET": "three",
    }


def told(environ: Mapping[str, str]) -> set[tuple[str, str, str]]:
    with pytest.raises(ConfigurationError) as raised:
        bootstrap.check_partners(environ)
    assert raised.value.code == "configuration-invalid"
    assert len(raised.value.problems) == len(set(raised.value.problems))
    return {(problem.file, problem.key, problem.message) for problem in raised.value.problems}


def test_the_delivered_configuration_is_right(environ: dict[str, str]) -> None:
    assert {partner.id for partner in bootstrap.check_partners(environ)} == {
        "bank-a", "bank-b", "dossier", "intermediary", "national-portal", "vnpost",
    }  # fmt: skip


def test_a_calendar_that_is_not_there_is_told_with_those_that_are(environ: dict[str, str]) -> None:
    change(Path(environ["GATEWAY_CONFIG"]) / "partners" / "bank-a.toml", '"vn-banking"', '"vn-bankng"')
    assert told(environ) == {
        ("bank-a.toml", "calendar.name", "there is no calendar 'vn-bankng': one of vn-banking, vn-office")
    }


def test_a_calendar_that_ends_soon_is_told_a_month_before(environ: dict[str, str]) -> None:
    Path(environ["GATEWAY_BUSINESS_CLOCK"]).write_text("2027-12-02T10:00:00+07:00")
    assert told(environ) == {
        (f"{partner}.toml", "calendar.name", f"{name}.toml does not have the year 2028")
        for partner, name in (
            ("bank-a", "vn-banking"), ("bank-b", "vn-banking"), ("intermediary", "vn-banking"), ("vnpost", "vn-office"),
        )
    }  # fmt: skip


def test_a_broken_calendar_is_told_once_however_many_use_it(environ: dict[str, str]) -> None:
    file = Path(environ["GATEWAY_CONFIG"]) / "calendars" / "vn-banking.toml"
    change(file, '"2026-01-01"', '"2026-13-01"')
    assert told(environ) == {
        ("vn-banking.toml", "days_off.2026.2026-13-01", "this is no date YYYY-MM-DD"),
    }


def test_every_key_secret_and_certificate_of_a_partner_is_told_and_not_only_the_first(
    environ: dict[str, str], tmp_path: Path
) -> None:
    certs = Path(environ["GATEWAY_CERTS"])
    (certs / "intermediary.crt").unlink()
    (certs / "sftp" / "gateway").unlink()
    (certs / "sftp" / "known_hosts").write_text("\n")
    (certs / "gateway-rsa.key").write_text("no key")
    del environ["GATEWAY_PLATFORM_SECRET"]
    file = Path(environ["GATEWAY_CONFIG"]) / "partners" / "intermediary.toml"
    change(file, 'tls_ca = "root.crt"', 'tls_ca = "rot.crt"')
    mine = {(key, message) for name, key, message in told(environ) if name == "intermediary.toml"}
    assert mine == {
        ("trust.certificates.0", f"{certs}/intermediary.crt: it cannot be read: No such file or directory"),
        ("statements.sftp.private_key", f"{certs}/sftp/gateway: it cannot be read: No such file or directory"),
        ("statements.sftp.known_hosts", f"{certs}/sftp/known_hosts: it is empty"),
        (
            "statements.signing_key",
            f"{certs}/gateway-rsa.key: it is not a private key, or its password is wrong or missing",
        ),
        ("platform.tls_ca", f"{certs}/rot.crt: there is no such file or folder"),
        ("platform.secret", "env:GATEWAY_PLATFORM_SECRET: the environment variable is not set"),
    }


def test_a_secret_file_that_is_not_there_is_told_by_its_key(environ: dict[str, str], tmp_path: Path) -> None:
    file = Path(environ["GATEWAY_CONFIG"]) / "partners" / "vnpost.toml"
    change(file, "env:GATEWAY_VNPOST_SECRET", f"file:{tmp_path}/nowhere")
    assert told(environ) == {
        (
            "vnpost.toml",
            "postal_api.client_secret",
            f"file:{tmp_path}/nowhere: the file cannot be read: No such file or directory",
        )
    }


def test_what_is_wrong_in_one_file_does_not_hide_what_another_refers_to(environ: dict[str, str]) -> None:
    folder = Path(environ["GATEWAY_CONFIG"]) / "partners"
    change(folder / "bank-b.toml", 'windows-1258"', 'windows-1285"')
    del environ["GATEWAY_PORTAL_PASSWORD"]
    assert {(file, key) for file, key, _ in told(environ)} == {
        ("bank-b.toml", "statements.encoding"),
        ("national-portal.toml", "dossier_api.password"),
    }


def test_a_partner_that_cannot_be_joined_leaves_the_others_at_work(environ: dict[str, str]) -> None:
    """A flow over several partners does its work for the others and says then what is wrong, by file and key."""
    (Path(environ["GATEWAY_CERTS"]) / "bank-a.crt").unlink()
    settings = load(environ)
    built = parts.build(
        settings,
        load_partners(settings.config / "partners", environ),
        environ,
        frozenset({Need.BANKING, Need.PLATFORM}),
    )
    assert set(built.files) == {"bank-b", "intermediary"}
    assert set(built.enquirers) == {"bank-b", "intermediary"}
    with pytest.raises(ConfigurationError) as raised:
        built.require_whole()
    assert [(one.file, one.key) for one in raised.value.problems] == [("bank-a.toml", "trust.certificates.0")]
