"""Dossiers and statements: finding, timelines, the thread from a break to its evidence, files as they came."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from gateway.application import dossiers, statements
from gateway.application.dossiers import Found, Thread, Timeline
from gateway.application.statements import Kind
from gateway.console.rest.answers import file, told
from gateway.console.visit import Acting, Looking

FILE = "/statements/{kind}/{pk}"


def router() -> APIRouter:
    """``/dossiers``, ``/threads``, ``/statements``."""
    rest = APIRouter(tags=["dossiers and statements"])
    rest.get("/dossiers", response_model=Found)(search)
    rest.get("/dossiers/{dossier_code}", response_model=Timeline)(one_dossier)
    rest.get("/threads/{partner}/{business_on}/{row_key}", response_model=Thread)(one_thread)
    rest.get("/statements", response_model=statements.FilePage)(files)
    rest.get(FILE, response_model=statements.File)(one_file)
    rest.get(f"{FILE}/lines", response_model=statements.LinePage)(lines)
    rest.post(f"{FILE}/original")(original)
    return rest


def search(visit: Looking, q: str, after: str = "", limit: int = 50) -> JSONResponse:
    """Find by dossier code, payment reference, owner, payer, amount or bank reference; masked as on the pages."""
    return told(dossiers.find(visit.desk, visit.person, q, after=after, limit=limit))


def one_dossier(visit: Looking, dossier_code: str) -> JSONResponse:
    """A dossier and everything that happened to it, in order; personal data is masked."""
    return told(dossiers.timeline(visit.desk, visit.person, dossier_code))


def one_thread(visit: Looking, partner: str, business_on: date, row_key: str) -> JSONResponse:
    """The evidence behind a break, link by link: messages, signatures, receipts, payments, entries and the file."""
    return told(dossiers.thread(visit.desk, visit.person, partner, business_on, row_key))


def files(
    visit: Looking, kind: Kind = "statement", partner: str = "", on: date | None = None, after: str = ""
) -> JSONResponse:
    """Statements or remittances received, the newest first, each with its totals and whether it continues the last."""
    return told(statements.files(visit.desk, visit.person, kind, partner=partner, on=on, after=after))


def one_file(visit: Looking, kind: Kind, pk: int) -> JSONResponse:
    """One statement or remittance: signer, digest, balances, problems."""
    return told(statements.file_of(visit.desk, visit.person, kind, pk))


def lines(visit: Looking, kind: Kind, pk: int, after: int = 0, limit: int = 100) -> JSONResponse:
    """Its lines behind line ``after``, each with how it was judged; long numbers in texts are masked."""
    return told(statements.lines(visit.desk, visit.person, kind, pk, after=after, limit=limit))


def original(visit: Acting, kind: Kind, pk: int) -> Response:
    """The bytes as the partner sent them, compared with the digest on record; the download is logged."""
    got = statements.original(visit.desk, visit.person, kind, pk)
    return file(got.name, got.content)
