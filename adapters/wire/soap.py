"""SOAP 1.1 and 1.2 over HTTP: zeep builds and decodes from committed contracts, never from the network.

The steps are apart, so that the spine can store the bytes of every attempt before it is sent and the raw answer before
it is read: ``prepare`` -> ``post`` -> ``read``. Signing and verifying are plugged in. Nothing of an answer is decoded
before it is verified and valid by the schema: zeep alone reads ``1e3`` as None and ignores maxLength.
"""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, cast
from urllib.parse import urlparse

import httpx
import zeep
import zeep.exceptions
import zeep.helpers
import zeep.transports
from lxml import etree

from adapters.wire.http import ClientCertificate, Timeouts, exchange, open_client, tls_context
from adapters.wire.soap_faults import ENVELOPES, fault_error, parse_answer
from adapters.wire.translation import Meaning, Translation, meaning_of
from gateway.errors import ConfigurationError, GatewayError, Malformed

MAX_REPLY_BYTES = 16 * 1024 * 1024
_VERSIONS = {uri: version for version, uri in ENVELOPES.items()}

_ELEMENT = re.compile(r"Element '([^']{1,200})'")
_CONTRACT = Meaning(ConfigurationError, "soap-contract-unusable", "the WSDL or a schema of it cannot be used")
_REQUEST = Meaning(Malformed, "soap-request-invalid", "the arguments do not fit the contract")
_ANSWER = Meaning(Malformed, "soap-answer-invalid", "the message does not fit the contract")

# Whose exceptions mean what depends on what zeep was doing: one table per step, every class of zeep in each.
_ALL = (
    *(zeep.exceptions.XMLSyntaxError, zeep.exceptions.XMLParseError, zeep.exceptions.UnexpectedElementError),
    *(zeep.exceptions.WsdlSyntaxError, zeep.exceptions.TransportError, zeep.exceptions.LookupError),
    *(zeep.exceptions.NamespaceError, zeep.exceptions.Fault, zeep.exceptions.ValidationError),
    *(zeep.exceptions.SignatureVerificationFailed, zeep.exceptions.IncompleteMessage),
    *(zeep.exceptions.IncompleteOperation, zeep.exceptions.DTDForbidden, zeep.exceptions.EntitiesForbidden),
    *(zeep.exceptions.ExternalReferenceForbidden, zeep.exceptions.Error),
)
LOADING: Translation = dict.fromkeys(_ALL, _CONTRACT)
BUILDING: Translation = dict.fromkeys(_ALL, _REQUEST) | {TypeError: _REQUEST, ValueError: _REQUEST}
DECODING: Translation = dict.fromkeys(_ALL, _ANSWER) | {TypeError: _ANSWER, ValueError: _ANSWER}


def _untyped(library: Any) -> Any:
    # zeep ships no annotations for these, and strict typing refuses calls of them.
    return library


class _LocalFiles(zeep.transports.Transport):
    """Reads contracts from files; a contract that names the network is refused."""

    def load(self, url: str) -> bytes:
        if urlparse(str(url)).scheme not in ("", "file"):
            message = f"the contract refers to {url}: contracts are committed files"
            raise ConfigurationError(message, code="soap-contract-unusable", where=str(url))
        return Path(urlparse(str(url)).path).read_bytes()


