"""VNPost's orders and replies, and our words for them. Pure: no network, no clock.

Field names are VNPost's (``domain.md`` 3.1); ``contracts/order.schema.json`` is what we send.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from adapters.wire.partner_json import read_json
from adapters.wire.payload_shape import require_shape
from gateway.errors import Malformed
from gateway.partners import PostalApi
from gateway.payloads import Party, PostalCancel, PostalOrder

ACCEPTED = "100"
ALREADY_EXISTS = "101"
NO_DISTRICT = 0
"""Districts ended on 1 July 2025; the field is still mandatory in the public model. 0 is UNSOURCED."""


@dataclass(frozen=True, slots=True)
class Reply:
    """``{Status, Message}`` as VNPost answers orders and cancellations; ``item_code`` where it names the parcel."""

    status: str
    message: str
    item_code: str


def encode_order(order: PostalOrder, api: PostalApi) -> bytes:
    """The JSON body of postOrder.

    An empty sender (deliver) or receiver (collect) is the centre of the configuration. Raises Malformed with code
    ``postal-order-incomplete``, ``unknown-province`` or ``bad-amount``.
    """
    number = order["order_number"].strip()
    if not number:
        raise _incomplete("OrderNumber")
    deliver = order["direction"] == "deliver"
    sender = _party(order["sender"], api, is_centre=deliver, side="Sender")
    receiver = _party(order["receiver"], api, is_centre=not deliver, side="Receiver")
    fields: dict[str, object] = {
        "CustomerCode": api.customer_code,
        "OrderNumber": number,
        "CODAmount": _cod(order["cod_amount"], number),
        **_side("Sender", sender, api),
        **_side("Receiver", receiver, api),
        "SenderDesc": "",
        "Description": order["description"],
        "FlagConfig": "2",
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def encode_cancel(cancel: PostalCancel, api: PostalApi) -> bytes:
    """The query string of cancelOrder, which is a GET. Raises Malformed (``postal-order-incomplete``)."""
    number = cancel["order_number"].strip()
    if not number:
        raise _incomplete("OrderNumber")
    return urlencode({"CustomerCode": api.customer_code, "OrderNumber": number}).encode("ascii")


def decode_reply(body: bytes) -> Reply:
    """What VNPost answered. Raises Malformed with code ``bad-postal-reply``."""
    try:
        content = read_json(body)
    except ValueError as error:
        raise Malformed(
            f"not JSON: {error}", code="bad-postal-reply", where="VNPost's reply", action="ask VNPost"
        ) from error
    if not isinstance(content, dict) or not isinstance(content.get("Status"), str | int):
        raise Malformed("no Status in it", code="bad-postal-reply", where="VNPost's reply", action="ask VNPost")
    return Reply(str(content["Status"]), str(content.get("Message") or ""), str(content.get("ItemCode") or ""))


def order_of(payload: Mapping[str, object]) -> PostalOrder:
    """A stored payload as the order it is. Raises Malformed (``payload-incomplete``)."""
    require_shape(payload, PostalOrder)
    return cast(PostalOrder, payload)


def cancel_of(payload: Mapping[str, object]) -> PostalCancel:
    """A stored payload as the cancellation it is. Raises Malformed (``payload-incomplete``)."""
    require_shape(payload, PostalCancel)
    return cast(PostalCancel, payload)


def _party(party: Party, api: PostalApi, *, is_centre: bool, side: str) -> Party:
    if is_centre and not party.get("name", "").strip():
        party = cast(Party, api.centre)
    for field, name in (("name", "Name"), ("phone", "Tel"), ("address", "Address"), ("province", "Province")):
        if not str(party.get(field, "")).strip():
            raise _incomplete(f"{side}{name}")
    return party


def _side(side: str, party: Party, api: PostalApi) -> dict[str, object]:
    # There is no field for the commune, and the carrier needs it: it is part of the address.
    address = ", ".join(part.strip() for part in (party["address"], party.get("commune", "")) if part.strip())
    return {
        f"{side}Name": party["name"].strip(),
        f"{side}Tel": party["phone"].strip(),
        f"{side}Address": address,
        f"{side}Province": _province(party["province"].strip(), api),
        f"{side}District": NO_DISTRICT,
        f"{side}Email": "",
    }


def _province(name: str, api: PostalApi) -> int:
    code = api.province_codes.get(name)
    if code is None:
        raise Malformed(
            f"VNPost's code of the province {name!r} is not configured",
            code="unknown-province",
            where="postal_api.province_codes",
            action="add the province to the partner's file, then release the message",
        )
    return code


def _cod(amount: object, number: str) -> int:
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 0:
        raise Malformed(
            f"the COD amount {amount!r} is not a whole number of đồng",
            code="bad-amount",
            where=f"order {number}",
            action="correct the fee and order again",
        )
    return amount


def _incomplete(field: str) -> Malformed:
    return Malformed(
        f"{field} is missing",
        code="postal-order-incomplete",
        where="postal order",
        action="complete the dossier's postal data, then release the message",
    )
