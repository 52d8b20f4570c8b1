"""Whom reports and alerts are sent to, by what way: ``reports.toml``, ``alerts.toml``, the settings' mail server."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from adapters.wire.mail import SmtpCarrier
from adapters.wire.report_folder import FolderCarrier
from adapters.wire.signed_files import address_of
from gateway import configuration
from gateway.flows.lateness import limits
from gateway.flows.lateness.limits import Mail
from gateway.flows.lateness.telling import Audience, Sender
from gateway.partners import Sftp
from gateway.reports.delivery import Carrier, Letterhead
from gateway.settings import Settings

FILE = "reports.toml"
_ADDRESS = r"^[^@\s<>,]+@[^@\s<>,]+$"


class _Mail(configuration.Section):
    sender: str = Field(pattern=_ADDRESS)
    recipients: list[str] = Field(min_length=1)


class _Folder(configuration.Section):
    path: str = Field(min_length=1)
    sftp: Sftp


class _Reports(configuration.Section):
    console_url: str = Field(pattern=r"^https?://[^\s]*[^/\s]$")
    mail: _Mail
    folder: _Folder | None = None


def load_carriers(settings: Settings) -> tuple[Letterhead, Sequence[Carrier]]:
    """Who writes to whom, and the ways that are set up. Raises ConfigurationError with every problem of the file."""
    found = configuration.read(settings.config / FILE, _Reports)
    carriers: list[Carrier] = []
    if settings.smtp_url:
        carriers.append(SmtpCarrier(settings.smtp_url, found.mail.sender, tuple(found.mail.recipients)))
    if found.folder is not None:
        carriers.append(FolderCarrier(address_of(found.folder.sftp, settings.certs), found.folder.path))
    return Letterhead(found.mail.sender, tuple(found.mail.recipients), found.console_url), carriers


def load_audiences(settings: Settings) -> tuple[Sender, Sequence[Audience], Mail]:
    """Who is told of alerts, with a carrier where a mail server is set up. Raises as ``load_carriers``."""
    reports, mail = configuration.read(settings.config / FILE, _Reports), limits.load(settings.config).mail
    sender = Sender(reports.mail.sender, reports.console_url)
    audiences = [
        Audience(name, people, SmtpCarrier(settings.smtp_url, sender.address, people) if settings.smtp_url else None)
        for name, people in mail.people.items()
    ]
    return sender, audiences, mail
