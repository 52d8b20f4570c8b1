"""The signed COD remittance file (``adapters/postal/contracts/cod-remittance.md``, project-defined)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from simulators.control import CannotAct
from simulators.publishing import Outgoing, publish
from simulators.shelf import Record
from simulators.vnpost.state import Vnpost


def make_remittance(vnpost: Vnpost, wishes: Mapping[str, object]) -> dict[str, object]:
    """Write the file of all state fees collected and not yet passed on, up to the date ``on`` (YYYY-MM-DD).

    Wishes: ``short`` {order number: state fee passed on}, ``omit`` [order numbers], ``extra`` [lines of order numbers
    nobody ordered], ``count_wrong``, ``total_wrong``, ``fault`` (see ``publishing.FAULTS``), ``number`` (of the file).
    """
    on = str(wishes["on"])
    omitted = _strings(wishes.get("omit"))
    due = [
        order
        for order in vnpost.shelf.all("order")
        if _owed(order) > 0 and not order["Remitted"] and str(order["CollectedOn"]) <= on
        and order["OrderNumber"] not in omitted
    ]  # fmt: skip
    lines = [*(_line(order, wishes) for order in due), *_extra(wishes, on)]
    number = vnpost.shelf.count("remittance") + 1
    batch_id = f"COD-{on.replace('-', '')}-{number:03d}"
    name = f"COD_QN_{on.replace('-', '')}_{number:03d}.csv"
    content = _content(vnpost, batch_id, on, lines, wishes)
    file = Outgoing(vnpost.files / "cod", name, content, str(wishes.get("fault", "")))
    publish(file, vnpost.certs, vnpost.name)
    for order in due:
        vnpost.shelf.put("order", str(order["OrderNumber"]), {**order, "Remitted": True})
    made: Record = {"batch_id": batch_id, "name": name, "on": on, "count": len(lines)}
    made["state_fee"] = sum(int(line[3]) for line in lines)
    vnpost.shelf.put("remittance", batch_id, made)
    return made


def _owed(order: Record) -> int:
    return int(str(order.get("Collected", 0))) - int(str(order.get("Postage", 0)))


def _line(order: Record, wishes: Mapping[str, object]) -> list[str]:
    short = wishes.get("short")
    number = str(order["OrderNumber"])
    fee = short.get(number, _owed(order)) if isinstance(short, dict) else _owed(order)
    return ["D", number, str(order["ItemCode"]), str(fee), str(order["Postage"]), str(order["CollectedOn"])]


def _extra(wishes: Mapping[str, object], on: str) -> list[list[str]]:
    extra = wishes.get("extra") or []
    if not isinstance(extra, list):
        raise CannotAct("extra is a list of {order_number, state_fee, postage}")
    return [
        ["D", str(line["order_number"]), "QN000000000VN", str(line["state_fee"]), str(line.get("postage", 0)), on]
        for line in extra
    ]


def _content(
    vnpost: Vnpost, batch_id: str, on: str, lines: Sequence[Sequence[str]], wishes: Mapping[str, object]
) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    header = ["H", "VNPOST-COD", "1", vnpost.environment, batch_id, vnpost.customer_code, on, vnpost.account]
    writer.writerow(header)
    for number, (kind, *rest) in enumerate(lines, start=1):
        writer.writerow([kind, number, *rest])
    count = len(lines) + (1 if wishes.get("count_wrong") else 0)
    state_fee = sum(int(line[3]) for line in lines) + (1000 if wishes.get("total_wrong") else 0)
    writer.writerow(["T", count, state_fee, sum(int(line[4]) for line in lines)])
    return text.getvalue().encode()


def _strings(value: object) -> set[str]:
    return {str(item) for item in value} if isinstance(value, list) else set()
