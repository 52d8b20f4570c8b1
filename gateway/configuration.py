"""What files of the configuration have in common: models, variables that are filled in, every problem told at once."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from gateway.errors import ConfigurationError, Problem

_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")

_SECRET = re.compile(r"^(env:\w+|file:.+)$")


def _a_secret_reference(value: str) -> str:
    if not _SECRET.match(value):
        raise ValueError("a secret is a reference, env:NAME or file:/path, never the secret itself")
    return value


def _compilable(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value


def _with_a_date(value: str) -> str:
    if "date" not in re.compile(_compilable(value)).groupindex:
        raise ValueError("it needs a group (?P<date>\\d{8}): the business date of a statement is read from its name")
    return value


def _an_encoding(value: str) -> str:
    if re.sub(r"[^a-z0-9]", "", value.lower()) in VIETNAMESE_ENCODINGS:
        return value
    try:
        "".encode(value)
        codecs.lookup(value)
    except LookupError as error:
        raise ValueError(
            f"{value!r} is no encoding: utf-8, utf-16, windows-1258, tcvn3, vni or one of Python"
        ) from error
    return value


def _an_endpoint(value: str) -> str:
    wrong = ValueError("an address is written https://host:port/path, without user, query or fragment")
    try:
        url = urlsplit(value)
        _ = url.port
    except ValueError as error:
        raise wrong from error
    if url.scheme not in ("http", "https") or not url.hostname or url.username or url.query or url.fragment:
        raise wrong
    return value


def _a_path(value: str) -> str:
    if not value.startswith("/") or urlsplit(value).netloc:
        raise ValueError("a path begins with one /")
    return value


def _a_clock_time(value: object) -> time:
    wrong = ValueError("a time of the day in Vietnam is written 22:30:00")
    try:
        found = time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise wrong from error
    if not isinstance(found, time) or found.tzinfo is not None:
        raise wrong
    return found


VIETNAMESE_ENCODINGS = frozenset({"tcvn3", "abc", "tcvn5712", "tcvn", "vni", "vniwindows"})
"""Encodings that Python does not know and our readers do, without hyphens."""

SecretReference = Annotated[str, AfterValidator(_a_secret_reference)]
Pattern = Annotated[str, AfterValidator(_compilable)]
DatedPattern = Annotated[str, AfterValidator(_with_a_date)]
Encoding = Annotated[str, AfterValidator(_an_encoding)]
Endpoint = Annotated[str, AfterValidator(_an_endpoint)]
UrlPath = Annotated[str, AfterValidator(_a_path)]
ClockTime = Annotated[time, BeforeValidator(_a_clock_time)]


Named = TypeVar("Named")


def only(named: dict[str, Named], known: Iterable[str]) -> dict[str, Named]:
    """The table, where no other names than the known ones are in it; ValueError says which is another."""
    names = list(known)
    unknown = sorted(set(named) - set(names))
    if unknown:
        raise ValueError(f"{', '.join(unknown)} is none of {', '.join(names)}")
    return named


class Section(BaseModel):
    """A table of a configuration file: no key but those that are declared, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)


def read(file: Path, model: type[Model]) -> Model:
    """The file as the model. Raises ConfigurationError ``configuration-invalid`` with all problems, by file and key."""
    try:
        return model.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        problems = problems_of(error, str(file))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems = [Problem(str(file), "(whole file)", f"not TOML in UTF-8: {error}")]
    raise ConfigurationError(problems=problems, action=f"correct {file.name}")


def problems_of(error: ValidationError, file: str) -> list[Problem]:
    """What pydantic found, by key, in the words of our own validators."""
    return [
        Problem(
            file,
            ".".join(str(part) for part in one["loc"] if part != "[key]") or "(whole file)",
            one["msg"].removeprefix("Value error, "),
        )
        for one in error.errors(include_url=False, include_input=False)
    ]


def resolved(value: object, env: Mapping[str, str], file: str, problems: list[Problem], key: str = "") -> object:
    """The value with ``${NAME}`` and ``${NAME:-default}`` filled in from ``env``; what is not there is a problem."""
    if isinstance(value, dict):
        return {k: resolved(v, env, file, problems, f"{key}.{k}" if key else str(k)) for k, v in value.items()}
    if isinstance(value, list):
        return [resolved(item, env, file, problems, f"{key}[{n}]") for n, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        found = env.get(name, default)
        if found is None:
            problems.append(Problem(file, key, f"the environment variable {name} is not set and has no default"))
            return ""
        return found

    return _VARIABLE.sub(replace, value)
