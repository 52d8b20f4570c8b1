"""``python -m simulators.vnpost --state DIR --certs DIR``: VNPost on loopback.

Secrets come from the environment: ``GATEWAY_VNPOST_SECRET``. Acts of its control API: ``collect``, ``deliver`` (with
``amount`` another than ordered; ``postage``, its part that is VNPost's own), ``return``, ``track`` (any ``status``),
``make_remittance``, ``answer_enquiry``.
"""

from __future__ import annotations

import os
from pathlib import Path

from simulators import confirmations, control, serving
from simulators.control import CannotAct, Misbehaviours
from simulators.enquiries import BackOffice
from simulators.shelf import Shelf
from simulators.vnpost import api
from simulators.vnpost.cod_file import make_remittance
from simulators.vnpost.state import BEHAVIOURS, COLLECTED, RETURNED, VIETNAM, Vnpost


def act(vnpost: Vnpost, wish: dict[str, object]) -> dict[str, object]:
    """Let the outside world act. Raises CannotAct for an act or an order that does not exist."""
    name, number = str(wish["act"]), str(wish.get("order_number", ""))
    if name == "make_remittance":
        return make_remittance(vnpost, wish)
    if name == "answer_enquiry":
        return _office(vnpost).answer(wish)
    if name == "track":
        amount = wish.get("collected")
        collected = None if amount is None else int(str(amount))
        return vnpost.track(number, int(str(wish["status"])), collected=collected, text=str(wish.get("text", "")))
    vnpost.order(number)
    if name == "deliver":
        paid = wish.get("amount")
        postage = int(str(wish.get("postage", 0)))
        return vnpost.deliver(number, amount=None if paid is None else int(str(paid)), postage=postage)
    if name == "collect":
        return vnpost.track(number, COLLECTED)
    if name == "return":
        return vnpost.track(number, RETURNED)
    raise CannotAct(f"{name!r} is none of collect, deliver, return, track, make_remittance, answer_enquiry")


def _office(vnpost: Vnpost) -> BackOffice:
    return BackOffice(
        name=vnpost.name,
        inbox=vnpost.files / "confirmations",
        out=vnpost.files / "cod",
        certs=vnpost.certs,
        gateway_certificates=[vnpost.certs / "gateway-rsa.crt"],
        environment=vnpost.environment,
        today=vnpost.now().astimezone(VIETNAM).date(),
    )


def describe(vnpost: Vnpost) -> dict[str, object]:
    """Everything it holds, and what it makes of our confirmations."""
    office = _office(vnpost)
    judged = confirmations.judged(office.inbox, office.name, office.gateway_certificates)
    return {**vnpost.describe(), "confirmed": judged}


def build(args: serving.Arguments) -> Vnpost:
    """The VNPost of this command line."""
    files = args.state / "files"
    for folder in (files / "cod" / "done", files / "confirmations"):
        folder.mkdir(parents=True, exist_ok=True)
    return Vnpost(
        name=args.name,
        customer_code=os.environ.get("SIMULATOR_CUSTOMER_CODE", "QN-HCC"),
        client_id=os.environ.get("SIMULATOR_CLIENT_ID", "quangninh"),
        client_secret=os.environ["GATEWAY_VNPOST_SECRET"],
        environment=os.environ.get("GATEWAY_ENV", "development"),
        account=os.environ.get("SIMULATOR_COD_ACCOUNT", "1120000000303"),
        shelf=Shelf(args.state / "vnpost.sqlite"),
        files=files,
        certs=Path(args.certs),
        misbehaviours=Misbehaviours(BEHAVIOURS),
        now=lambda: serving.business_now(args.business_clock),
    )


def main() -> None:
    args = serving.arguments("vnpost")
    vnpost = build(args)
    controls = control.routes(
        vnpost.misbehaviours, act=lambda wish: act(vnpost, wish), describe=lambda: describe(vnpost)
    )
    serving.run(args, serving.Service(api.routes(vnpost), controls, vnpost.misbehaviours, files=vnpost.files))


if __name__ == "__main__":
    main()
