"""What importing every DAG file adds to Airflow's own import, each time in a fresh Python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.row import Row, row

REPOSITORY = Path(__file__).resolve().parents[1]
ROUNDS, LIMIT_MS = 5, 300

# What a DAG file of anybody's needs is Airflow's own import; the rest is ours.
_OBSERVER = """
import runpy, sys, time
from pathlib import Path

from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, AssetWatcher, CronPartitionTimetable, CronTriggerTimetable
from airflow.sdk import Metadata, PartitionedAssetTimetable, dag, get_current_context, task
from airflow.sdk.bases.notifier import BaseNotifier
from airflow.triggers.base import BaseEventTrigger
started = time.perf_counter()
for file in sorted(Path(sys.argv[1]).glob("*.py")):
    runpy.run_path(str(file))
print(time.perf_counter() - started)
"""


def rows() -> Sequence[Row]:
    """The quickest of some imports of all DAG files, in milliseconds, against the limit for one file."""
    observed = [_seconds() for _ in range(ROUNDS)]
    ours = min(observed) * 1000
    return [
        row(
            "import all DAG files, beyond Airflow's own import",
            ours,
            "ms",
            "limit",
            LIMIT_MS,
            target="< 300 ms",
            met=ours < LIMIT_MS,
        )
    ]


def _seconds() -> float:
    done = subprocess.run(
        [sys.executable, "-c", _OBSERVER, str(REPOSITORY / "dags")], capture_output=True, text=True, check=True
    )
    return float(done.stdout.splitlines()[-1])
