"""How the suite is spread over xdist's workers: file by file, and all that start an Airflow on one of them, first.

An Airflow and its tasks are work for two cores. Left to xdist, whose order is by the number of tests, they came last:
both workers then stood in line for ``airflow_turn`` while nothing else was left to do.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

TURN = "airflow_turn"


class AirflowTogether(LoadFileScheduling):
    """xdist's scheduling by file; every file that starts an Airflow goes to one worker, one after the other."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return TURN if file in files_with_airflow(self.config.rootpath) else file


def scheduling(config: pytest.Config, log: Producer) -> AirflowTogether | None:
    """For ``--dist loadfile``; None leaves the choice to xdist."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return AirflowTogether(config, log)


@cache
def files_with_airflow(root: Path) -> frozenset[str]:
    """The test files that ask for ``airflow_turn``, as pytest names them. The controller of xdist collects nothing."""
    asked = (file for file in sorted((root / "tests").rglob("test_*.py")) if f"{TURN}:" in file.read_text("utf-8"))
    return frozenset(file.relative_to(root).as_posix() for file in asked)


def in_order(items: list[pytest.Item], root: Path) -> None:
    """Those with an Airflow first, then the other long ones: what is short fills the gaps at the end."""
    with_airflow = files_with_airflow(root)

    def turn(item: pytest.Item) -> int:
        if item.nodeid.split("::", 1)[0] in with_airflow:
            return 0
        return 1 if item.get_closest_marker("scenario") or item.get_closest_marker("property") else 2

    items.sort(key=turn)
