"""What only a demo may have, production refuses, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import bootstrap, settings
from gateway.bootstrap.production import problems_of
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


@pytest.mark.parametrize(
    ("host", "refused"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("LOCALHOST", True),
        ("bank.localhost", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", True),
        ("sftp.bank.example", False),
        ("localhost.bank.example", False),
        ("127.bank.example", False),
        ("10.0.0.7", False),
    ],
)
def test_this_machine_is_known_by_all_its_names_and_no_other_is(tmp_path: Path, host: str, refused: bool) -> None:
    bank = load_partners(CONFIG / "partners", {})["bank-a"]
    assert bank.statements is not None
    sftp = bank.statements.sftp.model_copy(update={"host": host})
    elsewhere = bank.model_copy(
        update={"collection": None, "statements": bank.statements.model_copy(update={"sftp": sftp})}
    )
    chosen = settings.load({"GATEWAY_ENV": "production", "GATEWAY_CERTS": str(tmp_path)})
    found = [problem.key for problem in problems_of(chosen, [elsewhere])]
    assert found == (["statements.sftp.host"] if refused else [])
