"""Signed files by SFTP: what a partner offers is fetched and put out of the way, ours are laid into its inbox."""

from __future__ import annotations

import hashlib
import io
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from adapters.wire.sftp import RemoteFile, SftpAddress, SftpClient, inside, is_settled, remote_inside
from gateway.errors import Conflict, NotFound
from gateway.ports import FetchedDocument, RemoteDocument
from gateway.security.cms import sign_detached, verify_detached
from gateway.security.keys import SigningKey
from gateway.security.trust import PartnerCertificates, TrustStore

SIGNATURE_SUFFIX = ".p7s"
_LARGEST_SIGNATURE = 1_000_000
_SAME_NAME = 99


class SftpAccount(Protocol):
    """What a configuration says of an account at a partner's server; the two names are of files."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int | str: ...

    @property
    def username(self) -> str: ...

    @property
    def private_key(self) -> str: ...

    @property
    def known_hosts(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Offered:
    """Files that a partner offers: their folder, where they go once taken, and how those that are ours are called."""

    folder: str
    archive: str
    name_pattern: str


def address_of(sftp: SftpAccount, certs: Path) -> SftpAddress:
    """The account of a partner's configuration; its files are relative to ``certs``."""
    return SftpAddress(
        host=sftp.host,
        port=int(sftp.port),
        username=sftp.username,
        private_key=certs / sftp.private_key,
        host_keys=certs / sftp.known_hosts,
    )


@dataclass(frozen=True, slots=True)
class SftpDocumentSource:
    """``DocumentSource`` over one folder of one partner. A connection is opened for each call and closed after it."""

    files: Offered
    address: SftpAddress
    settle_seconds: float = 1.0
    pause: Callable[[float], None] = field(default=time.sleep, repr=False)

    def list(self) -> Sequence[RemoteDocument]:
        """What is offered now, by name, and grows no more: two listings agree, whatever clock the server has.

        Raises Unavailable, Untrusted (host key), NotFound (the folder), ConfigurationError.
        """
        with SftpClient(self.address) as client:
            listing = client.list(self.files.folder)
            offered = [file for file in listing if self._is_ours(file.name)]
            if offered:
                self.pause(self.settle_seconds)
                again = client.list(self.files.folder)
                offered = [file for file in again if self._is_ours(file.name) and is_settled(file, listing)]
                listing = again
        signatures = {file.name for file in listing if file.name.endswith(SIGNATURE_SUFFIX)}
        return [_document(file, signatures) for file in offered]

    def fetch(self, document: RemoteDocument, folder: Path, *, unsigned: bool = False) -> FetchedDocument:
        """Fetch the file and its signature into ``folder``; an earlier cut there is resumed.

        ``unsigned``: also where there is no signature; it is empty then. Raises Unavailable, Untrusted, NotFound (also
        ``signature-not-there-yet``), Malformed (``path-outside-folder``).
        """
        if document.signature_name is None and not unsigned:
            raise NotFound(
                "its signature is not there yet",
                code="signature-not-there-yet",
                where=document.name,
                action="wait for it; ask the partner when it stays away",
            )
        target = inside(folder, document.name)
        with SftpClient(self.address) as client:
            signature = b"" if document.signature_name is None else self._seal(client, document.signature_name)
            fetched = client.get(remote_inside(self.files.folder, document.name), target)
        return FetchedDocument(document.name, target, fetched.size, fetched.sha256, signature)

    def _seal(self, client: SftpClient, name: str) -> bytes:
        # Of one that never ends no more than is refused: our disk is not the partner's to fill.
        return client.read(remote_inside(self.files.folder, name), at_most=_LARGEST_SIGNATURE)

    def archive(self, document: RemoteDocument) -> None:
        """Move the file and its signature to the archive folder; a file that became another since stays.

        Raises Unavailable, InDoubt, Refused; Conflict ``sftp-target-exists`` at the hundredth of one name and second.
        """
        with SftpClient(self.address) as client:
            there = {file.name: file for file in client.list(self.files.folder)}
            found = there.get(document.name)
            if found is not None and (found.size, found.modified_at) != (document.size, document.modified_at):
                return
            client.make_folder(self.files.archive)
            for name in (document.name, document.signature_name):
                if name in there and name is not None:
                    self._put_away(client, name, document.modified_at)

    def _put_away(self, client: SftpClient, name: str, modified_at: datetime) -> None:
        source, again = remote_inside(self.files.folder, name), f"{name}.{modified_at:%Y%m%d%H%M%S}"
        # The partner reused the name, maybe twice in a second: every file is kept.
        for free in (name, again, *(f"{again}.{number}" for number in range(2, _SAME_NAME + 1))):
            try:
                return client.move(source, remote_inside(self.files.archive, free))
            except Conflict:
                if free.endswith(f".{_SAME_NAME}"):
                    raise

    def _is_ours(self, name: str) -> bool:
        return re.fullmatch(self.files.name_pattern, name) is not None


def _document(file: RemoteFile, signatures: set[str]) -> RemoteDocument:
    signature = f"{file.name}{SIGNATURE_SUFFIX}"
    return RemoteDocument(file.name, file.size, file.modified_at, signature if signature in signatures else None)


@dataclass(frozen=True, slots=True)
class SignedOutbox:
    """Our own signed files in a partner's inbox."""

    folder: str
    address: SftpAddress
    key: SigningKey
    environment: str
    now: Callable[[], datetime] = field(repr=False)

    def put(self, name: str, content: bytes) -> dict[str, object]:
        """Upload the signature and then the file, each read back. Raises what ``SftpClient.put`` raises."""
        signature = sign_detached(io.BytesIO(content), self.key, environment=self.environment, signing_time=self.now())
        with SftpClient(self.address) as client:
            # Each attempt signs anew: by its own content every cut one would leave a temporary file of its own.
            mark = hashlib.sha256(content).hexdigest()
            client.put(signature, remote_inside(self.folder, f"{name}{SIGNATURE_SUFFIX}"), mark=mark)
            uploaded = client.put(content, remote_inside(self.folder, name))
        return {"file": remote_inside(self.folder, name), "size": uploaded.size, "sha256": uploaded.sha256}

    def holds(self, name: str, sha256: str) -> bool:
        """Whether the file and its signature are there, the file with this content. Raises Unavailable."""
        with SftpClient(self.address) as client:
            names = {file.name for file in client.list(self.folder)}
            if not {name, f"{name}{SIGNATURE_SUFFIX}"} <= names:
                return False
            return client.digest(remote_inside(self.folder, name)).sha256 == sha256


def signature_check(
    trust: TrustStore, certificates: PartnerCertificates, environment: str, now: Callable[[], datetime]
) -> Callable[[FetchedDocument], str]:
    """What tells who signed a fetched file: its thumbprint. It raises Untrusted, Malformed ``malformed-cms``."""

    def verify(document: FetchedDocument) -> str:
        with document.path.open("rb") as file:
            found = verify_detached(
                file,
                document.signature,
                trust=trust,
                partner_certificates=certificates,
                environment=environment,
                at=now(),
            )
        return found.signer.thumbprint

    return verify
