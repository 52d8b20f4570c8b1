"""What no wheel carries: RabbitMQ, OpenSSH's server and the tests' browser, from the distribution, installed once.

``python -m gateway.local.install [NAME …]`` installs what is absent of all that setting up needs, or of the named.
Nothing of it is left running or started at boot: the gateway starts private instances of its own.
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
    """A package of Debian or Ubuntu and the program that shows it is there. ``use``: who needs it.

    ``elsewhere``: a command that gets it where the distribution has no such package, and where that puts it below the
    user's home. ``by_name_only``: nobody who sets up needs it; it is installed where it is asked for.
    """

    name: str
    program: str
    services: tuple[str, ...]
    use: str
    elsewhere: tuple[str, ...] = ()
    found: str = ""
    by_name_only: bool = False

    def path(self) -> Path | None:
        """Where its program is on this machine, None where it is not."""
        if Path(self.program).exists():
            return Path(self.program)
        return next(iter(sorted(Path.home().glob(self.found))), None) if self.found else None


_PLAYWRIGHTS = (sys.executable, "-m", "playwright", "install", "--with-deps", "chromium")

PACKAGES: Mapping[str, SystemPackage] = {
    "rabbitmq-server": SystemPackage(
        "rabbitmq-server",
        "/usr/lib/rabbitmq/bin/rabbitmq-server",
        ("rabbitmq-server.service", "epmd.service", "epmd.socket"),
        "the demo and the tests",
    ),
    "openssh-server": SystemPackage(
        "openssh-server", "/usr/sbin/sshd", ("ssh.service", "ssh.socket"), "the tests of SFTP"
    ),
    # Chromium without windows: a page costs a quarter of the work. Ubuntu has Chromium as a snap only, which no root
    # without a session can drive: the tests' own library fetches one, with and without windows.
    "chromium-headless-shell": SystemPackage(
        "chromium-headless-shell",
        "/usr/bin/chromium-headless-shell",
        (),
        "the tests of pages; people bring their own browser",
        elsewhere=_PLAYWRIGHTS,
        found=".cache/ms-playwright/chromium_headless_shell-*/*/*headless?shell",
    ),
    "chromium": SystemPackage(
        "chromium",
        "/usr/bin/chromium",
        (),
        "the pictures of the documents",
        elsewhere=_PLAYWRIGHTS,
        found=".cache/ms-playwright/chromium-*/chrome-linux*/chrome",
        by_name_only=True,
    ),
    # Date fields speak the browser's own language: without windows that is English, and Debian's alone, too.
    "chromium-l10n": SystemPackage(
        "chromium-l10n",
        "/usr/lib/chromium/locales/vi.pak",
        (),
        "the pictures of the documents, in Vietnamese",
        elsewhere=_PLAYWRIGHTS,
        found=".cache/ms-playwright/chromium-*/chrome-linux*/locales/vi.pak",
        by_name_only=True,
    ),
    "poppler-utils": SystemPackage("poppler-utils", "/usr/bin/pdfsig", (), "the tests of signed PDFs"),
}


def missing() -> list[SystemPackage]:
    """The packages whose program is not on this machine."""
    return [package for package in PACKAGES.values() if package.path() is None]


def ensure(*names: str) -> None:
    """Install what is absent of the named packages, or of all that setting up needs, and say so on standard error.

    Raises ``ConfigurationError`` (``system-package-missing``) that names what to install when this user may not.
    """
    wanted = [one for one in missing() if (one.name in names if names else not one.by_name_only)]
    if not wanted:
        return
    become_root = _become_root(wanted)
    with _one_at_a_time():
        wanted = [package for package in wanted if package.path() is None]
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
    print(f"installing {', '.join(names)} (once; nothing of it is started)", file=sys.stderr)  # noqa: T201 - told
    apt = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    # A list of packages may be old or absent on a fresh machine: only then is it fetched.
    if any(not _offered(package) for package in wanted):
        subprocess.run([*apt, "update"], capture_output=True, check=False)
    here = [package for package in wanted if _offered(package) or not package.elsewhere]
    commands = [[*apt, "install", "-y", "--no-install-recommends", *(one.name for one in here)]] if here else []
    commands += [list(package.elsewhere) for package in wanted if package not in here]
    with _services_stay_down(become_root):
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode and command[0] != sys.executable:
                subprocess.run([*apt, "update"], capture_output=True, check=False)
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise _cannot(wanted, f"{' '.join(command)} failed: {(done.stderr or done.stdout).strip()[-800:]}")
    _not_at_boot(wanted, become_root)


def _offered(package: SystemPackage) -> bool:
    """Whether the distribution's lists have it to install; a package that only leads to a snap is not one."""
    told = subprocess.run(["apt-cache", "policy", package.name], capture_output=True, text=True, check=False).stdout
    candidate = next((line.split()[-1] for line in told.splitlines() if "Candidate:" in line), "(none)")
    return candidate != "(none)" and "snap" not in candidate


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
        action="; ".join(f"as root: apt-get install {one.name} (for {one.use})" for one in wanted),
    )


if __name__ == "__main__":
    try:
        ensure(*sys.argv[1:])
    except ConfigurationError as error:
        sys.exit(error.explain())
