"""The names of SOAP, WS-Security and WS-Addressing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
GATEWAY = "urn:quangninh:gateway:1"  # project-defined: the header that names the environment

X509_V3 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
BASE64_BINARY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"

ENVELOPES: Mapping[str, str] = MappingProxyType({f"{{{ns}}}Envelope": ns for ns in (SOAP_11, SOAP_12)})
