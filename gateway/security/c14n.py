"""Canonical XML of one element of a document, as its signature sees it."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from gateway.errors import Malformed, Untrusted
from gateway.security.xmldsig_policy import EXCLUSIVE, EXCLUSIVE_COMMENTS, INCLUSIVE_COMMENTS

_XML = "{http://www.w3.org/XML/1998/namespace}"
_INHERITED = (f"{_XML}lang", f"{_XML}space", f"{_XML}base")
_DECLARES_DEFAULT = etree.XPath("boolean(descendant-or-self::*/namespace::*[name() = ''])")


def canonicalize(
    subject: etree._Element | etree._ElementTree, algorithm: str = EXCLUSIVE, prefixes: Sequence[str] = ()
) -> bytes:
    """The canonical bytes of an element (in the context of its document) or of a whole document.

    ``prefixes`` is the InclusiveNamespaces PrefixList of exclusive canonicalisation. Raises Untrusted
    ``weak-algorithm`` where it asks for ``#default`` and that would matter (lxml cannot do it), and Malformed
    ``malformed-xml`` where there is no canonical form.
    """
    exclusive = algorithm in (EXCLUSIVE, EXCLUSIVE_COMMENTS)
    if prefixes:
        prefixes = _without_default(subject, prefixes)
    if isinstance(subject, etree._Element) and (prefixes or not exclusive):
        subject = _with_context(subject, inherit=not exclusive)
    try:
        canonical: bytes = etree.tostring(
            subject,
            method="c14n",
            exclusive=exclusive,
            with_comments=algorithm in (EXCLUSIVE_COMMENTS, INCLUSIVE_COMMENTS),
            inclusive_ns_prefixes=list(prefixes) if exclusive and prefixes else None,
        )
    except etree.C14NError as error:  # a relative namespace, which has no canonical form
        raise Malformed(
            "the XML has no canonical form: a namespace is not an absolute URI",
            code="malformed-xml",
            action="ask the sender for XML with absolute namespaces",
        ) from error
    return canonical


def _without_default(subject: etree._Element | etree._ElementTree, prefixes: Sequence[str]) -> Sequence[str]:
    if "#default" not in prefixes:
        return prefixes
    if _DECLARES_DEFAULT(subject):
        raise Untrusted(
            "a PrefixList with #default is not supported where a default namespace is declared",
            code="weak-algorithm",
            where="ec:InclusiveNamespaces",
            action="ask the sender to sign without it",
        )
    return [prefix for prefix in prefixes if prefix != "#default"]


def _with_context(element: etree._Element, *, inherit: bool) -> etree._Element:
    """A copy of the element as a root that declares every namespace in scope.

    lxml forgets namespaces of the ancestors half-way down where it canonicalises an inner element inclusively.
    With ``inherit`` the copy carries the xml: attributes of the ancestors, too, as inclusive C14N demands.
    """
    if element.getparent() is None:
        return element
    # Serialising an element writes every namespace in scope on it, used or not.
    root = etree.fromstring(etree.tostring(element, with_tail=False, encoding="UTF-8"))
    for ancestor in element.iterancestors() if inherit else ():
        for name in _INHERITED:
            value = ancestor.get(name)
            if value is not None and root.get(name) is None:
                root.set(name, value)
    return root
