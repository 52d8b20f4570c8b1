"""What ``gateway statement parse`` prints: one JSON line per file, streamed, and never an exception for a bad file."""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, TextIO

from adapters.banking.statements import iter_statement_events, read_statements
from adapters.banking.statements.model import Balance, ParsedEntry, ParsedStatement, StatementProblem
from gateway.errors import Malformed

_SPOOL = 1 << 20
ESCAPED = "backslashreplace"
"""How a lone surrogate (UTF-7 can name one) is written: an escape of JSON, too."""
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": "))


def describe_file(path: Path, *, encoding: str | None = None) -> dict[str, Any]:
    """The description of one file as plain data; for large files use ``write_descriptions``."""
    try:
        parsed = read_statements(path, encoding=encoding)
    except (Malformed, OSError) as bad:
        return _refusal(path, bad)
    statements = [
        {**_header(one), "entries": [_entry(entry) for entry in one.entries], "problems": _problems(one.problems)}
        for one in parsed.statements
    ]
    return {"file": _name(path), "ok": True, "format": parsed.format, "statements": statements}


def describe_files(paths: Iterable[Path], *, encoding: str | None = None) -> Iterator[str]:
    """One JSON line (without its line end) per file, in order."""
    for path in paths:
        line = io.StringIO()
        write_descriptions([path], line, encoding=encoding)
        yield line.getvalue().rstrip("\n")


def write_descriptions(paths: Iterable[Path], out: TextIO, *, encoding: str | None = None) -> bool:
    """Writes one JSON line per file to ``out``; True if all could be read.

    Memory does not grow with the files: a line waits in a temporary file until its file is read to the end, because
    only then it is known to be sound.
    """
    sound = True
    for path in paths:
        with _spool() as line:
            try:
                _write(path, line, encoding)
            except (Malformed, OSError) as bad:
                sound = False
                out.write(_JSON.encode(_refusal(path, bad)))
            else:
                line.seek(0)
                shutil.copyfileobj(line, out)
        out.write("\n")
    return sound


def _spool() -> IO[str]:
    return tempfile.SpooledTemporaryFile(max_size=_SPOOL, mode="w+", encoding="utf-8", errors=ESCAPED, newline="")


def _write(path: Path, line: IO[str], encoding: str | None) -> None:
    encode = _JSON.encode
    with path.open("rb") as stream:
        found = iter_statement_events(stream, encoding=encoding)
        line.write(f'{{"file": {encode(_name(path))}, "ok": true, "format": {encode(found.format)}, "statements": [')
        first_statement = True
        entries, first_entry = _spool(), True
        try:
            for event in found.events:
                if isinstance(event, ParsedEntry):
                    entries.write(("" if first_entry else ", ") + encode(_entry(event)))
                    first_entry = False
                    continue
                line.write("" if first_statement else ", ")
                line.write(encode(_header(event))[:-1] + ', "entries": [')
                entries.seek(0)
                shutil.copyfileobj(entries, line)
                line.write(f'], "problems": {encode(_problems(event.problems))}}}')
                entries.close()
                entries, first_entry, first_statement = _spool(), True, False
        finally:
            entries.close()
        line.write("]}")


def _name(path: Path) -> str:
    """The path as text, even where its bytes are none."""
    return os.fsencode(path).decode("utf-8", "replace")


def _refusal(path: Path, bad: Malformed | OSError) -> dict[str, Any]:
    if isinstance(bad, Malformed):
        error: dict[str, Any] = {"code": bad.code, "message": bad.message, "line": bad.line}
    else:
        error = {"code": "file-unreadable", "message": bad.strerror or str(bad), "line": None}
    return {"file": _name(path), "ok": False, "error": error}


def _header(statement: ParsedStatement) -> dict[str, Any]:
    return {
        "account": statement.account,
        "currency": statement.currency,
        "opening": _balance(statement.opening),
        "closing": _balance(statement.closing),
    }


def _balance(balance: Balance | None) -> dict[str, Any] | None:
    return {"on": balance.on.isoformat(), "amount": balance.amount} if balance else None


def _entry(entry: ParsedEntry) -> dict[str, Any]:
    return {
        "booked_on": entry.booked_on.isoformat() if entry.booked_on else None,
        "value_on": entry.value_on.isoformat() if entry.value_on else None,
        "amount": entry.amount,
        "currency": entry.currency,
        "references": entry.references,
        "text": entry.text,
    }


def _problems(problems: Iterable[StatementProblem]) -> list[dict[str, Any]]:
    return [{"code": one.code, "message": one.message, "line": one.line} for one in problems]
