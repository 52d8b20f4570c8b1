"""The bank's own code for the kind of an entry reaches the wordings of the matching rules."""

from __future__ import annotations

from io import BytesIO

import pytest

from adapters.banking.statements import read_statements

pytestmark = pytest.mark.unit

MT940 = """:20:SK
:25:0511000022233
:28C:1/1
:60F:C261123VND0,
:61:2611231123C1000,NTRFNONREF
:86:NOP PHI
:61:2611231123D11,NCHGNONREF
:86:PHI
:61:2611231123RC500,NTRFNONREF
:86:HUY
:62F:C261123VND489,
-
"""

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId>
<CreDtTm>2026-11-23T22:00:00+07:00</CreDtTm></GrpHdr><Stmt><Id>1</Id><Acct><Id><Othr><Id>1120000000101</Id></Othr></Id>
<Ccy>VND</Ccy></Acct><Ntry><Amt Ccy="VND">11000</Amt><CdtDbtInd>DBIT</CdtDbtInd>{reversal}<Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-11-23</Dt></BookgDt><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>chrg</SubFmlyCd></Fmly>
</Domn><Prtry><Cd>PHI01</Cd></Prtry></BkTxCd></Ntry></Stmt></BkToCstmrStmt></Document>"""


def test_the_type_of_field_61_and_a_reversal_are_told() -> None:
    (statement,) = read_statements(BytesIO(MT940.encode()), encoding="utf-8").statements
    assert [entry.type_code for entry in statement.entries] == ["NTRF", "NCHG", "NTRF REVERSAL"]


@pytest.mark.parametrize(
    ("reversal", "code"),
    [("", "PMNT RCDT CHRG PHI01"), ("<RvslInd>true</RvslInd>", "PMNT RCDT CHRG PHI01 REVERSAL")],
)
def test_the_bank_transaction_code_of_camt_is_told_in_capitals(reversal: str, code: str) -> None:
    (statement,) = read_statements(BytesIO(CAMT.format(reversal=reversal).encode())).statements
    assert [entry.type_code for entry in statement.entries] == [code]
