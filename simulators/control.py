"""The small control API of every simulator: plan a misbehaviour, let the outside world act, look at the state.

Plain HTTP and JSON on loopback, never signed: it is the hand of a test or of the demo, not a partner's protocol.

``POST /control/misbehave {"behaviour": "slow", "count": 1, "match": {"operation": "RefundPayment"}, "seconds": 2}``
plans ``count`` misbehaviours, used up one by one by the requests whose facts fit ``match``; every other key is a
parameter of the behaviour. ``POST /control/reset`` forgets all plans, ``GET /control/state`` shows plans, what happened
and the simulator's state, ``POST /control/act {"act": "pay", ...}`` makes the outside world do something.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Facts = Mapping[str, object]
Act = Callable[[dict[str, object]], "dict[str, object] | Awaitable[dict[str, object]]"]
Describe = Callable[[], dict[str, object]]


class CannotAct(Exception):
    """What the control API was asked for cannot be done; the message goes back with status 400."""


@dataclass(slots=True)
class Plan:
    """``count`` more occurrences of one behaviour, for the requests that ``match``."""

    behaviour: str
    count: int
    match: dict[str, str]
    parameters: dict[str, object]

    def fits(self, facts: Facts) -> bool:
        return all(str(facts.get(key)) == value for key, value in self.match.items())

    def as_json(self) -> dict[str, object]:
        return {"behaviour": self.behaviour, "count": self.count, "match": self.match, **self.parameters}


@dataclass(slots=True)
class Misbehaviours:
    """The misbehaviours planned for one simulator. Safe to use from several threads."""

    known: frozenset[str] = frozenset()
    plans: list[Plan] = field(default_factory=list)
    happened: list[dict[str, object]] = field(default_factory=list)
    """What a simulator tells of how it misbehaved and what its partner did then."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def plan(self, behaviour: str, *, count: int = 1, match: Facts | None = None, **parameters: object) -> None:
        """Plan ``count`` occurrences. Raises CannotAct for a name that this simulator does not know."""
        if self.known and behaviour not in self.known:
            raise CannotAct(f"{behaviour!r} is not a misbehaviour of this simulator: {', '.join(sorted(self.known))}")
        wanted = {key: str(value) for key, value in (match or {}).items()}
        with self._lock:
            self.plans.append(Plan(behaviour, count, wanted, parameters))

    def take(self, behaviour: str, /, **facts: object) -> dict[str, object] | None:
        """Use up one planned ``behaviour`` that fits ``facts``: its parameters, or None where none is planned."""
        with self._lock:
            for plan in self.plans:
                if plan.behaviour == behaviour and plan.count > 0 and plan.fits(facts):
                    plan.count -= 1
                    if plan.count == 0:
                        self.plans.remove(plan)
                    return dict(plan.parameters)
        return None

    def reset(self) -> None:
        """Forget every plan."""
        with self._lock:
            self.plans.clear()

    def tell(self, what: str, /, **facts: object) -> None:
        """Remember something that happened, for ``GET /control/state``."""
        with self._lock:
            self.happened.append({"what": what, **facts})

    def as_json(self) -> list[dict[str, object]]:
        with self._lock:
            return [plan.as_json() for plan in self.plans]


def routes(state: Misbehaviours, *, act: Act | None = None, describe: Describe | None = None) -> list[Route]:
    """The routes of the control API. ``act`` raises CannotAct for what it does not know."""

    async def misbehave(request: Request) -> Response:
        body = dict(await request.json())
        try:
            state.plan(
                str(body.pop("behaviour")),
                count=int(body.pop("count", 1)),
                match=body.pop("match", None),
                **body,
            )
        except CannotAct as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({"planned": state.as_json()})

    async def reset(request: Request) -> Response:
        state.reset()
        return JSONResponse({"planned": []})

    async def show(request: Request) -> Response:
        told = {"planned": state.as_json(), "happened": list(state.happened)}
        return JSONResponse({**told, **(describe() if describe else {})})

    async def do(request: Request) -> Response:
        if act is None:
            return JSONResponse({"error": "this simulator has no acts"}, status_code=400)
        try:
            result = act(dict(await request.json()))
            return JSONResponse(await result if isawaitable(result) else result)
        except (CannotAct, KeyError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)

    return [
        Route("/control/misbehave", misbehave, methods=["POST"]),
        Route("/control/reset", reset, methods=["POST"]),
        Route("/control/state", show, methods=["GET"]),
        Route("/control/act", do, methods=["POST"]),
    ]
