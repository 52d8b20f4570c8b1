"""Every exception the gateway raises on purpose.

::

    GatewayError                 code, message, where, action
    ├── ConfigurationError       the operator must change a setting; carries all problems at once
    ├── Unavailable              somebody does not answer and nothing was done: try again later
    │   └── CircuitOpen          we do not even try: this partner failed too often just now
    ├── InDoubt                  the request left us and no answer came: neither success nor failure, ask
    ├── Untrusted                a signature, certificate, host key or peer that we must not believe
    ├── Malformed                bytes that break their contract (XML, JSON, CSV, SWIFT, encoding, amount)
    ├── Refused                  the partner understood and said no
    ├── Conflict                 it contradicts what is already on record (id reused, other amount)
    ├── NotFound                 what was named does not exist
    ├── Forbidden                this person, role or environment may not do this
    └── DoesNotClose             a proof failed: messages or money do not add up

A bad outcome of business is a value, never one of these; these are broken promises. Each concrete case is told by
``code``: lower-case words joined by ``-``, stable for ever, listed in ``docs/operations.md`` with what to do. A code is
declared once, in the ``REASONS`` of ``gateway.reasons``.

Vendor exceptions are translated once, where the library is called (``adapters/wire``, ``gateway/security``, stores).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypedDict, Unpack


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: the file, variable or place, the key, what is wrong and what is expected.

    ``case`` and ``facts`` say the same for the visitor's language, as those of a ``GatewayError`` do.
    """

    file: str
    key: str
    message: str
    case: str = ""
    facts: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.message}"


class Told(TypedDict, total=False):
    """What every error may be told besides its message; see ``GatewayError``."""

    code: str
    where: str
    action: str
    case: str
    facts: Mapping[str, object] | None
    problems: Sequence[Problem]


class GatewayError(Exception):
    """A broken promise, told so that somebody can act on it.

    ``code`` names the case, ``message`` says what is wrong, ``where`` the file, line, field or partner, ``action``
    what to do about it. ``message`` is English; in another language a person reads the sentence that the code has for
    ``case``, filled with ``facts`` (``Reason.details``): whole numbers, dates, words of ours, what was typed.
    ``problems`` says one by one what is wrong, where it is several things. None of them ever holds a secret or unmasked
    personal data.
    """

    default_code: ClassVar[str] = "gateway-error"

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        where: str = "",
        action: str = "",
        case: str = "",
        facts: Mapping[str, object] | None = None,
        problems: Sequence[Problem] = (),
    ) -> None:
        self.code = code or self.default_code
        self.message = message
        self.where = where
        self.action = action
        self.case = case
        self.facts = dict(facts or {})
        self.problems = tuple(problems)
        super().__init__(self.explain())

    def explain(self) -> str:
        """One line for a person: ``[code] where: message → action``."""
        place = f"{self.where}: " if self.where else ""
        advice = f" → {self.action}" if self.action else ""
        return f"[{self.code}] {place}{self.message}{advice}"

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders (pools, Airflow's task runner); keyword-only arguments need telling.
        # The state brings what only some kinds carry: a line, a partner's code, problems.
        return (_rebuild, (type(self), self.message, self.code, self.where, self.action), vars(self))


def _rebuild(kind: type[GatewayError], message: str, code: str, where: str, action: str) -> GatewayError:
    return kind(message, code=code, where=where, action=action)


class ConfigurationError(GatewayError):
    """The operator must change a setting. All problems are reported at once, in ``problems``."""

    default_code = "configuration-invalid"

    def __init__(self, message: str = "", **told: Unpack[Told]) -> None:
        super().__init__(message or "; ".join(str(problem) for problem in told.get("problems", ())), **told)


class Unavailable(GatewayError):
    """Somebody does not answer and nothing was done by it: trying again later is right."""

    default_code = "partner-unavailable"


class CircuitOpen(Unavailable):
    """This partner failed too often just now: nothing was sent and no attempt is consumed."""

    default_code = "circuit-open"


class InDoubt(GatewayError):
    """The request left us and no usable answer came. It may have been processed: ask before sending again."""

    default_code = "in-doubt"


class Untrusted(GatewayError):
    """A signature, certificate, host key or peer that must not be believed. Trying again changes nothing."""

    default_code = "untrusted"


class Malformed(GatewayError):
    """Bytes that break their contract. ``where`` names the file, line or field. Trying again changes nothing."""

    default_code = "malformed"

    def __init__(self, message: str, *, line: int | None = None, **told: Unpack[Told]) -> None:
        self.line = line
        super().__init__(message, **told)


class Refused(GatewayError):
    """The partner understood the request and said no; ``partner_code`` is its own word for why."""

    default_code = "partner-refused"

    def __init__(self, message: str, *, partner_code: str = "", **told: Unpack[Told]) -> None:
        self.partner_code = partner_code
        super().__init__(message, **told)


class Conflict(GatewayError):
    """It contradicts what is already on record: an id reused for other bytes, a transaction with another amount.

    ``problems`` says field by field what changed, where a decision was about something that is no longer so.
    """

    default_code = "conflict"


class NotFound(GatewayError):
    """What was named does not exist."""

    default_code = "not-found"


class Forbidden(GatewayError):
    """This person, role or environment may not do this."""

    default_code = "forbidden"


class DoesNotClose(GatewayError):
    """A proof failed: messages or money do not add up. The message says which sum, and by how much."""

    default_code = "does-not-close"
