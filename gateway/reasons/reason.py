"""What one reason code says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reason:
    """What a reason code means and what a person does about it.

    ``details``: case -> the Vietnamese sentence of an error of this code, with its facts as ``{name}`` or
    ``{name:kind}`` (kinds: ``gateway/console/details.py``). The English sentence is the error's own message. The
    sentences of problems stand among them, by the case of the problem.
    """

    code: str
    vi: str
    en: str
    action: str
    details: Mapping[str, str] = field(default_factory=dict, hash=False)


TITLE_SAYS_ALL: Mapping[str, str] = {"": ""}
"""Details of a code whose title and action already say everything that is known."""
