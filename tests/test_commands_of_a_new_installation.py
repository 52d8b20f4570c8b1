"""From nothing to a gateway that may start, by commands that machines can read: keys, partners, schema, a person."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from gateway.cli import app
from tests.unit.test_partners import change

pytestmark = pytest.mark.services

REPOSITORY = Path(__file__).resolve().parents[1]
SECRETS = ("GATEWAY_PLATFORM_SECRET", "GATEWAY_PORTAL_PASSWORD", "GATEWAY_VNPOST_SECRET")


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, postgres_url: str) -> Path:
    config = Path(shutil.copytree(REPOSITORY / "config", tmp_path / "config"))
    monkeypatch.setenv("GATEWAY_ENV", "development")
    monkeypatch.setenv("GATEWAY_CONFIG", str(config))
    monkeypatch.setenv("GATEWAY_CERTS", str(tmp_path / "certs"))
    monkeypatch.setenv("GATEWAY_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("GATEWAY_DATABASE_URL", postgres_url)
    return config


def typed(*words: str) -> tuple[int, Any]:
    answer = CliRunner().invoke(app, [*words, "--json"])
    return answer.exit_code, json.loads(answer.stdout)


def test_keys_are_made_once_and_told(config: Path, tmp_path: Path) -> None:
    assert typed("certs", "status") == (0, [])
    assert typed("certs", "init")[0] == 0
    code, rows = typed("certs", "status")
    names = {row["name"] for row in rows}
    assert code == 0
    assert names >= {
        *("root", "intermediate", "gateway-rsa", "gateway-ec"),
        *("bank-a", "bank-b", "intermediary", "vnpost", "dossier", "national-portal"),
        *("bad/expired", "bad/revoked", "bad/wrong-ca", "bad/wrong-purpose"),
    }
    assert {file.name for file in (tmp_path / "certs" / "crl").iterdir()} == {"root.crl", "intermediate.crl"}
    code, told = typed("certs", "init")
    assert (code, told["ok"], told["error"]["code"]) == (1, False, "certificates-exist")
    assert typed("certs", "status")[1] == rows, "nothing was overwritten"


def test_partners_are_checked_with_all_problems_at_once_by_file_and_key(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("certs", "init")
    folder = tmp_path / "certs" / "sftp"
    folder.mkdir()
    (folder / "gateway").write_text("a private key")
    (folder / "known_hosts").write_text("host ssh-ed25519 AAAA")
    for name in SECRETS[1:]:
        monkeypatch.setenv(name, "a secret")
    change(config / "partners" / "bank-a.toml", '"vn-banking"', '"vn-bankng"')
    code, told = typed("partners", "check")
    assert (code, told["ok"], told["error"]["code"]) == (1, False, "configuration-invalid")
    named = {(problem["file"], problem["key"]) for problem in told["error"]["problems"]}
    assert named == {("bank-a.toml", "calendar.name"), ("intermediary.toml", "platform.secret")}
    change(config / "partners" / "bank-a.toml", '"vn-bankng"', '"vn-banking"')
    monkeypatch.setenv(SECRETS[0], "a secret")
    code, told = typed("partners", "check")
    assert (code, {partner["id"] for partner in told["partners"]}) == (
        0, {"bank-a", "bank-b", "dossier", "intermediary", "national-portal", "vnpost"},
    )  # fmt: skip


def test_the_schema_is_made_once_and_the_first_person_grants_the_other_roles(config: Path, postgres_url: str) -> None:
    files = sorted(file.name for file in (REPOSITORY / "gateway" / "migrations").glob("*.sql"))
    code, told = typed("db", "migrate")
    assert (code, told["applied"]) == (0, files)
    assert typed("db", "migrate")[1]["applied"] == []
    assert typed("role", "begin", "dung")[0] == 0
    with psycopg.connect(postgres_url) as connection:
        roles = connection.execute("SELECT person, role, act FROM gateway.person_role").fetchall()
    assert roles == [("dung", "ops", "grant")]
    assert typed("role", "begin", "an")[1]["error"]["code"] == "roles-begun"
    assert typed("role", "grant", "an", "finance_maker", "--user", "dung")[0] == 0
