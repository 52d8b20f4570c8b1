"""The one XML parser for bytes from outside: no DTD, no entities, no network, bounded size and depth."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from gateway.errors import Malformed

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64

# What may stand before a document type declaration: byte order mark, blanks, comments, processing instructions.
_PROLOG_WITH_DTD = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:\s+|<\?(?:[^?]|\?(?!>))*\?>|<!--(?:[^-]|-(?!->))*-->)*<!DOCTYPE", re.IGNORECASE
)


def parse_xml(
    raw: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, where: str = "", keep_comments: bool = True
) -> etree._Element:
    """The root element of ``raw``.

    With ``keep_comments`` false, comments and processing instructions are dropped and the text around them is one.
    Raises Malformed ``message-too-large``, ``dtd-forbidden`` or ``malformed-xml``.
    """
    if len(raw) > max_bytes:
        raise Malformed(
            f"{len(raw)} bytes are more than the {max_bytes} allowed",
            code="message-too-large",
            where=where,
            action="ask the sender to split the message",
        )
    if _PROLOG_WITH_DTD.match(raw):
        raise _dtd(where)
    try:
        root = etree.fromstring(raw, _parser(keep_comments))
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        # A declaration that libxml2 chokes on is a document type declaration all the same (entity bombs, loops).
        if b"<!DOCTYPE" in raw[:4096]:
            raise _dtd(where) from error
        raise _malformed(str(error), where, line=getattr(error, "lineno", None)) from error
    if root is None:
        raise _malformed("there is no element", where)
    if root.getroottree().docinfo.internalDTD is not None:
        raise _dtd(where)
    if _deeper_than(max_depth)(root):
        raise _malformed(f"elements are nested deeper than {max_depth}", where)
    return root


def read_xml(raw: bytes) -> etree._Element:
    """``parse_xml`` with its default limits."""
    return parse_xml(raw)


def _parser(keep_comments: bool) -> etree.XMLParser:
    # A parser is not shared: lxml locks one that is used by two threads, and building it costs microseconds.
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=not keep_comments,
        remove_pis=not keep_comments,
        strip_cdata=True,
        collect_ids=False,
    )


@lru_cache(maxsize=8)
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath("boolean(" + "/*" * (depth + 1) + ")")


def _dtd(where: str) -> Malformed:
    return Malformed(
        "a document type declaration is not accepted",
        code="dtd-forbidden",
        where=where,
        action="the sender must send the document without <!DOCTYPE>",
    )


def _malformed(message: str, where: str, line: int | None = None) -> Malformed:
    return Malformed(message, code="malformed-xml", where=where, action="ask the sender for well-formed XML", line=line)
