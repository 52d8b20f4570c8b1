"""What this VNPost holds and how its postmen change it: orders, tracking records, COD batches."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from simulators import answering
from simulators.control import CannotAct, Misbehaviours
from simulators.sftp_server import BEHAVIOURS as SFTP_BEHAVIOURS
from simulators.shelf import Record, Shelf

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
BEHAVIOURS = answering.BEHAVIOURS | SFTP_BEHAVIOURS | {"expire_token", "refuse", "lose_order", "wrong_page_count"}
COLLECTING, COLLECTED, DELIVERING, DELIVERED, RETURNED, CANCELLED = 1, 2, 3, 4, 5, 6
_TEXTS = {
    COLLECTING: "Đã tiếp nhận đơn hàng",
    COLLECTED: "Đã gom hồ sơ",
    DELIVERING: "Đang phát",
    DELIVERED: "Phát thành công",
    RETURNED: "Chuyển hoàn",
    CANCELLED: "Đã hủy đơn hàng",
}


@dataclass(slots=True)
class Vnpost:
    """One VNPost: its customer, its secrets, its shelf and its folder of files."""

    name: str
    customer_code: str
    client_id: str
    client_secret: str
    environment: str
    account: str
    shelf: Shelf
    files: Path
    certs: Path
    misbehaviours: Misbehaviours
    now: Callable[[], datetime]

    def place(self, order: Record) -> str:
        """Take an order and announce it in the feed; its item code."""
        item_code = f"QN{self.shelf.count('order') + 1:09d}VN"
        number = str(order["OrderNumber"])
        self.shelf.put("order", number, {**order, "ItemCode": item_code, "State": COLLECTING, "Remitted": False})
        self.track(number, COLLECTING)
        return item_code

    def note(self, operation: str, number: str) -> None:
        """Remember one call that is processed."""
        place = self.shelf.count("call") + 1
        self.shelf.put("call", f"{place:09d}", {"operation": operation, "order_number": number})

    def order(self, number: str) -> Record:
        """Raises CannotAct for an order that is not here."""
        order = self.shelf.get("order", number)
        if order is None:
            raise CannotAct(f"there is no order {number!r}")
        return order

    def track(self, number: str, status: int, *, collected: int | None = None, text: str = "") -> Record:
        """Publish one record in the feed and move the order's state."""
        order = self.shelf.get("order", number) or {"ItemCode": ""}
        record: Record = {
            "_id": {"$oid": f"{int(time.time()):08x}{self.shelf.count('record') + 1:016x}"},
            "CustomerCode": self.customer_code,
            "OrderNumber": number,
            "EventTime": int(self.now().timestamp() * 1000),
            "POSID": "200000",
            "ItemCode": order["ItemCode"],
            "StatusCode": status,
            "StatusMessage": text or _TEXTS.get(status, f"Trạng thái {status}"),
            "Notes": "",
        }
        if collected is not None:
            record["CODCollected"] = collected
        self.shelf.put("record", str(record["_id"]["$oid"]), record)  # type: ignore[index]  # made just above
        if "OrderNumber" in order:
            self.shelf.put("order", number, {**order, "State": status})
        return record

    def deliver(self, number: str, *, amount: int | None, postage: int) -> Record:
        """Hand the parcel over and collect the COD amount, or ``amount`` where the receiver paid another.

        ``postage`` is VNPost's own charge, taken from it first; the rest is state fee, which is passed on.
        """
        order = self.order(number)
        collected = int(str(order.get("CODAmount", 0))) if amount is None else amount
        postage = min(postage, collected)
        record = self.track(number, DELIVERED, collected=collected)
        delivered = {**self.order(number), "Collected": collected, "Postage": postage}
        self.shelf.put("order", number, {**delivered, "CollectedOn": local_date(self.now())})
        return record

    def describe(self) -> dict[str, object]:
        """Everything it holds, for ``GET /control/state``."""
        return {
            "orders": self.shelf.all("order"),
            "records": self.shelf.all("record"),
            "calls": self.shelf.all("call"),
            "remittances": self.shelf.all("remittance"),
            "confirmations": sorted(file.name for file in (self.files / "confirmations").glob("*")),
        }


def local_date(moment: datetime) -> str:
    """The Vietnamese date of a moment, YYYY-MM-DD."""
    return moment.astimezone(VIETNAM).date().isoformat()
