"""Answers to our enquiries (tra soát) as signed files: port ``EnquiryAnswerReader``.

The layout is project-defined (``adapters/banking/contracts/enquiry.md``), the same for every partner with files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from adapters.wire.signed_files import SftpDocumentSource
from gateway.errors import Malformed, Untrusted
from gateway.model import EnquiryAnswer
from gateway.ports import FetchedDocument

NAME_PATTERN = r"TRALOI_[A-Z0-9]{3,40}\.csv"
VERSION = "1"
LONGEST_TEXT = 2000
"""Characters of an answer; what is longer belongs into a letter that it refers to."""
_LARGEST = 64 * 1024
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignedAnswerReader:
    """Believes only this partner's signature and reads only its answers."""

    partner: str
    environment: str
    signer_of: Callable[[FetchedDocument], str] = field(repr=False)

    def verify(self, document: FetchedDocument) -> str:
        """The signer's thumbprint. Raises Untrusted, Malformed (``malformed-cms``)."""
        return self.signer_of(document)

    def read(self, document: FetchedDocument) -> EnquiryAnswer:
        """The answer of a verified file. Raises what ``decode`` raises, and Malformed for one of over 64 KiB."""
        if document.size > _LARGEST:
            raise _layout(f"{document.size} bytes are no answer", document.name)
        content = document.path.read_bytes()
        return decode(content, partner=self.partner, environment=self.environment, where=document.name)


def answers_of(source: SftpDocumentSource) -> SftpDocumentSource:
    """The answers among the files of the same folder."""
    return replace(source, files=replace(source.files, name_pattern=NAME_PATTERN))


def decode(content: bytes, *, partner: str, environment: str, where: str) -> EnquiryAnswer:
    """The answer that the bytes of a file tell.

    Raises Malformed (``enquiry-answer-layout``) with its line, Untrusted (``wrong-environment``, ``wrong-partner``).
    """
    try:
        rows = [line.split("|") for line in unicodedata.normalize("NFC", content.decode("utf-8-sig")).splitlines()]
    except UnicodeDecodeError as error:
        raise _layout(f"not UTF-8 at byte {error.start}", where) from error
    if len(rows) < 4:
        raise _layout("TRALOI, THAMCHIEU, NOIDUNG and HET are not all there", where)
    _, version, its_environment, enquiry_id, its_partner, answered_on = _record(rows, 0, "TRALOI", 6, where)
    if version != VERSION:
        raise _layout(f"version {version!r} is not {VERSION}", where, 1)
    _expect("environment", its_environment, environment, "wrong-environment", where)
    _expect("partner", its_partner, partner, "wrong-partner", where)
    _, reference = _record(rows, 1, "THAMCHIEU", 2, where)
    _, count = _record(rows, len(rows) - 1, "HET", 2, where)
    texts = [_record(rows, at, "NOIDUNG", 2, where)[1].strip() for at in range(2, len(rows) - 1)]
    if count != str(len(texts)):
        raise _layout(f"HET counts {count!r} lines, the file holds {len(texts)}", where, len(rows))
    text = " ".join(filter(None, texts))
    if not (enquiry_id and reference.strip() and text):
        raise _layout("number of the enquiry, reference or answer is empty", where)
    if len(text) > LONGEST_TEXT:
        raise _layout(f"an answer of {len(text)} characters; {LONGEST_TEXT} are the most", where)
    return EnquiryAnswer(partner, enquiry_id, _date(answered_on, where), reference.strip(), text)


def _record(rows: Sequence[list[str]], at: int, name: str, fields: int, where: str) -> list[str]:
    row = rows[at]
    if row[0] != name or len(row) != fields:
        raise _layout(f"record {row[0]!r} of {len(row)} fields, not {name} of {fields}", where, at + 1)
    return row


def _expect(what: str, told: str, ours: str, code: str, where: str) -> None:
    if told != ours:
        raise Untrusted(
            f"its {what} is {told!r}, not {ours!r}", code=code, where=where, action="ask the partner for its own answer"
        )


def _date(text: str, where: str) -> date:
    try:
        if not _DATE.fullmatch(text):  # fromisoformat takes week dates and dates without hyphens, too
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise _layout(f"the date {text!r} is not YYYY-MM-DD", where, 1) from error


def _layout(what: str, where: str, line: int | None = None) -> Malformed:
    return Malformed(
        what,
        code="enquiry-answer-layout",
        where=where,
        line=line,
        action="ask the partner for a file of the agreed layout (contracts/enquiry.md)",
    )
