"""Every Protocol of ``gateway.ports`` has a contract class, and every implementation there is runs through it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest

import adapters
import gateway.clock
from gateway import ports
from tests import contract as contracts
from tests.contract.ports import Contract

pytestmark = [pytest.mark.contract, pytest.mark.unit]

PORTS = {
    name: found
    for name, found in vars(ports).items()
    if inspect.isclass(found) and getattr(found, "_is_protocol", False) and found.__module__ == ports.__name__
}
_TOLD_BY_ITS_ANSWER = frozenset({"read", "fetch", "ask", "list"})
"""Methods that several ports have: they are told apart by what they give back."""


def promised(port: type) -> dict[str, object]:
    return {name: member for name, member in vars(port).items() if not name.startswith("_")}


def keeps_the_shape_of(found: type, port: type) -> bool:
    """Whether a class has what the port promises, by names, parameters and, where that tells ports apart, answers."""
    for name, member in promised(port).items():
        own = getattr(found, name, None)
        if isinstance(member, property):
            if name not in {*dir(found), *getattr(found, "__dataclass_fields__", ())}:
                return False
            continue
        if not inspect.isfunction(own) or not inspect.isfunction(member):
            return False
        ours, theirs = inspect.signature(own), inspect.signature(member)
        if [*ours.parameters] != [*theirs.parameters]:
            return False
        if name in _TOLD_BY_ITS_ANSWER and ours.return_annotation != theirs.return_annotation:
            return False
    return True


def classes() -> Iterator[type]:
    """Every class of the adapters and of the clocks, where it is made."""
    for module in (*modules(adapters), gateway.clock):
        for found in vars(module).values():
            if inspect.isclass(found) and found.__module__ == module.__name__:
                yield found


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def implementations(port: type) -> set[type]:
    return {found for found in classes() if keeps_the_shape_of(found, port)}


def contract_of(name: str) -> type[Contract] | None:
    found = [one for one in subclasses(Contract) if one.__name__ == f"{name}Contract"]
    return found[0] if found else None


def subclasses(of: type) -> Iterator[type]:
    for found in of.__subclasses__():
        yield found
        yield from subclasses(found)


@pytest.fixture(autouse=True, scope="module")
def _every_contract_is_loaded() -> None:
    for _ in modules(contracts):
        pass


def test_the_ports_are_found() -> None:
    assert {"Clock", "Sender", "Reader", "TrackingFeed", "RemittanceReader"} <= set(PORTS)
    assert "DossierReader" in {found.__name__ for found in implementations(ports.Reader)}
    assert {found.__name__ for found in implementations(ports.Clock)} == {"SystemClock", "FileClock", "FixedClock"}


@pytest.mark.parametrize("name", sorted(PORTS))
def test_a_port_has_a_contract_that_every_implementation_runs_through(name: str) -> None:
    contract = contract_of(name)
    assert contract is not None, f"tests/contract has no class {name}Contract"
    run = {found for test in subclasses(contract) for found in vars(test).get("of", ())}
    if name == "Reader":
        run |= {found for test in subclasses(Contract) for found in vars(test).get("reads_with", ())}
    there = implementations(PORTS[name])
    assert there, f"no class of the adapters has the shape of {name}"
    assert there - run == set(), f"{name}Contract does not run on them"
    assert {found for found in run if not keeps_the_shape_of(found, PORTS[name])} == set()


def test_a_class_that_keeps_a_ports_shape_without_a_contract_is_noticed() -> None:
    class OtherFeed:
        def fetch(self, cursor: str) -> RawMessage: ...  # type: ignore[name-defined,empty-body] # noqa: F821

        def read(self, raw: RawMessage) -> tuple[Sequence[PostalEvent], str]: ...  # type: ignore[name-defined,empty-body] # noqa: F821

    assert keeps_the_shape_of(OtherFeed, ports.TrackingFeed)
    assert not keeps_the_shape_of(OtherFeed, ports.Reader)
