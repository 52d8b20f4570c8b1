"""``python -m simulators.portal --state DIR --certs DIR``: the national portal on loopback.

Secrets come from the environment: ``GATEWAY_PORTAL_PASSWORD``.
"""

from __future__ import annotations

import os

from simulators import control, serving
from simulators.control import Misbehaviours
from simulators.portal import api
from simulators.portal.state import BEHAVIOURS, Portal
from simulators.shelf import Shelf


def build(args: serving.Arguments) -> Portal:
    """The portal of this command line."""
    organisation = os.environ.get("SIMULATOR_ORGANISATION", "000.00.00.H49")
    return Portal(
        organisation=organisation,
        username=organisation,
        password=os.environ["GATEWAY_PORTAL_PASSWORD"],
        steps_limit=10,
        shelf=Shelf(args.state / "portal.sqlite"),
        misbehaviours=Misbehaviours(BEHAVIOURS),
    )


def main() -> None:
    args = serving.arguments("portal")
    portal = build(args)
    controls = control.routes(portal.misbehaviours, describe=portal.describe)
    serving.run(args, serving.Service(api.routes(portal), controls, portal.misbehaviours))


if __name__ == "__main__":
    main()
