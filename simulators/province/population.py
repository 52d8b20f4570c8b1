"""A few hundred dossiers of one day, the same for the same seed.

CCCD numbers begin with 022 (Quảng Ninh) and then 9, a century and sex nobody has; telephone numbers are 0900 00xxxx,
which no operator gives out: both are recognisably synthetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from simulators.province import names, places
from simulators.province.procedures import BY_CODE, PROCEDURES, Fee, Procedure

COUNTER, ONLINE, POST = 1, 2, 3
PAY_AT_COUNTER = ("cash", "pos")
_WAYS: Mapping[int, tuple[Sequence[str], Sequence[int]]] = {
    COUNTER: (PAY_AT_COUNTER, (60, 40)),
    ONLINE: (("internet_banking", "qr", "platform"), (30, 40, 30)),
    POST: (("cod",), (1,)),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who owns a dossier. ``address`` is the part below the commune."""

    name: str
    id_number: str
    phone: str
    address: str
    commune: str
    is_company: bool = False

    def full_address(self) -> str:
        return f"{self.address}, {self.commune}, tỉnh {places.PROVINCE}"

    def as_party(self) -> dict[str, str]:
        """Name and place as VNPost needs them."""
        return {
            "name": self.name, "phone": self.phone, "address": self.address, "commune": self.commune,
            "province": places.PROVINCE,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dossier:
    """One dossier and how its owner deals with us. ``payment``: the channel of the fees, "" where nothing is owed."""

    code: str
    procedure: Procedure
    owner: Person
    channel: int
    payment: str
    returns_by_post: bool
    officer: str
    officer_title: str
    fees: tuple[Fee, ...]
    turn: int
    """Its place in the queue of the day, 0 to 450."""

    @property
    def amount(self) -> int:
        """What is owed in all, in đồng."""
        return sum(fee.amount for fee in self.fees)


def population(on: date, *, seed: int = 2311, count: int = 300, first: int = 1) -> list[Dossier]:
    """``count`` dossiers of the day ``on``, in the order of their submission."""
    draw = Random(seed)
    dossiers = [_dossier(draw, on, number) for number in range(first, first + count)]
    return sorted(dossiers, key=lambda dossier: dossier.turn)


def one(
    on: date, number: int, procedure: str, payment: str, *, seed: int, fees: Sequence[Fee] | None = None
) -> Dossier:
    """A dossier of a chosen procedure and channel of payment; everything else is drawn."""
    draw = Random(f"{seed}:{number}")
    chosen = BY_CODE[procedure]
    channel = COUNTER if payment in PAY_AT_COUNTER else POST if payment == "cod" else ONLINE
    return replace(
        _dossier(draw, on, number, chosen),
        channel=channel,
        payment=payment,
        returns_by_post=payment == "cod",
        fees=chosen.fees if fees is None else tuple(fees),
    )


def codes(on: date) -> Iterator[str]:
    """Fresh dossier codes of a day that no dossier has."""
    return (_code(Random(number), on, number, "H49.01") for number in range(9000, 9999))


def _dossier(draw: Random, on: date, number: int, procedure: Procedure | None = None) -> Dossier:
    chosen = procedure or draw.choices(PROCEDURES, [each.weight for each in PROCEDURES])[0]
    channel = draw.choices((COUNTER, ONLINE, POST), (30, 55, 15))[0]
    payment = ""
    if chosen.fees:
        ways, weights = _WAYS[channel]
        payment = draw.choices(ways, weights)[0]
    officer, title = names.officer(draw)
    return Dossier(
        code=_code(draw, on, number, chosen.unit_code),
        procedure=chosen,
        owner=_person(draw, number, company=chosen.for_companies),
        channel=channel,
        payment=payment,
        returns_by_post=channel == POST,
        officer=officer,
        officer_title=title,
        fees=chosen.fees,
        turn=draw.randint(0, 450),
    )


def _person(draw: Random, number: int, *, company: bool) -> Person:
    commune = places.commune(draw)
    return Person(
        name=names.company(draw) if company else names.person(draw),
        id_number=f"0229{draw.randint(0, 99):02d}{number:06d}",
        phone=f"090000{number:04d}",
        address=places.street_address(draw, commune),
        commune=commune,
        is_company=company,
    )


def _code(draw: Random, on: date, number: int, unit: str) -> str:
    """Both forms live side by side (domain.md 1.7): the old one of the offices, the new one of the new system."""
    if draw.random() < 0.4:
        return f"000.00.{unit.rpartition('.')[2]}.H49-{on:%y%m%d}-{number:04d}"
    return f"{unit}-{on:%Y%m%d}-{number:07d}"
