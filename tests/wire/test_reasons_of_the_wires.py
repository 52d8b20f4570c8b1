"""Every code that a wire raises is declared with what to do about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.wire import http, soap
from adapters.wire.amqp import failures as amqp_failures
from adapters.wire.sftp import failures as sftp_failures
from gateway.reasons import REASONS

pytestmark = pytest.mark.unit


def test_every_code_of_the_translation_tables_is_declared() -> None:
    tables = (http.TRANSLATION, sftp_failures.TRANSLATION, amqp_failures.TRANSLATION)
    tables += (soap.LOADING, soap.BUILDING, soap.DECODING)
    assert {meaning.code for table in tables for meaning in table.values()} - set(REASONS) == set()


def test_every_code_written_in_a_wire_is_declared() -> None:
    wires = Path(http.__file__).parent
    text = "".join(path.read_text() for path in wires.rglob("*.py"))
    codes = set(re.findall(r'code="([a-z0-9-]+)"', text)) | set(re.findall(r'Meaning\(\s*\w+, "([a-z0-9-]+)"', text))
    assert codes
    assert codes - set(REASONS) == set()
