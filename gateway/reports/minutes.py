"""The minutes of reconciliation (*biên bản đối soát*) as data: what stands in them, in words; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from gateway.masking import as_shown, masked_text
from gateway.organisation import Centre
from gateway.reconciliation.outcomes import BREAKS, OUTCOME_VI, Outcome
from gateway.reports.rows import MovedTotal, ReportRow, Total
from gateway.reports.words import dong_in_words

FIELDS: Mapping[str, str] = {
    "lap_bieu": "Người lập biểu",
    "ke_toan_truong": "Kế toán trưởng",
    "thu_truong": "Thủ trưởng đơn vị",
    "doi_tac": "Người đại diện",
}
"""The signature fields in the order of signing, and how each is called on the paper."""

TO_LIST = (*(outcome for outcome in OUTCOME_VI if outcome in BREAKS), Outcome.PENDING)
"""What the minutes list line by line, in this order."""
LISTED = 2000
"""Nobody reads more lines on paper; the workbook has them all."""


ROLE_VI = {
    "bank": "ngân hàng thu phí, lệ phí",
    "intermediary": "trung gian thanh toán",
    "postal": "bưu điện thu hộ (COD)",
}


@dataclass(frozen=True, slots=True)
class Party:
    """The other side: name, role of ``partners`` and the centre's accounts there."""

    name: str
    role: str
    accounts: Sequence[str]
    account_name: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """One day's or month's minutes. Amounts in đồng; ``decisions``: number of a row -> what was decided about it.

    ``moved``: money between this day and others.
    ``carried``: what comes in, is new, is solved and goes out of a month (label, count, amount); empty for a day.
    ``parts``: how the table of ``by_class`` and its first column are called (a month's is by day).
    """

    document_id: str
    number: str
    period: str
    centre: Centre
    party: Party
    made_on: date
    snapshot_sha256: str
    by_outcome: Sequence[Total]
    by_class: Sequence[tuple[str, int, int, int]]
    breaks: Iterable[ReportRow]
    decisions: Mapping[int, str]
    carried: Sequence[tuple[str, int, int]] = ()
    moved: Sequence[MovedTotal] = ()
    parts: tuple[str, str] = ("Số liệu đối soát theo loại giao dịch", "Loại giao dịch")

    @property
    def to_list(self) -> int:
        """How many lines the list has: of a month what it carries out, of a day its breaks and what is pending."""
        if self.carried:
            return self.carried[-1][1]
        return sum(total.count for total in self.by_outcome if total.outcome in TO_LIST)


def grouped(amount: int) -> str:
    """``1234567`` -> ``1.234.567``."""
    return f"{amount:,}".replace(",", ".")


def as_data(minutes: Minutes) -> dict[str, object]:
    """What the template shows. Plain text and lists of it."""
    ours = sum(total.ours for total in minutes.by_outcome)
    theirs = sum(total.theirs for total in minutes.by_outcome)
    breaks = [_break(row, minutes.decisions) for row in islice(minutes.breaks, LISTED)]
    day = minutes.made_on
    return {
        "title": f"Biên bản đối soát {minutes.period} - {minutes.party.name}",
        "superior": minutes.centre.superior,
        "organisation": minutes.centre.name,
        "document": minutes.document_id,
        "number": minutes.number,
        "footer": f"{minutes.document_id}. Mã băm số liệu (SHA-256): {minutes.snapshot_sha256[:32]}",
        "place_and_date": f"{minutes.centre.place}, {_long_date(day)}",
        "subject": f"Về việc thu, nộp phí, lệ phí giải quyết thủ tục hành chính qua {minutes.party.name}",
        "period": minutes.period,
        "opening": f"Hôm nay, {_long_date(day)}, chúng tôi gồm có:",
        "parties": _parties(minutes.centre, minutes.party),
        "agreed": "Hai bên cùng đối chiếu số liệu thu phí, lệ phí và thống nhất như sau:",
        "by_outcome": _outcomes(minutes.by_outcome),
        "in_words": [
            ["Hệ thống ghi nhận", grouped(ours), dong_in_words(ours)],
            ["Đối tác ghi nhận", grouped(theirs), dong_in_words(theirs)],
        ],
        "by_class": _classes(minutes.by_class),
        "parts_title": minutes.parts[0],
        "parts_name": minutes.parts[1],
        "bridge": _with_moved(_bridge(minutes.by_outcome, ours, theirs), minutes.moved, theirs),
        "breaks_title": _title(len(breaks), minutes.to_list),
        "breaks": breaks,
        "carried": [[label, grouped(count), grouped(amount)] for label, count, amount in minutes.carried],
        "conclusion": (
            "Biên bản được lập dưới dạng văn bản điện tử, có chữ ký số của hai bên, mỗi bên lưu giữ một bản. "
            "Các khoản lệch nêu tại mục IV được theo dõi và xử lý theo quyết định ghi tại mục đó."
        ),
        "signers": [
            {"role": FIELDS[field], "note": note, "field": field}
            for field, note in (
                ("lap_bieu", "(Ký số)"), ("ke_toan_truong", "(Ký số)"), ("thu_truong", "(Ký số, đóng dấu)"),
            )
        ],
        "countersigner": {"role": FIELDS["doi_tac"], "note": "(Ký số, đóng dấu)", "field": "doi_tac"},
    }  # fmt: skip


