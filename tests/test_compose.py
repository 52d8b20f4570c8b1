"""docker-compose.yml is valid, complete and safe: schema, settings that exist, health checks, limits, no secrets."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.configuration import retrieve_configuration_description
from jsonschema import Draft202012Validator

from gateway.settings import SETTINGS

pytestmark = pytest.mark.golden

REPOSITORY = Path(__file__).resolve().parents[1]
SCHEMA = REPOSITORY / "tests" / "golden" / "compose" / "compose-spec.json"
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {"airflow-migrate", "gateway-migrate"}


def environment(service: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = service.get("environment", {})
    return found


def secret_names(service: dict[str, Any]) -> set[str]:
    return {one if isinstance(one, str) else one["source"] for one in service.get("secrets", [])}


def test_it_is_valid_by_the_compose_specification() -> None:
    problems = [
        f"{'/'.join(map(str, problem.absolute_path))}: {problem.message}"
        for problem in Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(COMPOSE)
    ]
    assert problems == []


def test_its_image_bears_the_version_that_is_built() -> None:
    built = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    assert f"${{GATEWAY_VERSION:-{built}}}" in SERVICES["worker"]["image"]


def test_it_has_every_part_of_production() -> None:
    assert set(SERVICES) >= {
        *("postgres", "rabbitmq", "airflow-migrate", "gateway-migrate"),
        *("api-server", "scheduler", "dag-processor", "triggerer", "worker"),
    }
    assert environment(SERVICES["scheduler"])["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"


def test_every_gateway_setting_it_passes_exists() -> None:
    in_partner_files = {
        name
        for file in (REPOSITORY / "config").rglob("*.toml")
        for name in re.findall(r"GATEWAY_[A-Z0-9_]+", file.read_text())
    }
    passed = {name for service in SERVICES.values() for name in environment(service) if name.startswith("GATEWAY_")}
    by_file = {name for name in COMPOSE["secrets"] if name.startswith("GATEWAY_")}
    assert passed <= set(SETTINGS)
    assert by_file <= in_partner_files
    assert {"GATEWAY_ENV", "GATEWAY_DATABASE_URL_FILE", "GATEWAY_AMQP_URL_FILE"} <= passed


def test_every_airflow_setting_it_passes_exists() -> None:
    known = retrieve_configuration_description(include_providers=True)
    passed = {name for service in SERVICES.values() for name in environment(service) if name.startswith("AIRFLOW__")}
    places = [name.removesuffix("_CMD").removeprefix("AIRFLOW__").lower().split("__") for name in sorted(passed)]
    assert [place for place in places if place[1] not in known.get(place[0], {"options": {}})["options"]] == []
    assert len(places) > 5


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_is_bounded_and_watched(name: str) -> None:
    limits = SERVICES[name]["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory"}
    assert ("healthcheck" in SERVICES[name]) is (name not in ONCE)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_gets_its_secrets_by_file(name: str) -> None:
    assert secret_names(SERVICES[name]) <= set(COMPOSE["secrets"])
    for setting, value in environment(SERVICES[name]).items():
        if re.search("PASSWORD|SECRET|KEY|CONN|BROKER|BACKEND|_URL", setting) and "EXECUTION_API" not in setting:
            assert "/run/secrets/" in value, setting
            assert Path(value.split()[-1]).name in secret_names(SERVICES[name]), setting


def test_simulated_partners_are_behind_a_profile_and_on_the_workers_loopback() -> None:
    simulated = {name: service for name, service in SERVICES.items() if "simulators." in str(service.get("command"))}
    programs = {folder.parent.name for folder in (REPOSITORY / "simulators").glob("*/__main__.py")}
    assert {re.findall(r"simulators\.(\w+)", str(one["command"]))[0] for one in simulated.values()} == programs
    for service in simulated.values():
        assert service["profiles"] == ["simulators"]
        assert service["network_mode"] == "service:worker"


def test_only_the_api_server_listens_outside_and_on_loopback_only() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["api-server"]
    assert SERVICES["api-server"]["ports"][0].startswith("127.0.0.1:")
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_named_volumes_are_declared_and_used() -> None:
    used = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith((".", "$", "/"))
    }
    assert used == set(COMPOSE["volumes"])


def test_the_secrets_it_mounts_are_the_ones_that_are_made(tmp_path: Path) -> None:
    script = tmp_path / "deploy" / "make-secrets.sh"
    script.parent.mkdir()
    script.write_text((REPOSITORY / "deploy" / "make-secrets.sh").read_text())
    first = subprocess.run(["sh", script], capture_output=True, text=True, check=True)
    made = {file.name: file.read_text() for file in (script.parent / "secrets").iterdir()}
    partners = {name for name in COMPOSE["secrets"] if name.startswith("GATEWAY_")}
    mounted = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert set(made) == mounted - partners
    assert all(name in first.stderr for name in partners), "it says which secrets it cannot make"
    subprocess.run(["sh", script], capture_output=True, check=True)
    assert made == {file.name: file.read_text() for file in (script.parent / "secrets").iterdir()}
