"""Every command by every role that may not do it, and what a machine did because a person asked for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gateway.application import refunds
from gateway.application.access import WHO_MAY, Role
from gateway.cli import app
from gateway.reasons import REASONS
from tests.application.command_rights import DAY, OF_THE_MACHINE, RIGHTS
from tests.application.office import Office
from tests.application.test_money_commands import VOUCHER

pytestmark = pytest.mark.services

Type = Callable[..., str]
ALONE = {
    Role.MAKER: "ba",
    Role.CHECKER: "binh",
    Role.OPS: "oanh",
    Role.AUDITOR: "minh",
    Role.VIEWER: "vy",
    None: "nobody",
}
"""A person of each role and no other; ``None``: somebody without any."""


def commands(command: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield " ".join(path)
    else:
        for name, one in inner.items():
            yield from commands(one, (*path, name))


@pytest.fixture
def type_in(office: Office, tmp_path: Path) -> Type:
    """Runs a command as a person: the code of its error, "" where there is none."""
    clock = tmp_path / "clock"
    clock.write_text(office.desk.clock.now().isoformat(), encoding="ascii")
    settings = office.desk.settings
    environ = {
        "GATEWAY_DATABASE_URL": settings.database_url,
        "GATEWAY_CONFIG": str(settings.config),
        "GATEWAY_CERTS": str(settings.certs),
        "GATEWAY_BUSINESS_CLOCK": str(clock),
        "GATEWAY_ENV": "test",
        "GATEWAY_VAR": str(tmp_path),
    }

    def run(user: str, *words: str) -> str:
        answer = CliRunner().invoke(app, [*words, "--user", user, "--json"], env=environ)
        told = json.loads(answer.stdout) if answer.stdout else {"error": {"code": answer.output or repr(answer)}}
        return str(told["error"]["code"]) if isinstance(told, dict) and "error" in told else ""

    return run


def test_every_command_has_its_right_or_needs_no_person() -> None:
    assert {*commands(typer.main.get_command(app))} == OF_THE_MACHINE | set(RIGHTS)
    assert not OF_THE_MACHINE & set(RIGHTS)


def a_proposed_refund(office: Office) -> str:
    office.pay(office.owe(100_000), 130_000)
    payment_pk = int(office.one("SELECT max(payment_pk) FROM gateway.payment"))
    refund_id = refunds.request(office.desk, office.an, payment_pk, 30_000, "nộp thừa")
    refunds.propose(office.desk, office.an, refund_id)
    return refund_id


@pytest.fixture
def made(office: Office, tmp_path: Path) -> dict[str, str]:
    """What the words of ``RIGHTS`` name: a day with one break, files, a refund."""
    office.short()
    office.settle_day()
    (tmp_path / "file").write_bytes(b"%PDF-1.7")
    (tmp_path / "voucher.toml").write_text(VOUCHER, encoding="utf-8")
    return {
        "key": office.only_row().row_key,
        "file": str(tmp_path / "file"),
        "voucher": str(tmp_path / "voucher.toml"),
        "folder": str(tmp_path),
        "refund": a_proposed_refund(office),
    }


def test_whoever_may_use_a_command_is_answered_or_told_what_is_wrong(type_in: Type, made: dict[str, str]) -> None:
    """The rights of the database suffice for what the table of rights allows."""
    wrong = []
    for name, (act, words) in RIGHTS.items():
        for role in sorted(WHO_MAY[act]):
            said = type_in(ALONE[role], *name.split(), *(word.format(**made) for word in words))
            wrong += [(name, role, said)] if said and said not in REASONS else []
    assert wrong == []
    assert list(Path.cwd().glob("*.xlsx")) == []


def test_every_command_is_refused_to_every_role_that_may_not_use_it(
    type_in: Type, made: dict[str, str], tmp_path: Path
) -> None:
    done = []
    for name, (act, words) in RIGHTS.items():
        for role, user in ALONE.items():
            if role not in WHO_MAY[act]:
                said = type_in(user, *name.split(), *(word.format(**made) for word in words))
                done += [(name, user, said)] if said != "act-not-allowed" else []
    assert done == []
    assert not (tmp_path / "reports").exists()


def test_a_day_that_a_person_has_judged_again_is_a_run_under_that_name(office: Office, type_in: Type) -> None:
    office.short()
    office.settle_day()
    assert type_in("ba", "reconcile", *DAY) == ""
    assert type_in("minh", "reconcile", *DAY, "--verify") == ""
    assert type_in("minh", "reconcile", *DAY, "--verify", "--version", "9") == "day-unknown"
    runs = office.rows("SELECT dag_id, split_part(run_id, ' ', 1), task_id FROM gateway.run ORDER BY run_pk")
    assert runs == [("by_hand", "ba", "reconcile"), ("by_hand", "minh", "see")]


def test_a_report_taken_away_by_command_is_in_the_log_of_exports(office: Office, type_in: Type, tmp_path: Path) -> None:
    office.short()
    office.settle_day()
    assert type_in("minh", "report", *DAY, "--format", "docx") == "report-form-unknown"
    assert type_in("minh", "report", *DAY, "--folder", str(tmp_path / "out")) == ""
    names = {file.name for file in (tmp_path / "out" / "2026-11-23" / "bank-a").iterdir()}
    day = "doi-soat_bank-a_20261123_v1"
    assert names == {f"bien-ban_{day}.pdf", f"{day}.xlsx", f"{day}.csv"}
    left = office.rows("SELECT what, by_user FROM gateway.export_log ORDER BY export_pk")
    assert left == [(f"day-{form}:bank-a:2026-11-23", "minh") for form in ("pdf", "xlsx", "csv")]