@dataclass(frozen=True, slots=True)
class SoapContract:
    """One binding of a committed WSDL: ``version`` is ``1.1`` or ``1.2``."""

    path: Path
    version: str
    _client: Any = field(repr=False)
    _service: Any = field(repr=False)
    _schema: etree.XMLSchema = field(repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def load(cls, wsdl_path: Path, *, version: str | None = None) -> SoapContract:
        """The binding for that SOAP version, or the first of the WSDL.

        Raises ConfigurationError (``soap-contract-unusable``): not there, not well-formed, or naming the network.
        """
        try:
            client = _untyped(zeep).Client(str(wsdl_path.resolve()), transport=_untyped(_LocalFiles)())
            schema = _schema_of(wsdl_path.resolve())
        except (*_ALL, etree.LxmlError, OSError) as error:
            raise _CONTRACT.error(str(wsdl_path), str(error)) from error
        for service in client.wsdl.services.values():
            for port in service.ports.values():
                found = _VERSIONS.get(port.binding.nsmap.get("soap-env", ""))
                if found is not None and version in (None, found):
                    return cls(wsdl_path, found, client, client.bind(service.name, port.name), schema)
        raise _CONTRACT.error(str(wsdl_path), f"it has no SOAP {version or '1.1 or 1.2'} binding")

    def build(self, operation: str, arguments: Mapping[str, object]) -> bytes:
        """The unsigned envelope, UTF-8, valid by the schema. Raises Malformed (``soap-request-invalid``)."""
        self._operation(operation)
        try:
            envelope = self._client.create_message(self._service, operation, **arguments)
        except tuple(BUILDING) as error:
            raise (meaning_of(BUILDING, error) or _REQUEST).error(operation, str(error)) from error
        self._check(envelope[-1], "soap-request-invalid", operation)
        return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")

    def action(self, operation: str) -> str:
        """The SOAP action of an operation. Raises ConfigurationError (``soap-operation-unknown``)."""
        return cast(str, self._operation(operation).soapaction)

    def operation_of(self, body: etree._Element) -> str:
        """The operation whose request this Body holds. Raises Malformed (``soap-operation-not-offered``)."""
        payload = self._payload(body, "request")
        for name, operation in self._service._binding._operations.items():
            if operation.input.body.qname == payload.tag:
                return cast(str, name)
        raise Malformed("no operation has this request", code="soap-operation-not-offered", where=str(payload.tag))

    def validate(self, body: etree._Element) -> None:
        """Hold the content of a Body to the schema. Raises Malformed (``soap-answer-invalid``), naming the element."""
        self._check(body, "soap-answer-invalid", self.path.name)

    def decode_reply(self, operation: str, body: etree._Element) -> dict[str, Any]:
        """The reply in a verified Body, after validation: whole numbers as int, ``xs:decimal`` as Decimal."""
        return self._decode(operation, body, self._operation(operation).output.body)

    def decode_request(self, operation: str, body: etree._Element) -> dict[str, Any]:
        """The request in a verified Body, after validation: for those who answer."""
        return self._decode(operation, body, self._operation(operation).input.body)

    def _decode(self, operation: str, body: etree._Element, expected: Any) -> dict[str, Any]:
        payload = self._payload(body, operation)
        if payload.tag != expected.qname:
            message = f"the message holds {payload.tag} where {expected.qname} belongs"
            raise Malformed(message, code="soap-answer-invalid", where=operation)
        self.validate(body)
        try:
            value = _untyped(zeep.helpers).serialize_object(expected.parse(payload, self._client.wsdl.types), dict)
        except tuple(DECODING) as error:
            raise (meaning_of(DECODING, error) or _ANSWER).error(operation, str(error)) from error
        return value if isinstance(value, dict) else {"value": value}

    def _payload(self, body: etree._Element, where: str) -> etree._Element:
        if body.tag != f"{{{ENVELOPES[self.version]}}}Body":
            message = f"the message is not the Body of a SOAP {self.version} envelope: {body.tag}"
            raise Malformed(message, code="soap-version-mismatch", where=where)
        children = [child for child in body if isinstance(child.tag, str)]
        if len(children) != 1:
            message = f"the Body holds {len(children)} elements where one belongs"
            raise Malformed(message, code="soap-answer-invalid", where=where)
        return children[0]

    def _check(self, body: etree._Element, code: str, where: str) -> None:
        payload = self._payload(body, where)
        # lxml keeps the errors of the last run in the validator: one thread at a time.
        with self._lock:
            if self._schema.validate(payload):
                return
            errors: Any = self._schema.error_log
            first = errors.last_error
        # The library's words hold the value, which may be a person's: we tell the element and the rule only.
        named = _ELEMENT.match(first.message) if first is not None else None
        element = named.group(1) if named else str(payload.tag)
        rule = first.type_name.removeprefix("SCHEMAV_").lower() if first is not None else "schema"
        line = first.line if first is not None else 0
        message = f"it breaks the schema of the contract ({rule})"
        raise Malformed(message, code=code, where=f"{where} {element}", line=line or None)

    def _operation(self, name: str) -> Any:
        try:
            return self._service._binding.get(name)
        except (zeep.exceptions.Error, ValueError) as error:
            message = f"the contract has no operation {name}"
            raise ConfigurationError(message, code="soap-operation-unknown", where=str(self.path)) from error


def _schema_of(wsdl: Path) -> etree.XMLSchema:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    schemas = etree.parse(str(wsdl), parser).findall(".//{http://www.w3.org/2001/XMLSchema}schema")
    if len(schemas) != 1:
        message = f"its types hold {len(schemas)} schemas where one belongs (which may import others)"
        raise ConfigurationError(message, code="soap-contract-unusable", where=str(wsdl))
    return etree.XMLSchema(schemas[0])


@dataclass(frozen=True, slots=True)
class SoapRequest:
    """One attempt as it will be sent: store it first."""

    content: bytes = field(repr=False)
    action: str


@dataclass(frozen=True, slots=True)
class RawReply:
    """An answer as it came: store it before it is read."""

    status: int
    content: bytes = field(repr=False)


class SoapClient:
    """Calls the operations of one contract at ``endpoint``. Any thread may use it. Close it, or use ``with``.

    ``sign(envelope, action)`` returns the signed envelope; ``verify(raw)`` returns the Body that was signed, and raises
    Untrusted or Malformed for anything else.
    """

    def __init__(
        self,
        contract: SoapContract,
        endpoint: str,
        *,
        sign: Callable[[bytes, str], bytes],
        verify: Callable[[bytes], etree._Element],
        timeouts: Timeouts | None = None,
        tls: ssl.SSLContext | Path | None = None,
        client_certificate: ClientCertificate | None = None,
        max_reply_bytes: int = MAX_REPLY_BYTES,
    ) -> None:
        self.contract = contract
        self.endpoint = endpoint
        self._sign = sign
        self._verify = verify
        self._max_reply_bytes = max_reply_bytes
        self._client = open_client(timeouts or Timeouts(), tls_context(tls, client_certificate))

    def prepare(self, operation: str, arguments: Mapping[str, object]) -> SoapRequest:
        """Build and sign one attempt. Raises Malformed (``soap-request-invalid``) and what ``sign`` raises."""
        action = self.contract.action(operation)
        return SoapRequest(self._sign(self.contract.build(operation, arguments), action), action)

    def post(self, request: SoapRequest, *, idempotent: bool = False) -> RawReply:
        """Send one attempt. ``idempotent``: asking twice is harmless, so a lost answer is Unavailable, not InDoubt.

        Raises Unavailable, InDoubt, Untrusted (``tls-peer-untrusted``), Malformed (``http-answer-too-large``).
        """
        reply = exchange(
            self._client,
            httpx.Request("POST", self.endpoint, content=request.content, headers=self._headers(request.action)),
            max_reply_bytes=self._max_reply_bytes,
            idempotent=idempotent,
        )
        return RawReply(reply.status, reply.body)

    def read(self, operation: str, raw: RawReply) -> dict[str, Any]:
        """What the partner answered: verify, validate, map faults, decode.

        Raises what ``verify`` raises; Malformed (``soap-answer-invalid``, ``soap-version-mismatch``,
        ``malformed-xml``, ``dtd-forbidden``);
        Refused (a fault of the sender, ``partner_code`` from its detail or faultcode); InDoubt (a fault of the
        receiver, or an answer that is no XML with a 5xx status).
        """
        parse_answer(raw.status, raw.content, where=f"{operation} {self.endpoint}")
        body = self._verify(raw.content)
        fault = body.find(f"{{{ENVELOPES[self.contract.version]}}}Fault")
        if fault is not None:
            raise self._fault(operation, fault)
        return self.contract.decode_reply(operation, body)

    def _fault(self, operation: str, fault: etree._Element) -> GatewayError:
        return fault_error(fault, self.contract.version, where=f"{operation} {self.endpoint}")

    def _headers(self, action: str) -> dict[str, str]:
        if self.contract.version == "1.1":
            return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
        return {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'}

    def close(self) -> None:
        """Give the pooled connections back."""
        self._client.close()

    def __enter__(self) -> SoapClient:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()
