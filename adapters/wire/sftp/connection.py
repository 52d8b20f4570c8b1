"""One SSH connection for SFTP: only a host whose key is known, only our key, fast ciphers first, every wait bounded."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
from paramiko.hostkeys import HostKeyEntry
from paramiko.sftp import CMD_NAME

from adapters.wire.sftp.failures import TRANSLATION, translate
from gateway.errors import ConfigurationError, GatewayError, Unavailable

KEEPALIVE_SECONDS = 15
# AES-GCM needs no separate MAC, which makes it the fastest that paramiko has.
CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr")
MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512")
_RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256")
_WINDOW_BYTES = 16 * 1024 * 1024

NO_TEXT = "\ufffd"
"""Stands in a listed name for what is no UTF-8."""


@dataclass(frozen=True, slots=True)
class SftpAddress:
    """Where to sign in and whom to believe.

    ``host_keys`` is a known_hosts file, or one pinned key as ``ssh-ed25519 AAAA…``. Time-outs in seconds: ``connect``
    for the socket, the handshake and the sign-in each, ``operation`` for every silence after that.
    """

    host: str
    port: int
    username: str
    private_key: Path
    host_keys: Path | str
    passphrase: str | None = field(default=None, repr=False)
    connect_timeout: float = 10.0
    operation_timeout: float = 60.0

    @property
    def where(self) -> str:
        return f"sftp://{self.username}@{self.host}:{self.port}"


class _Names(paramiko.Message):
    """The answer to a listing, whose names need be no UTF-8: one such would hide all the others."""

    def get_text(self) -> str:
        return self.get_binary().decode("utf-8", "replace")


class _Session(paramiko.SFTPClient):
    """Hands listings on as ``_Names``: paramiko decodes each name strictly, inside its own loop."""

    def _request(self, kind: int, *arguments: object) -> tuple[int, paramiko.Message]:
        answered, message = super()._request(kind, *arguments)  # type: ignore[misc]  # the stubs tell nothing private
        return answered, _Names(message.get_remainder()) if answered == CMD_NAME else message


def connect(address: SftpAddress) -> tuple[paramiko.Transport, paramiko.SFTPClient]:
    """A signed-in connection and its SFTP session.

    Raises Unavailable (``sftp-unreachable``, ``sftp-sign-in-refused``, …), Untrusted (``sftp-host-key-unknown``) and
    ConfigurationError (``sftp-key-unusable``, ``sftp-setting-invalid``).
    """
    known = _known_keys(address)
    key = _private_key(address)
    try:
        plain = socket.create_connection((address.host, address.port), address.connect_timeout)
    except OSError as error:
        raise Unavailable("no connection could be made", code="sftp-unreachable", where=address.where) from error
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # paramiko writes to a peer that reads no more for ever; the kernel gives up instead.
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(address.operation_timeout * 1000))
    transport = None
    try:
        transport = paramiko.Transport(plain, default_window_size=_WINDOW_BYTES)
        return transport, _sign_in(transport, address, known, key)
    except (paramiko.SSHException, paramiko.SFTPError, EOFError, OSError) as error:
        raise _failed(error, address) from error
    finally:
        if transport is None or not transport.is_authenticated():
            (transport or plain).close()


def _sign_in(
    transport: paramiko.Transport, address: SftpAddress, known: dict[str, paramiko.PKey], key: paramiko.PKey
) -> paramiko.SFTPClient:
    options = transport.get_security_options()
    options.ciphers = CIPHERS
    options.digests = MACS
    # Ask for the kind of key that we know, or a server with several shows one that we do not.
    wanted = [kind for name in known for kind in (_RSA_SIGNATURES if name == "ssh-rsa" else (name,))]
    options.key_types = tuple(wanted) or options.key_types
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = address.connect_timeout
    transport.start_client(timeout=address.connect_timeout)
    shown = transport.get_remote_server_key()
    expected = known.get(shown.get_name())
    if expected is None or expected.asbytes() != shown.asbytes():
        raise paramiko.BadHostKeyException(address.host, shown, expected or shown)
    transport.auth_publickey(address.username, key)
    transport.set_keepalive(KEEPALIVE_SECONDS)
    session = _Session.from_transport(transport, window_size=_WINDOW_BYTES)
    if session is None:
        raise paramiko.ChannelException(0, "no session")
    channel = session.get_channel()
    if channel is not None:
        channel.settimeout(address.operation_timeout)
    return session


def _failed(error: BaseException, address: SftpAddress) -> GatewayError:
    ours = translate(error, address.where, alive=False)
    if ours.code == "sftp-connection-lost":
        return Unavailable("the server is no SSH server, or hung up", code="sftp-unreachable", where=address.where)
    return ours


def _known_keys(address: SftpAddress) -> dict[str, paramiko.PKey]:
    """Key type -> key. An empty result believes nobody."""
    name = address.host if address.port == 22 else f"[{address.host}]:{address.port}"
    try:
        if isinstance(address.host_keys, str):
            entry = HostKeyEntry.from_line(f"{name} {address.host_keys}")
            if entry is None or entry.key is None:
                raise paramiko.SSHException("not a public key")
            return {entry.key.get_name(): entry.key}
        found = paramiko.HostKeys(str(address.host_keys)).lookup(name)
    except (OSError, paramiko.SSHException) as error:
        message = "the known host keys cannot be read"
        raise ConfigurationError(message, code="sftp-setting-invalid", where=str(address.host_keys)) from error
    return {} if found is None else {kind: found[kind] for kind in found.keys()}  # noqa: SIM118  (no iterator of keys)


def _private_key(address: SftpAddress) -> paramiko.PKey:
    # paramiko hands it on to cryptography, which wants bytes, whatever paramiko's annotation says.
    passphrase: Any = None if address.passphrase is None else address.passphrase.encode()
    try:
        return paramiko.PKey.from_path(address.private_key, passphrase)
    except (OSError, ValueError, TypeError, paramiko.SSHException, paramiko.pkey.UnknownKeyType) as error:
        raise TRANSLATION[paramiko.PasswordRequiredException].error(str(address.private_key)) from error
