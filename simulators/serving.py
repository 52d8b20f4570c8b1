"""What every simulator's program does alike: its arguments, its ports, its one line of greeting, its end on TERM."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from simulators.control import Misbehaviours
from simulators.sftp_server import Account, public_host_key
from simulators.sftp_server import start as start_sftp

Stop = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Arguments:
    """The command line of a simulator; port 0 means any free one."""

    name: str
    port: int
    control_port: int
    sftp_port: int
    state: Path
    certs: Path
    config: Path | None
    business_clock: Path | None
    environment: str
    plain: bool


def arguments(program: str, argv: Sequence[str] | None = None) -> Arguments:
    """Read the command line common to all simulators."""
    parser = argparse.ArgumentParser(prog=f"python -m simulators.{program}")
    parser.add_argument("--name", default=program, help="which partner this is: its certificate is NAME.crt")
    parser.add_argument("--port", type=int, default=0, help="the partner's own protocol")
    parser.add_argument("--control-port", type=int, default=0, help="the control API, plain HTTP on loopback")
    parser.add_argument("--sftp-port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True, help="folder that keeps its state over restarts")
    parser.add_argument("--certs", type=Path, required=True, help="folder of the development PKI")
    parser.add_argument("--config", type=Path, help="TOML with the habits of this partner")
    parser.add_argument("--business-clock", type=Path, help="file that holds the business time, ISO 8601")
    environment = os.environ.get("GATEWAY_ENV", "development")
    parser.add_argument("--environment", default=environment, help="the only one whose messages are accepted")
    parser.add_argument("--plain", action="store_true", help="http instead of https")
    found = parser.parse_args(argv)
    return Arguments(
        found.name, found.port, found.control_port, found.sftp_port, found.state, found.certs, found.config,
        found.business_clock, found.environment, found.plain,
    )  # fmt: skip


def business_now(clock: Path | None) -> datetime:
    """The business time: what the clock file says, the real time where there is none. Aware, UTC."""
    if clock is not None and clock.exists():
        return datetime.fromisoformat(clock.read_text(encoding="ascii").strip()).astimezone(UTC)
    return datetime.now(UTC)


class _Server(uvicorn.Server):
    """Two of these share one loop, so neither may own the signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@dataclass(frozen=True, slots=True)
class Service:
    """What one simulator offers: the partner's own routes, the control routes, a folder by SFTP where it has one."""

    routes: Sequence[BaseRoute]
    control: Sequence[Route]
    misbehaviours: Misbehaviours
    files: Path | None = None
    sftp_user: str = "gateway"


def run(args: Arguments, service: Service) -> None:
    """Serve until TERM or INT; prints one JSON line when everything is up."""
    asyncio.run(_run(args, service))


async def _run(args: Arguments, service: Service) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    args.state.mkdir(parents=True, exist_ok=True)
    greeting: dict[str, object] = {"ready": True, "name": args.name}
    certificate = None if args.plain else _server_certificate(args)
    partner_port, stop_partner = await _listen(service.routes, args.port, certificate)
    control_port, stop_control = await _listen(service.control, args.control_port, None)
    greeting |= {"port": partner_port, "control": control_port}
    sftp = None
    if service.files is not None:
        host_key = args.state / "ssh_host_key"
        account = Account(service.sftp_user, service.files, args.certs / "sftp" / "gateway.pub", service.misbehaviours)
        sftp = await start_sftp(account, host_key=host_key, port=args.sftp_port)
        greeting |= {"sftp_port": sftp.get_port(), "host_key": public_host_key(host_key)}
    sys.stdout.write(json.dumps(greeting) + "\n")
    sys.stdout.flush()
    await stopping.wait()
    if sftp is not None:
        sftp.close()
    await stop_partner()
    await stop_control()


def _server_certificate(args: Arguments) -> tuple[Path, Path]:
    """Certificate file and key of the TLS server: the PKI's ``localhost``, or the partner's own where it has none."""
    if not (args.certs / "localhost.crt").exists():
        return args.certs / f"{args.name}.crt", args.certs / f"{args.name}.key"
    # A server shows its whole chain but the root.
    chain = args.state / "tls-chain.pem"
    chain.write_bytes(b"".join((args.certs / f"{name}.crt").read_bytes() for name in ("localhost", "intermediate")))
    return chain, args.certs / "localhost.key"


async def _listen(routes: Sequence[BaseRoute], port: int, certificate: tuple[Path, Path] | None) -> tuple[int, Stop]:
    listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        Starlette(routes=list(routes)),
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        ssl_certfile=None if certificate is None else str(certificate[0]),
        ssl_keyfile=None if certificate is None else str(certificate[1]),
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        if task.done():
            task.result()
            raise RuntimeError(f"the server on port {port} ended before it began")
        await asyncio.sleep(0.01)

    async def stop() -> None:
        server.should_exit = True
        await task

    return int(listener.getsockname()[1]), stop
