"""How a partner puts a signed file into its outgoing folder, and every way to do that badly.

Written under a temporary name and renamed, the signature first, so that nobody sees half a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulators import cms
from simulators.control import CannotAct

FAULTS = frozenset({"truncated", "empty", "unsigned", "tampered", "wrong_signer", "expired_signer", "growing"})
"""truncated: half the file, rightly signed; empty: zero bytes; unsigned: no signature file; tampered: a digit changed
after signing; wrong_signer, expired_signer: another or an expired certificate; growing: still under its
temporary name."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One file to publish; ``fault`` is one of FAULTS or empty."""

    folder: Path
    name: str
    content: bytes
    fault: str = ""


def publish(file: Outgoing, certs: Path, signer: str) -> dict[str, object]:
    """Write ``file`` and its ``.p7s``; returns its name and size. Raises CannotAct for an unknown fault."""
    if file.fault and file.fault not in FAULTS:
        raise CannotAct(f"fault {file.fault!r} is none of {', '.join(sorted(FAULTS))}")
    content = b"" if file.fault == "empty" else file.content
    if file.fault == "truncated":
        content = content[: len(content) * 2 // 3]
    keys, name = certs, signer
    if file.fault in ("wrong_signer", "expired_signer"):
        key = bad_key(certs, "wrong-ca" if file.fault == "wrong_signer" else "expired")
        keys, name = key.parent, key.stem
    signature = cms.sign(content, keys, name)
    if file.fault == "tampered":
        content = _with_another_digit(content)
    file.folder.mkdir(parents=True, exist_ok=True)
    if file.fault != "unsigned":
        _put(file.folder / f"{file.name}.p7s", signature)
    if file.fault == "growing":
        (file.folder / f"{file.name}.tmp").write_bytes(content)
    else:
        _put(file.folder / file.name, content)
    return {"name": file.name, "size": len(content)}


def bad_key(certs: Path, name: str) -> Path:
    """One of the deliberately bad keys of the development PKI. Raises CannotAct where there is none of that name."""
    found = sorted(certs.rglob(f"{name}.key"))
    if not found:
        raise CannotAct(f"the PKI in {certs} has no {name}.key")
    return found[0]


def _put(file: Path, content: bytes) -> None:
    temporary = file.with_name(f"{file.name}.tmp")
    temporary.write_bytes(content)
    temporary.rename(file)


def _with_another_digit(content: bytes) -> bytes:
    at = content.rindex(b"0")
    return content[:at] + b"1" + content[at + 1 :]
