"""Partner configuration: one TOML file per partner in ``config/partners``, validated whole, all problems at once.

``${NAME:-default}`` in a value is replaced from the environment; secrets are references (``env:NAME`` or
``file:/path``) that are resolved where they are used and never held here.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, ValidationError, model_validator

from gateway import configuration
from gateway.configuration import Pattern, SecretReference, Section
from gateway.errors import ConfigurationError, NotFound, Problem
from gateway.model import Channel

Positive = Annotated[int, Field(gt=0)]
Account = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{4,34}$")]


class Trust(Section):
    """``certificates``: the partner's leaf certificates (several while one rolls over), relative to GATEWAY_CERTS."""

    certificates: list[str] = Field(min_length=1)


class Retry(Section):
    """Backoff of messages: doubles from ``first_seconds`` to ``longest_seconds``, jittered; ``attempts`` at most."""

    attempts: Positive = 12
    first_seconds: Positive = 30
    longest_seconds: Positive = 3600


class Circuit(Section):
    """Opens after ``failures`` in a row; one probe is let through after ``open_seconds``."""

    failures: Positive = 5
    open_seconds: Positive = 60


class Accounts(Section):
    """Beneficiary accounts at this partner: the default and, where it differs, per procedure code."""

    default: Account
    name: str = ""
    bin: str = Field(default="", pattern=r"^(\d{6})?$")
    procedures: dict[str, Account] = Field(default_factory=dict)

    def of(self, procedure_code: str) -> str:
        """The account that a fee of this procedure must be paid into."""
        return self.procedures.get(procedure_code, self.default)

    def all(self) -> frozenset[str]:
        return frozenset({self.default, *self.procedures.values()})


class Calendar(Section):
    """When this partner works. ``name`` is a file of ``config/calendars``; times are Asia/Ho_Chi_Minh.

    ``cutoff``: later payments belong to the next business date. ``inputs_due``: the time, on the
    ``settles_after_days``-th working day after the business date, by which its statement (or remittance) must be here.
    """

    name: str
    cutoff: time = time(23, 59, 59)
    inputs_due: time = time(9, 0)
    settles_after_days: int = Field(default=1, ge=0, le=10)


class Collection(Section):
    """SOAP collection service of a bank (contract: ``adapters/banking/contracts``, project-defined).

    ``tls_ca`` is the CA of its TLS certificate, relative to GATEWAY_CERTS; empty for the system's CAs.
    """

    endpoint: str
    soap: Literal["1.1", "1.2"] = "1.2"
    channels: list[Channel] = Field(min_length=1)
    signing_key: str
    tls_ca: str = ""
    connect_timeout_seconds: Positive = 5
    read_timeout_seconds: Positive = 30


class Sftp(Section):
    """An SFTP account. ``private_key`` and ``known_hosts`` are relative to GATEWAY_CERTS."""

    host: str
    port: int | str = 22
    username: str
    private_key: str
    known_hosts: str

    @model_validator(mode="after")
    def _a_port(self) -> Sftp:
        if not str(self.port).isdigit() or not 0 < int(self.port) < 65536:
            raise ValueError(f"port {self.port!r} is not a TCP port")
        return self


class Files(Section):
    """Signed files by SFTP. ``name_pattern`` has a group ``date`` (yyyymmdd); ``outbox`` receives our confirmations."""

    sftp: Sftp
    folder: str
    archive: str
    outbox: str = ""
    name_pattern: Pattern
    format: Literal["camt.053", "mt940", "vnpay", "vnpost-cod"]
    encoding: str = "utf-8"
    declared_total: bool = False
    signing_key: str = ""


class DossierApi(Section):
    """The national portal's session API (domain.md 1.2, 1.3); operation names are configuration on purpose."""

    endpoint: str
    login_path: str = "/mapi/login"
    path: str = "/mapi/g"
    organisation: str
    username: str
    password: SecretReference
    dstcode: str = ""
    operations: dict[str, str] = Field(default_factory=dict)
    statuses: dict[str, int] = Field(default_factory=dict)
    dossier_codes: dict[str, str] = Field(default_factory=dict)
    steps_per_call: int = Field(default=10, ge=1, le=100)
    tls_ca: str = ""
    connect_timeout_seconds: Positive = 5
    read_timeout_seconds: Positive = 60


class Platform(Section):
    """Payment Platform 1.0.6 (domain.md 2.2)."""

    endpoint: str
    partner_code: str
    secret: SecretReference
    version: str = "1.0.6"
    poll_first_seconds: Positive = 300
    poll_longest_seconds: Positive = 21600
    tls_ca: str = ""
    connect_timeout_seconds: Positive = 5
    read_timeout_seconds: Positive = 30


