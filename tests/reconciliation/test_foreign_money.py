"""A statement in another currency than đồng is no statement of our fees: its day waits, nothing of it is matched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.banking.statement_reader import BankStatementReader
from gateway.errors import Conflict
from gateway.ledger import statements
from gateway.model import Statement
from gateway.ports import FetchedDocument
from gateway.reconciliation import completeness
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import ACCOUNT, DayStory

pytestmark = pytest.mark.services

CAMT = """<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-23T23:00:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id>
<Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>{said}</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">0</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-11-23</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-11-23</Dt></Dt></Bal>
<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-11-23</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs></TxDtls>
</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"""
MT940 = (
    ":20:S\n:25:{account}\n:28C:1/1\n:60F:C261123{currency}0,\n:61:2611231123C{amount}NTRF{reference}\n"
    ":62F:C261123{currency}{amount}\n-\n"
)


def read(day: DayStory, folder: Path, text: str, format: str = "camt.053") -> Sequence[Statement]:
    """The file as bank A's reader tells it."""
    partner = day.partners["bank-a"]
    assert partner.statements is not None
    path = folder / "statement"
    path.write_text(text, encoding="utf-8")
    files = partner.statements.model_copy(update={"format": format, "encoding": "utf-8"})
    return BankStatementReader(partner, files, lambda _: "").read(FetchedDocument(path.name, path, 0, "", b""))


def load(day: DayStory, told: Sequence[Statement]) -> list[str]:
    day.files += 1
    result = statements.load(
        day.conn, day.message(), told, partner=day.partners["bank-a"], business_on=MONDAY,
        file_name=f"F{day.files}", sha256=f"sha-{day.files}", now=day.now,
    )  # fmt: skip
    return [code for code, _ in result.problems]


def paid(day: DayStory) -> str:
    reference = day.owe(100_000)
    day.pay(reference, 100_000)
    return reference


@pytest.mark.parametrize("said", ["USD", "VND"])
def test_a_thousand_dollars_are_not_a_hundred_thousand_dong(day: DayStory, tmp_path: Path, said: str) -> None:
    text = CAMT.format(account=ACCOUNT, said=said, currency="USD", amount="1000.00", reference=paid(day))
    told = read(day, tmp_path, text)
    assert [(one.currency, one.entries[0].amount, one.entries[0].currency) for one in told] == [("USD", 100_000, "USD")]
    differs = ["account-currency-differs"] if said == "VND" else []
    assert load(day, told) == [*differs, "statement-currency-foreign"]
    judged = day.judge()
    assert (judged.stopped, judged.version) == ("statement-currency-foreign", 0)


def test_dollars_in_an_mt940_stop_the_day(day: DayStory, tmp_path: Path) -> None:
    text = MT940.format(account=ACCOUNT, currency="USD", amount="1000,00", reference=paid(day))
    assert load(day, read(day, tmp_path, text, "mt940")) == ["statement-currency-foreign"]
    assert day.judge().stopped == "statement-currency-foreign"


def test_the_statement_in_dong_lets_the_day_go_on(day: DayStory, tmp_path: Path) -> None:
    reference = paid(day)
    wrong = CAMT.format(account=ACCOUNT, said="USD", currency="USD", amount="1000.00", reference=reference)
    load(day, read(day, tmp_path, wrong))
    assert day.judge().stopped == "statement-currency-foreign"
    right = CAMT.format(account=ACCOUNT, said="VND", currency="VND", amount="100000", reference=reference)
    assert load(day, read(day, tmp_path, right)) == []
    assert (day.judge().stopped, [row["outcome"] for row in day.found()]) == ("", ["matched"])


def test_who_vouches_for_dollars_still_needs_a_statement_in_dong(day: DayStory, tmp_path: Path) -> None:
    day.employ(maker="finance_maker")
    text = CAMT.format(account=ACCOUNT, said="USD", currency="USD", amount="1000.00", reference=paid(day))
    load(day, read(day, tmp_path, text))
    assert day.judge().stopped == "statement-currency-foreign"
    with pytest.raises(Conflict) as refused:
        completeness.release(day.conn, day.partners["bank-a"], MONDAY, "maker", "tài khoản ngoại tệ", day.now)
    assert refused.value.code == "day-stopped"


def test_dollars_beside_dong_in_one_file_stop_the_day_until_somebody_vouches(day: DayStory, tmp_path: Path) -> None:
    day.employ(maker="finance_maker")
    reference = paid(day)
    dollars = CAMT.format(account=ACCOUNT, said="USD", currency="USD", amount="7.00", reference=reference)
    dong = CAMT.format(account=ACCOUNT, said="VND", currency="VND", amount="100000", reference=reference)
    load(day, [*read(day, tmp_path, dollars), *read(day, tmp_path, dong)])
    assert day.judge().stopped == "statement-currency-foreign"
    completeness.release(day.conn, day.partners["bank-a"], MONDAY, "maker", "không có phí ngoại tệ", day.now)
    assert (day.judge().stopped, [row["outcome"] for row in day.found()]) == ("", ["matched"])


def test_an_account_said_to_be_in_dollars_whose_amounts_are_dong_waits(day: DayStory, tmp_path: Path) -> None:
    text = CAMT.format(account=ACCOUNT, said="USD", currency="VND", amount="100000", reference=paid(day))
    told = read(day, tmp_path, text)
    assert [(one.currency, one.entries[0].amount) for one in told] == [("VND", 100_000)]
    assert load(day, told) == ["account-currency-differs"]
    assert day.judge().stopped == "account-currency-differs"
