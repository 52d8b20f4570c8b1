"""Detached CMS signatures for the simulators, by the ``openssl`` program: not the gateway's code."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path


def sign(content: bytes, certs: Path, name: str) -> bytes:
    """A detached DER signature over ``content`` by the party ``name`` (``name.key``, ``name.crt``), SHA-256."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "content")
        file.write_bytes(content)
        return _openssl(
            "cms", "-sign", "-binary", "-md", "sha256", "-outform", "DER",
            "-in", str(file), "-signer", str(certs / f"{name}.crt"), "-inkey", str(certs / f"{name}.key"),
        )  # fmt: skip


def verifies(content: bytes, signature: bytes, signer: Path) -> bool:
    """Whether ``signature`` over ``content`` was made with the key of the certificate file ``signer``."""
    with tempfile.TemporaryDirectory() as folder:
        file, sealed = Path(folder, "content"), Path(folder, "signature")
        file.write_bytes(content)
        sealed.write_bytes(signature)
        try:
            _openssl(
                "cms", "-verify", "-binary", "-inform", "DER", "-in", str(sealed), "-content", str(file),
                "-certfile", str(signer), "-nointern", "-noverify", "-out", str(Path(folder, "out")),
            )  # fmt: skip
        except subprocess.CalledProcessError:
            return False
    return True


def _openssl(*arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30).stdout
