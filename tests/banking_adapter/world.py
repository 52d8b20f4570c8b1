"""The fixtures of the banking tests: a development PKI, two banks and the intermediary as processes, and our side."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.banking.building import BankingParts, build
from gateway.model import Kind, OutboundMessage
from gateway.partners import Partner, load_partners
from gateway.ports import Sender
from gateway.security import development_pki
from gateway.security.trust import TrustStore
from simulators.sftp_server import ensure_client_key
from tests.simulator_process import REPOSITORY, Simulator

ENVIRONMENT = "test"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Counterpart:
    """One partner: its simulator, its configuration, our parts for it."""

    simulator: Simulator
    partner: Partner
    parts: BankingParts

    def sender(self, kind: Kind) -> Sender:
        return next(sender for sender in self.parts.senders if kind in sender.kinds)

    @property
    def account(self) -> str:
        assert self.partner.accounts is not None
        return self.partner.accounts.default

    @property
    def files(self) -> Path:
        return self.simulator.state / "files"


@pytest.fixture(scope="session")
def banking_pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("banking-pki")
    development_pki.create(folder)
    ensure_client_key(folder)
    return folder


@pytest.fixture(scope="session")
def running_partners(banking_pki: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Counterpart]]:
    environ = {"GATEWAY_ENV": ENVIRONMENT, "GATEWAY_PLATFORM_SECRET": "bí mật của nền tảng"}
    simulators = {
        name: Simulator(
            program,
            state=tmp_path_factory.mktemp(name),
            certs=banking_pki,
            environ=environ,
            arguments=["--name", name],
        )
        for name, program in (("bank-a", "bank"), ("bank-b", "bank"), ("intermediary", "intermediary"))
    }
    counterparts = _join(simulators, banking_pki)
    yield counterparts
    for counterpart in counterparts.values():
        counterpart.parts.close()
        counterpart.simulator.stop()


def _join(simulators: dict[str, Simulator], pki: Path) -> dict[str, Counterpart]:
    greetings = {name: simulator.greeting for name, simulator in simulators.items()}
    lines = [f"[127.0.0.1]:{found['sftp_port']} {found['host_key']}\n" for found in greetings.values()]
    (pki / "sftp" / "known_hosts").write_text("".join(lines), encoding="ascii")
    environ = {"GATEWAY_PLATFORM_URL": simulators["intermediary"].url}
    for name in ("bank-a", "bank-b"):
        environ[f"GATEWAY_{name.upper().replace('-', '_')}_URL"] = simulators[name].url
    for name, found in greetings.items():
        environ[f"GATEWAY_{name.upper().replace('-', '_')}_SFTP_PORT"] = str(found["sftp_port"])
    partners = load_partners(REPOSITORY / "config" / "partners", environ)
    trust = trust_of(pki)
    return {
        name: Counterpart(simulator, impatient, build(impatient, certs=pki, trust=trust, environment=ENVIRONMENT))
        for name, simulator in simulators.items()
        for impatient in [_impatient(partners[name])]
    }


def trust_of(pki: Path) -> TrustStore:
    return TrustStore.load(anchors=pki / "root.crt", intermediates=pki / "intermediate.crt", crls=pki / "crl")


def _impatient(partner: Partner) -> Partner:
    if partner.collection is None:
        return partner
    return partner.model_copy(update={"collection": partner.collection.model_copy(update={"read_timeout_seconds": 2})})


@pytest.fixture
def parts_of(running_partners: dict[str, Counterpart]) -> Callable[[str], Counterpart]:
    def find(name: str) -> Counterpart:
        running_partners[name].simulator.behave()
        return running_partners[name]

    return find


@pytest.fixture
def bank_a(parts_of: Callable[[str], Counterpart]) -> Counterpart:
    return parts_of("bank-a")


@pytest.fixture
def bank_b(parts_of: Callable[[str], Counterpart]) -> Counterpart:
    return parts_of("bank-b")


@pytest.fixture
def intermediary(parts_of: Callable[[str], Counterpart]) -> Counterpart:
    return parts_of("intermediary")


@pytest.fixture(params=["bank-a", "bank-b"])
def bank(request: pytest.FixtureRequest, parts_of: Callable[[str], Counterpart]) -> Counterpart:
    return parts_of(request.param)


# Messages


def new_reference() -> str:
    return f"QN{uuid.uuid4().hex[:16].upper()}"


def outbound(counterpart: Counterpart, kind: Kind, payload: dict[str, object]) -> OutboundMessage:
    number = next(_numbers)
    return OutboundMessage(number, counterpart.partner.id, kind, str(uuid.uuid4()), payload)


def a_payment_request(counterpart: Counterpart, reference: str = "", amount: int = 150_000) -> OutboundMessage:
    collection = counterpart.partner.collection
    assert collection is not None
    expires_at = datetime.now(UTC) + timedelta(days=30)
    return outbound(
        counterpart,
        Kind.PAYMENT_REQUEST_CREATE,
        {
            "reference": reference or new_reference(),
            "channel": collection.channels[-1].value,
            "dossier_code": "H49.12-20261123-0000001",
            "procedure_code": "1.004227",
            "procedure_name": "Đăng ký biến động đất đai",
            "unit_code": "H49.12",
            "unit_name": "Sở Nông nghiệp và Môi trường",
            "payer_name": "Nguyễn Thị Hạ Long",
            "payer_id_number": "022190000001",
            "payer_address": "Phường Hồng Gai, Quảng Ninh",
            "amount": amount,
            "account": counterpart.account,
            "account_name": "TRUNG TAM PHUC VU HANH CHINH CONG TINH QUANG NINH",
            "description": "Phí thẩm định hồ sơ",
            "expires_at": expires_at.isoformat(),
            "fees": [{"fee_id": "F1", "kind": "phi", "name": "Phí thẩm định", "amount": amount}],
        },
    )


def a_cancellation(counterpart: Counterpart, reference: str) -> OutboundMessage:
    payload: dict[str, object] = {"reference": reference, "reason": "Công dân rút hồ sơ"}
    return outbound(counterpart, Kind.PAYMENT_REQUEST_CANCEL, payload)


def a_refund(
    counterpart: Counterpart, reference: str, transaction: str, amount: int, refund_id: str = ""
) -> OutboundMessage:
    return outbound(
        counterpart,
        Kind.REFUND,
        {
            "refund_id": refund_id or str(uuid.uuid4()),
            "reference": reference,
            "partner_transaction_id": transaction,
            "account": counterpart.account,
            "amount": amount,
            "reason": "Hồ sơ không được tiếp nhận",
        },
    )


def an_enquiry(counterpart: Counterpart) -> OutboundMessage:
    """A question about one row (tra soát), as a decision writes it."""
    number = f"TS{uuid.uuid4().hex[:12].upper()}"
    content = f"TRASOAT|{number}|{counterpart.partner.id}|2026-11-23|1|x\r\nHOI|Ai nộp khoản này?\r\n"
    return outbound(
        counterpart,
        Kind.ENQUIRY,
        {"enquiry_id": number, "file_name": f"TRASOAT_{counterpart.partner.id}_{number}.csv", "content": content},
    )
