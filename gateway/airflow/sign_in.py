"""Which sign-in of Airflow production accepts."""

from __future__ import annotations

import os

from airflow.configuration import conf

from gateway.errors import ConfigurationError


def refuse_demonstration_sign_in() -> None:
    """Raises ConfigurationError ``demonstration-sign-in`` in production under an Airflow that signs in anybody."""
    manager = conf.get("core", "auth_manager", fallback="")
    if os.environ.get("GATEWAY_ENV") == "production" and manager.endswith(".SimpleAuthManager"):
        raise ConfigurationError(
            "SimpleAuthManager is for demonstrations",
            code="demonstration-sign-in",
            where="AIRFLOW__CORE__AUTH_MANAGER",
            action="Name an auth manager that knows your people.",
        )
