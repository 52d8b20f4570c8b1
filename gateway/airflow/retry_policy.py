"""Which failures of a task are worth another try: what was away may come back, what is wrong stays wrong.

Retries of messages are rows in the gateway. This is about runs only, and any run may be repeated.
"""

from __future__ import annotations

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from gateway import errors

AWAY: tuple[type[errors.GatewayError], ...] = (errors.Unavailable, errors.CircuitOpen, errors.InDoubt)
WRONG: tuple[type[errors.GatewayError], ...] = (
    errors.ConfigurationError,
    errors.Untrusted,
    errors.Malformed,
    errors.Refused,
    errors.Conflict,
    errors.NotFound,
    errors.Forbidden,
    errors.DoesNotClose,
)


def by_exception() -> ExceptionRetryPolicy:
    """Retry what is away, with the task's own backoff; fail at once what is wrong; otherwise the task's retries."""
    return ExceptionRetryPolicy(
        rules=[
            RetryRule(exception=list(WRONG), action=RetryAction.FAIL, reason="trying again changes nothing"),
            RetryRule(exception=list(AWAY), action=RetryAction.RETRY, reason="it may come back"),
        ]
    )
