"""A development PKI for the session, and what the tests of signatures share."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.errors import GatewayError
from gateway.security import development_pki
from gateway.security.keys import SigningKey
from gateway.security.trust import PartnerCertificates, TrustStore

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Pki:
    folder: Path
    trust: TrustStore

    def key(self, name: str) -> SigningKey:
        return SigningKey.load(self.folder / f"{name}.key", self.folder / f"{name}.crt")

    def partner(self, name: str, *files: str) -> PartnerCertificates:
        return PartnerCertificates.load(name, [self.folder / f"{file}.crt" for file in files or (name,)])


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    folder = tmp_path_factory.mktemp("certs")
    development_pki.create(folder)
    return Pki(folder, load_trust(folder))


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="session")
def corpora() -> Path:
    folder = Path(os.environ.get("GATEWAY_CORPORA", REPOSITORY.parent / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip(f"the corpora are not here: {folder}")
    return folder


@pytest.fixture
def code_of() -> Callable[[Callable[[], object]], str]:
    """The code of the error that a call raises; "believed" where it raises none."""

    def run(call: Callable[[], object]) -> str:
        try:
            call()
        except GatewayError as error:
            return error.code
        return "believed"

    return run


def load_trust(folder: Path) -> TrustStore:
    return TrustStore.load(anchors=folder / "root.crt", intermediates=folder / "intermediate.crt", crls=folder / "crl")
