"""VNPost for the core: ``build`` joins the configuration, the wires and the codecs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.postal.feed import VnpostFeed
from adapters.postal.orders import PostalSender
from adapters.wire.rest import RestClient, client_credentials
from adapters.wire.sign_in import nothing_sent_yet, server_authorities
from gateway.errors import ConfigurationError
from gateway.partners import Partner
from gateway.security.secret import Secret


@dataclass(frozen=True, slots=True)
class PostalParts:
    """What one postal partner offers the core."""

    orders: PostalSender
    feed: VnpostFeed


def build(partner: Partner, *, certs: Path, environment: str, environ: Mapping[str, str]) -> PostalParts:
    """The parts for a partner with ``[postal_api]``; nothing is connected yet. Raises ConfigurationError."""
    api = partner.postal_api
    if api is None:
        raise ConfigurationError(f"{partner.id}: VNPost needs the section [postal_api]")
    client = RestClient(
        api.endpoint,
        connect_timeout=api.connect_timeout_seconds,
        read_timeout=api.read_timeout_seconds,
        verify=server_authorities(certs, environment),
    )
    secret = Secret.from_reference(api.client_secret, environ=environ).value.decode()
    session = client.with_session(nothing_sent_yet(client_credentials(api.client_id, secret, path=api.token_path)))
    feed = VnpostFeed(partner.id, api, session)
    return PostalParts(PostalSender(partner.id, api, session, feed), feed)
