"""A real OpenSSH server of our own with SFTP only, for tests against something that we did not write."""

from __future__ import annotations

import getpass
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from gateway.local import install, processes

START_SECONDS = 20.0
SERVER = Path("/usr/sbin/sshd")
PRIVILEGE_SEPARATION = Path("/run/sshd")


@dataclass(frozen=True)
class SshAddress:
    """Where a server is. Sign in as ``user`` with ``user_key``; a session begins in ``root``.

    ``host_key`` is the line ``ssh-ed25519 AAAA…``, and ``known_hosts`` a file that holds it.
    """

    port: int
    user: str
    user_key: Path
    host_key: str
    root: Path
    known_hosts: Path


@dataclass(frozen=True)
class SshServer(SshAddress):
    """A server that we started."""

    child: processes.Child = field(kw_only=True, repr=False)

    def stop(self) -> None:
        """Stop the server and every session of it."""
        processes.stop(self.child)


def start(state_folder: Path, *, port: int = 0) -> SshServer:
    """Start a server that knows one user key; keys are generated on the first start.

    Raises ``ConfigurationError`` (``system-package-missing``) when
    the package is absent and cannot be installed, ``Unavailable`` when the server does not start.
    """
    install.ensure("openssh-server")
    folder = state_folder.resolve() / "openssh"
    root = folder / "root"
    root.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    port = port or processes.free_port()
    host_key, user_key = _key(folder / "host_ed25519"), _key(folder / "user_ed25519")
    known_hosts = folder / "known_hosts"
    known_hosts.write_text(f"[127.0.0.1]:{port} {host_key}\n")
    (folder / "authorized_keys").write_text(user_key + "\n")
    (folder / "sshd_config").write_text(_configuration(folder, port))
    if os.geteuid() == 0:
        PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)
    child = processes.start(
        "OpenSSH", [SERVER, "-D", "-e", "-f", folder / "sshd_config"], log=state_folder / "log" / "openssh.log"
    )
    processes.wait_until(lambda: processes.answers(port), child, seconds=START_SECONDS)
    return SshServer(port, getpass.getuser(), folder / "user_ed25519", host_key, root, known_hosts, child=child)


def _key(file: Path) -> str:
    """The public half (type and base64) of a key that is generated when it is not there."""
    if not file.exists():
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "gateway-local", "-f", str(file)]
        subprocess.run(make, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return " ".join(file.with_suffix(".pub").read_text().split()[:2])


def _configuration(folder: Path, port: int) -> str:
    return f"""ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_ed25519
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowTcpForwarding no
X11Forwarding no
UseDNS no
MaxStartups 100
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d {folder}/root
"""
