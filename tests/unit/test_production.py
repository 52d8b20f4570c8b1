"""What only a demo may have, production refuses, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import bootstrap, settings
from gateway.errors import ConfigurationError
from gateway.partners import load_partners
from gateway.security import development_pki

pytestmark = pytest.mark.unit
CONFIG = Path(__file__).resolve().parents[2] / "config"


def test_development_certificates_and_partners_on_this_machine_are_refused_at_once(tmp_path: Path) -> None:
    development_pki.create(tmp_path, parties=("bank-a",))
    partners = load_partners(CONFIG / "partners", {})
    chosen = settings.load({"GATEWAY_ENV": "production", "GATEWAY_CERTS": str(tmp_path)})
    with pytest.raises(ConfigurationError) as raised:
        bootstrap.refuse_in_production(chosen, partners.values())
    told = {(problem.file, problem.key) for problem in raised.value.problems}
    assert told >= {
        (str(tmp_path / "bank-a.crt"), "subject"),
        (str(tmp_path / "root.crt"), "subject"),
        ("bank-a.toml", "collection.endpoint"),
        ("bank-a.toml", "statements.sftp.host"),
        ("vnpost.toml", "postal_api.endpoint"),
        ("national-portal.toml", "dossier_api.endpoint"),
        ("intermediary.toml", "platform.endpoint"),
    }


def test_anywhere_else_a_demo_may_have_them(tmp_path: Path) -> None:
    development_pki.create(tmp_path, parties=())
    chosen = settings.load({"GATEWAY_ENV": "test", "GATEWAY_CERTS": str(tmp_path)})
    bootstrap.refuse_in_production(chosen, load_partners(CONFIG / "partners", {}).values())
