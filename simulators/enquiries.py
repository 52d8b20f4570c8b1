"""A partner's back office: our enquiries (tra soát) in its inbox, believed by ``openssl``, and its signed answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from simulators import cms
from simulators.control import CannotAct
from simulators.publishing import Outgoing, publish


@dataclass(frozen=True, slots=True)
class BackOffice:
    """Where a partner finds questions and lays answers; ``gateway_certificates`` are ours, as given to it."""

    name: str
    inbox: Path
    out: Path
    certs: Path
    gateway_certificates: Sequence[Path]
    environment: str
    today: date

    def asked(self) -> dict[str, Path]:
        """The enquiries whose signature is good, by number."""
        found = {}
        for file in sorted(self.inbox.glob("TRASOAT_*.csv")):
            signature = file.with_name(f"{file.name}.p7s")
            if signature.exists() and self._believes(file.read_bytes(), signature.read_bytes()):
                found[file.read_text(encoding="utf-8").split("|", 2)[1]] = file
        return found

    def _believes(self, content: bytes, signature: bytes) -> bool:
        return any(cms.verifies(content, signature, known) for known in self.gateway_certificates)

    def answer(self, told: dict[str, object]) -> dict[str, object]:
        """Answer the enquiry ``enquiry_id`` (default: the last) with ``text`` under ``reference``.

        ``fault``: one of ``publishing.FAULTS``, unasked (a number that nobody asked), other_partner, other_environment,
        wrong_count. Raises CannotAct where there is no such enquiry.
        """
        asked, fault = self.asked(), str(told.get("fault", ""))
        number = str(told.get("enquiry_id") or next(reversed(asked), ""))
        if number not in asked and fault != "unasked":
            raise CannotAct(f"nobody asked {number or 'anything'}; asked are {', '.join(asked) or 'none'}")
        texts = str(told.get("text", "Đã kiểm tra, số liệu của chúng tôi đúng.")).splitlines()
        partner = "another" if fault == "other_partner" else self.name
        environment = "another" if fault == "other_environment" else self.environment
        lines = [
            f"TRALOI|1|{environment}|{number}|{partner}|{self.today.isoformat()}",
            f"THAMCHIEU|{told.get('reference', 'CV 12/2026')}",
            *(f"NOIDUNG|{text}" for text in texts),
            f"HET|{len(texts) + (fault == 'wrong_count')}",
        ]
        content = "".join(f"{line}\r\n" for line in lines).encode()
        by_us = fault in ("unasked", "other_partner", "other_environment", "wrong_count")
        return publish(
            Outgoing(self.out, f"TRALOI_{number}.csv", content, "" if by_us else fault), self.certs, self.name
        )
