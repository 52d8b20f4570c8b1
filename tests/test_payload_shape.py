"""A stored payload is held to its promise before it becomes a partner's words."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.wire.payload_shape import require_shape
from gateway.errors import Malformed
from gateway.payloads import PaymentRequestCreate, PostalOrder
from tests.national_portal.test_payment_platform import request
from tests.postal.test_orders import order

pytestmark = pytest.mark.unit


def without(payload: Any, field: str) -> dict[str, object]:
    return {name: value for name, value in payload.items() if name != field}


def test_a_whole_payload_passes() -> None:
    require_shape(order().payload, PostalOrder)
    require_shape(request().payload, PaymentRequestCreate)


@pytest.mark.parametrize(
    ("payload", "shape"),
    [
        ({}, PostalOrder),
        (without(order().payload, "receiver"), PostalOrder),
        ({**order().payload, "receiver": "Nguyễn Thị Hoa"}, PostalOrder),
        ({**order().payload, "receiver": {"name": "Nguyễn Thị Hoa"}}, PostalOrder),
        ({**order().payload, "order_number": 7}, PostalOrder),
        ({**order().payload, "direction": "sideways"}, PostalOrder),
        ({**request().payload, "fees": {}}, PaymentRequestCreate),
        ({**request().payload, "fees": [{"kind": "phi"}]}, PaymentRequestCreate),
        (
            {**request().payload, "fees": [{"fee_id": "f", "kind": "thuế", "name": "Thuế", "amount": 1}]},
            PaymentRequestCreate,
        ),
    ],
)
def test_a_payload_that_breaks_its_promise_is_told(payload: dict[str, object], shape: type) -> None:
    with pytest.raises(Malformed) as caught:
        require_shape(payload, shape)
    assert caught.value.code == "payload-incomplete"
