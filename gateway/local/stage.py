"""The stage on which a business day is played: services, simulated partners, keys and Airflow, all private.

Everything lives under one folder and ends with ``close``; ports are free ones, passwords and secrets are generated.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from gateway import bootstrap
from gateway import settings as settings_module
from gateway.clock import FileClock
from gateway.errors import Refused, Unavailable
from gateway.local import postgres, processes, rabbitmq, standalone
from gateway.migrations import migrate
from gateway.security import development_pki
from gateway.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[2]
USERS = {"admin": "admin", "an": "op", "binh": "op", "chi": "op"}
"""Who can sign in to Airflow: an administrator, who proposes, who approves, and the head, who signs last."""

_READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Simulator:
    """A simulated partner: its own protocol on ``port``, its control API on ``control``."""

    name: str
    port: int
    control: int
    child: processes.Child = field(repr=False)
    host_key: str = ""

    def act(self, **what: object) -> dict[str, Any]:
        """Let something happen in the partner's world. Raises Refused where the simulator cannot do it."""
        return self._post("act", what)

    def misbehave(self, behaviour: str, *, count: int = 1, **parameters: object) -> dict[str, Any]:
        """Plan a misbehaviour for the next ``count`` requests that fit; see the simulator for its parameters."""
        return self._post("misbehave", {"behaviour": behaviour, "count": count, **parameters})

    def reset(self) -> dict[str, Any]:
        """Forget every planned misbehaviour."""
        return self._post("reset", {})

    def state(self) -> dict[str, Any]:
        """What the partner holds."""
        return self._call("GET", "state", None)

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        return self._call("POST", path, json.dumps(body, default=str).encode())

    def _call(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.control}/control/{path}", body, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                found: dict[str, Any] = json.loads(answer.read())
                return found
        except urllib.error.HTTPError as error:
            told = error.read().decode(errors="replace")
            raise Refused(told, code="simulator-refused", where=f"{self.name} {path}") from error


@dataclass(slots=True)
class Stage:
    """What is running. ``environment`` is what our own processes must be started with."""

    folder: Path
    environment: dict[str, str] = field(repr=False)
    settings: Settings
    simulators: dict[str, Simulator]
    airflow: standalone.Standalone | None
    database_url: str = field(repr=False)
    _database: postgres.Postgres = field(repr=False)
    _ports: Mapping[str, _Ports] = field(repr=False)
    _children: dict[str, processes.Child] = field(default_factory=dict, repr=False)
    _broker: rabbitmq.RabbitMQ | None = field(default=None, repr=False)
    _closing: ExitStack = field(default_factory=ExitStack, repr=False)

    def set_clock(self, at: datetime) -> None:
        """Set the business clock for the gateway and for every simulator."""
        FileClock(self.folder / "business-clock").set(at)

    def restart_database(self) -> None:
        """Stop PostgreSQL and start it again, on the same port and data."""
        self._database.stop()
        self._database = postgres.start(self.folder, port=self._database.port)

    def restart_broker(self) -> None:
        """Stop RabbitMQ and start it again, on the same port and data."""
        assert self._broker is not None  # there is one once the stage is built
        self._broker.stop()
        self._broker = rabbitmq.start(self.folder, port=self._broker.port)

    def stop_simulator(self, name: str) -> None:
        """A partner goes away; what it holds stays."""
        processes.stop(self._children[name])

    def start_simulator(self, name: str) -> None:
        """The partner is back, at the same addresses."""
        self._greet({name: self._start(name)})

    def start_simulators(self) -> None:
        """Start every simulated partner and learn its host key."""
        self._greet({name: self._start(name) for name in _PROGRAMS})

    def _start(self, name: str) -> processes.Child:
        assert self._broker is not None  # it is started before the partners
        ports = self._ports[name]
        log = self.folder / "log" / f"simulator-{name}.log"
        log.unlink(missing_ok=True)
        command: list[str | Path] = [sys.executable, "-m", _PROGRAMS[name], "--name", name]
        command += ["--port", str(ports.own), "--control-port", str(ports.control)]
        command += ["--state", self.folder / "simulators" / name, "--certs", self.folder / "certs"]
        command += ["--business-clock", self.folder / "business-clock"]
        if name != "dossier":
            command += ["--sftp-port", str(ports.sftp)]
        environment = {**_inherited(), **self.environment, "GATEWAY_AMQP_URL": self._broker.url()}
        child = processes.start(name, command, log=log, environment=environment, folder=REPOSITORY)
        # Remembered before it has greeted: where its neighbour fails to start, this one is stopped all the same.
        self._children[name] = child
        return child

    def _greet(self, started: Mapping[str, processes.Child]) -> None:
        for name, child in started.items():
            greeting = _greeting(child)
            self.simulators[name] = Simulator(
                name, greeting.get("port", 0), greeting["control"], child, self._host_key(greeting)
            )
        known = self.folder / "certs" / "sftp" / "known_hosts"
        lines = [one.host_key for one in self.simulators.values() if one.host_key]
        known.write_text("\n".join(lines) + "\n", encoding="ascii")

    @staticmethod
    def _host_key(greeting: Mapping[str, Any]) -> str:
        if "host_key" not in greeting:
            return ""
        return f"[127.0.0.1]:{greeting['sftp_port']} {greeting['host_key']}"

    def close(self) -> None:
        """Stop everything; nothing survives."""
        self._closing.close()

    def stop_services(self) -> None:
        """Stop whichever run now: Airflow, partners and broker side by side, then the database that they use."""
        stops: list[Callable[[], None]] = [partial(processes.stop, child) for child in self._children.values()]
        stops += [service.stop for service in (self.airflow, self._broker) if service is not None]
        with ThreadPoolExecutor(max(1, len(stops))) as pool:
            stopping = [pool.submit(stop) for stop in stops]
        self._database.stop()
        for one in stopping:
            one.result()