def _title(listed: int, found: int) -> str:
    title = f"Danh sách khoản lệch và chờ kết luận ({grouped(found)})"
    return title if listed == found else f"{title}; {grouped(listed)} khoản đầu, đủ trong tệp Excel cùng mã băm"


def _long_date(day: date) -> str:
    return f"ngày {day.day:02d} tháng {day.month:02d} năm {day.year}"


def _parties(centre: Centre, party: Party) -> list[dict[str, object]]:
    accounts = ", ".join(party.accounts)
    own = [["Tên tài khoản", party.account_name]] if party.account_name else []
    return [
        {"role": "Bên A", "name": centre.name, "facts": [*own, *([["Số tài khoản", accounts]] if accounts else [])]},
        {"role": "Bên B", "name": party.name, "facts": [["Vai trò", ROLE_VI.get(party.role, party.role)]]},
    ]


def _line(name: str, count: int, ours: int, theirs: int) -> list[str]:
    return [name, grouped(count), grouped(ours), grouped(theirs), grouped(theirs - ours)]


def _outcomes(totals: Sequence[Total]) -> list[list[str]]:
    lines = [
        _line(OUTCOME_VI[total.outcome] if total.outcome else "", total.count, total.ours, total.theirs)
        for total in totals
    ]
    return [*lines, _sum([(total.count, total.ours, total.theirs) for total in totals])]


def _classes(classes: Sequence[tuple[str, int, int, int]]) -> list[list[str]]:
    return [*(_line(*one) for one in classes), _sum([(count, ours, theirs) for _, count, ours, theirs in classes])]


def _sum(parts: Sequence[tuple[int, int, int]]) -> list[str]:
    return _line("TỔNG CỘNG", sum(p[0] for p in parts), sum(p[1] for p in parts), sum(p[2] for p in parts))


def _bridge(totals: Sequence[Total], ours: int, theirs: int) -> list[list[str]]:
    """From our total to theirs, one step for every outcome that moves it."""
    steps = [
        [
            ("Cộng: " if total.theirs > total.ours else "Trừ: ") + OUTCOME_VI[total.outcome],
            grouped(total.count),
            grouped(total.theirs - total.ours),
        ]
        for total in totals
        if total.outcome is not None and total.theirs != total.ours
    ]
    return [
        ["Tổng tiền hệ thống ghi nhận", "", grouped(ours)],
        *steps,
        ["Tổng tiền đối tác ghi nhận", "", grouped(theirs)],
    ]


def _with_moved(bridge: list[list[str]], moved: Sequence[MovedTotal], theirs: int) -> list[list[str]]:
    """The bridge with the money of other days, down to what the statement of this very day says. A total comes last."""
    lines = [
        [f"{one.label} (hệ thống {grouped(one.ours)}, đối tác {grouped(one.theirs)})", grouped(one.count), ""]
        for one in moved
    ]
    came = [one.theirs for one in moved if one.here]
    if came:
        return [*bridge, *lines, ["Tổng đối tác theo sao kê của ngày", "", grouped(theirs - sum(came))]]
    return [*bridge[:-1], *lines, bridge[-1]]


def _break(row: ReportRow, decisions: Mapping[int, str]) -> list[str]:
    named = "\n".join(part for part in (row.dossiers, row.reference or row.transaction) if part)
    return [
        str(row.number),
        OUTCOME_VI[row.outcome] + (f" ({row.side})" if row.side else ""),
        named,
        grouped(row.ours),
        grouped(row.theirs),
        as_shown(row.reason),
        masked_text(decisions.get(row.number, "Chưa quyết định")),
    ]
