"""SFTP: one contract, on OpenSSH's server and on one made with asyncssh; then what goes wrong on the way."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import paramiko
import paramiko.ssh_exception
import pytest

from adapters.wire import sftp
from adapters.wire.sftp import SftpAddress, SftpClient, failures
from adapters.wire.sftp.connection import connect
from gateway.errors import (
    ConfigurationError,
    Conflict,
    GatewayError,
    InDoubt,
    Malformed,
    NotFound,
    Unavailable,
    Untrusted,
)
from gateway.local import processes
from gateway.local.openssh import SshAddress
from tests.wire.asyncssh_server import AsyncsshServer
from tests.wire.cutting_proxy import CuttingProxy

pytestmark = pytest.mark.services


@dataclass(frozen=True)
class Server:
    """A running server: how to sign in, the folder of this test on its disk and its remote path."""

    address: SftpAddress
    disk: Path
    folder: str

    def path(self, name: str) -> str:
        return f"{self.folder}{name}"


@pytest.fixture
def openssh(ssh_server: SshAddress, ssh_folder: Path) -> Server:
    address = SftpAddress("127.0.0.1", ssh_server.port, ssh_server.user, ssh_server.user_key, ssh_server.known_hosts)
    return Server(replace(address, operation_timeout=5.0), ssh_folder, f"{ssh_folder.name}/")


@pytest.fixture
def asyncssh(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "root").mkdir()
    server = AsyncsshServer(tmp_path / "root", tmp_path)
    address = SftpAddress("127.0.0.1", server.port, "bank", server.user_key, server.host_key, operation_timeout=5.0)
    yield Server(address, tmp_path / "root", "/")
    server.close()


@pytest.fixture(params=["openssh", "asyncssh"])
def server(request: pytest.FixtureRequest) -> Server:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Server)
    return found


@pytest.mark.contract
class TestEveryServer:
    """What holds on each server."""

    def test_an_upload_is_there_whole_and_leaves_no_temporary_file(self, server: Server) -> None:
        content = os.urandom(700_001)
        with SftpClient(server.address) as client:
            done = client.put(content, server.path("settlement.csv"))
        assert done == sftp.Uploaded(len(content), hashlib.sha256(content).hexdigest())
        assert (server.disk / "settlement.csv").read_bytes() == content
        assert [path.name for path in server.disk.iterdir()] == ["settlement.csv"]

    def test_an_empty_file_and_a_file_from_disk_are_uploaded(self, server: Server, tmp_path: Path) -> None:
        (tmp_path / "local").write_bytes(b"abc" * 100_000)
        with SftpClient(server.address) as client:
            assert client.put(b"", server.path("empty")).size == 0
            assert client.put(tmp_path / "local", server.path("full"), read_back=False).size == 300_000
            assert client.digest(server.path("full")).sha256 == hashlib.sha256(b"abc" * 100_000).hexdigest()

    def test_small_requests_leave_at_once_and_a_peer_that_reads_no_more_is_given_up(self, server: Server) -> None:
        transport, _ = connect(server.address)
        try:
            nodelay, timeout = (
                transport.sock.getsockopt(socket.IPPROTO_TCP, option)  # type: ignore[union-attr]  # a socket is below it
                for option in (socket.TCP_NODELAY, socket.TCP_USER_TIMEOUT)
            )
        finally:
            transport.close()
        assert nodelay
        assert timeout == int(server.address.operation_timeout * 1000)

    def test_an_upload_again_replaces_the_file(self, server: Server) -> None:
        with SftpClient(server.address) as client:
            client.put(b"first", server.path("again"))
            client.put(b"second", server.path("again"))
        assert (server.disk / "again").read_bytes() == b"second"

    def test_a_download_has_size_and_digest(self, server: Server, tmp_path: Path) -> None:
        content = os.urandom(9_000_000)
        (server.disk / "statement.xml").write_bytes(content)
        with SftpClient(server.address) as client:
            got = client.get(server.path("statement.xml"), tmp_path / "statement.xml")
        assert got == sftp.Downloaded(len(content), hashlib.sha256(content).hexdigest(), 0)
        assert (tmp_path / "statement.xml").read_bytes() == content
        assert not list(tmp_path.glob("*.part*"))

    def test_a_cut_download_goes_on_where_it_was(self, server: Server, tmp_path: Path) -> None:
        content = os.urandom(9_000_000)
        (server.disk / "statement.xml").write_bytes(content)
        with through_proxy(server) as (proxy, cut_server):
            with SftpClient(cut_server.address) as client:
                proxy.cut_after(6_000_000)
                with pytest.raises(Unavailable) as caught:
                    client.get(server.path("statement.xml"), tmp_path / "s.xml")
            assert caught.value.code == "sftp-connection-lost"
            assert not (tmp_path / "s.xml").exists()
            with SftpClient(cut_server.address) as client:
                got = client.get(server.path("statement.xml"), tmp_path / "s.xml")
        assert got.resumed_from > 0
        assert got.sha256 == hashlib.sha256(content).hexdigest()
        assert (tmp_path / "s.xml").read_bytes() == content

    def test_a_file_that_became_another_is_fetched_from_its_beginning(self, server: Server, tmp_path: Path) -> None:
        (server.disk / "s.xml").write_bytes(os.urandom(9_000_000))
        with through_proxy(server) as (proxy, cut_server), SftpClient(cut_server.address) as client:
            proxy.cut_after(6_000_000)
            with pytest.raises(Unavailable):
                client.get(server.path("s.xml"), tmp_path / "s.xml")
        other = os.urandom(8_999_999)
        (server.disk / "s.xml").write_bytes(other)
        with SftpClient(server.address) as client:
            got = client.get(server.path("s.xml"), tmp_path / "s.xml")
        assert got == sftp.Downloaded(len(other), hashlib.sha256(other).hexdigest(), 0)

    def test_a_name_that_is_no_text_hides_no_other_file(self, server: Server) -> None:
        (server.disk / os.fsdecode("sao kê.xml".encode("cp1258"))).write_bytes(b"theirs")
        (server.disk / "statement.xml").write_bytes(b"ours")
        with SftpClient(server.address) as client:
            assert [file.name for file in client.list(server.folder)] == ["statement.xml"]

    def test_only_the_beginning_of_a_file_is_read_where_no_more_is_wanted(self, server: Server) -> None:
        (server.disk / "endless.p7s").write_bytes(b"abc" * 100)
        with SftpClient(server.address) as client:
            assert client.read(server.path("endless.p7s"), at_most=4) == b"abca"
            assert client.read(server.path("endless.p7s"), at_most=1000) == b"abc" * 100

    def test_a_listing_shows_regular_files_and_a_growing_one_is_not_settled(self, server: Server) -> None:
        (server.disk / "b.xml").write_bytes(b"whole")
        (server.disk / "a.xml").write_bytes(b"grow")
        (server.disk / ".hidden").write_bytes(b"")
        (server.disk / "archive").mkdir()
        with SftpClient(server.address) as client:
            before = client.list(server.folder)
            with (server.disk / "a.xml").open("ab") as growing:
                growing.write(b"ing")
            now = client.list(server.folder)
        assert [(file.name, file.size) for file in now] == [("a.xml", 7), ("b.xml", 5)]
        assert [file.name for file in now if sftp.is_settled(file, before)] == ["b.xml"]
        assert now[0].modified_at.utcoffset() is not None

    def test_a_move_never_overwrites(self, server: Server) -> None:
        (server.disk / "archive").mkdir()
        (server.disk / "a").write_bytes(b"1")
        (server.disk / "b").write_bytes(b"2")
        with SftpClient(server.address) as client:
            client.move(server.path("a"), server.path("archive/a"))
            with pytest.raises(Conflict) as caught:
                client.move(server.path("b"), server.path("archive/a"))
            assert caught.value.code == "sftp-target-exists"
            with pytest.raises(NotFound):
                client.move(server.path("gone"), server.path("archive/gone"))
        assert (server.disk / "archive" / "a").read_bytes() == b"1"
        assert (server.disk / "b").read_bytes() == b"2"

    def test_what_is_absent_is_not_found(self, server: Server, tmp_path: Path) -> None:
        with SftpClient(server.address) as client:
            assert not client.exists(server.path("gone"))
            client.remove(server.path("gone"))
            for call in (
                lambda: client.get(server.path("gone"), tmp_path / "gone"),
                lambda: client.list(server.path("gone")),
                lambda: client.put(b"x", server.path("gone/x")),
            ):
                with pytest.raises(NotFound) as caught:
                    call()
                assert caught.value.code == "sftp-file-not-found"

    def test_folders_are_made_once_and_files_removed(self, server: Server) -> None:
        with SftpClient(server.address) as client:
            client.make_folder(server.path("out"))
            client.make_folder(server.path("out"))
            client.put(b"x", server.path("out/x"))
            client.remove(server.path("out/x"))
            assert not client.exists(server.path("out/x"))

    def test_random_files_with_random_cuts_are_there_or_were_told_as_failed(self, server: Server) -> None:
        chance = random.Random(20261124)
        done: dict[str, str] = {}
        doubtful: dict[str, str] = {}
        failed: set[str] = set()
        with through_proxy(server) as (proxy, cut_server):
            pending = [(f"file-{number:03}", chance.randbytes(chance.randrange(0, 60_000))) for number in range(500)]
            while pending:
                proxy.cut_after(chance.randrange(3_000, 800_000))
                try:
                    with SftpClient(cut_server.address) as client:
                        while pending:
                            name, content = pending.pop()
                            digest = hashlib.sha256(content).hexdigest()
                            failed.add(name)
                            assert client.put(content, server.path(name)).sha256 == digest
                            failed.discard(name)
                            done[name] = digest
                except InDoubt:
                    failed.discard(name)
                    doubtful[name] = digest
                except Unavailable:
                    continue
        found = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in server.disk.iterdir()
            if not path.name.startswith(".")
        }
        assert len(done) + len(doubtful) + len(failed) == 500
        assert failed, "no cut hit an upload: the test proves nothing"
        assert done.items() <= found.items() <= (done | doubtful).items()


class Proxied:
    def __init__(self, server: Server) -> None:
        self.proxy = CuttingProxy(server.address.port)
        address = server.address
        if isinstance(address.host_keys, Path):
            key = " ".join(address.host_keys.read_text().split()[1:3])
            address = replace(address, host_keys=key)
        self.server = replace(server, address=replace(address, port=self.proxy.port))

    def __enter__(self) -> tuple[CuttingProxy, Server]:
        return self.proxy, self.server

    def __exit__(self, *_: object) -> None:
        self.proxy.close()


def through_proxy(server: Server) -> Proxied:
    return Proxied(server)


def _code(kind: type[GatewayError], address: SftpAddress) -> str:
    with pytest.raises(kind) as caught, SftpClient(address):
        pass
    assert type(caught.value) is kind
    return caught.value.code


def test_a_host_that_nobody_knows_is_untrusted(openssh: Server, tmp_path: Path) -> None:
    (tmp_path / "known_hosts").write_text("")
    assert _code(Untrusted, replace(openssh.address, host_keys=tmp_path / "known_hosts")) == "sftp-host-key-unknown"


def test_a_host_that_shows_another_key_is_untrusted(openssh: Server, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
    other = " ".join((tmp_path / "other.pub").read_text().split()[:2])
    assert _code(Untrusted, replace(openssh.address, host_keys=other)) == "sftp-host-key-unknown"


def test_a_user_key_that_the_server_does_not_know_is_refused_at_sign_in(openssh: Server, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
    assert _code(Unavailable, replace(openssh.address, private_key=tmp_path / "other")) == "sftp-sign-in-refused"


def test_keys_that_cannot_be_read_are_a_setting_to_correct(openssh: Server, tmp_path: Path) -> None:
    assert _code(ConfigurationError, replace(openssh.address, private_key=tmp_path / "none")) == "sftp-key-unusable"
    (tmp_path / "garbage").write_text("no key")
    assert _code(ConfigurationError, replace(openssh.address, private_key=tmp_path / "garbage")) == "sftp-key-unusable"
    assert _code(ConfigurationError, replace(openssh.address, host_keys="ssh-ed25519 !")) == "sftp-setting-invalid"
    assert _code(ConfigurationError, replace(openssh.address, host_keys=tmp_path / "none")) == "sftp-setting-invalid"


@pytest.mark.parametrize("format_", ["OpenSSH", "PEM"])
def test_a_key_under_a_passphrase_opens_with_it(openssh: Server, tmp_path: Path, format_: str) -> None:
    key = tmp_path / "locked"
    make = ["ssh-keygen", "-q", "-t", "ecdsa", "-N", "secret-words", "-f", str(key)]
    subprocess.run(make + (["-m", "PEM"] if format_ == "PEM" else []), check=True)
    locked = replace(openssh.address, private_key=key)
    assert _code(ConfigurationError, locked) == "sftp-key-unusable"
    # It opens, and only the server does not know it.
    assert _code(Unavailable, replace(locked, passphrase="secret-words")) == "sftp-sign-in-refused"
    assert "secret-words" not in repr(replace(locked, passphrase="secret-words"))


def test_nobody_listening_and_no_such_host_are_unavailable(openssh: Server) -> None:
    key = _key(openssh)
    assert _code(Unavailable, replace(openssh.address, port=processes.free_port(), host_keys=key)) == "sftp-unreachable"
    assert (
        _code(Unavailable, replace(openssh.address, host="no-such-host.invalid", host_keys=key)) == "sftp-unreachable"
    )


def test_a_server_that_speaks_no_ssh_or_says_nothing_is_unavailable(openssh: Server) -> None:
    for greeting in (b"HTTP/1.1 400 Bad Request\r\n\r\n" * 200, b""):
        with CuttingProxy(None, greeting=greeting) as proxy:
            address = replace(openssh.address, port=proxy.port, host_keys=_key(openssh), connect_timeout=0.5)
            assert _code(Unavailable, address) in ("sftp-unreachable", "sftp-no-answer-in-time")


def _key(server: Server) -> str:
    known = server.address.host_keys
    assert isinstance(known, Path)
    return " ".join(known.read_text().split()[1:3])


def test_a_stalled_download_ends_in_time(openssh: Server, tmp_path: Path) -> None:
    (openssh.disk / "big").write_bytes(os.urandom(1_000_000))
    with through_proxy(openssh) as (proxy, server):
        address = replace(server.address, operation_timeout=0.5)
        with SftpClient(address) as client:
            proxy.stall()
            with pytest.raises(Unavailable) as caught:
                client.get(server.path("big"), tmp_path / "big")
    assert caught.value.code == "sftp-no-answer-in-time"


def test_a_stalled_upload_ends_in_time(openssh: Server) -> None:
    with through_proxy(openssh) as (proxy, server):
        address = replace(server.address, operation_timeout=1.0)
        with SftpClient(address) as client:
            client.exists("x")
            proxy.stall()
            with pytest.raises(Unavailable) as caught:
                client.put(os.urandom(30_000_000), server.path("big"))
    assert caught.value.code in ("sftp-no-answer-in-time", "sftp-connection-lost")


def test_an_upload_that_the_server_lost_is_in_doubt(openssh: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with SftpClient(openssh.address) as client:
        given = client._give_name

        def lose(temporary: str, remote: str) -> None:
            given(temporary, remote)
            (openssh.disk / "lost").unlink()

        monkeypatch.setattr(client, "_give_name", lose)
        with pytest.raises(InDoubt) as caught:
            client.put(b"content", openssh.path("lost"))
    assert caught.value.code == "upload-not-found"


def test_an_upload_that_the_server_shortened_is_in_doubt(openssh: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with SftpClient(openssh.address) as client:
        given = client._give_name

        def shorten(temporary: str, remote: str) -> None:
            given(temporary, remote)
            (openssh.disk / "short").write_bytes(b"cont")

        monkeypatch.setattr(client, "_give_name", shorten)
        for read_back in (True, False):
            with pytest.raises(InDoubt) as caught:
                client.put(b"content", openssh.path("short"), read_back=read_back)
            assert caught.value.code == "upload-differs"


def test_a_cut_at_the_rename_is_in_doubt(openssh: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with through_proxy(openssh) as (proxy, server), SftpClient(server.address) as client:
        given = client._give_name

        def cut(temporary: str, remote: str) -> None:
            proxy.cut_now()
            given(temporary, remote)

        monkeypatch.setattr(client, "_give_name", cut)
        with pytest.raises(InDoubt) as caught:
            client.put(b"content", server.path("doubt"))
    assert caught.value.code == "sftp-connection-lost"


_UPLOADER = """
import sys
from pathlib import Path
from adapters.wire.sftp import SftpAddress, SftpClient
host_key, port, user, key, remote = sys.argv[1:]
with SftpClient(SftpAddress("127.0.0.1", int(port), user, Path(key), host_key)) as client:
    print("connected", flush=True)
    client.put(bytes(30_000_000), remote)
