"""The bank's SOAP endpoint: verify, validate, answer, sign; and every way to do that badly, on demand.

Misbehaviours (match facts: ``operation``, ``reference`` = the payment reference or the refund id):

=========================== ==========================================================================
before anything is done     ``unavailable`` (HTTP 503, or ``status``), ``timeout_before_processing`` (``seconds``),
                            ``refuse`` (``code``), ``fault`` (``code``)
after it was done           ``timeout_after_processing`` (``seconds``), ``pending`` (refunds), ``garbage``,
                            ``error_500``
a bad answer                ``tamper``, ``unsigned``, ``unsigned_fault``, ``replay`` (the reply before), ``stale``,
                            ``expired_certificate``, ``wrong_signer`` (``signer``), ``wrong_relates_to``,
                            ``wrong_environment``, ``wrong_schema``, ``hostile_dtd``
only late                   ``slow`` (``seconds``)
=========================== ==========================================================================
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response

from simulators.bank import collection
from simulators.bank.collection import Desk
from simulators.control import Misbehaviours
from simulators.publishing import bad_key
from simulators.soap import CONTENT_TYPES, SOAP, Identity, Signed, SoapRejected, claimed_message_id, envelope, verify

BEHAVIOURS = frozenset(
    {
        "unavailable", "timeout_before_processing", "refuse", "fault", "timeout_after_processing", "pending",
        "garbage", "error_500", "tamper", "unsigned", "unsigned_fault", "replay", "stale",
        "expired_certificate", "wrong_signer", "wrong_relates_to", "wrong_environment", "wrong_schema",
        "hostile_dtd", "slow",
    }
)  # fmt: skip
_LARGEST = 1_000_000


@dataclass(slots=True)
class Endpoint:
    """One bank's endpoint. ``last_reply`` is what a replay sends again."""

    desk: Desk
    misbehaviours: Misbehaviours
    identity: Identity
    certs: Path
    trusted: list[bytes]
    schema: etree.XMLSchema = field(default_factory=lambda: etree.XMLSchema(etree.parse(str(collection.CONTRACT))))
    last_reply: bytes = b""

    async def post(self, request: Request) -> Response:
        """Answer one POST."""
        version = "1.2" if "application/soap+xml" in request.headers.get("content-type", "") else "1.1"
        raw = await request.body()
        try:
            if len(raw) > _LARGEST:
                raise SoapRejected("invalid-message", "the message is too large")
            if version != self.desk.habits.soap:
                raise SoapRejected("invalid-message", f"this bank speaks SOAP {self.desk.habits.soap}")
            signed = verify(raw, self.trusted)
            operation, fields = self._check(signed)
        except SoapRejected as error:
            return self._fault(self.desk.habits.soap, claimed_message_id(raw), error)
        return await self._answer(signed, operation, fields)

    def _check(self, signed: Signed) -> tuple[str, dict[str, str]]:
        if signed.environment != self.desk.habits.environment:
            raise SoapRejected("wrong-environment", f"this is {self.desk.habits.environment}")
        if not self.schema.validate(signed.body):
            raise SoapRejected("invalid-message", str(self.schema.error_log)[:200])
        operation = etree.QName(signed.body).localname
        if operation not in collection.OPERATIONS or signed.action != f"{collection.NAMESPACE}:{operation}":
            raise SoapRejected("unknown-operation", f"{signed.action} with {operation} is no operation of this bank")
        return operation, collection.fields_of(signed.body)

    async def _answer(self, signed: Signed, operation: str, fields: dict[str, str]) -> Response:
        facts = {"operation": operation, "reference": fields.get("RefundId") or fields["Reference"]}
        take = self.misbehaviours.take
        if (wait := take("slow", **facts)) is not None:
            await asyncio.sleep(_seconds(wait, 1.0))
        if (closed := take("unavailable", **facts)) is not None:
            status = int(str(closed.get("status", 503)))
            return Response("we are closed", status_code=status, media_type="text/plain")
        if (wait := take("timeout_before_processing", **facts)) is not None:
            await asyncio.sleep(_seconds(wait, 60.0))
            return Response("too late", status_code=503, media_type="text/plain")
        if (fault := take("fault", **facts)) is not None:
            return self._fault(signed.version, signed.message_id, SoapRejected(str(fault.get("code")), "on demand"))
        if take("unsigned_fault", **facts) is not None:
            return self._fault(signed.version, "", SoapRejected("internal", "on demand"), sign=False)
        if (refusal := take("refuse", **facts)) is not None:
            key = "RefundId" if "RefundId" in fields else "Reference"
            reply: Mapping[str, object] = {"ResponseCode": refusal.get("code", "57"), key: fields[key]}
        elif operation == "RefundPayment" and take("pending", **facts) is not None:
            reply = collection.refund(self.desk, fields, pending=True)
        else:
            reply = collection.OPERATIONS[operation](self.desk, fields)
        self.desk.books.note(operation, str(facts["reference"]), str(reply["ResponseCode"]))
        if (wait := take("timeout_after_processing", **facts)) is not None:
            await asyncio.sleep(_seconds(wait, 60.0))
        return self._reply(signed, operation, reply, facts)

    def _reply(
        self, signed: Signed, operation: str, reply: Mapping[str, object], facts: Mapping[str, object]
    ) -> Response:
        take = self.misbehaviours.take
        content_type = CONTENT_TYPES[signed.version]
        if take("garbage", **facts) is not None:
            return Response("<html><body>It works!", media_type="text/html")
        if take("error_500", **facts) is not None:
            return Response("java.lang.NullPointerException", status_code=500, media_type="text/plain")
        if self.last_reply and take("replay", **facts) is not None:
            return Response(self.last_reply, headers={"content-type": content_type})
        raw = self._signed_reply(signed, operation, reply, facts)
        if take("tamper", **facts) is not None:
            raw = raw.replace(b"ResponseCode>00<", b"ResponseCode>01<").replace(b"Amount>", b"Amount>9", 1)
        if take("unsigned", **facts) is not None:
            raw = _without_security(raw, signed.version)
        if take("hostile_dtd", **facts) is not None:
            raw = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + raw.split(b"?>", 1)[1]
        self.last_reply = raw
        return Response(raw, headers={"content-type": content_type})

    def _signed_reply(
        self, signed: Signed, operation: str, reply: Mapping[str, object], facts: Mapping[str, object]
    ) -> bytes:
        take = self.misbehaviours.take
        environment = "elsewhere" if take("wrong_environment", **facts) is not None else self.desk.habits.environment
        identity = self.identity
        if take("expired_certificate", **facts) is not None:
            identity = self._identity("expired")
        if (other := take("wrong_signer", **facts)) is not None:
            identity = self._identity(str(other.get("signer", "wrong-ca")))
        fields = dict(reply)
        if take("wrong_schema", **facts) is not None:
            fields["ResponseCode"] = "all is well"
        stale = timedelta(hours=1) if take("stale", **facts) is not None else timedelta(0)
        return envelope(
            collection.element(f"{operation}Response", fields),
            identity,
            version=signed.version,
            action=f"{collection.NAMESPACE}:{operation}Response",
            environment=environment,
            relates_to="urn:uuid:other" if take("wrong_relates_to", **facts) is not None else signed.message_id,
            created=datetime.now(UTC) - stale,
        )

    def _identity(self, name: str) -> Identity:
        return Identity.load(bad_key(self.certs, name).parent, name)

    def _fault(self, version: str, relates_to: str, error: SoapRejected, *, sign: bool = True) -> Response:
        soap = SOAP[version]
        fault = etree.Element(f"{{{soap}}}Fault", nsmap={"soap": soap})
        text = str(error)[:200]
        detail = collection.element("CollectionFault", {"Code": error.code, "Message": text})
        who = "Server" if error.code == "internal" else "Client"
        if version == "1.1":
            etree.SubElement(fault, "faultcode").text = f"soap:{who}"
            etree.SubElement(fault, "faultstring").text = text
            etree.SubElement(fault, "detail").append(detail)
        else:
            code = etree.SubElement(fault, f"{{{soap}}}Code")
            who = {"Server": "Receiver", "Client": "Sender"}[who]
            etree.SubElement(code, f"{{{soap}}}Value").text = f"soap:{who}"
            reason = etree.SubElement(etree.SubElement(fault, f"{{{soap}}}Reason"), f"{{{soap}}}Text")
            reason.set("{http://www.w3.org/XML/1998/namespace}lang", "vi")
            reason.text = text
            etree.SubElement(fault, f"{{{soap}}}Detail").append(detail)
        action = "http://www.w3.org/2005/08/addressing/soap/fault"
        environment = self.desk.habits.environment
        raw = envelope(
            fault, self.identity, version=version, action=action, relates_to=relates_to, environment=environment
        )
        if not sign:
            raw = _without_security(raw, version)
        return Response(raw, status_code=500, headers={"content-type": CONTENT_TYPES[version]})


def _seconds(parameters: Mapping[str, object], default: float) -> float:
    return float(str(parameters.get("seconds", default)))


def _without_security(raw: bytes, version: str) -> bytes:
    root = etree.fromstring(raw)
    header = root.find(f"{{{SOAP[version]}}}Header")
    assert header is not None
    root.remove(header)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
