"""Plays the day: for each hour, in order, what the world outside does, asked of the simulators' control APIs.

The caller sets the business clock to ``Hour.on`` before ``play`` and runs the DAGs of ``Hour.then`` after it.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from gateway.errors import Unavailable
from gateway.local.day.cases import Act, Case, Kept, Reference
from gateway.local.day.planted import planted
from gateway.local.day.planting import card_event, morning
from gateway.local.day.steps import AFTERNOON, COUNTER, EVENING, MORNING, PAYERS, POST, STATEMENTS, Hour
from gateway.model import VIETNAM
from simulators.province import life
from simulators.province.population import Dossier, population

_PAYER_OF = {"internet_banking": "bank-a", "qr": "bank-a", "platform": "intermediary", "pos": "bank-b"}
_EVENTS_PER_ACT = 300


@dataclass(slots=True)
class Scene:
    """Where the day is played and who acts in it. ``controls``: base URL of each simulator's control API by partner id.

    ``reference_of``: the payment reference of a dossier (``found.reference_of``). ``people``: does what our own people
    do (``{"act": "refund", "dossier": …}``: one proposes the refunds of the dossier, another approves them).
    """

    controls: Mapping[str, str]
    reference_of: Callable[[str], str]
    people: Callable[[Mapping[str, object]], None]
    kept: dict[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Day:
    """The whole day: every act of every hour, and the cases that must be found at its end."""

    on: date
    cases: Sequence[Case]
    acts: Sequence[Act]
    dossiers: int

    def acts_of(self, hour: Hour) -> list[Act]:
        """What happens in one hour, in order."""
        return [act for act in self.acts if act.step == hour.name]


def compose(on: date, *, count: int = 300, seed: int = 2311) -> Day:
    """The day ``on`` with ``count`` ordinary dossiers, the same for the same seed, and all planted cases."""
    ordinary = population(on, count=count, seed=seed)
    cases = planted(on)
    first = [event for dossier in ordinary for event in morning(dossier, on)]
    first += [event for case in cases for event in case.events]
    first.sort(key=lambda event: str(event["time"]))
    acts = [
        *(act for case in cases for act in case.acts if act.misbehave),
        *_publish(MORNING, first),
        *(act for dossier in ordinary for act in _life(dossier, on)),
        *(act for case in cases for act in case.acts if not act.misbehave),
        *_files(on),
    ]
    dossiers = len({event["subject"] for event in first})
    return Day(on, cases, _events_together(acts), dossiers)


def play(acts: Sequence[Act], scene: Scene) -> int:
    """Let these acts happen, in order; how many. Raises Unavailable ``simulator-refused`` or ``simulator-away``."""
    for act in acts:
        wish = _resolved(act.wish, scene)
        assert isinstance(wish, dict)  # a mapping stays one
        if act.partner == "people":
            scene.people(wish)
            continue
        answer = _ask(scene.controls, act, wish)
        if act.keep:
            scene.kept[act.keep] = answer
    return len(acts)


def _life(dossier: Dossier, on: date) -> list[Act]:
    """An ordinary dossier: its owner pays as asked, and takes the result at the counter, or by post at the door."""
    partner = _PAYER_OF.get(dossier.payment)
    if dossier.payment == "cash":
        paid = life.counter_payment(dossier, _at(on, 10), f"1{dossier.turn:03d}{_number(dossier)}")
        result = [life.result_ready(dossier, _at(on, 14)), life.result_returned(dossier, _at(on, 14))]
        return [*_publish(COUNTER, [paid]), *([] if dossier.returns_by_post else _publish(AFTERNOON, result))]
    if dossier.payment == "cod":
        ready = life.result_ready(dossier, _at(on, 14))
        wish = {"act": "deliver", "order_number": dossier.code, "postage": life.POSTAGE}
        given = life.result_returned(dossier, _at(on, 15))
        return [*_publish(AFTERNOON, [ready]), Act(POST, "vnpost", wish), *_publish(EVENING, [given])]
    if partner is None:
        return []
    key = f"card:{dossier.code}"
    acts = [Act(PAYERS, partner, {"act": "pay", "reference": Reference(dossier.code)}, keep=key)]
    if dossier.payment == "pos":
        acts += _publish(COUNTER, [card_event(dossier, _at(on, 10), f"2{dossier.turn:03d}{_number(dossier)}")])
    return acts


def _files(on: date) -> list[Act]:
    """The files of the next morning; the remittance is a planted case of its own."""
    day = on.isoformat()
    return [
        Act(STATEMENTS, "bank-a", {"act": "make_statement", "date": day}),
        Act(STATEMENTS, "bank-b", {"act": "make_statement", "date": day, "overlap_days": 1}),
        Act(STATEMENTS, "intermediary", {"act": "make_file", "date": day}),
    ]


def _at(on: date, hour: int) -> datetime:
    return datetime.combine(on, time(hour), VIETNAM)


def _number(dossier: Dossier) -> str:
    return dossier.code.rpartition("-")[2][-4:]


def _publish(step: str, events: Sequence[Mapping[str, object]]) -> list[Act]:
    return [Act(step, "dossier", {"act": "publish", "events": list(events)})] if events else []


def _events_together(acts: Sequence[Act]) -> list[Act]:
    """Honest events of one hour go out in few acts, before everything else of that hour."""
    together: dict[str, list[Mapping[str, object]]] = {}
    rest: list[Act] = []
    for act in acts:
        events = act.wish.get("events")
        if act.wish.get("act") == "publish" and isinstance(events, list):
            together.setdefault(act.step, []).extend(events)
        else:
            rest.append(act)
    published = [
        act
        for step, events in together.items()
        for start in range(0, len(events), _EVENTS_PER_ACT)
        for act in _publish(step, events[start : start + _EVENTS_PER_ACT])
    ]
    planned = [act for act in rest if act.misbehave]
    return [*planned, *published, *(act for act in rest if not act.misbehave)]


def _resolved(value: object, scene: Scene) -> object:
    if isinstance(value, Reference):
        reference = scene.reference_of(value.dossier)
        if not reference:
            raise Unavailable(
                f"{value.dossier} has no payment request yet", code="demo-day-out-of-order", where="demo day",
                action="let the DAGs of the step before finish first",
            )  # fmt: skip
        return reference
    if isinstance(value, Kept):
        return _picked(scene.kept[value.key], value.field)
    if isinstance(value, Mapping):
        return {key: _resolved(item, scene) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_resolved(item, scene) for item in value]
    return value


def _picked(answer: object, path: str) -> object:
    for part in path.split("."):
        answer = answer[int(part)] if isinstance(answer, list) else answer[part]  # type: ignore[index]  # JSON of a simulator
    return answer


def _ask(controls: Mapping[str, str], act: Act, wish: Mapping[str, object]) -> Mapping[str, object]:
    path = "/control/misbehave" if act.misbehave else "/control/act"
    request = urllib.request.Request(
        controls[act.partner].rstrip("/") + path,
        data=json.dumps(wish, ensure_ascii=False).encode(),
        headers={"content-type": "application/json"},
    )
    what = str(wish.get("act") or wish.get("behaviour"))
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: Mapping[str, object] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        raise Unavailable(
            f"it did not {what}: {error.read().decode(errors='replace')[:300]}", code="simulator-refused",
            where=f"{act.partner}, step {act.step}", action="look at the simulator's log",
        ) from error  # fmt: skip
    except OSError as error:
        raise Unavailable(
            f"it does not answer: {type(error).__name__}", code="simulator-away", where=act.partner,
            action="start it again",
        ) from error  # fmt: skip
