"""One message of every version, valid by its official schema, reads as the same money."""

from __future__ import annotations

import io
from datetime import date

import pytest
from lxml import etree

from adapters.banking.statements import read_statements
from adapters.banking.statements.model import Balance
from tests.banking.peer_parses import STATEMENTS, files, needs_corpora

pytestmark = [pytest.mark.golden, needs_corpora]

PARTS = {
    "camt.052": ("BkToCstmrAcctRpt", "Rpt"),
    "camt.053": ("BkToCstmrStmt", "Stmt"),
    "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}


def _message(name: str, prefix: str) -> str:
    root, statement = PARTS[name[:8]]
    version = int(name[-2:])
    status = "<Sts><Cd>BOOK</Cd></Sts>" if version >= 7 else "<Sts>BOOK</Sts>"
    balance = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="VND">{amount}</Amt>'
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        for code, amount, day in (("OPBD", 1000000, "2026-11-22"), ("CLBD", 1045000, "2026-11-23"))
    )
    entries = "".join(
        f'<Ntry><NtryRef>{number}</NtryRef><Amt Ccy="VND">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>{status}'
        "<BookgDt><Dt>2026-11-23</Dt></BookgDt><ValDt><DtTm>2026-11-24T00:00:00+07:00</DtTm></ValDt>"
        f"<AcctSvcrRef>FT{number}</AcctSvcrRef><BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd><NtryDtls><TxDtls>"
        f"<Refs><EndToEndId>QN{number}</EndToEndId></Refs>"
        + (f'<Amt Ccy="VND">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>' if version >= 3 else "")
        + "<RmtInf><Ustrd>Nộp phí</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        for number, amount, mark in ((1, 50000, "CRDT"), (2, 5000, "DBIT"))
    )
    text = (
        f"<Document><{root}><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-23T20:00:00+07:00</CreDtTm></GrpHdr>"
        f"<{statement}><Id>S1</Id><CreDtTm>2026-11-23T20:00:00+07:00</CreDtTm>"
        "<Acct><Id><Othr><Id>0141000000123</Id></Othr></Id><Ccy>VND</Ccy></Acct>"
        f"{'' if name.startswith('camt.054') else balance}{entries}</{statement}></{root}></Document>"
    )
    if prefix:
        text = text.replace("<", f"<{prefix}:").replace(f"<{prefix}:/", f"</{prefix}:")
    declared = f"xmlns:{prefix}" if prefix else "xmlns"
    return text.replace("Document>", f'Document {declared}="urn:iso:std:iso:20022:tech:xsd:{name}">', 1)


@pytest.mark.parametrize("prefix", ["", "ns2"])
@pytest.mark.parametrize("name", [path.stem for path in files("xsd-iso20022", ".xsd")])
def test_every_version_is_read(name: str, prefix: str) -> None:
    text = _message(name, prefix)
    schema = etree.XMLSchema(file=str(STATEMENTS / "xsd-iso20022" / f"{name}.xsd"))
    schema.assertValid(etree.fromstring(text.encode()))
    parsed = read_statements(io.BytesIO(text.encode()))
    (statement,) = parsed.statements
    assert parsed.format == name
    assert (statement.account, statement.currency, statement.problems) == ("0141000000123", "VND", ())
    if not name.startswith("camt.054"):
        assert statement.opening == Balance(date(2026, 11, 22), 1000000, "VND")
        assert statement.closing == Balance(date(2026, 11, 23), 1045000, "VND")
    assert [(entry.amount, entry.booked_on, entry.value_on, entry.text) for entry in statement.entries] == [
        (50000, date(2026, 11, 23), date(2026, 11, 24), "Nộp phí"),
        (-5000, date(2026, 11, 23), date(2026, 11, 24), "Nộp phí"),
    ]
    assert statement.entries[0].references == {"entry": "1", "account_servicer": "FT1", "end_to_end": "QN1"}
