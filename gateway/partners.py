"""Partner configuration: one TOML file per partner in ``config/partners``, validated whole, all problems at once.

``${NAME:-default}`` in a value is replaced from the environment; secrets are references (``env:NAME`` or
``file:/path``) that are resolved where they are used and never held here. Whether what a file refers to is there (keys,
secrets, calendars, rules) is tried by ``gateway.bootstrap.references``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, PrivateAttr, ValidationError, model_validator

from gateway import configuration
from gateway.configuration import Section
from gateway.errors import ConfigurationError, NotFound, Problem
from gateway.masking import masked_account
from gateway.partner_sections import (
    Accounts,
    Calendar,
    Circuit,
    Collection,
    DossierApi,
    Files,
    Matching,
    Platform,
    PostalApi,
    Queues,
    RemittanceFiles,
    Retry,
    Sftp,
    StatementFiles,
    Trust,
)

__all__ = [
    "Accounts",
    "Calendar",
    "Circuit",
    "Collection",
    "DossierApi",
    "Files",
    "Matching",
    "Partner",
    "Platform",
    "PostalApi",
    "Queues",
    "RemittanceFiles",
    "Retry",
    "Sftp",
    "StatementFiles",
    "Trust",
    "load_partners",
    "partner_of",
    "read_partners",
]


_NEEDED = {
    "dossier": ("trust", "queues"),
    "bank": ("trust", "accounts", "calendar", "statements"),
    "intermediary": ("trust", "accounts", "calendar", "statements"),
    "postal": ("trust", "accounts", "calendar", "postal_api", "remittances"),
    "national_portal": ("dossier_api",),
}
"""The sections that a partner of a role cannot do without."""


def _lacks(role: str, present: Container[str]) -> str:
    """What is wrong, "" where nothing is missing."""
    missing = [name for name in _NEEDED.get(role, ()) if name not in present]
    return f"a partner of role {role} needs the section(s) {', '.join(missing)}" if missing else ""


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
    statements: StatementFiles | None = None
    remittances: RemittanceFiles | None = None
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
        if lacks := _lacks(self.role, {name for name, value in self if value is not None}):
            raise ValueError(lacks)
        return self


def load_partners(folder: Path, environ: Mapping[str, str] | None = None) -> dict[str, Partner]:
    """Every partner of ``folder`` by id. Raises ConfigurationError with all problems of all files, by file and key."""
    partners, problems = read_partners(folder, environ)
    if problems:
        raise ConfigurationError(problems=problems, action="correct these keys, then run `gateway partners check`")
    return partners


def read_partners(
    folder: Path, environ: Mapping[str, str] | None = None
) -> tuple[dict[str, Partner], Sequence[Problem]]:
    """The partners whose files are sound, by id, and all problems of all files."""
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
    problems += _shared_accounts(partners.values())
    return partners, problems


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


def _shared_accounts(partners: Iterable[Partner]) -> list[Problem]:
    """An account is one partner's: its statement lines are known by the account alone."""
    owner: dict[str, str] = {}
    problems = []
    for partner in partners:
        accounts = partner.accounts
        named = [] if accounts is None else [("default", accounts.default), *(
            (f"procedures.{code}", account) for code, account in accounts.procedures.items())]  # fmt: skip
        for key, account in named:
            other = owner.setdefault(account, partner.id)
            if other != partner.id:
                text = f"the account {masked_account(account)} is one of {other}.toml already"
                problems.append(Problem(f"{partner.id}.toml", f"accounts.{key}", text))
    return problems


def _load_one(file: Path, env: Mapping[str, str], problems: list[Problem]) -> Partner | None:
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(file.name, "(whole file)", f"not TOML in UTF-8: {error}"))
        return None
    found: list[Problem] = []
    resolved = configuration.resolved(raw, env, file.name, found)
    try:
        partner = Partner.model_validate(resolved)
    except ValidationError as error:
        told = {one.key for one in found}  # what is wrong with an unset variable is that it is not set
        found += [one for one in configuration.problems_of(error, file.name) if one.key not in told]
        lacks = _lacks(str(raw.get("role")), raw)
        if lacks and lacks not in {one.message for one in found}:
            found.append(Problem(file.name, "(whole file)", lacks))
    problems.extend(found)
    if found:
        return None
    partner._config = file.parent.parent
    return partner
