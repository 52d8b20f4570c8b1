"""A further bank is a file and nothing else for the whole house: its statement is loaded, judged and reported."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

from gateway import bootstrap
from gateway.security import development_pki
from simulators import cms
from tests.banking_adapter.test_a_further_bank import OURS
from tests.scenario.test_bad_input import TESTS, House, certs, house, mt940, pytestmark

__all__ = ["certs", "house", "pytestmark"]

MONDAY = date(2026, 11, 23)


def test_the_statement_of_a_further_bank_is_loaded_judged_and_reported(house: House, tmp_path: Path) -> None:
    config = Path(shutil.copytree(TESTS.parent / "config", tmp_path / "config"))
    (config / "partners" / "bank-c.toml").write_text(OURS, encoding="utf-8")
    pki = tmp_path / "pki"
    development_pki.create(pki, parties=[*development_pki.PARTIES, "bank-c"])
    shutil.copytree(house.certs / "sftp", pki / "sftp")
    environ = house.environ | {"GATEWAY_CONFIG": str(config), "GATEWAY_CERTS": str(pki)}
    environ |= {"BANK_C_URL": "https://127.0.0.1:1", "BANK_C_SFTP_PORT": "1"}
    wider = replace(house, environ=environ, certs=pki)
    with bootstrap.open_gateway(environ=environ) as gateway:
        assert "bank-c" in gateway.statement_partners()
    content = mt940(account="70000000033").encode()
    loaded = wider.load("SK20261123.1.940", content, cms.sign(content, pki, "bank-c"), tmp_path, "bank-c")
    assert (loaded.counts["entries"], loaded.keys) == (1, [f"bank-c:{MONDAY}"])
    with bootstrap.open_gateway(environ=environ) as gateway:
        gateway.reconcile("bank-c", MONDAY)
        gateway.prove_conservation(MONDAY)
    assert wider.rows("SELECT partner, business_on, state FROM gateway.recon_day") == [("bank-c", MONDAY, "reconciled")]
    reports = Path(environ["GATEWAY_VAR"]) / "reports" / MONDAY.isoformat() / "bank-c"
    assert {file.suffix for file in reports.iterdir()} == {".xlsx", ".csv", ".pdf"}
    assert any("Ngân hàng C" in file.read_text(encoding="utf-8-sig") for file in reports.glob("*.csv"))
