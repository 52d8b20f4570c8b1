"""The private services of a machine that has none: they work, they are private, and nothing of them survives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import paramiko
import pika
import psutil
import psycopg
import pytest

from gateway.errors import Unavailable
from gateway.local import keeper, processes
from gateway.local.openssh import SshAddress
from gateway.local.postgres import PostgresAddress
from gateway.local.rabbitmq import RabbitAddress

pytestmark = pytest.mark.services


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        os.sched_yield()


def test_a_fresh_database_has_the_extensions_that_search_needs(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("create extension pg_trgm")
        connection.execute("create extension unaccent")
        assert connection.execute("select unaccent('Hồ sơ')").fetchone() == ("Ho so",)


def test_a_migrated_database_is_ready_and_empty(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select count(*) > 0 from gateway.migration").fetchone() == (True,)


def test_the_database_refuses_whoever_has_no_password(postgres_server: PostgresAddress) -> None:
    stranger = f"postgresql://gateway:guess@127.0.0.1:{postgres_server.port}/postgres"
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(stranger)


def test_a_password_is_in_no_representation(postgres_server: PostgresAddress, rabbitmq_server: RabbitAddress) -> None:
    assert postgres_server.password not in repr(postgres_server)
    assert rabbitmq_server.password not in repr(rabbitmq_server)


def test_a_message_in_a_quorum_queue_comes_back(amqp_url: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
        channel = connection.channel()
        channel.queue_declare("gateway.dossier-events", durable=True, arguments={"x-queue-type": "quorum"})
        channel.confirm_delivery()
        channel.basic_publish("", "gateway.dossier-events", "hồ sơ".encode(), mandatory=True)
        _, _, body = channel.basic_get("gateway.dossier-events", auto_ack=True)
    assert body == "hồ sơ".encode()


def test_a_file_goes_through_a_real_openssh_server(ssh_server: SshAddress, ssh_folder: Path) -> None:
    with paramiko.SSHClient() as client:
        client.load_host_keys(str(ssh_server.known_hosts))
        client.connect(
            "127.0.0.1", ssh_server.port, ssh_server.user, key_filename=str(ssh_server.user_key), look_for_keys=False
        )
        with client.open_sftp() as sftp, sftp.open(f"{ssh_folder.name}/statement.xml", "w") as remote:
            remote.write(b"<Document/>")
    assert (ssh_folder / "statement.xml").read_bytes() == b"<Document/>"


def test_a_child_that_ignores_term_is_killed_with_its_children(tmp_path: Path) -> None:
    stubborn = "trap '' TERM; sleep 300 & echo started; while true; do sleep 300; done"
    child = processes.start("stubborn", ["bash", "-c", stubborn], log=tmp_path / "log")
    until(lambda: "started" in child.last_lines())
    members = processes.family(child.pid)
    processes.stop(child, seconds=0.5)
    assert len(members) >= 2
    assert not [process for process in members if processes.alive(process)]


def test_the_guard_ends_the_family_of_a_program_when_its_starter_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    family = "sleep 300 & sleep 301 & echo started; wait"
    start = (
        "import sys, signal; from pathlib import Path; from gateway.local import processes;"
        f"processes.start('guard', [sys.executable, '-m', 'gateway.local.guard', {str(log)!r},"
        f" 'bash', '-c', {family!r}], log=Path({str(log)!r})); signal.pause()"
    )
    starter = subprocess.Popen([sys.executable, "-c", start])
    until(lambda: log.exists() and "started" in log.read_text())
    members = psutil.Process(starter.pid).children(recursive=True)
    assert len(members) >= 4, "guard, shell and its two children"
    starter.kill()
    starter.wait()
    until(lambda: not [one for one in members if processes.alive(one)])


def test_a_service_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    child = processes.start("short", ["bash", "-c", "echo no disk left; exit 3"], log=tmp_path / "log")
    with pytest.raises(Unavailable, match="no disk left") as told:
        processes.wait_until(lambda: False, child, seconds=20)
    assert told.value.code == "local-service-did-not-start"


def test_a_service_whose_start_is_interrupted_is_stopped(tmp_path: Path) -> None:
    def interrupted() -> bool:
        raise KeyboardInterrupt

    child = processes.start("slow", ["bash", "-c", "sleep 300 & wait"], log=tmp_path / "log")
    members = processes.family(child.pid)
    with pytest.raises(KeyboardInterrupt):
        processes.wait_until(interrupted, child, seconds=20)
    assert not [process for process in members if processes.alive(process)]


@pytest.mark.parametrize("service", ["postgres", "openssh", "rabbitmq"])
def test_a_service_ends_when_the_session_it_serves_is_killed(tmp_path: Path, service: str) -> None:
    session = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    try:
        getattr(keeper, f"shared_{service}")(tmp_path, session.pid)
        holder = psutil.Process(int((tmp_path / f"{service}.pid").read_text()))
        members = [holder, *holder.children(recursive=True)]
        assert len(members) >= 2
    finally:
        session.send_signal(signal.SIGKILL)
        session.wait()
    until(lambda: not [one for one in members if processes.alive(one)], 40)


def test_a_service_ends_when_its_keeper_is_killed(tmp_path: Path) -> None:
    keeper.shared_postgres(tmp_path, os.getpid())
    holder = psutil.Process(int((tmp_path / "postgres.pid").read_text()))
    members = holder.children(recursive=True)
    assert members
    holder.kill()
    until(lambda: not [one for one in members if processes.alive(one)])


def test_a_port_for_listening_is_never_one_that_an_outgoing_connection_may_take() -> None:
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split())
    assert not first <= processes.free_port() <= last


def test_two_stages_that_start_together_are_given_different_ports() -> None:
    ask = "from gateway.local import processes; print(*[processes.free_port() for _ in range(500)]); input()"
    stages = [
        subprocess.Popen([sys.executable, "-c", ask], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    given = [stage.stdout.readline().split() for stage in stages if stage.stdout]
    for stage in stages:
        stage.communicate("\n")
    assert len({*given[0], *given[1]}) == 1000
