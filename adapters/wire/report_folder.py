"""Reports laid into a folder of an SFTP server."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.wire.sftp import SftpAddress, SftpClient, remote_inside


@dataclass(frozen=True, slots=True)
class FolderCarrier:
    """Uploads into ``folder`` under the report's own name and reads back what the server has."""

    address: SftpAddress
    folder: str

    @property
    def way(self) -> str:
        return "sftp"

    @property
    def recipient(self) -> str:
        return f"{self.address.where}/{self.folder.strip('/')}"

    def send(self, name: str, content: bytes) -> None:
        """Raises as ``SftpClient.put`` and as connecting does."""
        with SftpClient(self.address) as client:
            client.put(content, remote_inside(self.folder, name))
