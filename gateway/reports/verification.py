"""Proof that what people decided on, signed or were sent can be made again from what is stored, byte for byte."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from psycopg import Connection

from gateway.errors import DoesNotClose
from gateway.partners import Partner
from gateway.reconciliation import day, versions
from gateway.reconciliation.rules import ENGINE
from gateway.reports import editions, prints, signed
from gateway.reports.day import write_one
from gateway.reports.day_minutes import day_minutes, prepared
from gateway.reports.editions import Edition
from gateway.reports.prints import Print
from gateway.reports.rows import DayReport, head

Rows = Connection[tuple[object, ...]]
Verdict = Literal["equal", "different", "other-program"]
SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was made again. ``other-program``: it differs, and another program or library had made it."""

    name: str
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a version when everything that was ever made of it was made again."""

    partner: str
    business_on: date
    version: int
    items: Sequence[Item]

    @property
    def equal(self) -> bool:
        """Whether nothing differs for a reason that is not its program."""
        return all(item.verdict != "different" for item in self.items)

    def require(self) -> Verification:
        """Itself. Raises DoesNotClose ``snapshot-differs`` or ``report-bytes-differ``, naming what differs."""
        where = f"{self.partner} {self.business_on} v{self.version}"
        facts = {"partner": self.partner, "business_on": self.business_on, "version": self.version}
        bad = [item for item in self.items if item.verdict == "different"]
        if any(item.name == SNAPSHOT for item in bad):
            raise DoesNotClose(
                "the stored inputs no longer give the stored snapshot",
                code="snapshot-differs",
                where=where,
                action="nothing may be approved on it; compare the rule, engine and input digests of the version",
                facts=facts,
            )
        if bad:
            told = "; ".join(f"{item.name}: {item.why}" for item in bad)
            raise DoesNotClose(
                f"the stored version no longer gives the bytes that were made of it ({told})",
                code="report-bytes-differ",
                where=where,
                action="what was signed and sent stands; report this with the line of each item",
                facts=facts,
            )
        return self


def verify(conn: Rows, partner: Partner, business_on: date, version: int | None = None) -> Verification:
    """Judge a version (the current one) again and make its reports, minutes and delivered files again.

    Inside the caller's transaction. Raises NotFound ``day-unknown``.
    """
    whole = editions.standing(conn, partner.id, business_on, version)
    snapshot = _snapshot(conn, partner, business_on, whole.version)
    with tempfile.TemporaryDirectory(prefix="gateway-verify-") as folder:
        maker = _Maker(conn, partner, business_on, Path(folder))
        kept = prints.kept(conn, partner.id, business_on, whole.version)
        items = [snapshot, *(_reprinted(maker, one) for one in kept), *_delivered(maker, whole, kept)]
    return Verification(partner.id, business_on, whole.version, [*items, *_minutes(conn, partner, business_on, whole)])


def _snapshot(conn: Rows, partner: Partner, business_on: date, version: int) -> Item:
    facts = versions.facts_of(conn, partner.id, business_on, version)
    if facts is None:
        return Item(SNAPSHOT, "different", "the stored bytes are not those of its digest")
    if day.verify(conn, partner, business_on, version):
        return Item(SNAPSHOT, "equal")
    if facts["engine"] != ENGINE:
        return Item(SNAPSHOT, "other-program", f"engine {facts['engine']} judged it, engine {ENGINE} says otherwise")
    return Item(SNAPSHOT, "different", "judged again it gives other bytes")


class _Maker:
    """Makes reports of editions, each edition's head read once."""

    def __init__(self, conn: Rows, partner: Partner, business_on: date, folder: Path) -> None:
        self.conn, self.partner, self.business_on, self._folder = conn, partner, business_on, folder
        self._heads: dict[Edition, DayReport] = {}

    def head(self, edition: Edition) -> DayReport:
        if edition not in self._heads:
            self._heads[edition] = head(self.conn, self.partner, self.business_on, edition)
        return self._heads[edition]

    def digest(self, edition: Edition, form: str) -> str:
        report = self.head(edition)
        if form == "minutes":
            return prints.digest_of_minutes(day_minutes(self.conn, self.partner, report))
        file = write_one(self.conn, self.partner, report, form, self._folder)
        return hashlib.sha256(file.read_bytes()).hexdigest()


