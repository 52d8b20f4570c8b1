"""What a version was judged from beside the two sides: kept with it, so that it is judged again from the very same.

The sides stand in the ledger with their times. What explains them does not: requests are settled, owners corrected,
dossiers told late, calendars reviewed. Names of owners are in no grounds, so that they can be erased.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import date, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from psycopg import Connection

from gateway.model import Channel
from gateway.partners import Accounts, Partner
from gateway.reconciliation.calendar import WorkingDays
from gateway.reconciliation.inputs import Inputs
from gateway.reconciliation.moved_rows import were_kept
from gateway.reconciliation.outcomes import Suggestion
from gateway.reconciliation.sides import Batch, CashCount, Known, Remitted, Settled

Rows = Connection[tuple[object, ...]]
Hold = Callable[[Inputs], Inputs]
"""What is done with the inputs that the ledger gives now, before they are judged."""

_AROUND = timedelta(days=120)
"""How far from a day its calendar matters: windows and agreed delays are much shorter."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Everything that a version was judged from and that the ledger does not keep with its time.

    ``seen``: which rows there were of ``near_ours``, ``near_theirs``, ``near_bulk`` and, among ours, attempts.
    """

    partner: Mapping[str, Any]  # name, accounts, lags (channel -> working days), cutoff: its configuration then
    waiting: frozenset[int]
    days: WorkingDays | None
    known: Mapping[str, Known]
    remittances: Mapping[str, Remitted]
    suggestions: Mapping[int, tuple[Suggestion, ...]]
    batches: tuple[Batch, ...]
    counts: tuple[CashCount, ...]
    seen: Mapping[str, Sequence[int]]
    settled: Mapping[str, Settled] = field(default_factory=dict)  # kept since engine 3
    beside: tuple[Batch, ...] = ()  # kept since engine 7

    @classmethod
    def of(cls, sides: Inputs, partner: Partner, business_on: date) -> Grounds:
        """The grounds of a day that was read."""
        attempts = sides.ours.filter(pc.equal(sides.ours["kind"], "attempt"))
        tables = {"near_ours": sides.near_ours, "near_theirs": sides.near_theirs, "attempts": attempts}
        seen = {name: sorted(table["pk"].to_pylist()) for name, table in tables.items()}
        return cls(
            _configuration(partner), sides.waiting, _cut(sides.days, business_on),
            sides.known, sides.remittances, sides.suggestions, sides.batches, sides.counts,
            {**seen, "near_bulk": [entry.pk for entry in sides.near_bulk]}, sides.settled, sides.beside,
        )  # fmt: skip

    def explaining(self, sides: Inputs) -> Inputs:
        """The sides as they are now, with what requests and dossiers said of them then."""
        return replace(sides, known=self.known, suggestions=self.suggestions)

    def as_judged(self, sides: Inputs, own: Mapping[str, Sequence[int]]) -> Inputs:
        """The inputs of the version: ``own`` are its payments, refunds and entries; what came after it is left out.

        What was written at the very moment of judging has an earlier time and was not read: it is left out, too.
        """
        ours_seen = {"payment": own["payments"], "refund": own["refunds"], "attempt": self.seen["attempts"]}
        kept = [pc.and_(pc.equal(sides.ours["kind"], kind), _among(sides.ours, pks)) for kind, pks in ours_seen.items()]
        return replace(
            self.explaining(sides),
            ours=sides.ours.filter(pc.or_(pc.or_(kept[0], kept[1]), kept[2])),
            theirs=sides.theirs.filter(_among(sides.theirs, own["entries"])),
            near_ours=sides.near_ours.filter(_among(sides.near_ours, self.seen["near_ours"])),
            near_theirs=sides.near_theirs.filter(_among(sides.near_theirs, self.seen["near_theirs"])),
            near_bulk=tuple(entry for entry in sides.near_bulk if entry.pk in set(self.seen["near_bulk"])),
            remittances=self.remittances, batches=self.batches, counts=self.counts, waiting=self.waiting,
            days=self.days, settled=self.settled, beside=self.beside,
        )  # fmt: skip

    def as_json(self) -> str:
        """As stored in ``recon_grounds``."""
        return json.dumps(
            {
                "partner": self.partner,
                "waiting": sorted(self.waiting),
                "days": None if self.days is None else _days_json(self.days),
                "known": [astuple(one) for one in self.known.values()],
                "remittances": {batch: astuple(one) for batch, one in self.remittances.items()},
                "suggestions": {str(pk): [astuple(one) for one in some] for pk, some in self.suggestions.items()},
                "batches": [astuple(one) for one in self.batches],
                "counts": [astuple(one) for one in self.counts],
                "seen": self.seen,
                "settled": {what: astuple(one) for what, one in self.settled.items()},
                "beside": [astuple(one) for one in self.beside],
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Grounds:
        """The grounds that ``as_json`` wrote."""
        found: dict[str, Any] = {
            **told,
            "waiting": frozenset(told["waiting"]),
            "days": None if told["days"] is None else _days_from(told["days"]),
            "known": {row[0]: Known(*row) for row in told["known"]},
            "remittances": {batch: Remitted(*row) for batch, row in told["remittances"].items()},
            "suggestions": {
                int(pk): tuple(Suggestion(*row) for row in some) for pk, some in told["suggestions"].items()
            },
            "batches": tuple(Batch(*row) for row in told["batches"]),
            "counts": tuple(CashCount(*row) for row in told["counts"]),
            "settled": {what: Settled(*row) for what, row in told.get("settled", {}).items()},
            "beside": tuple(Batch(*row) for row in told.get("beside", ())),
        }
        return cls(**found)


_STORED = """
SELECT {} FROM gateway.recon_version v JOIN gateway.recon_version o
    ON (o.partner, o.business_on, o.snapshot_sha256, o.as_of) = (v.partner, v.business_on, v.snapshot_sha256, v.as_of)
   AND o.version <= v.version JOIN gateway.recon_grounds g ON g.version_pk = o.version_pk
 WHERE v.partner = %s AND v.business_on = %s AND v.version = %s ORDER BY o.version DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Way:
    """How a day is judged again. ``keep``: whether it keeps rows, None to find out; ``agreed``: as people agreed on."""

    hold: Hold
    keep: bool | None = None
    agreed: bool = False


