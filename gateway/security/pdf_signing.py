"""Signing a prepared PDF with a key in a file: what a person's token does, for the demo, the tests and the commands."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import StaticStampStyle

from gateway.errors import ConfigurationError


def sign_pdf(
    pdf: bytes, field: str, *, key: Path, certificate: Path, stamp: bytes, chain: tuple[Path, ...] = ()
) -> bytes:
    """``pdf`` with a PAdES signature (B-B) in ``field``, seen as the one-page PDF ``stamp``.

    Raises ConfigurationError ``certificate-unusable``.
    """
    signer = SimpleSigner.load(str(key), str(certificate), ca_chain_files=tuple(str(path) for path in chain))
    if signer is None:
        raise ConfigurationError(
            "the key or the certificate cannot be read",
            code="certificate-unusable",
            where=f"{key}, {certificate}",
            action="name an unencrypted PEM key and its certificate",
        )
    metadata = PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    out = BytesIO()
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(stamp)
        file.flush()
        style = StaticStampStyle.from_pdf_file(file.name, border_width=0, background_opacity=1.0)
        pen = PdfSigner(metadata, signer=signer, stamp_style=style)
        # pyHanko starts an event loop of its own, which a thread that already has one refuses.
        with ThreadPoolExecutor(max_workers=1) as apart:
            apart.submit(
                pen.sign_pdf, IncrementalPdfFileWriter(BytesIO(pdf)), existing_fields_only=True, output=out
            ).result()
    return out.getvalue()
