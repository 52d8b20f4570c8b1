"""Which flow sends what, and through whose adapters."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.bootstrap.parts import Need
from gateway.model import Kind

FLOWS: Mapping[str, frozenset[Kind]] = {
    "dossier": frozenset({Kind.EVENT}),
    "portal_sync": frozenset({Kind.DOSSIER_SYNC, Kind.STEP_SYNC}),
    "payment_requests": frozenset({Kind.PAYMENT_REQUEST_CREATE, Kind.PAYMENT_REQUEST_CANCEL, Kind.REFUND}),
    "postal_orders": frozenset({Kind.POSTAL_ORDER, Kind.POSTAL_CANCEL}),
    "settlement": frozenset({Kind.SETTLEMENT_CONFIRMATION, Kind.ENQUIRY}),
    "approvals": frozenset({Kind.DAY_APPROVED}),
}
"""Which kinds of message each flow sends."""

NEEDS: Mapping[str, frozenset[Need]] = {
    "dossier": frozenset({Need.BROKER}),
    "portal_sync": frozenset({Need.PORTAL}),
    "payment_requests": frozenset({Need.BANKING, Need.PLATFORM}),
    "postal_orders": frozenset({Need.POSTAL}),
    "settlement": frozenset({Need.BANKING, Need.POSTAL, Need.BROKER}),
    "approvals": frozenset({Need.BROKER}),
}
"""Which adapters each flow needs for that."""

STARTED_BY_OUTBOX = ("dossier", "payment_requests", "portal_sync", "postal_orders")
"""Flows whose runs start because something waits to be sent."""
