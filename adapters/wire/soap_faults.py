"""What a SOAP answer is before anyone believes it: safe XML, its Body, and what faults of 1.1 and 1.2 mean to us."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lxml import etree

from gateway.errors import GatewayError, InDoubt, Malformed, Refused, Unavailable
from gateway.security.xml import parse_xml

ENVELOPES: Mapping[str, str] = MappingProxyType(
    {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
)
# SOAP 1.1 section 4.4.1, SOAP 1.2 part 1 section 5.4.6. A receiver that failed may have done its work before.
FAULT_CODES: Mapping[str, type[GatewayError]] = MappingProxyType(
    {
        "VersionMismatch": Refused,
        "MustUnderstand": Refused,
        "Client": Refused,
        "Server": InDoubt,
        "DataEncodingUnknown": Refused,
        "Sender": Refused,
        "Receiver": InDoubt,
    }
)


def parse_answer(status: int, content: bytes, *, where: str) -> etree._Element:
    """The root of an answer, without DTD, entities or network.

    An answer that is no XML: Unavailable (408, 429, 503), InDoubt (any other 5xx), Refused (4xx, ``http-refused``),
    else Malformed (``malformed-xml``). Malformed (``dtd-forbidden``) for a document type, whatever the status.
    """
    try:
        return parse_xml(content, where=where)
    except Malformed as error:
        if error.code != "malformed-xml":
            raise
        raise _not_xml(status, error, where) from error


def _not_xml(status: int, error: Malformed, where: str) -> GatewayError:
    said = f"status {status} and no XML"
    if status in (408, 429, 503):
        return Unavailable(said, code="http-not-now", where=where)
    if status >= 500:
        return InDoubt(said, code="http-server-failed", where=where)
    if status >= 400:
        return Refused(said, code="http-refused", where=where, partner_code=str(status))
    return error


def unverified_body(content: bytes) -> etree._Element:
    """The Body of an envelope that nobody signed: only for a partner whose configuration says that it does not sign.

    Raises Malformed (``malformed-xml``, ``dtd-forbidden``, ``soap-envelope-missing``).
    """
    root = parse_answer(200, content, where="SOAP envelope")
    for uri in ENVELOPES.values():
        bodies = root.findall(f"{{{uri}}}Body")
        if root.tag == f"{{{uri}}}Envelope" and len(bodies) == 1:
            return bodies[0]
    raise Malformed("the answer is no SOAP envelope with one Body", code="soap-envelope-missing", where=str(root.tag))


def fault_error(fault: etree._Element, version: str, *, where: str) -> GatewayError:
    """The error that a (verified) Fault means; its detail's code, where it has one, is the ``partner_code``.

    Refused (``soap-fault-refused``) or InDoubt (``soap-fault-receiver``).
    """
    code, text, detail = _told_11(fault) if version == "1.1" else _told_12(fault, ENVELOPES["1.2"])
    said = f"the partner answered with the fault {code}: {text}"
    # 1.1 allows refinements after a dot: Client.Authentication.
    if FAULT_CODES.get(code.split(".")[0], InDoubt) is Refused:
        partner_code = _detail_code(detail) or code
        return Refused(said, code="soap-fault-refused", where=where, partner_code=partner_code)
    return InDoubt(said, code="soap-fault-receiver", where=where)


def _told_11(fault: etree._Element) -> tuple[str, str, etree._Element | None]:
    return _local(fault.findtext("faultcode")), _short(fault.findtext("faultstring")), fault.find("detail")


def _told_12(fault: etree._Element, uri: str) -> tuple[str, str, etree._Element | None]:
    code = _local(fault.findtext(f"{{{uri}}}Code/{{{uri}}}Value"))
    return code, _short(fault.findtext(f"{{{uri}}}Reason/{{{uri}}}Text")), fault.find(f"{{{uri}}}Detail")


def _local(name: str | None) -> str:
    return (name or "").strip().rpartition(":")[2]


def _short(text: str | None) -> str:
    return " ".join((text or "").split())[:200]


def _detail_code(detail: etree._Element | None) -> str:
    for element in () if detail is None else detail.iter():
        if isinstance(element.tag, str) and etree.QName(element).localname.lower().endswith("code") and element.text:
            return _short(element.text)
    return ""