"""


def test_a_worker_killed_while_uploading_leaves_no_file_and_the_retry_leaves_one(openssh: Server) -> None:
    with through_proxy(openssh) as (proxy, server):
        address = server.address
        key, name = str(address.private_key), server.path("big")
        arguments = [
            sys.executable,
            "-c",
            _UPLOADER,
            str(address.host_keys),
            str(address.port),
            address.username,
            key,
            name,
        ]
        worker = subprocess.Popen(arguments, stdout=subprocess.PIPE)
        assert worker.stdout is not None
        worker.stdout.readline()
        deadline = time.monotonic() + 20
        while not any(path.stat().st_size > 1_000_000 for path in openssh.disk.glob(".big*")):
            assert time.monotonic() < deadline
            if proxy.forwarded > 3_000_000:
                proxy.stall()
        worker.kill()
        worker.wait(10)
    assert not (openssh.disk / "big").exists()
    with SftpClient(openssh.address) as client:
        assert client.list(openssh.folder) == []
        client.put(bytes(30_000_000), openssh.path("big"))
    assert [path.name for path in openssh.disk.iterdir()] == ["big"]


def test_a_full_disk_of_ours_is_not_the_partners_fault(openssh: Server, tmp_path: Path) -> None:
    (openssh.disk / "a").write_bytes(b"a")
    with SftpClient(openssh.address) as client, pytest.raises(Unavailable) as caught:
        client.get(openssh.path("a"), tmp_path / "no-such-folder" / "a")
    assert caught.value.code == "local-disk-failed"


@pytest.mark.unit
@pytest.mark.parametrize("name", ["", ".", "..", ".ssh", "a/b", "/etc/passwd", "a\\b", "a\0b", "a\nb", "x" * 300])
def test_a_name_that_climbs_out_of_its_folder_is_malformed(name: str, tmp_path: Path) -> None:
    for use in (sftp.safe_name, lambda name: sftp.inside(tmp_path, name), lambda name: sftp.remote_inside("in", name)):
        with pytest.raises(Malformed) as caught:
            use(name)
        assert caught.value.code == "path-outside-folder"


@pytest.mark.unit
def test_a_plain_name_stays_in_its_folder(tmp_path: Path) -> None:
    assert sftp.inside(tmp_path, "Sao kê 24-11.xml") == tmp_path / "Sao kê 24-11.xml"
    assert sftp.remote_inside("in/", "a.xml") == "in/a.xml"
    assert sftp.remote_inside("", "a.xml") == "a.xml"


def test_a_remote_path_that_climbs_is_malformed(openssh: Server) -> None:
    with SftpClient(openssh.address) as client, pytest.raises(Malformed) as caught:
        client.put(b"x", "../../etc/x")
    assert caught.value.code == "path-outside-folder"


@pytest.mark.unit
def test_every_exception_of_paramiko_has_a_meaning() -> None:
    vendor = paramiko.ssh_exception
    kinds = {kind for kind in vars(vendor).values() if isinstance(kind, type) and issubclass(kind, Exception)}
    kinds |= {paramiko.SFTPError, paramiko.pkey.UnknownKeyType, EOFError, OSError, socket.timeout}
    ours = {kind for kind in kinds if kind.__module__ != "builtins" or kind in (EOFError, OSError, TimeoutError)}
    assert ours - set(failures.TRANSLATION) == set()
