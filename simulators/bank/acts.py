"""What the outside world does to a bank: payers pay, the bank charges, the treasury is paid, files are written.

Every act is ``{"act": NAME, ...}``. Common keys of what books money: ``at`` (ISO time; default the business clock),
``booked_on`` and ``value_on`` (dates; default the business date of ``at``), ``account`` (default the request's, or the
bank's first), ``text``, ``tell`` (false: the collection service does not know of it), ``book`` (false: it is missing
from the statement).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from simulators import confirmations
from simulators.bank.books import Entry
from simulators.bank.collection import Desk, settle_refund
from simulators.bank.statements import Order, write
from simulators.control import CannotAct
from simulators.enquiries import BackOffice

Told = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class World:
    """The bank as its surroundings see it."""

    desk: Desk
    files: Path
    certs: Path

    def act(self, told: dict[str, object]) -> dict[str, object]:
        """Do what ``told["act"]`` names. Raises CannotAct."""
        name = str(told.get("act"))
        if name not in _ACTS:
            raise CannotAct(f"{name!r} is none of {', '.join(sorted(_ACTS))}")
        return _ACTS[name](self, told)

    def describe(self) -> dict[str, object]:
        books = self.desk.books
        office = _office(self)
        told = {
            "calls": books.calls(),
            "references": books.references(),
            "confirmed": confirmations.judged(office.inbox, office.name, office.gateway_certificates),
        }
        return {"name": self.desk.habits.name, **books.counts(), **told}


def _pay(world: World, told: Told) -> dict[str, object]:
    """One payer pays one request: ``reference``; ``amount`` less or more; ``with_reference`` false: only free text."""
    reference = str(told["reference"])
    request = world.desk.books.request(reference)
    if request is None:
        raise CannotAct(f"there is no payment request {reference}; a stranger's money is a transfer_in")
    with_reference = bool(told.get("with_reference", True))
    return _book(
        world,
        told,
        kind="payment",
        amount=_amount(told, request.amount),
        account=str(told.get("account", request.account)),
        channel=str(told.get("channel", request.channel)),
        reference=reference if with_reference else "",
        text=str(told.get("text", f"{request.description} {reference}" if with_reference else request.description)),
    )


def _pay_three_in_one(world: World, told: Told) -> dict[str, object]:
    """One transfer for several requests (``references``): the bank sees one amount and free text."""
    names = told["references"]
    if not isinstance(names, list):
        raise CannotAct("references must be a list")
    requests = [world.desk.books.request(str(name)) for name in names]
    if None in requests:
        raise CannotAct("not all of these payment requests exist")
    total = sum(request.amount for request in requests if request is not None)
    text = str(told.get("text", "nop phi cac ho so " + " ".join(map(str, names))))
    account = next(request.account for request in requests if request is not None)
    return _book(
        world, {"tell": False, **told}, kind="transfer", amount=_amount(told, total), account=account, channel="IB",
        reference="", text=text,
    )  # fmt: skip


def _transfer_in(world: World, told: Told) -> dict[str, object]:
    """Money that nobody announced: an unknown or cancelled reference, no reference, a returned transfer."""
    return _book(
        world, {"tell": False, **told}, kind=str(told.get("kind", "transfer")), amount=_amount(told, None),
        account=_account(world, told), channel=str(told.get("channel", "IB")), reference=str(told.get("reference", "")),
        text=str(told.get("text", "chuyen tien")),
    )  # fmt: skip


def _debit(kind: str, text: str) -> Callable[[World, Told], dict[str, object]]:
    def act(world: World, told: Told) -> dict[str, object]:
        return _book(
            world, {"tell": False, **told}, kind=kind, amount=-_amount(told, None), account=_account(world, told),
            channel="", reference="", text=str(told.get("text", text)),
        )  # fmt: skip

    return act


def _interest(world: World, told: Told) -> dict[str, object]:
    return _book(
        world, {"tell": False, **told}, kind="interest", amount=_amount(told, None), account=_account(world, told),
        channel="", reference="", text=str(told.get("text", "LAI TIEN GUI KHONG KY HAN")),
    )  # fmt: skip


def _set_state(state: str) -> Callable[[World, Told], dict[str, object]]:
    def act(world: World, told: Told) -> dict[str, object]:
        reference = str(told["reference"])
        if world.desk.books.request(reference) is None:
            raise CannotAct(f"there is no payment request {reference}")
        world.desk.books.set_request_state(reference, state)
        return {"reference": reference, "state": state}

    return act


def _settle_refund(world: World, told: Told) -> dict[str, object]:
    found = settle_refund(world.desk, str(told["refund_id"]), done=bool(told.get("done", True)))
    return {"state": found.state, "number": found.refund_number}


def _make_statement(world: World, told: Told) -> dict[str, object]:
    """Write the signed statement of ``date``; ``fault`` and ``overlap_days`` as in ``statements.Order``."""
    order = Order(
        on=date.fromisoformat(str(told["date"])),
        number=int(str(told.get("number", 1))),
        fault=str(told.get("fault", "")),
        overlap_days=int(str(told.get("overlap_days", 0))),
    )
    return write(world.desk, world.files, world.certs, order)


def _answer_enquiry(world: World, told: Told) -> dict[str, object]:
    """Answer one of our enquiries (tra soát), as ``BackOffice.answer`` is told."""
    return _office(world).answer(dict(told))


def _office(world: World) -> BackOffice:
    habits = world.desk.habits
    return BackOffice(
        name=habits.name,
        inbox=world.files / habits.confirmation_folder,
        out=world.files / habits.statement_folder,
        certs=world.certs,
        gateway_certificates=[world.certs / name for name in habits.gateway_certificates],
        environment=habits.environment,
        today=habits.business_date(world.desk.now()),
    )


_ACTS: Mapping[str, Callable[[World, Told], dict[str, object]]] = {
    "pay": _pay,
    "pay_three_in_one": _pay_three_in_one,
    "transfer_in": _transfer_in,
    "bank_charge": _debit("charge", "PHI QUAN LY TAI KHOAN"),
    "treasury_transfer": _debit("treasury", "NOP NSNN TK 7111 KHO BAC NHA NUOC QUANG NINH"),
    "interest": _interest,
    "payment_pending": _set_state("PENDING"),
    "payment_failed": _set_state("FAILED"),
    "payment_open": _set_state("OPEN"),
    "settle_refund": _settle_refund,
    "make_statement": _make_statement,
    "answer_enquiry": _answer_enquiry,
}


def _amount(told: Told, default: int | None) -> int:
    found = told.get("amount", default)
    if not isinstance(found, int) or found <= 0:
        raise CannotAct(f"amount {found!r} is not a whole number of đồng above zero")
    return found


def _account(world: World, told: Told) -> str:
    return str(told.get("account", next(iter(world.desk.habits.accounts))))


def _book(
    world: World, told: Told, *, kind: str, amount: int, account: str, channel: str, reference: str, text: str
) -> dict[str, object]:
    books, habits = world.desk.books, world.desk.habits
    if account not in habits.accounts:
        raise CannotAct(f"this bank keeps no account {account} for us")
    at = datetime.fromisoformat(str(told["at"])) if "at" in told else world.desk.now()
    booked_on = date.fromisoformat(str(told["booked_on"])) if "booked_on" in told else habits.business_date(at)
    value_on = date.fromisoformat(str(told["value_on"])) if "value_on" in told else booked_on
    number = books.next_number("B")
    books.add_entry(
        Entry(
            number, account, amount, booked_on, value_on, at, kind, channel or "IB", reference, text,
            bool(told.get("tell", True)), bool(told.get("book", True)),
        )
    )  # fmt: skip
    return {"number": number, "booked_on": booked_on.isoformat(), "amount": amount, "account": account}
