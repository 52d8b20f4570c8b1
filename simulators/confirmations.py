"""What a partner makes of our settlement confirmations: believed by ``openssl``, and read as the contract says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simulators import cms


def judged(inbox: Path, partner: str, gateway_certificates: Sequence[Path]) -> dict[str, str]:
    """Each confirmation in the inbox -> why it is not believed (unsigned, wrong-signature, malformed); empty: it is."""
    return {file.name: _why_not(file, partner, gateway_certificates) for file in sorted(inbox.glob("XNDS_*.csv"))}


def _why_not(file: Path, partner: str, gateway_certificates: Sequence[Path]) -> str:
    seal, content = file.with_name(f"{file.name}.p7s"), file.read_bytes()
    if not seal.exists():
        return "unsigned"
    signature = seal.read_bytes()
    if not any(cms.verifies(content, signature, known) for known in gateway_certificates):
        return "wrong-signature"
    return "" if _keeps_the_contract(file.name, content, partner) else "malformed"


def _keeps_the_contract(name: str, content: bytes, partner: str) -> bool:
    try:
        first, *others, last, nothing = [line.split("|") for line in content.decode("utf-8").split("\r\n")]
        _, whose, on, version, _ = first
    except ValueError:
        return False
    differences = sum(line[0] == "LECH" for line in others)
    return (
        (first[0], whose, nothing) == ("XNDS", partner, [""])
        and name == f"XNDS_{partner}_{on.replace('-', '')}_v{version}.csv"
        and {line[0] for line in others} <= {"TONG", "LECH"}
        and last == ["HET", str(differences)]
    )
