"""A desk with an approved day, people with keys of their own, and what they sign."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import psycopg
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from gateway import settings
from gateway.application import days, reports, signers
from gateway.application.access import Person, Role
from gateway.application.desk import Desk
from gateway.clock import FixedClock
from gateway.partners import Partner
from gateway.reports.personal_signature import sign_as
from gateway.reports.signed import Document
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import TUESDAY_MORNING, DayStory

AN = Person("an", frozenset({Role.MAKER}))
BINH = Person("binh", frozenset({Role.CHECKER}))
CHI = Person("chi", frozenset({Role.CHECKER}))
OPS = Person("admin", frozenset({Role.OPS}))
VIEWER = Person("khach", frozenset({Role.VIEWER}))


@dataclass
class Signing:
    """Who signs what here. ``certs`` is a development PKI; ``document`` the prepared minutes of Monday."""

    desk: Desk
    certs: Path
    document: Document = field(init=False)

    def begin(self) -> None:
        for user, office in (("an", "lap_bieu"), ("binh", "ke_toan_truong"), ("chi", "thu_truong")):
            certificate = (self.certs / "people" / f"{user}.crt").read_bytes()
            signers.register_certificate(self.desk, OPS, user, office, certificate)
        self.document = reports.prepare_day(self.desk, AN, "bank-a", MONDAY)

    @property
    def content(self) -> bytes:
        """The file that the next person downloads."""
        return reports.download(self.desk, AN, self.document.document_pk).content

    def sign(self, key: str, office: str, content: bytes | None = None) -> bytes:
        """The current file (or ``content``) signed with ``key`` of the PKI in the field of ``office``."""
        return sign_as(
            self.content if content is None else content,
            office,
            key=self.certs / f"{key}.key",
            certificate=self.certs / f"{key}.crt",
            chain=(self.certs / "intermediate.crt",),
        )

    def upload(self, person: Person, content: bytes) -> Document:
        return reports.accept_signed(self.desk, person, self.document.document_pk, content)


def signing_desk(conn: psycopg.Connection[tuple[object, ...]], partners: dict[str, Partner], certs: Path) -> Signing:
    story = DayStory(conn, partners)
    reference = story.owe(1_234_567, owner_name="#panic() *NGUYỄN* `x` $y$ @z [w]")
    story.pay(reference, 1_234_567)
    story.line(1_234_567, reference)
    story.pay(story.owe(100_000), 100_000)
    story.line(-11_000, text="Phí dịch vụ")
    story.settle_day()
    story.employ(an="finance_maker", binh="finance_checker", chi="finance_checker", admin="ops")
    story.accept_everything("an")
    chosen = settings.load({"GATEWAY_CERTS": str(certs), "GATEWAY_ENV": "test"})
    desk = Desk(conn, FixedClock(TUESDAY_MORNING), partners, chosen)
    days.propose(desk, AN, "bank-a", MONDAY)
    days.approve(desk, BINH, "bank-a", MONDAY)
    return Signing(desk, certs)


def covered_by_a_white_box(pdf: bytes) -> bytes:
    """The PDF with an update that paints over the amounts of its first page: what an attacker signs, or adds."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    while page["/Type"] != "/Page":
        page = page["/Kids"][0].get_object()
    box = writer.add_object(generic.StreamObject(stream_data=b"q 1 1 1 rg 80 300 400 300 re f Q"))
    contents = page.raw_get("/Contents")
    old = list(contents) if isinstance(contents, generic.ArrayObject) else [contents]
    page["/Contents"] = generic.ArrayObject([*old, box])
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
