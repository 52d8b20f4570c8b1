"""A chart tells what the table behind it tells, and names it in full, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import psycopg
import pytest

from gateway.partners import Partner
from tests.console.browser import DESKTOP, PHONE, Reader
from tests.console.people_world import people_of_a_monday
from tests.console.world import PATH, Monday
from tests.reconciliation.day_story import DayStory

pytestmark = [pytest.mark.services, pytest.mark.scenario]

DRAWN = """() => [...document.querySelectorAll("canvas")].map((canvas) => {
  const chart = window.Chart && Chart.getChart(canvas);
  if (!chart) return {drawn: false};
  const table = document.getElementById(canvas.dataset.bars || canvas.dataset.bridge);
  const rows = [...table.querySelectorAll("tbody tr")];
  const horizontal = chart.options.indexAxis === "y";
  const pen = chart.ctx;
  pen.font = `12px ${Chart.defaults.font.family}`;
  const width = (label) => Math.max(...[].concat(label).map((line) => pen.measureText(line).width));
  return {
    drawn: true, seen: table.checkVisibility() || Boolean(table.closest("details")),
    names: chart.data.labels.map((label) => [].concat(label).join(" ").replaceAll(" · ", " ")),
    told: rows.map((row) => (row.dataset.label || row.cells[0].innerText).replaceAll(" · ", " ")),
    bars: chart.data.datasets.filter((one) => one.type !== "line").map((one) => one.data.map((value) =>
      Array.isArray(value) ? value[1] : value)),
    figures: canvas.dataset.bridge ? [rows.map((row) => Number(row.dataset.to))] :
      [...table.querySelectorAll("thead [data-series]")].map((_, at) => rows.map((row) =>
        Number(row.querySelectorAll("[data-value]")[at].dataset.value))),
    cut: horizontal ? chart.data.labels.filter((label) => width(label) > chart.scales.y.width) : [],
  };
})"""


def the_postal_service_passes_on_what_nobody_knows(url: str, partners: Mapping[str, Partner]) -> None:
    """Of all partners it has the longest name."""
    with psycopg.connect(url) as conn:
        day = DayStory(conn, partners)
        day.count = 3000
        day.remit(("QN-LA", 99_000, 0))
        assert day.judge("vnpost").stopped == ""


@pytest.mark.parametrize("width", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", [PATH, "/ageing", "/indicators"])
def test_a_chart_tells_what_its_table_tells(
    monday: Monday,
    sit_down: Callable[..., Reader],
    database_url: str,
    partners: Mapping[str, Partner],
    width: object,
    path: str,
) -> None:
    people_of_a_monday(database_url, partners)
    the_postal_service_passes_on_what_nobody_knows(database_url, partners)
    an = sit_down("an", width=width)
    page = an.go(path)
    page.wait_for_function("[...document.querySelectorAll('canvas')].every((canvas) => Chart.getChart(canvas))")
    (chart,) = page.evaluate(DRAWN)
    assert chart["drawn"]
    assert chart["seen"]
    assert len(chart["names"]) > 0
    assert chart["names"] == chart["told"]
    assert chart["bars"] == chart["figures"]
    assert chart["cut"] == []