def ways(conn: Rows, partner: str, business_on: date, version: int, state: str) -> Iterator[Way]:
    """How a day is judged again, the way to try first in front.

    What people agreed on, by proposing or approving it, is judged with what requests and dossiers said then: that a
    fee was paid or a name corrected since, or that their own decision was carried out, is no reason to ask them again.
    Where the sides changed, everything is read anew.
    """
    if version and (state == "proposed" or _was_approved(conn, partner, business_on)):
        then = stored(conn, partner, business_on, version)
        keep = were_kept(conn, partner, business_on, version) or None
        hold = _as_they_are if then is None else lambda sides: then.explaining(settled(sides, business_on))
        yield Way(hold, keep, agreed=True)
    yield Way(lambda sides: settled(sides, business_on))


def settled(sides: Inputs, business_on: date) -> Inputs:
    """Without refunds that were sent after the day and that no entry of it names: they explain nothing."""
    near = sides.near_ours
    later = pc.and_(pc.equal(near["kind"], "refund"), pc.greater(near["on"], (business_on - date(1970, 1, 1)).days))
    named = pc.is_in(near["reference"], value_set=sides.theirs["tokens"].combine_chunks())
    return replace(sides, near_ours=near.filter(pc.or_(pc.invert(later), named)))


def hold_of(conn: Rows, partner: str, business_on: date, version: int) -> Hold:
    """How a version is judged again from its grounds; one without any is judged from the ledger alone."""
    then = stored(conn, partner, business_on, version)
    if then is None:
        return _as_they_are
    own = _own(conn, partner, business_on, version)
    return lambda sides: then.as_judged(sides, own)


def store(conn: Rows, version_pk: int, grounds: Grounds) -> None:
    """Keep the grounds of a new version."""
    conn.execute(
        "INSERT INTO gateway.recon_grounds (version_pk, grounds) VALUES (%s, %s::jsonb)",
        (version_pk, grounds.as_json()),
    )


