"""Reads one TOML file of the configuration into a model, and tells every problem of it at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.errors import ConfigurationError, Problem


class Section(BaseModel):
    """A table of a configuration file: no key but those that are declared, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)


def read(file: Path, model: type[Model]) -> Model:
    """The file as the model. Raises ConfigurationError ``configuration-invalid`` with all problems, by file and key."""
    try:
        return model.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        problems = [
            Problem(str(file), ".".join(str(part) for part in one["loc"]), one["msg"].removeprefix("Value error, "))
            for one in error.errors(include_url=False, include_input=False)
        ]
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems = [Problem(str(file), "(whole file)", f"not TOML in UTF-8: {error}")]
    raise ConfigurationError(problems=problems, action=f"correct {file.name}")
