"""Planted cases of the postal service: cash on delivery, passed on in one remittance of the day."""

from __future__ import annotations

from datetime import date, time

from gateway.local.day.cases import Act, Case
from gateway.local.day.planting import Plant
from gateway.local.day.steps import AFTERNOON, POST, STATEMENTS
from simulators.province import life
from simulators.province.population import Dossier

VNPOST = "vnpost"
POST_MORE, OURS_MORE = "bưu điện thừa", "hệ thống thừa"
EXTRA_ORDER = "H49.01-20261120-0009999"


def post_cases(on: date) -> list[Case]:
    """Every case of VNPost of the day ``on``."""
    plant = Plant(on, first=6001)
    paid, short, omitted = (plant.dossier("cod", amount) for amount in (601_000, 607_000, 613_000))
    return [
        plant.case(
            "paid-cod", "Bưu tá thu hộ và chuyển đủ", paid, acts=delivered(plant, paid),
            rows=(plant.row(VNPOST, "matched", dossier=paid.code),), paid=paid.amount,
        ),
        plant.case(
            "cod-remitted-short", "Bưu điện chuyển thiếu tiền thu hộ", short, acts=delivered(plant, short),
            rows=(plant.row(VNPOST, "underpaid", OURS_MORE, short.code),), paid=short.amount,
        ),
        plant.case(
            "cod-not-remitted", "Bảng kê thiếu một bưu gửi đã thu", omitted, acts=delivered(plant, omitted),
            rows=(plant.row(VNPOST, "missing_at_partner", OURS_MORE, omitted.code),), paid=omitted.amount,
        ),
        Case(
            "cod-of-nobody", "Bảng kê có bưu gửi không ai gửi",
            acts=(_remittance(on, short.code, omitted.code),),
            rows=(plant.row(VNPOST, "unidentified", POST_MORE, amount=99_000),),
        ),
    ]  # fmt: skip


def delivered(plant: Plant, dossier: Dossier) -> tuple[Act, ...]:
    """The result is ready, is sent, and its receiver pays the postman."""
    return (
        plant.publish(AFTERNOON, life.result_ready(dossier, plant.at(time(14, 0)))),
        deliver(dossier),
    )


def deliver(dossier: Dossier) -> Act:
    """The postman hands the result over and takes what is owed and his postage."""
    return Act(POST, VNPOST, {"act": "deliver", "order_number": dossier.code, "postage": life.POSTAGE})


def _remittance(on: date, short: str, omitted: str) -> Act:
    """The one file of the day, wrong in three ways."""
    return Act(
        STATEMENTS, VNPOST,
        {
            "act": "make_remittance", "on": on.isoformat(), "short": {short: 580_000}, "omit": [omitted],
            "extra": [{"order_number": EXTRA_ORDER, "state_fee": 99_000, "postage": life.POSTAGE}],
        },
    )  # fmt: skip
