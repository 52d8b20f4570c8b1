"""The compiled schemas judge as ``jsonschema`` does on the same files, and say what the ledger reads."""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NotRequired, get_origin, get_type_hints

import fastjsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from adapters.dossier import codec, contract, strict_json
from gateway.errors import Malformed
from gateway.ledger import event_data
from tests.dossier.events import DATA, event

CORPORA = Path(os.environ.get("GATEWAY_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))
FORMATS = FormatChecker(formats=())
FORMATS.checks("date-time")(contract.is_time)


def _as_ecma_says(_: Any, pattern: str, instance: object, __: Any) -> Iterator[ValidationError]:
    # ``$`` of ECMA 262, which JSON Schema means, is the very end; Python's lets a line feed follow.
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield ValidationError("pattern")


Oracle = extend(Draft7Validator, {"pattern": _as_ecma_says})
DATA_ORACLES = {name: Oracle(contract.schema_of(f"vn.quangninh.{name}"), format_checker=FORMATS) for name in DATA}
ENVELOPE_ORACLES = {
    name: Oracle(contract.schema_of(name), format_checker=FORMATS)
    for name in ("event-to-gateway", "event-from-gateway")
}
CONTRACTS = {"event-to-gateway": contract.incoming(), "event-from-gateway": contract.outgoing()}
CHECKS = {**CONTRACTS["event-to-gateway"].data, **CONTRACTS["event-from-gateway"].data}

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 12),
    st.sampled_from([10**12 - 1, 10**12, -(10**9)]),
    st.sampled_from(["", " ", "VND", "USD", "qr", "phi", "cash", "2026-11-23T08:15:00+07:00", "2026-11-31T08:15:00Z"]),
    st.sampled_from(
        ["1.004199", "H49-261123-0001", "H49-261123-0001\n", "x" * 65, "x" * 501, "٣", "1.0", "application/json"]
    ),
    st.text(max_size=6),
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)


def accepted(check: contract.Check, value: object) -> bool:
    try:
        check(value)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, key)
            yield from places(item, (*path, key))


@st.composite
def spoiled(draw: st.DrawFn, good: dict[str, Any]) -> Any:
    """A good value with one to three places replaced, left out or added."""
    found = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        everywhere = list(places(found))
        if not everywhere:
            return found
        *way, last = draw(st.sampled_from(everywhere))
        holder: Any = found
        for step in way:
            holder = holder[step]
        act = draw(st.sampled_from(["replace", "replace", "leave out", "add"]))
        if act == "replace":
            holder[last] = draw(values)
        elif act == "leave out":
            del holder[last]
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from(["currency", "due_at", "extra", "Ngày", "traceparent"]))] = draw(values)
    return found


@pytest.mark.property
@pytest.mark.parametrize("name", sorted(DATA))
def test_the_compiled_schema_of_an_event_judges_as_the_oracle_does(name: str) -> None:
    @settings(max_examples=120, deadline=None)
    @given(spoiled(DATA[name]) | values)
    def judged_alike(value: Any) -> None:
        assert accepted(CHECKS[f"vn.quangninh.{name}"], value) == DATA_ORACLES[name].is_valid(value)

    judged_alike()


@pytest.mark.property
@pytest.mark.parametrize("name", sorted(ENVELOPE_ORACLES))
def test_the_compiled_envelope_judges_as_the_oracle_does(name: str) -> None:
    @settings(max_examples=300, deadline=None)
    @given(spoiled(event("result.returned.v1")) | values)
    def judged_alike(value: Any) -> None:
        assert accepted(CONTRACTS[name].envelope, value) == ENVELOPE_ORACLES[name].is_valid(value)

    judged_alike()


@pytest.mark.unit
@pytest.mark.parametrize("file", sorted(contract.FOLDER.glob("*.json")), ids=lambda file: file.name)
def test_every_committed_schema_is_one_and_refuses_what_nobody_agreed(file: Path) -> None:
    schema = json.loads(file.read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    assert schema["additionalProperties"] is False or file.name.startswith("event-")


@pytest.mark.unit
@pytest.mark.parametrize("name", sorted(DATA))
def test_the_full_example_names_every_property_of_the_schema(name: str) -> None:
    properties: Any = contract.schema_of(f"vn.quangninh.{name}")["properties"]
    optional_in_example = {"payment.counter.v1": set(), "fee.changed.v1": set()}.get(name, {"officer_title"})
    assert set(DATA[name]) | optional_in_example >= set(properties)


@pytest.mark.contract
def test_our_events_are_cloud_events_by_the_specification_s_own_schema() -> None:
    file = CORPORA / "jws" / "cloudevents-spec" / "cloudevents" / "formats" / "cloudevents.json"
    if not file.exists():
        pytest.skip(f"{file} is not on this machine")
    specification = Draft7Validator(json.loads(file.read_text(encoding="utf-8")))
    for name in DATA:
        specification.validate(event(name))


@pytest.mark.contract
def test_the_specification_s_examples_are_read_and_judged_as_the_oracle_does() -> None:
    """Each breaks our narrower contract, and every one that is JSON is read; the envelope's judges agree on all."""
    file = CORPORA / "jws" / "cloudevents-spec" / "json-examples.json"
    if not file.exists():
        pytest.skip(f"{file} is not on this machine")
    examples = [one for one in json.loads(file.read_text(encoding="utf-8"))["examples"] if one["is_event"]]
    assert len(examples) > 15
    for example in examples:
        with pytest.raises(Malformed):
            codec.decode(example["text"].encode(), CONTRACTS["event-to-gateway"])
        if example["json_ok"]:
            candidate = strict_json.parse(example["text"].encode(), limit=codec.MAX_BYTES)
            for name, oracle in ENVELOPE_ORACLES.items():
                assert accepted(CONTRACTS[name].envelope, candidate) == oracle.is_valid(candidate)


@pytest.mark.contract
def test_the_ledger_reads_exactly_the_fields_that_the_schemas_allow() -> None:
    assert set(event_data.EVENT_DATA) == set(CONTRACTS["event-to-gateway"].data)
    for kind, shape in event_data.EVENT_DATA.items():
        schema: Any = contract.schema_of(kind)
        hints = get_type_hints(shape, include_extras=True)
        assert set(schema["properties"]) == set(hints), kind
        assert set(schema["required"]) == {key for key, hint in hints.items() if get_origin(hint) is not NotRequired}