class PostalApi(Section):
    """VNPost's administrative-procedure API (domain.md 3.1). An unlisted status code is kept raw and alerted."""

    endpoint: str
    customer_code: str
    client_id: str
    client_secret: SecretReference
    token_path: str = "/token"  # noqa: S105 - a path, not a password
    page_size: int = Field(default=1000, ge=1, le=1000)
    province_codes: dict[str, int] = Field(default_factory=dict)
    centre: dict[str, str] = Field(default_factory=dict)
    statuses: dict[str, str] = Field(default_factory=dict)
    collected_statuses: list[str] = Field(default_factory=list)
    tls_ca: str = ""
    connect_timeout_seconds: Positive = 5
    read_timeout_seconds: Positive = 30


class Queues(Section):
    """Where the dossier system and the gateway meet on RabbitMQ."""

    events_queue: str = "gateway.dossier-events"
    events_exchange: str = "dossier.events"
    gateway_exchange: str = "gateway.events"
    gateway_queue: str = "dossier.gateway-events"
    signing_key: str = "gateway-ec"
    batch: int = Field(default=2000, ge=1, le=100000)


class Matching(Section):
    """Which version of the matching rules (a file of ``config/rules``) judges this partner's days, from which date on.

    ``settles_after``: channels whose money the partner credits some working days after the business date (T+n).
    """

    rules: dict[str, date] = Field(default_factory=lambda: {"2026-1": date(2026, 1, 1)})
    settles_after: dict[Channel, Annotated[int, Field(ge=0, le=10)]] = Field(default_factory=dict)


class Partner(Section):
    """One partner. Its id names it in every table, page and log."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")
    name: str = Field(min_length=1)
    role: Literal["dossier", "bank", "intermediary", "postal", "national_portal"]
    trust: Trust | None = None
    retry: Retry = Retry()
    circuit: Circuit = Circuit()
    accounts: Accounts | None = None
    calendar: Calendar | None = None
    collection: Collection | None = None
    statements: Files | None = None
    remittances: Files | None = None
    dossier_api: DossierApi | None = None
    platform: Platform | None = None
    postal_api: PostalApi | None = None
    queues: Queues | None = None
    matching: Matching = Matching()
    _config: Path = PrivateAttr(default=Path("config"))

    @property
    def config(self) -> Path:
        """The configuration it belongs to: rules and calendars lie beside the partners."""
        return self._config

    @model_validator(mode="after")
    def _what_its_role_needs(self) -> Partner:
        needed = {
            "dossier": ("trust", "queues"),
            "bank": ("trust", "accounts", "calendar", "statements"),
            "intermediary": ("trust", "accounts", "calendar", "statements"),
            "postal": ("trust", "accounts", "calendar", "postal_api", "remittances"),
            "national_portal": ("dossier_api",),
        }[self.role]
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(f"a partner of role {self.role} needs the section(s) {', '.join(missing)}")
        return self


def load_partners(folder: Path, environ: Mapping[str, str] | None = None) -> dict[str, Partner]:
    """Every partner of ``folder`` by id. Raises ConfigurationError with all problems of all files, by file and key."""
    env = os.environ if environ is None else environ
    problems: list[Problem] = []
    partners: dict[str, Partner] = {}
    files = sorted(folder.glob("*.toml"))
    if not files:
        problems.append(Problem(str(folder), "*.toml", "there is no partner file here"))
    for file in files:
        partner = _load_one(file, env, problems)
        if partner is None:
            continue
        if partner.id != file.stem:
            problems.append(Problem(file.name, "id", f"{partner.id!r} must be the file's name, {file.stem!r}"))
        partners[partner.id] = partner
    if problems:
        raise ConfigurationError(problems=problems, action="correct these keys, then run `gateway partners check`")
    return partners


def partner_of(partners: Mapping[str, Partner], partner_id: str) -> Partner:
    """The partner of this id. Raises NotFound ``partner-unknown``, naming those there are."""
    found = partners.get(partner_id)
    if found is None:
        raise NotFound(
            f"there is no partner {partner_id!r}",
            code="partner-unknown",
            where="config/partners",
            action=f"one of {', '.join(sorted(partners))}",
            facts={"typed": partner_id, "known": sorted(partners)},
        )
    return found


def _load_one(file: Path, env: Mapping[str, str], problems: list[Problem]) -> Partner | None:
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(file.name, "(whole file)", f"not TOML in UTF-8: {error}"))
        return None
    found: list[Problem] = []
    resolved = configuration.resolved(raw, env, file.name, found)
    problems.extend(found)
    if found:
        return None
    try:
        partner = Partner.model_validate(resolved)
    except ValidationError as error:
        problems += configuration.problems_of(error, file.name)
        return None
    partner._config = file.parent.parent
    return partner