def stored(conn: Rows, partner: str, business_on: date, version: int) -> Grounds | None:
    """The grounds of a version, or of the one that it repeats; None where none were kept."""
    row = conn.execute(_STORED.format("g.grounds").encode(), (partner, business_on, version)).fetchone()
    return None if row is None else Grounds.from_json(row[0])  # type: ignore[arg-type]  # jsonb


def partner_then(conn: Rows, partner: Partner, business_on: date, version: int) -> Partner:
    """The partner as it was configured when the version was judged: name, accounts, agreed delays and cut-off."""
    row = conn.execute(_STORED.format("g.grounds -> 'partner'").encode(), (partner.id, business_on, version)).fetchone()
    return partner if row is None else _configured(partner, row[0])  # type: ignore[arg-type]  # jsonb


def _configuration(partner: Partner) -> Mapping[str, Any]:
    return {
        "name": partner.name,
        "accounts": None if partner.accounts is None else partner.accounts.model_dump(mode="json"),
        "lags": {channel.value: lag for channel, lag in partner.matching.settles_after.items()},
        "cutoff": None if partner.calendar is None else partner.calendar.cutoff.isoformat(),
    }


def _configured(partner: Partner, told: Mapping[str, Any]) -> Partner:
    lags = {Channel(name): lag for name, lag in told["lags"].items()}
    calendar = partner.calendar
    if calendar is not None and told["cutoff"] is not None:
        calendar = calendar.model_copy(update={"cutoff": time.fromisoformat(told["cutoff"])})
    return partner.model_copy(
        update={
            "name": told["name"],
            "accounts": None if told["accounts"] is None else Accounts.model_validate(told["accounts"]),
            "matching": partner.matching.model_copy(update={"settles_after": lags}),
            "calendar": calendar,
        }
    )


def _was_approved(conn: Rows, partner: str, business_on: date) -> bool:
    row = conn.execute(
        "SELECT 1 FROM gateway.recon_decision WHERE partner = %s AND business_on = %s AND act = 'approve' LIMIT 1",
        (partner, business_on),
    ).fetchone()
    return row is not None


def _own(conn: Rows, partner: str, business_on: date, version: int) -> dict[str, list[int]]:
    """The payments, refunds and entries in the rows of a version."""
    row = conn.execute(
        "WITH r AS (SELECT r.* FROM gateway.recon_row r JOIN gateway.recon_version v USING (version_pk)"
        "   WHERE v.partner = %s AND v.business_on = %s AND v.version = %s)"
        " SELECT ARRAY(SELECT unnest(payment_pks) FROM r), ARRAY(SELECT unnest(refund_pks) FROM r),"
        " ARRAY(SELECT unnest(entry_pks) FROM r)",
        (partner, business_on, version),
    ).fetchone()
    found: tuple[list[int], ...] = ([], [], []) if row is None else row  # type: ignore[assignment]  # bigint[] thrice
    return dict(zip(("payments", "refunds", "entries"), found, strict=True))


def _as_they_are(sides: Inputs) -> Inputs:
    return sides


def _among(side: pa.Table, pks: Sequence[int]) -> pa.ChunkedArray:
    return pc.is_in(side["pk"], value_set=pa.array(pks, pa.int64()))


def _cut(days: WorkingDays | None, around: date) -> WorkingDays | None:
    """The calendar about a day."""
    if days is None:
        return None
    first, last = around - _AROUND, around + _AROUND
    off, worked = (
        {day: why for day, why in listed.items() if first <= day <= last}
        for listed in (days.days_off, days.working_days)
    )
    return replace(days, days_off=off, working_days=worked)


def _days_json(days: WorkingDays) -> Mapping[str, object]:
    return {
        "name": days.name,
        "weekend": sorted(days.weekend),
        "days_off": {day.isoformat(): why for day, why in sorted(days.days_off.items())},
        "working_days": {day.isoformat(): why for day, why in sorted(days.working_days.items())},
        "years": sorted(days.years),
    }


def _days_from(told: Mapping[str, Mapping[str, str]]) -> WorkingDays:
    off, worked = (
        {date.fromisoformat(day): why for day, why in told[name].items()} for name in ("days_off", "working_days")
    )
    return WorkingDays(
        str(told["name"]), frozenset(map(int, told["weekend"])), off, worked, frozenset(map(int, told["years"]))
    )
