"""A bank's Monday with a difference of each kind, judged by the real engine and committed, for the pages to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from gateway.ledger.alert_actions import ACTION_VI
from gateway.ledger.alerts import Alert, raise_alerts
from gateway.partners import Partner
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import TUESDAY_MORNING as TUESDAY_MORNING
from tests.reconciliation.day_story import DayStory

PATH = f"/days/bank-a/{MONDAY.isoformat()}"


@dataclass(frozen=True, slots=True)
class Monday:
    """A row of each outcome by its key; one with a suggestion is ``suggested``, one with a near candidate ``near``."""

    keys: Mapping[str, str]

    def address(self, path: str) -> str:
        """``path`` with the key of a row in the place of ``@outcome``."""
        before, _, outcome = path.partition("@")
        return before + (self.keys[outcome] if outcome else "")


def monday_of_a_bank(url: str, partners: Mapping[str, Partner]) -> Monday:
    """Sixteen payments that match, and one break of each common kind."""
    with psycopg.connect(url) as conn:
        day = DayStory(conn, partners)
        for amount in range(100_000, 900_000, 50_000):
            reference = day.owe(amount)
            day.pay(reference, amount)
            day.line(amount, reference)
        _breaks(day)
        day.line(-5_500, text="PHI QUAN LY TAI KHOAN T11")
        day.line(1_234, text="LAI TIEN GUI KKH")
        day.load()
        assert day.judge().stopped == ""
        raise_alerts(
            conn,
            [
                Alert(
                    "statement-late:bank-b:2026-11-23",
                    "statement-late",
                    "bank-b",
                    "Chưa nhận được tệp ngày 23/11/2026 của Ngân hàng B; hạn 09:30 24/11/2026.",
                    ACTION_VI["statement-late"],
                    "/statements?kind=statement&partner=bank-b",
                )
            ],
            TUESDAY_MORNING,
        )
        conn.commit()
        keys = conn.execute(
            "SELECT outcome, row_key FROM gateway.recon_row UNION ALL"
            " SELECT 'suggested', row_key FROM gateway.recon_row WHERE suggestions <> '[]' UNION ALL"
            " SELECT 'near', row_key FROM gateway.recon_row WHERE candidates <> '[]' AND outcome <> 'matched'"
        ).fetchall()
    return Monday({str(outcome): str(key) for outcome, key in keys})


def _breaks(day: DayStory) -> None:
    short = day.owe(100_000)
    day.pay(short, 60_000)
    day.line(60_000, short)
    generous = day.owe(100_000)
    day.pay(generous, 130_000)
    day.line(130_000, generous)
    twice = day.owe(75_000)
    for _ in range(2):
        day.pay(twice, 75_000)
        day.line(75_000, twice)
    day.line(320_000, day.owe(320_000))  # the bank has it, we do not
    day.pay(day.owe(210_000), 210_000)  # we have it, the bank does not
    day.owe(455_000)
    day.line(455_000, text=f"NOP LE PHI HO SO {day.code().replace('.', '').replace('-', '')} NGUYEN THI HANH")
    day.line(15_000, text="CHUYEN TIEN")


def the_bank_tells_late(url: str, partners: Mapping[str, Partner]) -> None:
    """The bank's notice of a payment that only its statement knew comes in, and the day is judged again: version 2."""
    with psycopg.connect(url) as conn:
        day = DayStory(conn, partners)
        day.count = 1000
        row = conn.execute(
            "SELECT reference FROM gateway.recon_row WHERE outcome = 'missing_with_us' ORDER BY row_no LIMIT 1"
        ).fetchone()
        assert row is not None
        day.pay(str(row[0]), 320_000)
        assert day.judge().version == 2
        conn.commit()
