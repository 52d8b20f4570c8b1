"""What a day's report says, read once and written in several formats: title, totals, rows. Nothing here formats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection

from gateway import organisation
from gateway.errors import NotFound
from gateway.masking import as_shown
from gateway.model import VIETNAM
from gateway.organisation import Centre
from gateway.partners import Partner
from gateway.reasons import REASONS
from gateway.reconciliation import grounds
from gateway.reconciliation.outcomes import CLASS_VI, OUTCOME_VI, EntryClass, Outcome
from gateway.reports import editions
from gateway.reports.editions import Edition

Rows = Connection[tuple[object, ...]]

COLUMNS = (
    "STT", "Kết quả", "Bên thừa", "Mã hồ sơ", "Chủ hồ sơ", "Mã tham chiếu", "Số GD đối tác", "Kênh", "Tiền hệ thống",
    "Tiền đối tác", "Chênh lệch", "Ngày GD", "Loại dòng", "Chỗ lệch", "Hệ thống ghi", "Đối tác ghi", "Lý do", "Gợi ý",
)  # fmt: skip
"""Layout after domain.md 6.3, first bullet: what happened, our side, their side, notes."""

GROUPS = (("KẾT QUẢ", 3), ("THÔNG TIN CHUNG", 5), ("SỐ TIỀN", 3), ("GIAO DỊCH", 2), ("GHI CHÚ", 5))

CHANNEL_VI = {
    "internet_banking": "Internet Banking",
    "qr": "Mã QR",
    "pos": "POS",
    "platform": "Nền tảng thanh toán",
    "cod": "Thu hộ (COD)",
    "cash": "Tiền mặt",
    "": "",
}
STATE_VI = {
    "open": "Chưa đối soát",
    "reconciled": "Đã đối soát",
    "proposed": "Đã trình duyệt",
    "approved": "Đã duyệt",
}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line; amounts in đồng, ``paid_on`` a date or None.

    ``transaction``: the partner's own number, of the payment or of its line. ``is_ours``: our side has something of it.
    """

    number: int
    outcome: Outcome
    side: str
    dossiers: str
    owner: str
    reference: str
    transaction: str
    channel: str
    ours: int
    theirs: int
    paid_on: date | None
    entry_class: EntryClass
    field: str
    our_value: str
    their_value: str
    reason: str
    suggestion: str
    is_ours: bool = True

    def cells(self) -> tuple[str | int | date | None, ...]:
        """The values under ``COLUMNS``."""
        return (
            self.number, OUTCOME_VI[self.outcome], self.side, self.dossiers, self.owner, self.reference,
            self.transaction,
            CHANNEL_VI.get(self.channel, self.channel), self.ours, self.theirs, self.theirs - self.ours, self.paid_on,
            CLASS_VI[self.entry_class], self.field, *map(
                as_shown, (self.our_value, self.their_value, self.reason, self.suggestion)
            ),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Total:
    """One outcome of the day, or (``outcome`` None) the whole: count and amounts."""

    outcome: Outcome | None
    count: int
    ours: int
    theirs: int


@dataclass(frozen=True, slots=True)
class MovedTotal:
    """Money between this day and another, as people moved it: count and both sides. ``here``: it came to this day."""

    other: date
    here: bool
    count: int
    ours: int
    theirs: int

    @property
    def label(self) -> str:
        day = f"{self.other:%d/%m/%Y}"
        return f"Trong đó chuyển từ ngày {day} đến" if self.here else f"Trong đó đã chuyển sang ngày {day}"


@dataclass(frozen=True, slots=True)
class DayReport:
    """The head of a report: which day, which version, by which rules, decided by whom, and its control totals."""

    partner_id: str
    partner_name: str
    edition: Edition
    centre: Centre
    business_on: date
    version: int
    version_pk: int
    state: str
    rules: str
    engine: str
    snapshot_sha256: str
    judged_at: datetime
    decisions: tuple[tuple[str, str, datetime], ...]
    totals: tuple[Total, ...]
    problems: tuple[str, ...]
    moved: tuple[MovedTotal, ...] = ()

    @property
    def whole(self) -> Total:
        return Total(
            None,
            sum(total.count for total in self.totals),
            sum(total.ours for total in self.totals),
            sum(total.theirs for total in self.totals),
        )

    @property
    def own(self) -> Total:
        """The whole without what came from other days: what the statement of this very date tells."""
        came = [one for one in self.moved if one.here]
        return Total(
            None,
            self.whole.count,
            self.whole.ours - sum(one.ours for one in came),
            self.whole.theirs - sum(one.theirs for one in came),
        )


def head(conn: Rows, partner: Partner, business_on: date, edition: Edition | None = None) -> DayReport:
    """The head of an edition, of the current version as it stands now where none is named.

    Raises NotFound ``day-unknown``.
    """
    edition = edition or editions.standing(conn, partner.id, business_on)
    row = conn.execute(
        "SELECT version_pk, rules, engine, snapshot_sha256, as_of FROM gateway.recon_version"
        " WHERE partner = %s AND business_on = %s AND version = %s",
        (partner.id, business_on, edition.version),
    ).fetchone()
    if row is None or not isinstance(row[4], datetime):
        raise NotFound(
            "this day was never reconciled",
            code="day-unknown",
            where=f"{partner.id} {business_on}",
            facts={"partner": partner.id, "business_on": business_on},
        )
    version_pk, steps = int(str(row[0])), _steps(conn, partner.id, business_on, edition)
    return DayReport(
        partner_id=partner.id,
        partner_name=grounds.partner_then(conn, partner, business_on, edition.version).name,
        edition=edition,
        centre=organisation.load(partner.config).on(business_on),
        business_on=business_on,
        version=edition.version,
        version_pk=version_pk,
        state=_STATE_AFTER[steps[-1][0]] if steps else "reconciled",
        rules=str(row[1]),
        engine=str(row[2]),
        snapshot_sha256=str(row[3]),
        judged_at=row[4].astimezone(VIETNAM),
        decisions=steps,
        totals=_totals(conn, version_pk),
        problems=_problems(conn, partner.id, business_on, row[4]),
        moved=_moved(conn, version_pk, edition),
    )


def rows(conn: Rows, version_pk: int, outcome: Outcome | None = None) -> Iterator[ReportRow]:
    """The rows of a version in their order, streamed. ``outcome``: these only."""
    with conn.cursor(name=f"report_{version_pk}") as cursor:
        cursor.itersize = 5000
        cursor.execute(_ROWS_SQL, {"version": version_pk, "outcome": outcome.value if outcome else None})
        for row in cursor:
            yield ReportRow(
                int(str(row[0])), Outcome(str(row[1])), str(row[2]), str(row[3]), str(row[4]), str(row[5]), str(row[6]),
                str(row[7]), int(str(row[8])), int(str(row[9])), row[10] if isinstance(row[10], date) else None,
                EntryClass(str(row[11])), str(row[12]), str(row[13]), str(row[14]), str(row[15]), str(row[16]),
                row[17] is True,
            )  # fmt: skip


_ROWS_SQL = """
SELECT r.row_no, r.outcome, r.side, array_to_string(r.dossier_codes, ', '),
       coalesce((SELECT o.owner_name FROM gateway.dossier_owner_past o WHERE o.dossier_code = d.dossier_code
                    AND o.until > v.as_of ORDER BY o.until, o.past_pk LIMIT 1), d.owner_name, ''), r.reference,
       coalesce(nullif(p.partner_transaction_id, ''), (SELECT string_agg(word, ' ' ORDER BY word COLLATE "C")
         FROM string_to_table(e.keys, ' ') word WHERE word <> ALL (string_to_array(e.tokens, ' '))), ''),
       coalesce(p.channel, ''), r.our_amount, r.their_amount,
       coalesce(p.business_on, e.booked_on, v.business_on), r.class, r.field, r.our_value, r.their_value, r.reason,
       r.suggestion, cardinality(r.entry_pks) = 0 OR cardinality(r.payment_pks || r.refund_pks) > 0
  FROM gateway.recon_row r JOIN gateway.recon_version v USING (version_pk)
  LEFT JOIN gateway.dossier d ON d.dossier_code = r.dossier_codes[1]
  LEFT JOIN gateway.payment p ON p.payment_pk = r.payment_pks[1]
  LEFT JOIN gateway.statement_entry e ON e.entry_pk = r.entry_pks[1] AND e.partner = v.partner
 WHERE r.version_pk = %(version)s AND (%(outcome)s::text IS NULL OR r.outcome = %(outcome)s)
 ORDER BY r.row_no"""


_STATE_AFTER = {"propose": "proposed", "approve": "approved", "reject": "reconciled"}


def _steps(conn: Rows, partner: str, business_on: date, edition: Edition) -> tuple[tuple[str, str, datetime], ...]:
    found = conn.execute(
        "SELECT act, by_user, at FROM gateway.recon_decision WHERE partner = %s AND business_on = %s AND version = %s"
        " AND decision_pk <= %s ORDER BY decision_pk",
        (partner, business_on, edition.version, edition.steps),
    ).fetchall()
    return tuple((str(act), str(user), at.astimezone(VIETNAM)) for act, user, at in found if isinstance(at, datetime))


def classes(conn: Rows, version_pk: int) -> tuple[tuple[str, int, int, int], ...]:
    """Every class of a version as people call it: count, our đồng, their đồng."""
    found = conn.execute(
        "SELECT class, count(*), sum(our_amount), sum(their_amount) FROM gateway.recon_row WHERE version_pk = %s"
        " GROUP BY class",
        (version_pk,),
    ).fetchall()
    by_class = {str(row[0]): (int(str(row[1])), int(str(row[2])), int(str(row[3]))) for row in found}
    return tuple((name, *by_class[one.value]) for one, name in CLASS_VI.items() if one.value in by_class)


def _totals(conn: Rows, version_pk: int) -> tuple[Total, ...]:
    found = conn.execute(
        "SELECT outcome, count(*), sum(our_amount), sum(their_amount) FROM gateway.recon_row WHERE version_pk = %s"
        " GROUP BY outcome",
        (version_pk,),
    ).fetchall()
    by_outcome = {str(row[0]): (int(str(row[1])), int(str(row[2])), int(str(row[3]))) for row in found}
    return tuple(Total(outcome, *by_outcome[outcome.value]) for outcome in OUTCOME_VI if outcome.value in by_outcome)


# What came is told by the version; what left by the decisions about its rows that are in force in the edition.
_MOVED = """
WITH here AS (SELECT DISTINCT decision_pk FROM gateway.recon_moved WHERE version_pk = %(v)s AND NOT kept)
SELECT m.from_on, true AS here, count(*), sum(m.our_amount)::bigint, sum(m.their_amount)::bigint
  FROM here JOIN gateway.money_move m USING (decision_pk) GROUP BY 1
UNION ALL
SELECT m.to_on, false, count(*), sum(m.our_amount)::bigint, sum(m.their_amount)::bigint
  FROM gateway.recon_version v JOIN gateway.money_move m
    ON m.partner = v.partner AND m.from_on = v.business_on AND m.decision_pk <= %(last)s
 WHERE v.version_pk = %(v)s AND EXISTS (SELECT FROM gateway.recon_row r WHERE r.version_pk = v.version_pk
       AND r.row_key = m.row_key AND r.outcome <> 'matched')
   AND NOT EXISTS (SELECT FROM gateway.break_decision u WHERE u.about = m.decision_pk AND u.kind = 'undo'
       AND u.decision_pk <= %(last)s)
 GROUP BY 1 ORDER BY 2 DESC, 1"""


def _moved(conn: Rows, version_pk: int, edition: Edition) -> tuple[MovedTotal, ...]:
    found = conn.execute(_MOVED, {"v": version_pk, "last": edition.decisions}).fetchall()
    return tuple(MovedTotal(*row) for row in found)  # type: ignore[arg-type]  # the columns above


OWN = "Của riêng ngày này (theo sao kê)"
"""The line of a report under its total where money came from other days."""


def _problems(conn: Rows, partner: str, business_on: date, as_of: datetime) -> tuple[str, ...]:
    """What was found in the files of the day, once for each kind; the page of the file tells each one."""
    found = conn.execute(
        "SELECT file_name, problem ->> 0, count(*) FROM"
        " (SELECT file_name, jsonb_array_elements(problems) AS problem FROM gateway.statement"
        "  WHERE partner = %(p)s AND business_on = %(d)s AND loaded_at <= %(now)s"
        " UNION ALL SELECT file_name,"
        " jsonb_array_elements(problems) FROM gateway.remittance WHERE partner = %(p)s AND business_on = %(d)s"
        "  AND loaded_at <= %(now)s) found"
        " GROUP BY 1, 2 ORDER BY 1, 2",
        {"p": partner, "d": business_on, "now": as_of},
    ).fetchall()
    return tuple(
        f"{name}: {REASONS[str(code)].vi if code in REASONS else ''} [{code}]"
        + (f", {count} lần" if count != 1 else "")
        for name, code, count in found
    )
