"""Shared secrets, which come by reference (environment or file) and are never shown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Secret:
    """A shared secret. Its repr and its text show only where it came from."""

    value: bytes = field(repr=False)
    reference: str = ""

    def __str__(self) -> str:
        return f"Secret({self.reference or 'given'})"

    @classmethod
    def from_reference(cls, reference: str, *, environ: Mapping[str, str] | None = None) -> Secret:
        """The secret that ``env:NAME`` or ``file:/path`` names; a line end at the end of a file is no part of it.

        Raises ConfigurationError, which names the reference and never the value.
        """
        kind, _, name = reference.partition(":")
        if kind == "env" and name:
            return cls(_not_empty(_from_environment(name, reference, environ), reference), reference)
        if kind == "file" and name:
            return cls(_not_empty(_from_file(name, reference), reference), reference)
        raise _unusable(reference, "a secret is given as env:NAME or file:/path")


def _from_environment(name: str, reference: str, environ: Mapping[str, str] | None) -> bytes:
    value = (os.environ if environ is None else environ).get(name)
    if value is None:
        raise _unusable(reference, "the environment variable is not set")
    return value.encode()


def _from_file(name: str, reference: str) -> bytes:
    try:
        return Path(name).read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise _unusable(reference, f"the file cannot be read: {error.strerror}") from error


def _not_empty(value: bytes, reference: str) -> bytes:
    if not value:
        raise _unusable(reference, "the secret is empty")
    return value


def _unusable(reference: str, message: str) -> ConfigurationError:
    return ConfigurationError(
        message,
        code="secret-unusable",
        where=reference,
        action="set what the reference names, or correct the reference in the partner's file",
    )
