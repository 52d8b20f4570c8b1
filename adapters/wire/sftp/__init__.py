"""SFTP over paramiko: known hosts only, uploads that are read back, downloads that go on after a cut."""

from __future__ import annotations

from adapters.wire.sftp.client import RemoteFile, SftpClient, Uploaded, is_settled
from adapters.wire.sftp.connection import SftpAddress
from adapters.wire.sftp.download import Downloaded
from adapters.wire.sftp.names import inside, remote_inside, safe_name

__all__ = [
    "Downloaded",
    "RemoteFile",
    "SftpAddress",
    "SftpClient",
    "Uploaded",
    "inside",
    "is_settled",
    "remote_inside",
    "safe_name",
]
