"""Whose keys of the development PKI belong to whom in a demo, registered as operations would."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.application.roles import person_of
from gateway.application.signers import register_certificate
from gateway.bootstrap import open_desk

OFFICES: Mapping[str, str] = MappingProxyType({"an": "lap_bieu", "binh": "ke_toan_truong", "chi": "thu_truong"})


def register(environ: Mapping[str, str], *, by: str = "admin") -> None:
    """Register the certificates in ``people`` of the stage's PKI; ``by`` must be of operations."""
    with open_desk(environ=environ) as desk:
        for user, office in OFFICES.items():
            certificate = (desk.settings.certs / "people" / f"{user}.crt").read_bytes()
            register_certificate(desk, person_of(desk, by), user, office, certificate)
