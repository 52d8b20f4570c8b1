"""Settings of one process, from environment variables named ``GATEWAY_*``; every one is told in the README.

``load`` reports all problems at once. ``GATEWAY_ENV=production`` refuses what only a demo may have.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from gateway.errors import ConfigurationError, Problem

ENVIRONMENTS = ("development", "test", "production")

SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "GATEWAY_ENV": "development, test or production; it is inside everything we sign (default development)",
        "GATEWAY_DATABASE_URL": "PostgreSQL of the gateway, postgresql://user@host:port/db (or …_FILE)",
        "GATEWAY_DATABASE_URL_FILE": "file that holds GATEWAY_DATABASE_URL (a mounted secret)",
        "GATEWAY_AMQP_URL": "RabbitMQ, amqp(s)://user:password@host:port/vhost (or …_FILE)",
        "GATEWAY_AMQP_URL_FILE": "file that holds GATEWAY_AMQP_URL (a mounted secret)",
        "GATEWAY_SMTP_URL": "server of all mail, smtp(s)://user:password@host:port (or …_FILE); none: no mail",
        "GATEWAY_SMTP_URL_FILE": "file that holds GATEWAY_SMTP_URL (a mounted secret)",
        "GATEWAY_CONFIG": "folder with partners/, calendars/, rules/ and the files beside them (default config)",
        "GATEWAY_CERTS": "folder of keys, certificates and CRLs (default certs)",
        "GATEWAY_SEAL_KEY": "name of the key in GATEWAY_CERTS that seals approved days (default gateway-rsa)",
        "GATEWAY_VAR": "folder for working files, reports and logs (default var)",
        "GATEWAY_BUSINESS_CLOCK": "file with an ISO time that replaces the business clock; refused in production",
    }
)


@dataclass(frozen=True, slots=True)
class Settings:
    """One process's settings. URLs hold passwords, so they are not in the repr."""

    environment: str
    database_url: str = field(repr=False)
    amqp_url: str = field(repr=False)
    config: Path
    certs: Path
    var: Path
    business_clock: Path | None = None
    smtp_url: str = field(default="", repr=False)
    seal_key: str = "gateway-rsa"

    @property
    def is_production(self) -> bool:
        return self.environment == "production"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises ConfigurationError with every problem found."""
    env = os.environ if environ is None else environ
    problems: list[Problem] = []
    environment = env.get("GATEWAY_ENV", "development")
    if environment not in ENVIRONMENTS:
        problems.append(Problem("environment", "GATEWAY_ENV", f"{environment!r} is none of {', '.join(ENVIRONMENTS)}"))
    clock = env.get("GATEWAY_BUSINESS_CLOCK")
    if clock and environment == "production":
        problems.append(Problem("environment", "GATEWAY_BUSINESS_CLOCK", "production has no clock but the real one"))
    database_url = _secret(env, "GATEWAY_DATABASE_URL", problems)
    if database_url and not database_url.startswith(("postgresql://", "postgres://")):
        problems.append(Problem("environment", "GATEWAY_DATABASE_URL", "must begin with postgresql://"))
    amqp_url = _secret(env, "GATEWAY_AMQP_URL", problems)
    if amqp_url and not amqp_url.startswith(("amqp://", "amqps://")):
        problems.append(Problem("environment", "GATEWAY_AMQP_URL", "must begin with amqp:// or amqps://"))
    smtp_url = _secret(env, "GATEWAY_SMTP_URL", problems)
    if smtp_url and not smtp_url.startswith(("smtp://", "smtps://")):
        problems.append(Problem("environment", "GATEWAY_SMTP_URL", "must begin with smtp:// or smtps://"))
    if problems:
        raise ConfigurationError(problems=problems, action="correct these environment variables")
    return Settings(
        environment=environment,
        database_url=database_url,
        amqp_url=amqp_url,
        config=Path(env.get("GATEWAY_CONFIG", "config")),
        certs=Path(env.get("GATEWAY_CERTS", "certs")),
        var=Path(env.get("GATEWAY_VAR", "var")),
        business_clock=Path(clock) if clock else None,
        smtp_url=smtp_url,
        seal_key=env.get("GATEWAY_SEAL_KEY", "gateway-rsa"),
    )


def _secret(env: Mapping[str, str], name: str, problems: list[Problem]) -> str:
    direct = env.get(name, "")
    if direct:
        return direct
    path = env.get(f"{name}_FILE", "")
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        problems.append(Problem("environment", f"{name}_FILE", f"cannot be read: {why}"))
        return ""
