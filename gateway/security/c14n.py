"""Canonical XML of one element of a document, as its signature sees it."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from lxml import etree

from gateway.security.xmldsig_policy import EXCLUSIVE, EXCLUSIVE_COMMENTS, INCLUSIVE_COMMENTS

_XML = "{http://www.w3.org/XML/1998/namespace}"
_INHERITED = (f"{_XML}lang", f"{_XML}space", f"{_XML}base")


def canonicalize(
    subject: etree._Element | etree._ElementTree, algorithm: str = EXCLUSIVE, prefixes: Sequence[str] = ()
) -> bytes:
    """The canonical bytes of an element (in the context of its document) or of a whole document.

    ``prefixes`` is the InclusiveNamespaces PrefixList of exclusive canonicalisation.
    """
    exclusive = algorithm in (EXCLUSIVE, EXCLUSIVE_COMMENTS)
    comments = algorithm in (EXCLUSIVE_COMMENTS, INCLUSIVE_COMMENTS)
    if isinstance(subject, etree._Element) and (prefixes or not exclusive):
        subject = _with_context(subject, inherit=not exclusive)
    canonical: bytes = etree.tostring(
        subject,
        method="c14n",
        exclusive=exclusive,
        with_comments=comments,
        inclusive_ns_prefixes=[_prefix(prefix) for prefix in prefixes] if exclusive and prefixes else None,
    )
    return canonical


def _prefix(prefix: str) -> str:
    # libxml2 knows the default namespace by the empty prefix... and by the specification's word.
    return prefix


def _with_context(element: etree._Element, *, inherit: bool) -> etree._Element:
    """A copy of the element as a root that declares every namespace in scope, where lxml would forget the ancestors'.

    With ``inherit`` it also takes over the xml: attributes of its ancestors, as inclusive canonicalisation demands.
    """
    if element.getparent() is None:
        return element
    root = etree.Element(element.tag, nsmap=dict(element.nsmap))
    if inherit:
        for ancestor in reversed(list(element.iterancestors())):
            for name in _INHERITED:
                value = ancestor.get(name)
                if value is not None:
                    root.set(name, value)
    for name, value in element.attrib.items():
        root.set(name, value)
    root.text = element.text
    for child in element:
        root.append(copy.deepcopy(child))
    return root
