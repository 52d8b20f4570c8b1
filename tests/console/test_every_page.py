"""No page is left out of the lists that the browsers open."""

from __future__ import annotations

import pytest
from fastapi.routing import APIRoute

from gateway.console.app import build_application
from tests.console.every_page import OF_AUDITOR, OF_MAKER

pytestmark = pytest.mark.unit

NO_PAGES = ("/api/", "/about", "/language/")
FILES = (".xlsx", ".pdf", ".{form}", "/sent/{delivery_pk}")


def test_every_page_is_opened_by_somebody() -> None:
    routes = [one for one in build_application(lambda request: None).routes if isinstance(one, APIRoute)]
    pages = [one for one in routes if "GET" in one.methods and not one.path.startswith(NO_PAGES)]
    opened = set()
    for path in (*OF_MAKER.values(), *OF_AUDITOR.values()):
        opened.add(next(one.path for one in pages if one.path_regex.match(path.partition("?")[0])))
    assert {one.path for one in pages if not one.path.endswith(FILES)} == opened
