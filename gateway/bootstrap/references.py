"""What a partner's file refers to, tried before it is used: keys, certificates, secrets, the calendar; all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from gateway.errors import ConfigurationError, Problem
from gateway.partners import Files, Partner
from gateway.reconciliation import calendar
from gateway.security.keys import SigningKey
from gateway.security.pem import read_certificate_file, read_certificates
from gateway.security.secret import Secret
from gateway.settings import Settings

Reference = tuple[str, Callable[[], object]]
"""A key of the file, and what raises ConfigurationError where it refers to nothing that can be used."""

_AROUND = timedelta(days=31)


def problems_of(settings: Settings, partner: Partner, environ: Mapping[str, str], today: date) -> list[Problem]:
    """Everything that this partner's file refers to and that cannot be used, by file and key."""
    problems = of_files(settings.certs, partner, environ)
    return problems + _of_calendar(settings.config / "calendars", partner, today)


def of_files(certs: Path, partner: Partner, environ: Mapping[str, str]) -> list[Problem]:
    """The keys, certificates and secrets that cannot be used."""
    problems = []
    for key, attempt in _references(certs, partner, environ):
        try:
            attempt()
        except ConfigurationError as error:
            problems.append(Problem(f"{partner.id}.toml", key, f"{error.where}: {error.message}"))
    return problems


def _references(certs: Path, partner: Partner, environ: Mapping[str, str]) -> Iterator[Reference]:
    for number, name in enumerate(partner.trust.certificates if partner.trust else ()):
        yield f"trust.certificates.{number}", partial(read_certificate_file, certs / name)
    for section in ("statements", "remittances"):
        files: Files | None = getattr(partner, section)
        if files is not None:
            yield f"{section}.sftp.private_key", partial(_readable, certs / files.sftp.private_key)
            yield f"{section}.sftp.known_hosts", partial(_readable, certs / files.sftp.known_hosts)
    for section in ("collection", "statements", "remittances", "queues"):
        if name := getattr(getattr(partner, section), "signing_key", ""):
            yield f"{section}.signing_key", partial(SigningKey.load, certs / f"{name}.key", certs / f"{name}.crt")
    for section in ("collection", "dossier_api", "platform", "postal_api"):
        if name := getattr(getattr(partner, section), "tls_ca", ""):
            yield f"{section}.tls_ca", partial(_certificates, certs / name)
    for section, key in (("dossier_api", "password"), ("platform", "secret"), ("postal_api", "client_secret")):
        if reference := getattr(getattr(partner, section), key, ""):
            yield f"{section}.{key}", partial(Secret.from_reference, reference, environ=environ)


def _certificates(path: Path) -> None:
    list(read_certificates([path]))


def _readable(path: Path) -> None:
    try:
        empty = not path.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(f"it cannot be read: {error.strerror}", where=str(path)) from error
    if empty:
        raise ConfigurationError("it is empty", where=str(path))


def _of_calendar(folder: Path, partner: Partner, today: date) -> list[Problem]:
    """A calendar that is not there or broken, or lacks a year within a month of today."""
    if partner.calendar is None:
        return []
    name = partner.calendar.name
    file, key = f"{partner.id}.toml", "calendar.name"
    there = sorted(one.stem for one in folder.glob("*.toml"))
    if name not in there:
        return [Problem(file, key, f"there is no calendar {name!r}: one of {', '.join(there)}")]
    try:
        days = calendar.load(folder, name)
    except ConfigurationError as error:
        return list(error.problems)
    needed = {(today - _AROUND).year, today.year, (today + _AROUND).year}
    return [Problem(file, key, f"{name}.toml does not have the year {year}") for year in sorted(needed - days.years)]
