"""A private RabbitMQ node of our own, from the distribution's package: other nodes of this machine do not notice it.

It has its own ports, cookie, data, logs and ``epmd``; it listens on loopback with a generated user.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway.local import install, processes

START_SECONDS = 240.0
USER = "gateway"
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


@dataclass(frozen=True)
class RabbitAddress:
    """Where a node is: AMQP on ``port``, the management API on ``management_port``, both on loopback."""

    port: int
    management_port: int
    password: str = field(repr=False)

    def url(self, vhost: str = "/") -> str:
        """The address of one virtual host, with the password: never print it."""
        path = vhost.replace("/", "%2F")
        return f"amqp://{USER}:{self.password}@127.0.0.1:{self.port}/{path}"

    @property
    def management_url(self) -> str:
        """The address of the management pages and API, without the password."""
        return f"http://127.0.0.1:{self.management_port}"

    def create_vhost(self, name: str) -> str:
        """Create a virtual host in which ``gateway`` may do everything, and return its address."""
        self.ask("PUT", f"/api/vhosts/{name}", {"default_queue_type": "quorum"})
        self.ask("PUT", f"/api/permissions/{name}/{USER}", {"configure": ".*", "write": ".*", "read": ".*"})
        return self.url(name)

    def drop_vhost(self, name: str) -> None:
        """Remove a virtual host and everything in it."""
        self.ask("DELETE", f"/api/vhosts/{name}", None)

    def ask(self, method: str, path: str, body: object) -> bytes:
        """One request to the management API. Raises ``urllib.error.URLError`` when it is refused."""
        request = urllib.request.Request(self.management_url + path, method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{USER}:{self.password}".encode()).decode())
        request.add_header("Content-Type", "application/json")
        request.data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=30) as answer:
            content: bytes = answer.read()
            return content


@dataclass(frozen=True)
class RabbitMQ(RabbitAddress):
    """A node that we started. ``environment`` is what ``rabbitmqctl`` needs to reach it.

    A ``forgetful`` one is killed when it is stopped: a polite end takes it six seconds.
    """

    child: processes.Child = field(kw_only=True, repr=False)
    epmd: processes.Child = field(kw_only=True, repr=False)
    environment: Mapping[str, str] = field(kw_only=True, repr=False)
    forgetful: bool = field(kw_only=True, default=False)

    def stop(self) -> None:
        """Stop the node and its ``epmd``; its data stays and can be started again, on the same ``port`` if asked."""
        processes.stop(self.child, seconds=0 if self.forgetful else processes.TERM_SECONDS)
        processes.stop(self.epmd)


def start(state_folder: Path, *, forgetful: bool = False, port: int = 0) -> RabbitMQ:
    """Start a node whose data is ``state_folder/rabbitmq``, installing the package when it is absent.

    Raises ``ConfigurationError`` (``system-package-missing``) when it cannot be installed, naming what to install, and
    ``Unavailable`` when it does not start.
    """
    install.ensure("rabbitmq-server")
    folder = state_folder.resolve() / "rabbitmq"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    port, management_port = port or processes.free_port(), processes.free_port()
    password = _secret(folder / "password")
    _configure(folder, port, management_port, password)
    environment = _environment(folder, port, epmd_port=processes.free_port())
    epmd = _start_epmd(state_folder, environment)
    child = processes.start(
        "RabbitMQ", [SERVER], log=state_folder / "log" / "rabbitmq.log", environment=environment, folder=folder
    )
    node = RabbitMQ(
        port, management_port, password, child=child, epmd=epmd, environment=environment, forgetful=forgetful
    )
    try:
        processes.wait_until(lambda: _accepts(node), child, seconds=START_SECONDS)
    except BaseException:
        node.stop()
        raise
    return node


def _start_epmd(state_folder: Path, environment: Mapping[str, str]) -> processes.Child:
    # A node starts an epmd that outlives it unless one is there: this one is a child of ours and ends with us.
    epmd = processes.start(
        "epmd",
        [shutil.which("epmd") or "epmd", "-address", "127.0.0.1", "-port", environment["ERL_EPMD_PORT"]],
        log=state_folder / "log" / "epmd.log",
        environment=environment,
    )
    processes.wait_until(lambda: processes.answers(int(environment["ERL_EPMD_PORT"])), epmd, seconds=10)
    return epmd


def _configure(folder: Path, port: int, management_port: int, password: str) -> None:
    lines = (
        f"listeners.tcp.default = 127.0.0.1:{port}",
        f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management_port}",
        "management_agent.disable_metrics_collector = true",
        f"default_user = {USER}\ndefault_pass = {password}",
        "default_user_tags.administrator = true",
        "disk_free_limit.absolute = 50MB",
        "log.console = true\nlog.file = false\nlog.console.level = warning",
        # A small machine: quorum queues need not keep more than this in memory.
        "vm_memory_high_watermark.absolute = 1GB",
    )
    (folder / "rabbitmq.conf").touch(mode=0o600)
    (folder / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
    (folder / "advanced.config").write_text("[].\n")
    (folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
    cookie = folder / ".erlang.cookie"
    if not cookie.exists():
        cookie.touch(mode=0o600)
        cookie.write_text(secrets.token_hex(20))
        cookie.chmod(0o400)


def _environment(folder: Path, port: int, *, epmd_port: int) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "ERL_EPMD_PORT": str(epmd_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        # Its own start script would answer TERM with a second Erlang, which takes seconds.
        "RUNNING_UNDER_SYSTEMD": "true",
        # Names are unique per epmd, and this one is ours: the data is found again by the same name.
        "RABBITMQ_NODENAME": "gateway@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(processes.free_port()),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none",
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
    }


def _secret(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24))
    return file.read_text().strip()


def _accepts(node: RabbitAddress) -> bool:
    if not processes.answers(node.port):
        return False
    with suppress(urllib.error.URLError, OSError):
        node.ask("GET", "/api/overview", None)
        return True
    return False
