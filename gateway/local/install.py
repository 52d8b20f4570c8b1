"""What no wheel carries: RabbitMQ, OpenSSH's server and the tests' browser, from the distribution, installed once.

``python -m gateway.local.install`` installs what is absent. Nothing of it is left running or started at boot: the
gateway starts private instances of its own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import ConfigurationError

POLICY = Path("/usr/sbin/policy-rc.d")
LOCK = Path("/var/lock/gateway-install.lock")


@dataclass(frozen=True, slots=True)
class SystemPackage:
    """A package of Debian or Ubuntu, the program that shows it is there, and what else would serve instead."""

    name: str
    program: str
    services: tuple[str, ...]
    otherwise: str


PACKAGES: Mapping[str, SystemPackage] = {
    "rabbitmq-server": SystemPackage(
        "rabbitmq-server",
        "/usr/lib/rabbitmq/bin/rabbitmq-server",
        ("rabbitmq-server.service", "epmd.service", "epmd.socket"),
        "(1) as root: apt-get install rabbitmq-server; (2) docker compose up -d rabbitmq; "
        "(3) name a broker of your own in GATEWAY_AMQP_URL",
    ),
    "openssh-server": SystemPackage(
        "openssh-server",
        "/usr/sbin/sshd",
        ("ssh.service", "ssh.socket"),
        "as root: apt-get install openssh-server",
    ),
    # Only the tests drive a browser; people bring their own.
    "chromium": SystemPackage("chromium", "/usr/bin/chromium", (), "as root: apt-get install chromium"),
    "poppler-utils": SystemPackage(
        "poppler-utils",
        "/usr/bin/pdfsig",
        (),
        "as root: apt-get install poppler-utils (only the tests of signed PDFs need it)",
    ),
}


def missing() -> list[SystemPackage]:
    """The packages whose program is not on this machine."""
    return [package for package in PACKAGES.values() if not Path(package.program).exists()]


def ensure(*names: str) -> None:
    """Install the named packages (all, when none is named) that are absent, and say so on standard error.

    Raises ``ConfigurationError`` (``system-package-missing``) that names what to install when this user may not.
    """
    wanted = [package for package in missing() if not names or package.name in names]
    if not wanted:
        return
    become_root = _become_root(wanted)
    with _one_at_a_time():
        wanted = [package for package in wanted if not Path(package.program).exists()]
        if wanted:
            _install(wanted, become_root)


def _become_root(wanted: Sequence[SystemPackage]) -> list[str]:
    if shutil.which("apt-get") and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if shutil.which("apt-get") and sudo and (sys.stdin.isatty() or _may_without_password(sudo)):
        return [sudo]
    raise _cannot(wanted, "they are not installed, and installing needs apt-get with root or sudo")


def _may_without_password(sudo: str) -> bool:
    return subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0


def _install(wanted: Sequence[SystemPackage], become_root: list[str]) -> None:
    names = [package.name for package in wanted]
    print(f"installing {', '.join(names)} with apt-get (once; nothing of it is started)", file=sys.stderr)  # noqa: T201 - told
    apt = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    with _services_stay_down(become_root):
        # A list of packages may be old or absent on a fresh machine: only then is it fetched.
        install = [*apt, "install", "-y", "--no-install-recommends", *names]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            subprocess.run([*apt, "update"], capture_output=True, check=False)
            done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        raise _cannot(wanted, f"apt-get failed: {(done.stderr or done.stdout).strip()[-800:]}")
    _not_at_boot(wanted, become_root)


@contextmanager
def _services_stay_down(become_root: list[str]) -> Iterator[None]:
    """Debian starts a service when its package is installed, unless this policy forbids it."""
    if POLICY.exists():
        yield
        return
    forbid = f"printf '#!/bin/sh\\nexit 101\\n' > {POLICY} && chmod 755 {POLICY}"
    subprocess.run([*become_root, "sh", "-c", forbid], check=True)
    try:
        yield
    finally:
        subprocess.run([*become_root, "rm", "-f", str(POLICY)], check=True)


def _not_at_boot(wanted: Sequence[SystemPackage], become_root: list[str]) -> None:
    if not shutil.which("systemctl"):
        return
    for package in wanted:
        for service in package.services:
            # Best effort: a service that this version of the package does not have cannot be disabled.
            subprocess.run([*become_root, "systemctl", "disable", service], capture_output=True, check=False)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    folder = LOCK.parent if os.access(LOCK.parent, os.W_OK) else Path.home()
    with (folder / LOCK.name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _cannot(wanted: Sequence[SystemPackage], why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{', '.join(package.name for package in wanted)}: {why}",
        code="system-package-missing",
        where=", ".join(package.program for package in wanted),
        action="; ".join(package.otherwise for package in wanted),
    )


if __name__ == "__main__":
    try:
        ensure(*sys.argv[1:])
    except ConfigurationError as error:
        sys.exit(error.explain())
