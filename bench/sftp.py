"""SFTP of 200 MB on loopback, beside OpenSSH's own ``sftp`` against the same OpenSSH server in the same run."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from adapters.wire.sftp import SftpAddress, SftpClient
from bench.row import Row
from gateway.local import openssh

MEGABYTES = 200
TARGET = 0.5


def rows(megabytes: int = MEGABYTES) -> Sequence[Row]:
    """Put and get, without the read-back; the better of two turns each, since other work disturbs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = openssh.start(folder)
        try:
            return _measured(server, folder, megabytes)
        finally:
            server.stop()


def _measured(server: openssh.SshServer, folder: Path, megabytes: int) -> Sequence[Row]:
    source = folder / "source.bin"
    source.write_bytes(os.urandom(megabytes * 1_000_000))
    address = SftpAddress("127.0.0.1", server.port, server.user, server.user_key, server.known_hosts)

    def put() -> None:
        with SftpClient(address) as client:
            client.put(source, "ours.bin", read_back=False)

    def get() -> None:
        with SftpClient(address) as client:
            client.get("ours.bin", folder / "ours.bin", resume=False)

    peers = (
        lambda: _openssh(server, f"put {source} peer.bin"),
        lambda: _openssh(server, f"get peer.bin {folder}/peer"),
    )
    return [
        _row(f"SFTP {verb} {megabytes} MB", _speed(ours, megabytes), f"OpenSSH sftp {verb}", _speed(peer, megabytes))
        for verb, ours, peer in (("put", put, peers[0]), ("get", get, peers[1]))
    ]


def _openssh(server: openssh.SshServer, command: str) -> None:
    options = ["-o", f"UserKnownHostsFile={server.known_hosts}", "-o", "IdentitiesOnly=yes", "-i", str(server.user_key)]
    subprocess.run(
        ["sftp", "-q", "-b", "-", "-P", str(server.port), *options, f"{server.user}@127.0.0.1"],
        input=command.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _speed(transfer: Callable[[], None], megabytes: int, turns: int = 2) -> float:
    best = 0.0
    for _ in range(turns):
        started = time.perf_counter()
        transfer()
        best = max(best, megabytes / (time.perf_counter() - started))
    return best


def _row(name: str, value: float, reference: str, reference_value: float) -> Row:
    ratio = value / reference_value
    return {
        "name": name,
        "value": round(value, 1),
        "unit": "MB/s",
        "reference": reference,
        "reference_value": round(reference_value, 1),
        "ratio": round(ratio, 2),
        "target": f">= {TARGET} of the reference",
        "met": ratio >= TARGET,
    }
