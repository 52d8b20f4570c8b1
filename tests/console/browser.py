"""A real Chromium, and a person in it who notices what goes wrong on a page."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Frame, Page, Playwright

from gateway.local import install

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def launch(playwright: Playwright) -> Browser:
    """The machine's Chromium, installed where it is absent: without windows, but for pictures. As root no sandbox."""
    name = "chromium" if "GATEWAY_PICTURES" in os.environ else "chromium-headless-shell"
    install.ensure(name, *(["chromium-l10n"] if name == "chromium" else []))
    # Its own parts of a page (date fields) speak the language of the program, not of the page.
    return playwright.chromium.launch(
        env={**os.environ, "LANGUAGE": "vi"},
        executable_path=install.PACKAGES[name].path(),
        args=["--no-sandbox", "--disable-gpu", "--lang=vi"],
    )


@contextmanager
def served(application: FastAPI) -> Iterator[str]:
    """The application on a free port of this machine; its address."""
    server = uvicorn.Server(uvicorn.Config(application, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        thread.join(0.02)
    assert server.started
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@dataclass
class Reader:
    """One signed-in person at one screen. ``errors`` are what the browser's console complained about."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)
    language: str = "vi"

    @classmethod
    def open(cls, browser: Browser, url: str, user: str, *, width: Any = None, language: str = "vi") -> Reader:
        """A browser of their own, with the sign-in's cookie."""
        context = browser.new_context(viewport=width or DESKTOP, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
        context.add_cookies(
            [
                {"name": name, "value": value, "url": url}
                for name, value in (("user", user), ("gateway_language", language))
            ]
        )
        reader = cls(context.new_page(), url, language=language)
        reader.page.set_default_timeout(10_000)
        reader.page.on(
            "console", lambda message: reader.errors.append(message.text) if message.type == "error" else None
        )
        reader.page.on("pageerror", lambda error: reader.errors.append(str(error)))
        return reader

    def go(self, path: str) -> Page:
        """Open a page of the console."""
        self.page.goto(f"{self.url}/gateway{path}")
        return self.page

    def complaints(self) -> list[str]:
        """What axe-core finds serious or critical on the page as it stands."""
        return complaints_about(self.page, colours=self.page.viewport_size == DESKTOP)

    def faults(self) -> tuple[list[str], int]:
        """What axe-core finds, and by how many pixels the page is wider than the screen.

        Axe-core takes longer than all the rest: it looks at pages in Vietnamese, which others are but for their words.
        """
        return self.complaints() if self.language == "vi" else [], sticks_out(self.page)


def complaints_about(shown: Page | Frame, *, colours: bool) -> list[str]:
    """What axe-core finds serious or critical on a page, or in a frame, as it stands.

    ``colours``: whether it measures the contrast of every text, too. That is nine tenths of its work, and the same at
    every width, inside a frame and outside (``test_no_width_has_colours_of_its_own``).
    """
    rules = {"color-contrast": {"enabled": colours}}
    found = Axe().run(shown, options={"resultTypes": ["violations"], "rules": rules}).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def sticks_out(shown: Page | Frame) -> int:
    """By how many pixels it is wider than what it is shown in."""
    return int(shown.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
