"""The whole demo day through the real adapters, simulators, database and broker; only Airflow is left out.

Every flow that a DAG task would run is called here, so that planted = found is proven in a minute.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from gateway import bootstrap
from gateway.bootstrap.gateway import Gateway
from gateway.errors import GatewayError, Unavailable
from gateway.local import stage as stages
from gateway.local.day import found, script
from gateway.local.day import people as day_people
from gateway.local.day.expectations import differences, unbelieved
from gateway.local.day.planted import BUSINESS_DAY
from gateway.local.day.steps import HOURS, Hour
from gateway.model import Summary

pytestmark = [pytest.mark.scenario, pytest.mark.services]
ROUNDS = 6  # a flow that fails because a partner was made to fail is run again, as Airflow would


def until_dry(flow: Callable[[], Summary]) -> None:
    """Run a flow until it says that nothing is left, as its DAG would be started again."""
    for _ in range(ROUNDS):
        if not flow().more:
            return


def flows(gateway: Gateway, day: date) -> Mapping[str, Callable[[], None]]:
    """What one run of each DAG does."""

    def ask() -> None:
        until_dry(gateway.settle_portal_payments)
        until_dry(gateway.query_payment_requests)

    def send(*names: str) -> Callable[[], None]:
        def run() -> None:
            for name in names:
                until_dry(lambda: gateway.dispatch(name))  # noqa: B023 - called at once

        return run

    def payment_requests() -> None:
        until_dry(lambda: gateway.dispatch("payment_requests"))
        until_dry(gateway.query_payment_requests)

    def statements() -> None:
        for partner in gateway.statement_partners():
            for attempt in range(ROUNDS):
                try:
                    gateway.load_statements(partner, day)
                    break
                except Unavailable:
                    assert attempt < ROUNDS - 1, f"the statement of {partner} never came"

    return {
        "dossier_events": lambda: until_dry(gateway.drain_dossier_events),
        "dossier_updates": send("dossier"),
        "payment_requests": payment_requests,
        "portal_sync": send("portal_sync"),
        "portal_payments": ask,
        "postal_orders": send("postal_orders"),
        "postal_tracking": lambda: until_dry(gateway.track_postal_orders),
        "bank_statements": statements,
        "postal_remittances": lambda: until_dry(lambda: gateway.load_remittances("vnpost", day)),
        "fee_reconciliation": lambda: reconcile(gateway, day),
    }


def reconcile(gateway: Gateway, day: date) -> None:
    for partner in ("bank-a", "bank-b", "intermediary", "vnpost"):
        gateway.reconcile(partner, day)
    gateway.reconcile("bank-b", day - timedelta(days=1))


def run_hour(stage: stages.Stage, hour: Hour, day: date) -> None:
    with bootstrap.open_gateway(environ=stage.environment) as gateway:
        ways = flows(gateway, day)
        for name in hour.then:
            ways[name]()


def people(stage: stages.Stage) -> Callable[[Mapping[str, object]], None]:
    def act(wish: Mapping[str, object]) -> None:
        with psycopg.connect(stage.database_url) as connection:
            assert found.refunds_of(connection, str(wish["dossier"])), "nothing is there to give back"
            day_people.give_back(stage.environment, connection, wish)

    return act


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stages.Stage]:
    folder = tmp_path_factory.mktemp("day")
    began = HOURS[0].on(BUSINESS_DAY)
    stage = stages.build(folder, lambda _: None, with_airflow=False, began_at=began)
    bootstrap.give_first_roles(day_people.ROLES, stage.environment)
    before = dict(os.environ)
    os.environ.update(stage.environment)
    try:
        play(stage, folder)
        yield stage
    finally:
        os.environ.clear()
        os.environ.update(before)
        stage.close()


def play(stage: stages.Stage, folder: Path) -> None:
    day = script.compose(BUSINESS_DAY, count=60)
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        scene = script.Scene(
            controls={name: f"http://127.0.0.1:{each.control}" for name, each in stage.simulators.items()},
            reference_of=lambda dossier: found.reference_of(connection, dossier),
            people=people(stage),
        )
        for hour in HOURS:
            stage.set_clock(hour.on(BUSINESS_DAY))
            print(f"{datetime.now():%H:%M:%S} {hour.name}: {len(day.acts_of(hour))} acts")  # noqa: DTZ005 - a log
            script.play(day.acts_of(hour), scene)
            run_hour(stage, hour, BUSINESS_DAY)


def test_planted_is_found_and_nothing_else_is_broken(played: stages.Stage) -> None:
    day = script.compose(BUSINESS_DAY, count=60)
    with psycopg.connect(played.database_url) as connection:
        states = {name: each.state() for name, each in played.simulators.items()}
        lines = differences(day.cases, found.read(connection, states))
    assert lines == [], "\n".join(lines)


def test_two_people_decide_what_was_planted_close_every_day_and_the_partners_hear_of_it(played: stages.Stage) -> None:
    told: list[str] = []
    day_people.close_days(played.environment, BUSINESS_DAY, told.append)
    with bootstrap.open_gateway(environ=played.environment) as gateway:
        gateway.dispatch("settlement")
    with psycopg.connect(played.database_url) as connection:
        states = connection.execute(
            "SELECT DISTINCT state FROM gateway.recon_day WHERE business_on = %s", (BUSINESS_DAY,)
        ).fetchall()
        sent = connection.execute(
            "SELECT partner, state FROM gateway.message WHERE kind = 'settlement_confirmation' ORDER BY partner"
        ).fetchall()
    assert states == [("approved",)]
    assert sent == [(partner, "delivered") for partner in sorted(day_people.PARTNERS)]
    held = {name: each.state() for name, each in played.simulators.items()}
    assert unbelieved(held, day_people.PARTNERS, BUSINESS_DAY) == []
    assert any("planted breaks of bank-a" in line for line in told)


def test_every_share_of_the_indicators_has_something_to_tell(played: stages.Stage) -> None:
    with psycopg.connect(played.database_url) as connection:
        counts = connection.execute(
            "SELECT what, sum(part)::int, sum(whole)::int FROM gateway.indicator_count GROUP BY what ORDER BY what"
        ).fetchall()
    assert [what for what, *_ in counts] == ["filed", "paid", "returned"]
    for what, part, whole in counts:
        assert 0 < part < whole, what


def test_the_day_is_conserved(played: stages.Stage) -> None:
    with bootstrap.open_gateway(environ=played.environment) as gateway:
        try:
            gateway.prove_conservation(BUSINESS_DAY)
        except GatewayError as error:
            pytest.fail(error.explain())


def test_the_watch_tells_of_what_was_planted_and_of_nothing_else(played: stages.Stage) -> None:
    """In the morning of the statements, and past noon of the next working day, when all that is due is due."""
    planted = {"messages-quarantined:bank-a", "messages-quarantined:dossier"}
    sunday = f"day-not-closed:bank-b:{BUSINESS_DAY - timedelta(days=1)}"  # nobody closes it in the demo
    morning = HOURS[-1].on(BUSINESS_DAY)
    for at, causes in ((morning, planted), (morning + timedelta(days=1, hours=7), planted | {sunday})):
        played.set_clock(at)
        with bootstrap.open_gateway(environ=played.environment) as gateway:
            gateway.check_lateness()
            standing = gateway.connection.execute("SELECT cause FROM gateway.alert WHERE cleared_at IS NULL").fetchall()
            assert {str(cause) for (cause,) in standing} == causes
            assert gateway.tell_alerts().counts == {"told": 0, "over": 0, "untold": len(causes)}


def test_no_explanation_kept_in_the_database_tells_a_secret_or_a_personal_number(played: stages.Stage) -> None:
    """What people read of messages, attempts and alerts; the bodies themselves are kept as they came."""
    told = []
    with psycopg.connect(played.database_url) as connection:
        personal = {
            value
            for row in connection.execute("SELECT owner_id_number, phone FROM gateway.dossier")
            for value in row
            if value
        }
        for query in EXPLANATIONS:
            told += [str(text) for (text,) in connection.execute(query)]
    assert len(personal) > 60
    assert len(told) > 10, "nothing was explained, so nothing was searched"
    hidden = {*personal, *secrets_of(played), "PRIVATE KEY"}
    assert [text for text in told if any(value in text for value in hidden)] == []


EXPLANATIONS = (
    "SELECT detail FROM gateway.message WHERE detail <> ''",
    "SELECT detail FROM gateway.message_history WHERE detail <> ''",
    "SELECT detail FROM gateway.attempt WHERE detail <> ''",
    "SELECT concat_ws(' ', cause, text_vi, action) FROM gateway.alert",
)


def secrets_of(played: stages.Stage) -> set[str]:
    names = ("GATEWAY_PLATFORM_SECRET", "GATEWAY_VNPOST_SECRET", "GATEWAY_PORTAL_PASSWORD")
    urls = (played.database_url, (played.folder / "amqp-url").read_text(encoding="ascii"))
    passwords = {urlsplit(url).password for url in urls} - {None}
    assert len(passwords) == 2
    return {played.environment[name] for name in names} | {str(word) for word in passwords}
