"""The mail server of reports and alerts, from Airflow's connection ``gateway_smtp`` where there is one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import quote

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

SMTP_CONNECTION = "gateway_smtp"
_TLS_FROM_THE_START = 465


def environment_with_mail() -> Mapping[str, str]:
    """This process's environment, with ``GATEWAY_SMTP_URL`` of the connection; unchanged where there is none."""
    try:
        found = Connection.get(SMTP_CONNECTION)
    except AirflowNotFoundException:
        return os.environ
    return {**os.environ, "GATEWAY_SMTP_URL": smtp_url(found)}


def smtp_url(connection: Connection) -> str:
    """``smtps`` on port 465, else ``smtp`` (which asks for STARTTLS)."""
    port = connection.port or 587
    scheme = "smtps" if port == _TLS_FROM_THE_START else "smtp"
    login = quote(connection.login or "", safe="")
    account = f"{login}:{quote(connection.password or '', safe='')}@" if login else ""
    return f"{scheme}://{account}{connection.host}:{port}"