Tell = Callable[[str], None]


def build(folder: Path, tell: Tell, *, with_airflow: bool = True, began_at: datetime) -> Stage:
    """Start everything under ``folder``; what was started is stopped where something fails."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        stage = _build(folder, tell, closing, with_airflow=with_airflow, began_at=began_at)
        stage._closing = closing.pop_all()
    return stage


def _build(folder: Path, tell: Tell, closing: ExitStack, *, with_airflow: bool, began_at: datetime) -> Stage:
    tell("PostgreSQL")
    database = postgres.start(folder)
    database_url = database.create_database("gateway")
    ports = {name: _Ports() for name in _PROGRAMS}
    environment = _environment(folder, database_url, ports)
    stage = Stage(folder, environment, settings_module.load(environment), {}, None, database_url, database, ports)
    closing.callback(stage.stop_services)
    tell("keys and certificates (development PKI)")
    _make_keys(folder)
    with psycopg.connect(database_url) as connection:
        migrate(connection)
    stage.set_clock(began_at)
    if with_airflow:
        tell("Airflow (standalone, LocalExecutor); it boots while the rest starts")
        stage.airflow = standalone.start(
            folder, database, dags_folder=REPOSITORY / "dags", users=USERS, environment=environment, wait=False
        )
    tell("RabbitMQ (private node)")
    stage._broker = rabbitmq.start(folder)
    amqp = folder / "amqp-url"
    amqp.touch(mode=0o600)
    amqp.write_text(stage._broker.url(), encoding="ascii")
    stage.settings = settings_module.load(environment)
    bootstrap.declare_queues(stage.settings)
    tell("partners (simulators): " + ", ".join(_PROGRAMS))
    stage.start_simulators()
    if stage.airflow is not None:
        tell("waiting for Airflow's scheduler, triggerer and API server")
        standalone.wait_until_healthy(stage.airflow)
    return stage


@dataclass(frozen=True, slots=True)
class _Ports:
    own: int = field(default_factory=processes.free_port)
    control: int = field(default_factory=processes.free_port)
    sftp: int = field(default_factory=processes.free_port)


_PROGRAMS: Mapping[str, str] = {
    "dossier": "simulators.dossier",
    "bank-a": "simulators.bank",
    "bank-b": "simulators.bank",
    "intermediary": "simulators.intermediary",
    "vnpost": "simulators.vnpost",
    "national-portal": "simulators.portal",
}


def _environment(folder: Path, database_url: str, ports: Mapping[str, _Ports]) -> dict[str, str]:
    environment = {
        "GATEWAY_ENV": "development",
        "GATEWAY_DATABASE_URL": database_url,
        "GATEWAY_AMQP_URL_FILE": str(folder / "amqp-url"),
        "GATEWAY_CONFIG": str(REPOSITORY / "config"),
        "GATEWAY_CERTS": str(folder / "certs"),
        "GATEWAY_VAR": str(folder),
        "GATEWAY_BUSINESS_CLOCK": str(folder / "business-clock"),
        "GATEWAY_PLATFORM_SECRET": secrets.token_urlsafe(24),
        "GATEWAY_VNPOST_SECRET": secrets.token_urlsafe(24),
        "GATEWAY_PORTAL_PASSWORD": secrets.token_urlsafe(24),
    }
    urls = {
        "GATEWAY_BANK_A_URL": "bank-a",
        "GATEWAY_BANK_B_URL": "bank-b",
        "GATEWAY_PLATFORM_URL": "intermediary",
        "GATEWAY_VNPOST_URL": "vnpost",
        "GATEWAY_PORTAL_URL": "national-portal",
    }
    for variable, name in urls.items():
        environment[variable] = f"https://127.0.0.1:{ports[name].own}"
    for name in ("bank-a", "bank-b", "intermediary", "vnpost"):
        environment[f"GATEWAY_{name.upper().replace('-', '_')}_SFTP_PORT"] = str(ports[name].sftp)
    (folder / "amqp-url").touch(mode=0o600)
    return environment


def _inherited() -> dict[str, str]:
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _make_keys(folder: Path) -> None:
    certs = folder / "certs"
    if not (certs / "root.crt").exists():
        development_pki.create(certs)
    key = certs / "sftp" / "gateway"
    key.parent.mkdir(exist_ok=True)
    if not key.exists():
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "gateway", "-f", str(key)],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


def _greeting(child: processes.Child) -> dict[str, Any]:
    """What a simulator says of itself when it is up."""
    found: list[dict[str, Any]] = []

    def said() -> bool:
        lines = child.log.read_text(encoding="utf-8", errors="replace").splitlines() if child.log.exists() else []
        found.extend(json.loads(line) for line in lines if line.startswith('{"ready": true'))
        return bool(found)

    processes.wait_until(said, child, seconds=_READY_SECONDS)
    if not found:
        raise Unavailable("it said nothing", code="local-service-did-not-start", where=child.name)
    return found[0]
