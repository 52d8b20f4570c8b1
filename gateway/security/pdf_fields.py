"""Empty signature fields in a PDF, for people to sign with tools of their own. The same input gives the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field, ensure_sig_flags

_POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class SignatureField:
    """A field and its place: page from 1, millimetres from the page's upper left corner; ``label`` is read out."""

    name: str
    label: str
    page: int
    x: float
    y: float
    width: float
    height: float


class _SteadyWriter(IncrementalPdfFileWriter):
    """Appends without the time of day and without chance."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        stream = prev.stream
        stream.seek(0)
        second = generic.ByteStringObject(hashlib.sha256(stream.read()).digest()[:16])
        first = prev.trailer["/ID"][0] if "/ID" in prev.trailer else second
        if isinstance(first, generic.TextStringObject):
            first = generic.ByteStringObject(first.original_bytes)
        return generic.ArrayObject([first, second])

    def _update_meta(self) -> None:
        """The document's own date stays: adding empty fields is part of making it."""


def with_signature_fields(pdf: bytes, fields: Sequence[SignatureField], *, page_height_mm: float = 297) -> bytes:
    """``pdf`` followed by an update that adds the empty ``fields``: its own bytes are a prefix of the result."""
    writer: IncrementalPdfFileWriter = _SteadyWriter(BytesIO(pdf))
    for field in fields:
        left, right = field.x * _POINTS_PER_MM, (field.x + field.width) * _POINTS_PER_MM
        top = (page_height_mm - field.y) * _POINTS_PER_MM
        bottom = (page_height_mm - field.y - field.height) * _POINTS_PER_MM
        append_signature_field(
            writer,
            SigFieldSpec(
                field.name,
                on_page=field.page - 1,
                box=(round(left), round(bottom), round(right), round(top)),
                readable_field_name=field.label,
            ),
        )
    # What a signing tool would set anyway: it then changes nothing but its own field.
    ensure_sig_flags(writer, lock_sig_flags=True)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
