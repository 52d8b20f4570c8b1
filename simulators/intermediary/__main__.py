"""``python -m simulators.intermediary --state FOLDER --certs FOLDER``: payment platform and its file, until TERM.

The shared secret of the platform is read from the environment, GATEWAY_PLATFORM_SECRET.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from simulators import confirmations, control, sftp_server
from simulators.control import CannotAct, Misbehaviours
from simulators.enquiries import BackOffice
from simulators.intermediary import platform
from simulators.intermediary.files import Order, Writer
from simulators.intermediary.platform import Platform
from simulators.intermediary.state import VIETNAM, Money
from simulators.serving import Service, arguments, business_now, run
from simulators.shelf import Shelf

BIN = "970479"
ACCOUNT = "9704790000001"
_FOLDERS = ("out", "archive", "in")


@dataclass(frozen=True, slots=True)
class World:
    """The intermediary as its surroundings see it."""

    money: Money
    now: Callable[[], datetime]
    files: Path
    certs: Path
    name: str
    environment: str

    def act(self, told: dict[str, object]) -> dict[str, object]:
        """``record_transaction``, ``alter_in_file``, ``make_file``, ``answer_enquiry``, or an act of the platform's."""
        name = told.get("act")
        if name == "record_transaction":
            return self._record(told)
        if name == "alter_in_file":
            changes = {key: value for key, value in told.items() if key not in ("act", "number")}
            self.money.alter(str(told["number"]), changes)
            return {"number": told["number"], **changes}
        if name in ("make_file", "make_statement"):
            return self._file(told)
        if name == "answer_enquiry":
            return self._office().answer(told)
        return self.money.platform.act(told)

    def describe(self) -> dict[str, object]:
        office = self._office()
        return {
            **self.money.platform.describe(),
            "transactions": len(self.money.all()),
            "confirmed": confirmations.judged(office.inbox, office.name, office.gateway_certificates),
        }

    def _record(self, told: dict[str, object]) -> dict[str, object]:
        amount = told["amount"]
        if not isinstance(amount, int):
            raise CannotAct("amount is a whole number of đồng")
        found = self.money.record_transaction(
            reference=str(told.get("reference", "")),
            amount=amount,
            account=str(told.get("account", ACCOUNT)),
            at=datetime.fromisoformat(str(told["at"])) if "at" in told else self.now(),
            response_code=str(told.get("response_code", "00")),
        )
        return {"number": found.number, "on": found.on.isoformat(), "amount": found.amount}

    def _office(self) -> BackOffice:
        return BackOffice(
            name=self.name,
            inbox=self.files / "in",
            out=self.files / "out",
            certs=self.certs,
            gateway_certificates=[self.certs / "gateway-rsa.crt"],
            environment=self.environment,
            today=self.now().astimezone(VIETNAM).date(),
        )

    def _file(self, told: dict[str, object]) -> dict[str, object]:
        on = date.fromisoformat(str(told["date"]))
        order = Order(on, int(str(told.get("number", 1))), str(told.get("fault", "")))
        writer = Writer(self.files / "out", self.certs, self.name, BIN, self.now())
        return writer.write(order, self.money.of_day(on))


def main(argv: Sequence[str] | None = None) -> None:
    args = arguments("intermediary", argv)
    files = args.state / "files"
    for folder in _FOLDERS:
        (files / folder).mkdir(parents=True, exist_ok=True)
    misbehaviours = Misbehaviours(known=frozenset(platform.BEHAVIOURS) | sftp_server.BEHAVIOURS)

    def now() -> datetime:
        return business_now(args.business_clock)

    shelf = Shelf(args.state / "intermediary.sqlite")
    secret = os.environ.get("GATEWAY_PLATFORM_SECRET", "")
    paid = Platform("QUANGNINH", secret, shelf, misbehaviours, now)
    world = World(Money(shelf, paid), now, files, args.certs, args.name, args.environment)
    run(
        args,
        Service(
            routes=platform.routes(paid),
            control=control.routes(misbehaviours, act=world.act, describe=world.describe),
            misbehaviours=misbehaviours,
            files=files,
        ),
    )


if __name__ == "__main__":
    main()
