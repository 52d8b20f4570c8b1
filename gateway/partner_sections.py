"""The sections of a partner's file: what may stand in each, every key tried for itself."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from gateway.configuration import (
    ClockTime,
    DatedPattern,
    Encoding,
    Endpoint,
    Pattern,
    SecretReference,
    Section,
    UrlPath,
    only,
)
from gateway.model import Channel

Positive = Annotated[int, Field(gt=0)]
Account = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{4,34}$")]
PostalMeaning = Literal["collecting", "collected", "delivering", "delivered", "returned", "cancelled"]


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
    cutoff: ClockTime = time(23, 59, 59)
    inputs_due: ClockTime = time(9, 0)
    settles_after_days: int = Field(default=1, ge=0, le=10)

    @field_validator("settles_after_days")
    @classmethod
    def _due_after_the_cutoff(cls, days: int, info: ValidationInfo) -> int:
        cutoff, due = info.data.get("cutoff"), info.data.get("inputs_due")
        if days == 0 and cutoff and due and due <= cutoff:
            raise ValueError(f"its inputs are due at {due}, before its own day ends at {cutoff}: at least 1")
        return days


class Collection(Section):
    """SOAP collection service of a bank (contract: ``adapters/banking/contracts``, project-defined).

    ``tls_ca`` is the CA of its TLS certificate, relative to GATEWAY_CERTS; empty for the system's CAs.
    """

    endpoint: Endpoint
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
    """Signed files by SFTP; ``outbox`` receives our confirmations, which ``signing_key`` signs.

    ``signature_minutes``: how long a file may lie without its signature before it is refused. Of one larger than
    ``largest_megabytes`` nothing is taken.
    """

    sftp: Sftp
    folder: str
    archive: str
    outbox: str = ""
    name_pattern: Pattern
    format: Literal["camt.053", "mt940", "vnpay", "vnpost-cod"]
    encoding: Encoding = "utf-8"
    declared_total: bool = False
    signature_minutes: Positive = 60
    largest_megabytes: int = Field(default=128, ge=1, le=1000)
    signing_key: str = Field(default="", validate_default=True)

    @field_validator("archive")
    @classmethod
    def _out_of_the_way(cls, archive: str, info: ValidationInfo) -> str:
        if archive.rstrip("/") == str(info.data.get("folder", "")).rstrip("/"):
            raise ValueError("files would be moved to where they are: it must be another folder")
        return archive

    @field_validator("signing_key")
    @classmethod
    def _signs_what_is_sent(cls, name: str, info: ValidationInfo) -> str:
        if info.data.get("outbox") and not name:
            raise ValueError("an outbox is named, so the key that signs our confirmations is needed")
        return name


class StatementFiles(Files):
    """``name_pattern`` has a group ``date`` (yyyymmdd)."""

    name_pattern: DatedPattern
    format: Literal["camt.053", "mt940", "vnpay"]


class RemittanceFiles(Files):
    """COD remittances say their date themselves."""

    format: Literal["vnpost-cod"]


class DossierApi(Section):
    """The national portal's session API (domain.md 1.2, 1.3); operation names are configuration on purpose."""

    endpoint: Endpoint
    login_path: UrlPath = "/mapi/login"
    path: UrlPath = "/mapi/g"
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

    @field_validator("operations")
    @classmethod
    def _our_operations(cls, named: dict[str, str]) -> dict[str, str]:
        return only(named, ("sync", "steps", "find"))

    @field_validator("statuses")
    @classmethod
    def _statuses_of_a_dossier(cls, named: dict[str, int]) -> dict[str, int]:
        return only(named, [str(status) for status in range(1, 11)])


class Platform(Section):
    """Payment Platform 1.0.6 (domain.md 2.2)."""

    endpoint: Endpoint
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

    endpoint: Endpoint
    customer_code: str
    client_id: str
    client_secret: SecretReference
    token_path: UrlPath = "/token"  # noqa: S105 - a path, not a password
    page_size: int = Field(default=1000, ge=1, le=1000)
    province_codes: dict[str, int] = Field(default_factory=dict)
    centre: dict[str, str] = Field(default_factory=dict)
    statuses: dict[str, PostalMeaning] = Field(default_factory=dict)
    collected_statuses: list[str] = Field(default_factory=list)
    tls_ca: str = ""
    connect_timeout_seconds: Positive = 5
    read_timeout_seconds: Positive = 30

    @field_validator("centre")
    @classmethod
    def _whole_address(cls, centre: dict[str, str]) -> dict[str, str]:
        parts = ("name", "phone", "address", "commune", "province")
        missing = [part for part in parts if centre and not centre.get(part, "").strip()]
        if missing:
            raise ValueError(f"an address needs {', '.join(missing)}, too")
        return only(centre, parts)

    @field_validator("collected_statuses")
    @classmethod
    def _codes_that_mean_something(cls, codes: list[str], info: ValidationInfo) -> list[str]:
        unknown = sorted(set(codes) - set(info.data.get("statuses", codes)))
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is not among `statuses`")
        return codes


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
