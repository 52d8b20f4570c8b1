"""The pages in the order of the menu. A page adds its line here and its module to ``app.PAGES``."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.console.i18n import N_


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu: ``path`` below the console's root, ``label`` a text of the catalogues."""

    path: str
    label: str


MENU = (Entry("/", N_("Hôm nay")),)


def is_current(entry: Entry, path: str) -> bool:
    """Whether ``path`` is the entry's page or one below it."""
    return path == entry.path or (entry.path != "/" and path.startswith(f"{entry.path}/"))
