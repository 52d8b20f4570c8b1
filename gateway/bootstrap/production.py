"""What only a demo may have, and production refuses."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from gateway.errors import Problem
from gateway.partners import Partner
from gateway.security.development_pki import is_development
from gateway.security.pem import read_certificate_file
from gateway.settings import Settings


def problems_of(settings: Settings, partners: Iterable[Partner]) -> list[Problem]:
    """Development certificates, partners on loopback, and the demo's business clock."""
    problems = []
    for file in sorted(settings.certs.glob("*.crt")):
        if is_development(read_certificate_file(file)):
            problems.append(Problem(str(file), "subject", "a development certificate is not for production"))
    for partner in partners:
        problems.extend(
            Problem(f"{partner.id}.toml", key, "a partner on this machine is a simulator")
            for key, place in _places(partner)
            if _is_here(place)
        )
    return problems


def _is_here(host: str) -> bool:
    name = host.strip("[]").lower()
    try:
        address = ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return any(one.is_loopback or one.is_unspecified for one in (address, mapped) if one is not None)


def _places(partner: Partner) -> list[tuple[str, str]]:
    endpoints = [
        ("collection.endpoint", partner.collection.endpoint if partner.collection else ""),
        ("dossier_api.endpoint", partner.dossier_api.endpoint if partner.dossier_api else ""),
        ("platform.endpoint", partner.platform.endpoint if partner.platform else ""),
        ("postal_api.endpoint", partner.postal_api.endpoint if partner.postal_api else ""),
    ]
    hosts = [
        ("statements.sftp.host", partner.statements.sftp.host if partner.statements else ""),
        ("remittances.sftp.host", partner.remittances.sftp.host if partner.remittances else ""),
    ]
    return [(key, urlsplit(url).hostname or "") for key, url in endpoints] + hosts
