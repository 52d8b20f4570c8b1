"""How the suite is spread over two workers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import spread


@pytest.mark.scenario
def test_every_file_that_starts_an_airflow_goes_to_one_worker_and_first(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    conftest = (
        f"SPREAD = {spread.__file__!r}"
        + """
import importlib.util, os, pytest
spec = importlib.util.spec_from_file_location("spread", SPREAD)
spread = importlib.util.module_from_spec(spec)
spec.loader.exec_module(spread)
@pytest.fixture(scope="module")
def airflow_turn(): yield
def pytest_xdist_make_scheduler(config, log): return spread.scheduling(config, log)
def pytest_collection_modifyitems(config, items): spread.in_order(items, config.rootpath)
@pytest.fixture(autouse=True)
def told(request):
    with open("told", "a") as out: out.write(f"{os.environ['PYTEST_XDIST_WORKER']} {request.node.name}\\n")
"""
    )
    tests.joinpath("conftest.py").write_text(conftest)
    asks = f"def test_{{0}}({spread.TURN}: None): import time; time.sleep(0.2)\n"
    for name in ("b", "m", "z"):
        tests.joinpath(f"test_{name}.py").write_text(asks.format(name))
    for name in ("a", "c", "d", "e", "f"):
        tests.joinpath(f"test_{name}.py").write_text(f"def test_{name}(): pass\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line.split() for line in tmp_path.joinpath("told").read_text().splitlines()]
    workers = {worker for worker, test in told if test in ("test_b", "test_m", "test_z")}
    assert len(workers) == 1, told
    [airflows] = workers
    assert [test for worker, test in told if worker == airflows][:3] == ["test_b", "test_m", "test_z"]


@pytest.mark.unit
def test_the_files_of_this_suite_that_start_an_airflow(request: pytest.FixtureRequest) -> None:
    assert spread.files_with_airflow(request.config.rootpath) == {
        "tests/airflow/test_flows_on_a_real_airflow.py",
        "tests/scenario/test_demo.py",
        "tests/scenario/test_pages_in_airflow.py",
    }
