"""The development PKI with the gateway's SSH key, as the partner tests need it."""

from __future__ import annotations

from pathlib import Path

import asyncssh

from gateway.security import development_pki


def make(folder: Path) -> Path:
    """A whole development PKI and ``sftp/gateway``; the folder."""
    development_pki.create(folder)
    sftp = folder / "sftp"
    sftp.mkdir(exist_ok=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(sftp / "gateway"))
    key.write_public_key(str(sftp / "gateway.pub"))
    (sftp / "gateway").chmod(0o600)
    return folder
