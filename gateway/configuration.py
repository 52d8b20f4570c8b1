"""What files of the configuration have in common: models, variables that are filled in, every problem told at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

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


SecretReference = Annotated[str, AfterValidator(_a_secret_reference)]
Pattern = Annotated[str, AfterValidator(_compilable)]


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
            ".".join(str(part) for part in one["loc"]) or "(whole file)",
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
