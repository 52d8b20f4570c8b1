"""Statements: speed against bare lxml and the mt-940 library, memory in a process of its own.

``rows()`` gives what ``make bench`` collects. Each peer reads the same generated file in the same run.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lxml import etree

from adapters.banking.statements import iter_statement_events
from adapters.banking.statements.model import ParsedEntry
from bench.row import Row

ENTRIES = 100_000
_CAMT_PER_SECOND, _CAMT_OF_PEER = 40_000, 0.45
_CAMT_MEGABYTES = 60.0
_MT940_TIMES_PEER = 5.0
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def camt_lines(entries: int) -> Iterator[str]:
    """A realistic camt.053 of ``entries`` fees of 50,000 đồng."""
    closing = 1_000_000 + 50_000 * entries
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{_NAMESPACE}"><BkToCstmrStmt>'
    yield "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-23T20:00:00+07:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id>"
    yield "<Acct><Id><Othr><Id>0141000000123</Id></Othr></Id><Ccy>VND</Ccy></Acct>"
    for code, amount, day in (("OPBD", 1_000_000, "2026-11-22"), ("CLBD", closing, "2026-11-23")):
        yield f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="VND">{amount}</Amt>'
        yield f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    for number in range(entries):
        yield f'<Ntry>\n<NtryRef>{number}</NtryRef><Amt Ccy="VND">50000</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        yield "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-23</Dt></BookgDt><ValDt><Dt>2026-11-23</Dt></ValDt>"
        yield f"<AcctSvcrRef>FT26327{number:07d}</AcctSvcrRef><BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd>"
        yield f"<NtryDtls><TxDtls><Refs><EndToEndId>QN{number:010d}</EndToEndId></Refs>"
        yield "<RltdPties><Dbtr><Pty><Nm>NGUYEN VAN AN</Nm></Pty></Dbtr></RltdPties>"
        yield f"<RmtInf><Ustrd>Nop phi ho so H49.{number:06d} Quảng Ninh</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
    yield "</Stmt></BkToCstmrStmt></Document>"


def mt940_lines(entries: int) -> Iterator[str]:
    """A realistic MT940 of ``entries`` fees of 50,000 đồng."""
    yield ":20:STMT20261123\r\n:25:0141000000123\r\n:28C:327/1\r\n:60F:C261122VND1000000,\r\n"
    for number in range(entries):
        yield f":61:2611231123C50000,NTRFQN{number:010d}//FT26327{number:07d}\r\n"
        yield f":86:NOP PHI HO SO H49.{number:06d} NGUYEN VAN AN\r\nUBND TINH QUANG NINH\r\n"
    yield f":62F:C261123VND{1_000_000 + 50_000 * entries},\r\n-\r\n"


def _write(path: Path, lines: Iterable[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        out.writelines(lines)
    return path


def _ours(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(isinstance(event, ParsedEntry) for event in iter_statement_events(stream).events)


def _bare_lxml(path: Path) -> int:
    """The least one can do: walk to each entry and free it."""
    count = 0
    for _, element in etree.iterparse(str(path), events=("end",), tag=f"{{{_NAMESPACE}}}Ntry"):
        count += 1
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]
    return count


def _mt940_library(path: Path) -> int:
    import mt940

    return len(mt940.parse(str(path)))


def _rates(*runs: tuple[Callable[[Path], int], Path, int], rounds: int = 3) -> list[float]:
    """Entries a second of each run, the best of some rounds in which all take turns: a busy moment hits all alike."""
    best = [float("inf")] * len(runs)
    for _ in range(rounds):
        for number, (read, path, entries) in enumerate(runs):
            start = time.perf_counter()
            if read(path) != entries:
                raise AssertionError(f"{read.__name__} lost entries of {path.name}")
            best[number] = min(best[number], time.perf_counter() - start)
    return [entries / seconds for (_, _, entries), seconds in zip(runs, best, strict=True)]


# VmHWM and not getrusage: the latter remembers the size of the process that started this one.
_MEMORY = """
import re, sys
from pathlib import Path
from adapters.banking.statements.describe import write_descriptions
with open(sys.argv[2], "w", encoding="utf-8") as out:
    sound = write_descriptions([Path(sys.argv[1])], out)
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
print(peak[1] if sound else -1)
"""


def peak_megabytes(path: Path, out: Path = Path("/dev/null")) -> float:
    """Peak resident memory of a fresh process that describes ``path`` as ``gateway statement parse`` does."""
    command = [sys.executable, "-c", _MEMORY, str(path), str(out)]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def rows(entries: int = ENTRIES, peer_entries: int = 20_000) -> list[Row]:
    """The figures of this part; ``peer_entries`` is what the slow mt-940 library reads."""
    with tempfile.TemporaryDirectory() as folder:
        camt = _write(Path(folder) / "camt.xml", camt_lines(entries))
        mt940 = _write(Path(folder) / "mt940.sta", mt940_lines(entries))
        mt940_small = _write(Path(folder) / "small.sta", mt940_lines(peer_entries))
        ours, bare = _rates((_ours, camt, entries), (_bare_lxml, camt, entries))
        memory = peak_megabytes(camt)
        swift, library = _rates((_ours, mt940, entries), (_mt940_library, mt940_small, peer_entries))
    return [
        _row(
            f"camt.053 of {entries} entries",
            ours,
            "entries/s",
            "bare lxml iterparse",
            bare,
            f"{_CAMT_PER_SECOND}/s or {_CAMT_OF_PEER}",
            ours >= _CAMT_PER_SECOND or ours / bare >= _CAMT_OF_PEER,
        ),
        _row(
            f"camt.053 of {entries} entries, peak memory",
            memory,
            "MB",
            "limit",
            _CAMT_MEGABYTES,
            f"under {_CAMT_MEGABYTES:.0f} MB",
            memory < _CAMT_MEGABYTES,
        ),
        _row(
            f"MT940 of {entries} entries",
            swift,
            "entries/s",
            "mt-940 library",
            library,
            f"{_MT940_TIMES_PEER:.0f}x",
            swift / library >= _MT940_TIMES_PEER,
        ),
    ]


def _row(name: str, value: float, unit: str, reference: str, reference_value: float, target: str, met: bool) -> Row:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "reference": reference,
        "reference_value": round(reference_value, 1),
        "ratio": round(value / reference_value, 2),
        "target": target,
        "met": met,
    }


if __name__ == "__main__":
    for row in rows():
        print(row)