def _reprinted(maker: _Maker, kept: Print) -> Item:
    report = maker.head(kept.edition)
    name = f"{kept.form}, {report.state}, after decision {kept.edition.decisions}"
    if maker.digest(kept.edition, kept.form) == kept.sha256:
        return Item(name, "equal")
    if kept.made_with != prints.made_with():
        return Item(name, "other-program", f"it was made with {kept.made_with}")
    return Item(name, "different", _why(maker.conn, report))


def _delivered(maker: _Maker, whole: Edition, kept: Sequence[Print]) -> list[Item]:
    """Files that were sent: their bytes are intact, and are those of a kept digest or of the approved edition now."""
    stem = f"doi-soat_{maker.partner.id}_{maker.business_on:%Y%m%d}_v{whole.version}"
    names = {f"{stem}.xlsx": "xlsx", f"{stem}.csv": "csv", f"bien-ban_{stem}.pdf": "pdf"}
    found = maker.conn.execute(
        "SELECT file_name, recipient, sha256, encode(sha256(content), 'hex') FROM gateway.report_delivery"
        " WHERE partner = %s AND period = %s AND file_name = ANY(%s) ORDER BY delivery_pk",
        (maker.partner.id, maker.business_on.isoformat(), list(names)),
    ).fetchall()
    items = []
    for file, recipient, said, real in found:
        form, name = names[str(file)], f"{file}, sent to {recipient}"
        if said != real:
            items.append(Item(name, "different", "the kept file is not the one that was sent"))
            continue
        known = any((one.form, one.sha256) == (form, said) for one in kept)
        good = known or maker.digest(whole, form) == said
        items.append(Item(name, "equal") if good else Item(name, "different", _why(maker.conn, maker.head(whole))))
    return items


def _minutes(conn: Rows, partner: Partner, business_on: date, whole: Edition) -> list[Item]:
    """Minutes that were prepared for signing."""
    found = signed.documents(conn, partner.id, business_on.isoformat())
    document = next((one for one in found if one.version == whole.version), None)
    if document is None:
        return []
    name = "minutes prepared for signing"
    if not signed.is_intact(conn, document.document_pk):
        return [Item(name, "different", "the kept bytes are not those of their digest")]
    report = head(conn, partner, business_on, whole)
    again = prepared(day_minutes(conn, partner, report), report.judged_at)
    if hashlib.sha256(again).hexdigest() == document.sha256:
        return [Item(name, "equal")]
    if document.made_with != prints.made_with():
        return [Item(name, "other-program", f"it was made with {document.made_with or 'an older program'}")]
    return [Item(name, "different", _why(conn, report))]


def _why(conn: Rows, report: DayReport) -> str:
    """What is known of the reason: a name of its rows that was erased, by whom and when."""
    erased = conn.execute("SELECT * FROM gateway.names_erased(%s)", (report.version_pk,)).fetchall()
    if not erased:
        return "made again it has other bytes"
    told = ", ".join(f"{code} by {user} on {at:%Y-%m-%d}" for code, user, at in erased)
    return f"made again it has other bytes; names were erased since: {told}"


def verify_minutes(conn: Rows, partner: Partner, business_on: date) -> bool:
    """Whether minutes were prepared for the day's current version, and are the same bytes when made again.

    Inside the caller's transaction. Raises NotFound ``day-unknown``, DoesNotClose ``report-bytes-differ``.
    """
    whole = editions.standing(conn, partner.id, business_on)
    items = _minutes(conn, partner, business_on, whole)
    Verification(partner.id, business_on, whole.version, items).require()
    return bool(items)
