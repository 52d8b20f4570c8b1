"""Chỉ tiêu: filed online against the year's target, paid online (QĐ 766 layout), returned by post; by unit and month.

Everything is counted from what passed through the gateway, by the transactions that change it (migration 0030), so that
a page adds up some hundred numbers however many dossiers there are. Months and years are those of Asia/Ho_Chi_Minh.
Shares are whole counts: the page divides.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gateway.application.access import Act, Person
from gateway.application.desk import Desk
from gateway.clock import vietnam_date
from gateway.collation import vi_key
from gateway.errors import ConfigurationError, Problem


@dataclass(frozen=True, slots=True)
class Target:
    """The year's target in per cent. ``published``: what was reported for the year, where that is known."""

    year: int
    target: int
    published: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole`` dossiers."""

    part: int
    whole: int

    @property
    def permille(self) -> int | None:
        """Tenths of a per cent, rounded half up; None where there is nothing to divide."""
        return None if self.whole == 0 else (self.part * 2000 + self.whole) // (2 * self.whole)


@dataclass(frozen=True, slots=True)
class UnitShares:
    """One unit in one period.

    ``paid_online``: dossiers all of whose payments were online, of those that paid (QĐ 766).
    """

    unit_code: str
    unit_name: str
    filed_online: Share
    paid_online: Share
    by_post: Share

    @property
    def paid_directly(self) -> int:
        """Dossiers that paid at least something at the counter, by POS or to the postman."""
        return self.paid_online.whole - self.paid_online.part


@dataclass(frozen=True, slots=True)
class MonthShares:
    """All units in one month (``month`` is its first day)."""

    month: date
    filed_online: Share
    paid_online: Share
    by_post: Share


@dataclass(frozen=True, slots=True)
class Indicators:
    """A year (or one month of it): by unit, by month, in sum, and the year's target if there is one."""

    year: int
    month: int | None
    target: Target | None
    total: UnitShares
    units: tuple[UnitShares, ...]
    months: tuple[MonthShares, ...]


_COUNTED = """
SELECT unit_code, month, sum(part)::bigint, sum(whole)::bigint, max(unit_name)
  FROM gateway.indicator_count WHERE what = %(what)s AND month >= %(first)s AND month < %(last)s
 GROUP BY unit_code, month HAVING sum(whole) <> 0"""
# A dossier that paid in several months of one year counts where it began to, and is online where all of it was.
_PAID = """
SELECT unit_code, month, sum(part)::bigint, sum(whole)::bigint, max(unit_name) FROM (
    SELECT unit_code, month, part, whole, unit_name FROM gateway.indicator_count
     WHERE what = 'paid' AND month >= %(first)s AND month < %(last)s
    UNION ALL
    SELECT unit_code, min(month), bool_and(online)::int, 1, unit_name FROM gateway.paid_month
     WHERE NOT alone AND month >= %(first)s AND month < %(last)s GROUP BY dossier_code, unit_code, unit_name) p
 GROUP BY unit_code, month HAVING sum(whole) <> 0"""
_Counts = dict[tuple[str, date], tuple[int, int]]


def indicators(desk: Desk, person: Person, *, year: int | None = None, month: int | None = None) -> Indicators:
    """The indicators of a year (this one by default) or of one month of it.

    Raises Forbidden ``act-not-allowed``; ConfigurationError ``indicators-invalid``.
    """
    person.require(Act.SEE)
    year = year or vietnam_date(desk.clock.now()).year
    first, last = _span(year, month)
    span: Mapping[str, object] = {"first": first, "last": last}
    names: dict[str, str] = {}
    with desk.connection.transaction():
        filed = _counts(desk, _COUNTED, {**span, "what": "filed"}, names)
        paid = _counts(desk, _PAID, span, names)
        returned = _counts(desk, _COUNTED, {**span, "what": "returned"}, names)
    units = tuple(
        UnitShares(code, names[code], *(_share(counts, unit=code) for counts in (filed, paid, returned)))
        for code in sorted(names, key=lambda code: (vi_key(names[code]), code))
    )
    months = tuple(
        MonthShares(one, *(_share(counts, month=one) for counts in (filed, paid, returned)))
        for one in sorted({on for counts in (filed, paid, returned) for _, on in counts})
    )
    total = UnitShares("", "", _share(filed), _share(paid), _share(returned))
    target = targets(desk.settings.config).get(year)
    return Indicators(year, month, target, total, units, months)


def _counts(desk: Desk, sql: str, values: Mapping[str, object], names: dict[str, str]) -> _Counts:
    found: _Counts = {}
    for code, month, part, whole, name in desk.connection.execute(sql.encode(), values):
        assert isinstance(month, date)
        found[str(code), month] = int(str(part)), int(str(whole))
        names[str(code)] = str(name)
    return found


def _share(counts: _Counts, *, unit: str | None = None, month: date | None = None) -> Share:
    chosen = [
        pair for (code, on), pair in counts.items() if (unit is None or code == unit) and (month is None or on == month)
    ]
    return Share(sum(part for part, _ in chosen), sum(whole for _, whole in chosen))


def _span(year: int, month: int | None) -> tuple[date, date]:
    if month is None:
        return date(year, 1, 1), date(year + 1, 1, 1)
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def targets(folder: Path) -> Mapping[int, Target]:
    """Year -> target, of ``indicators.toml``. Raises ConfigurationError ``indicators-invalid`` with every problem."""
    file = folder / "indicators.toml"
    problems: list[Problem] = []
    found: dict[int, Target] = {}
    try:
        years = tomllib.loads(file.read_text(encoding="utf-8")).get("online_filing", {})
    except (OSError, tomllib.TOMLDecodeError) as error:
        years = {}
        problems.append(Problem(file.name, "(whole file)", f"cannot be read: {error}"))
    for year, told in years.items():
        try:
            one = Target(int(year), told["target"], told.get("published"), told["source"])
        except (KeyError, ValueError, TypeError) as error:
            problems.append(Problem(file.name, f"online_filing.{year}", f"needs target and source: {error}"))
            continue
        if not _is_percent(one.target) or (one.published is not None and not _is_percent(one.published)):
            problems.append(Problem(file.name, f"online_filing.{year}", "target and published are whole per cents"))
        found[one.year] = one
    if problems:
        raise ConfigurationError(code="indicators-invalid", problems=problems, action="correct these keys")
    return found


def _is_percent(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100
