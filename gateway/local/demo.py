"""``gateway demo``: one business day of a province, through real Airflow DAGs, on private services.

It is played, checked (planted = found), and left running for a look; ``--once`` also approves the day and stops all.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from gateway.bootstrap import give_first_roles
from gateway.errors import GatewayError
from gateway.local import signatories, standalone
from gateway.local import stage as stages
from gateway.local.day import expectations, found, people, script
from gateway.local.day.steps import HOURS
from gateway.local.driving import Driver
from gateway.local.stage import REPOSITORY, Stage

BUSINESS_DATE = date(2026, 11, 23)  # a Monday
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


def play(*, once: bool) -> int:
    """The exit code: 0 where planted = found and the day closes."""
    began = time.monotonic()

    def tell(text: str) -> None:
        sys.stdout.write(f"[{time.monotonic() - began:5.1f} s] {text}\n")
        sys.stdout.flush()

    with own_folder() as folder, _interruptible():
        stage: Stage | None = None
        try:
            stage = stages.build(folder, tell, began_at=HOURS[0].on(BUSINESS_DATE))
            give_first_roles(people.ROLES, stage.environment)
            signatories.register(stage.environment)
            _write_environment(stage)
            differences = _play(stage, tell, once=once)
            if not once:
                _leave_running(stage, tell)
            return 1 if differences else 0
        except KeyboardInterrupt:
            tell("stopping everything")
            return 130 if once else 0
        finally:
            _stop_listening()
            if stage is not None:  # what stops half-built has stopped its parts itself
                stage.close()
            tell("everything is stopped")


def _play(stage: Stage, tell: stages.Tell, *, once: bool) -> list[str]:
    assert stage.airflow is not None  # the demo always has one
    flows = [path.stem for path in (REPOSITORY / "dags").glob("*.py")]
    api = standalone.begin(stage.airflow, "admin", flows)
    day = script.compose(BUSINESS_DATE)
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        driver = Driver(api, stage.settings, connection, tell)
        scene = script.Scene(
            controls={name: f"http://127.0.0.1:{one.control}" for name, one in stage.simulators.items()},
            reference_of=lambda dossier: found.reference_of(connection, dossier),
            people=lambda wish: people.give_back(stage.environment, connection, wish),
        )
        for hour in HOURS:
            at = hour.on(BUSINESS_DATE)
            stage.set_clock(at)
            tell(f"{at:%d/%m %H:%M} {hour.story}")
            script.play(day.acts_of(hour), scene)
            driver.settle(hour.then, BUSINESS_DATE)
            if hour.then:
                tell(f"             {_counts(connection)}")
        reports = sorted((stage.folder / "reports").rglob("*.xlsx"))
        tell(f"reports: {len(reports)} workbooks below {stage.folder / 'reports'}")
        states = {name: one.state() for name, one in stage.simulators.items()}
        differences = expectations.differences(day.cases, found.read(connection, states))
        if once:
            _approve(stage, driver, tell)
            states = {name: one.state() for name, one in stage.simulators.items()}
            differences += expectations.unbelieved(states, people.PARTNERS, BUSINESS_DATE)
    _tell_outcome(day, differences, tell)
    return differences


def _approve(stage: Stage, driver: Driver, tell: stages.Tell) -> None:
    """Two people close every partner's day; the settlement run starts by itself; then the proof is run."""
    people.close_days(stage.environment, BUSINESS_DATE, tell)
    driver.until_sent("settlement")
    tell("settlement confirmations are sent to the partners")
    driver.run("conservation", BUSINESS_DATE)
    tell("conservation closes: nothing vanished")


def _counts(connection: psycopg.Connection[tuple[object, ...]]) -> str:
    rows = connection.execute(
        "SELECT direction, state, count(*) FROM gateway.message GROUP BY direction, state ORDER BY direction, state"
    ).fetchall()
    return ", ".join(f"{direction} {state} {count}" for direction, state, count in rows)


def _tell_outcome(day: script.Day, differences: list[str], tell: stages.Tell) -> None:
    if differences:
        tell(f"planted ≠ found, {len(differences)} difference(s):")
        for line in differences:
            tell(f"  {line}")
    else:
        tell(f"planted = found: {len(day.cases)} planted cases among {day.dossiers} dossiers, nothing else broken")


def _write_environment(stage: Stage) -> None:
    """What a shell needs to talk to this gateway; it holds the generated secrets, so only its owner may read it."""
    file = stage.folder / "environment"
    file.touch(mode=0o600)
    lines = (f"{name}='{value}'" for name, value in sorted(stage.environment.items()))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


_COMMANDS = (
    "gateway day list --user an",
    "gateway day show bank-a 2026-11-23 --user an",
    "gateway breaks list bank-a 2026-11-23 --user an",
    "gateway breaks accept-all bank-a 2026-11-23 --user an --why 'đã xem'",
    "gateway day propose bank-a 2026-11-23 --user an",
    "gateway day approve bank-a 2026-11-23 --user binh",
    "gateway minutes prepare bank-a 2026-11-23 --user an",
    "gateway messages list --state quarantined --user admin",
    "gateway conservation 2026-11-23 --user an",
)


def _tell_place(table: Table, what: str, where: str, *how: str) -> None:
    table.add_row(what, "\n".join((where, *how)))


def _leave_running(stage: Stage, tell: stages.Tell) -> None:
    assert stage.airflow is not None  # the demo always has one
    table = Table(title="The day is played and left running", title_justify="left", show_lines=True)
    table.add_column("what", no_wrap=True)
    table.add_column("where, and how", overflow="fold")  # one below the other: an address must stay in one piece
    users = [f"{user} ({role}): {stage.airflow.passwords[user]}" for user, role in stages.USERS.items()]
    _tell_place(table, "Airflow", stage.airflow.url, *users)
    _tell_place(
        table,
        "pages (Đối soát)",
        f"{stage.airflow.url}/gateway/",
        "an decides and proposes, binh approves, chi signs last;",
        "admin grants roles and looks at messages",
    )
    _tell_place(table, "reports", str(stage.folder / "reports"), "one folder per business date and partner")
    _tell_place(table, "command line", f"set -a; . {stage.folder / 'environment'}; set +a", *_COMMANDS)
    for name, one in stage.simulators.items():
        _tell_place(table, name, f"http://127.0.0.1:{one.control}/control/state", "simulator, control API")
    Console().print(table)
    tell("Ctrl-C stops everything")
    while True:
        signal.pause()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C and TERM end the demo, once: pressed again while it stops, they would leave half of it running."""

    def interrupt(number: int, frame: object) -> None:
        _stop_listening()
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in _INTERRUPTS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # a shell that starts it in the background lets it ignore Ctrl-C
            signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop_listening() -> None:
    for number in _INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def own_folder() -> Iterator[Path]:
    """A fresh folder below ``var``: ``demo``, or ``demo-2`` and so on while others are playing."""
    root = Path(os.environ.get("GATEWAY_VAR", REPOSITORY / "var")).resolve()
    root.mkdir(parents=True, exist_ok=True)
    for number in range(1, 100):
        folder = root / ("demo" if number == 1 else f"demo-{number}")
        with (root / f".{folder.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o755)
            yield folder
            return
    raise GatewayError("a hundred demos are playing already", code="demo-run-failed", where=str(root))
