"""A gateway that only writes down what it was asked, to test the DAGs themselves on a real Airflow and RabbitMQ."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pika

from gateway.errors import Untrusted
from gateway.model import RunContext, Summary

PARTNERS = ("vcb", "bidv", "agribank", "mbbank", "techcom", "napas", "vietin", "tampered", "nothing-new")


def queue_depth(queue: str) -> int:
    with pika.BlockingConnection(pika.URLParameters(os.environ["GATEWAY_AMQP_URL"])) as connection:
        return connection.channel().queue_declare(queue, passive=True).method.message_count


@contextmanager
def open_gateway(*, run: RunContext | None, environ: Mapping[str, str] | None = None) -> Iterator[Gateway]:
    yield Gateway(run)


FLOWS = ("dossier", "payment_requests", "portal_sync", "postal_orders")


class Gateway:
    def __init__(self, run: RunContext | None) -> None:
        self.run = run

    def _write_down(self, asked: str, *words: str) -> None:
        assert self.run is not None
        with (Path(os.environ["GATEWAY_VAR"]) / "asked.jsonl").open("a") as notes:
            notes.write(json.dumps({"asked": asked, "words": words, **asdict(self.run)}) + "\n")

    def drain_dossier_events(self) -> Summary:
        taken = 0
        with pika.BlockingConnection(pika.URLParameters(os.environ["GATEWAY_AMQP_URL"])) as connection:
            channel = connection.channel()
            while channel.basic_get("gateway.dossier-events", auto_ack=True)[0]:
                taken += 1
        self._write_down("drain_dossier_events", str(taken))
        return Summary(counts={"received": taken}, flows=FLOWS if taken else ())

    def dispatch(self, flow: str) -> Summary:
        self._write_down("dispatch", flow)
        return Summary(counts={"sent": 1})

    def query_payment_requests(self) -> Summary:
        self._write_down("query_payment_requests")
        return Summary()

    def settle_portal_payments(self) -> Summary:
        self._write_down("settle_portal_payments")
        return Summary()

    def track_postal_orders(self) -> Summary:
        self._write_down("track_postal_orders")
        return Summary()

    def check_lateness(self) -> Summary:
        self._write_down("check_lateness")
        return Summary()

    def days_due_again(self) -> Summary:
        self._write_down("days_due_again")
        return Summary()

    def tell_alerts(self) -> Summary:
        self._write_down("tell_alerts")
        return Summary()

    def apply_retention(self) -> Summary:
        self._write_down("apply_retention")
        return Summary()

    def statement_partners(self) -> list[str]:
        return list(PARTNERS)

    def load_statements(self, partner: str, business_on: date) -> Summary:
        self._write_down("load_statements", partner, business_on.isoformat())
        if partner == "tampered":
            raise Untrusted("the signature does not fit", code="signature-invalid", where=partner)
        if partner == "nothing-new":
            return Summary(counts={"entries": 0})
        return Summary(counts={"entries": 3}, keys=[f"{partner}:{business_on}"])

    def load_remittances(self, partner: str, business_on: date) -> Summary:
        self._write_down("load_remittances", partner, business_on.isoformat())
        return Summary(keys=[f"{partner}:{business_on}"])

    def reconcile(self, partner: str, business_on: date) -> Summary:
        self._write_down("reconcile", partner, business_on.isoformat())
        return Summary(keys=[f"{partner}:{business_on}"])

    def prove_conservation(self, business_on: date) -> Summary:
        self._write_down("prove_conservation", business_on.isoformat())
        return Summary()
