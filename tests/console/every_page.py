"""Every page of the console, and who opens it, for tests that show them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from gateway.console.navigation import MENU
from tests.console import test_pages_finance, test_pages_in_a_browser, test_pages_people
from tests.console.finance_world import Finance
from tests.console.people_world import People
from tests.console.world import Monday

NO_PAGE = "khong-co-trang"
"""Another browser's own complaint: the status 404."""
OF_MAKER = {
    **{entry.path: entry.path for entry in MENU},
    **{name: path for name, path in test_pages_in_a_browser.PAGES.items() if name != NO_PAGE},
    **test_pages_finance.PAGES,
}
OF_AUDITOR = test_pages_people.PAGES


@dataclass(frozen=True, slots=True)
class Places:
    """Where the pages are that need a key."""

    monday: Monday
    finance: Finance
    people: People

    def of(self, pages: Mapping[str, str]) -> Iterator[str]:
        """The paths of pages, each once."""
        keys = asdict(self.finance)
        yield from dict.fromkeys(
            test_pages_people.address(self.monday, self.people, path.format(**keys)) for path in pages.values()
        )
