"""A small PKI for the partner tests, made by openssl: a CA, one leaf per party, the gateway's SSH key."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import asyncssh


def make(folder: Path, parties: Sequence[str]) -> Path:
    """Write ``ca.crt`` and ``NAME.crt``/``NAME.key`` of every party, and ``sftp/gateway``; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _openssl(
        folder,
        *_NEW,
        "-keyout",
        "ca.key",
        "-out",
        "ca.crt",
        "-subj",
        "/CN=Test CA",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
    )
    for party in parties:
        _openssl(
            folder, *_NEW, "-keyout", f"{party}.key", "-out", f"{party}.crt", "-subj", f"/CN={party}",
            "-CA", "ca.crt", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
            "-addext", "keyUsage=critical,digitalSignature,keyEncipherment",
            "-addext", "extendedKeyUsage=serverAuth,emailProtection",
        )  # fmt: skip
    sftp = folder / "sftp"
    sftp.mkdir(exist_ok=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(sftp / "gateway"))
    key.write_public_key(str(sftp / "gateway.pub"))
    (sftp / "gateway").chmod(0o600)
    return folder


_NEW = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-sha256")


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=30)
