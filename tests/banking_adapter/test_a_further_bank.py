"""A further bank with known formats is a TOML file and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.banking.building import build
from adapters.wire.signed_files import SftpDocumentSource
from gateway.model import Kind, SendVerdict
from gateway.partners import load_partners
from gateway.security import development_pki
from simulators.sftp_server import ensure_client_key
from tests.banking_adapter.test_collection import requested, sent
from tests.banking_adapter.test_confirmations import a_confirmation
from tests.banking_adapter.world import ENVIRONMENT, Counterpart, trust_of
from tests.simulator_process import Simulator

pytestmark = pytest.mark.scenario

OURS = """
id = "bank-c"
name = "Ngân hàng C"
role = "bank"

[trust]
certificates = ["bank-c.crt"]

[accounts]
default = "70000000033"
bin = "970405"

[calendar]
name = "vn-banking"

[collection]
endpoint = "${BANK_C_URL}/collection"
soap = "1.1"
channels = ["internet_banking", "pos", "qr"]
signing_key = "gateway-ec"
tls_ca = "root.crt"

[statements]
folder = "/sao-ke"
archive = "/sao-ke/da-nhan"
outbox = "/xac-nhan"
name_pattern = '^SK(?P<date>\\d{8})\\.(\\d+)\\.940$'
format = "mt940"
encoding = "windows-1258"
signing_key = "gateway-ec"

[statements.sftp]
host = "127.0.0.1"
port = "${BANK_C_SFTP_PORT}"
username = "gateway"
private_key = "sftp/gateway"
known_hosts = "sftp/known_hosts"
"""
THEIRS = """
soap = "1.1"
format = "mt940"
encoding = "windows-1258"
statement_folder = "sao-ke"
archive_folder = "sao-ke/da-nhan"
confirmation_folder = "xac-nhan"
file_name = "SK{date}.{number}.940"
bin = "970405"
cutoff = "16:30:00"
gateway_certificates = ["gateway-ec.crt"]

[accounts]
"70000000033" = 5000000
"""


def test_a_further_bank_is_a_file(tmp_path: Path) -> None:
    pki, config = tmp_path / "pki", tmp_path / "partners"
    development_pki.create(pki, parties=["gateway", "bank-c"])
    ensure_client_key(pki)
    config.mkdir()
    (config / "bank-c.toml").write_text(OURS, encoding="utf-8")
    (tmp_path / "habits.toml").write_text(THEIRS, encoding="utf-8")
    arguments = ["--name", "bank-c", "--config", str(tmp_path / "habits.toml"), "--environment", ENVIRONMENT]
    simulator = Simulator("bank", state=tmp_path / "bank", certs=pki, environ={}, arguments=arguments)
    port = simulator.greeting["sftp_port"]
    (pki / "sftp" / "known_hosts").write_text(f"[127.0.0.1]:{port} {simulator.greeting['host_key']}\n")
    partner = load_partners(config, {"BANK_C_URL": simulator.url, "BANK_C_SFTP_PORT": str(port)})["bank-c"]
    parts = build(partner, certs=pki, trust=trust_of(pki), environment=ENVIRONMENT)
    bank = Counterpart(simulator, partner, parts)

    reference = requested(bank, 45_000)
    simulator.act("pay", reference=reference, at="2026-11-23T17:00:00+07:00", text="Phí trước bạ")
    made = simulator.act("make_statement", date="2026-11-24")
    assert isinstance(parts.source, SftpDocumentSource)
    [document] = replace(parts.source, settle_seconds=0.02).list()
    assert (document.name, str(parts.statements.business_on(document.name))) == (made["name"], "2026-11-24")
    fetched = parts.source.fetch(document, tmp_path)
    parts.statements.verify(fetched)
    [statement] = parts.statements.read(fetched)
    [entry] = statement.entries
    assert (entry.amount, entry.text.endswith("Phí trước bạ")) == (45_000, True)
    assert sent(bank, a_confirmation(bank)).verdict is SendVerdict.DELIVERED
    assert {kind for sender in parts.senders for kind in sender.kinds} >= {Kind.REFUND, Kind.SETTLEMENT_CONFIRMATION}
    parts.close()
    simulator.stop()
