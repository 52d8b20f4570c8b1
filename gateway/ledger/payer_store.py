"""Reads and writes the payers of a ``Book``."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import Connection

from gateway.ledger.book import Book, Payer

_COLUMNS = "payer_pk, dossier_code, name, address, told_at, message_pk"
WRITTEN = f"{_COLUMNS}, mark, is_owner"


def load_payers(conn: Connection[tuple[object, ...]], book: Book, codes: Sequence[str]) -> None:
    """Read the payers of dossiers that are locked already."""
    for row in conn.execute(
        f"SELECT {_COLUMNS} FROM gateway.payer WHERE dossier_code = ANY(%s) ORDER BY payer_pk",  # noqa: S608 - constants
        (list(codes),),
    ):
        payer = Payer(*row)  # type: ignore[arg-type]  # the columns above
        book.payers[payer.pk] = payer


def new_payers(book: Book) -> list[tuple[object, ...]]:
    """The rows to be written, as ``WRITTEN``.

    The database puts a keyed hash in the number's place, and says who is the owner.
    """
    return [
        (p.pk, p.dossier_code, p.name, p.address, p.told_at, p.message_pk, p.id_number.encode(), False)
        for p in (book.payers[pk] for pk in sorted(book.new_payers))
    ]
