"""The transforms of a reference: from an element to the bytes that are digested."""

from __future__ import annotations

import base64
import binascii
import copy
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from gateway.errors import Untrusted
from gateway.security.c14n import canonicalize
from gateway.security.xmldsig_policy import BASE64, ENVELOPED, INCLUSIVE, Policy


@dataclass(frozen=True, slots=True)
class Transform:
    """One step, with the PrefixList where it is an exclusive canonicalisation."""

    algorithm: str
    prefixes: tuple[str, ...] = ()


def apply_transforms(
    element: etree._Element,
    transforms: Sequence[Transform],
    *,
    signature: etree._Element,
    whole: bool,
    policy: Policy,
) -> bytes:
    """The bytes to digest. ``whole``: the reference names the document, not only its root element.

    Raises Untrusted ``weak-algorithm`` where the steps do not fit together.
    """
    subject: etree._Element | etree._ElementTree = element.getroottree() if whole else element
    octets: bytes | None = None
    for step in transforms:
        if octets is not None or step.algorithm not in policy.transforms:
            raise _misfit()
        if step.algorithm == ENVELOPED:
            subject = _without(subject, signature)
        elif step.algorithm == BASE64:
            octets = _decoded(subject)
        else:
            octets = canonicalize(subject, step.algorithm, step.prefixes)
    return canonicalize(subject, INCLUSIVE) if octets is None else octets


def _without(
    subject: etree._Element | etree._ElementTree, signature: etree._Element
) -> etree._Element | etree._ElementTree:
    """A copy of the document (or of the subject in it) without the signature, the text around it kept."""
    tree = signature.getroottree()
    twin = copy.deepcopy(tree)
    doomed = _same_place(tree, twin, signature)
    found = twin.getroot() if isinstance(subject, etree._ElementTree) else _same_place(tree, twin, subject)
    parent = doomed.getparent()
    if parent is None or (found is not parent and found not in list(parent.iterancestors())):
        raise _misfit()
    _remove_keeping_tail(parent, doomed)
    return twin if isinstance(subject, etree._ElementTree) else found


def _same_place(tree: etree._ElementTree, twin: etree._ElementTree, element: etree._Element) -> etree._Element:
    steps: list[int] = []
    current = element
    while (parent := current.getparent()) is not None:
        steps.append(parent.index(current))
        current = parent
    place = twin.getroot()
    for step in reversed(steps):
        place = place[step]
    return place


def _remove_keeping_tail(parent: etree._Element, doomed: etree._Element) -> None:
    before = doomed.getprevious()
    if doomed.tail:
        if before is None:
            parent.text = (parent.text or "") + doomed.tail
        else:
            before.tail = (before.tail or "") + doomed.tail
    parent.remove(doomed)


def _decoded(subject: etree._Element | etree._ElementTree) -> bytes:
    root = subject.getroot() if isinstance(subject, etree._ElementTree) else subject
    text = str(root.xpath("string()"))
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _misfit() from error


def _misfit() -> Untrusted:
    return Untrusted(
        "the transforms of a reference do not fit together",
        code="weak-algorithm",
        where="ds:Transforms",
        action="never release by hand; ask the partner",
    )
