"""Signs prepared minutes with a personal key in a file, as the demo's people do; tokens bring tools of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from gateway.model import VIETNAM
from gateway.reports.pdf import render
from gateway.security.certificate_facts import certificate_facts
from gateway.security.pdf_signing import sign_pdf


def sign_as(content: bytes, office: str, *, key: Path, certificate: Path, chain: tuple[Path, ...] = ()) -> bytes:
    """The minutes signed in the field of ``office`` now; the stamp names the certificate's owner.

    Raises ConfigurationError ``certificate-unusable``, Malformed ``certificate-unreadable``.
    """
    now = datetime.now(UTC)  # a signature is made in real time
    name = certificate_facts(certificate.read_bytes()).common_name
    data = {"name": name, "at": f"{now.astimezone(VIETNAM):%H:%M:%S %d/%m/%Y}"}
    stamp, _ = render("stamp.typ", data, at=now)
    return sign_pdf(content, office, key=key, certificate=certificate, stamp=stamp, chain=chain)
