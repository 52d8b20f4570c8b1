"""Partners' answers to enquiries (tra soát): fetched where one is awaited, and laid beside the row they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import GatewayError
from gateway.flows.signed_box import SignedBox, limits_of
from gateway.flows.wiring import Work
from gateway.messages.judging import Believed
from gateway.messages.store import Connection
from gateway.model import Applied, EnquiryAnswer, Kind, OutboxRow, Summary
from gateway.ports import DocumentSource, EnquiryAnswerReader
from gateway.reconciliation import enquiries


@dataclass(frozen=True, slots=True)
class _KeepAnswers:
    work: Work

    def __call__(self, connection: Connection, believed: Believed) -> tuple[Sequence[Applied], Sequence[OutboxRow]]:
        now, kept = self.work.clock.now(), list[Applied]()
        for item, incoming in believed:
            assert isinstance(incoming.content, tuple)  # what SignedBox decodes
            answer = incoming.content[1]
            assert isinstance(answer, EnquiryAnswer)  # what answer readers decode
            kept.append(enquiries.keep_answer(connection, item.message_pk, answer, now))
        return kept, []


def box(partner: str, reader: EnquiryAnswerReader, work: Work, folder: Path) -> SignedBox:
    """How the answers of one partner are read and kept."""
    limits = limits_of(work.partners[partner])
    return SignedBox(partner, Kind.ENQUIRY_ANSWER, reader, _KeepAnswers(work), folder, limits)


def collect(work: Work, ways: Mapping[str, tuple[DocumentSource, EnquiryAnswerReader]], folder: Path) -> Summary:
    """Look for answers with every partner that owes one; ``answers`` came, ``awaited`` are still owed.

    A partner that is away does not hold up the others; the first error is raised after them, for another try.
    """
    came, failed = 0, list[GatewayError]()
    for partner in enquiries.partners_that_owe_answers(work.connection):
        if partner not in ways:
            continue
        source, reader = ways[partner]
        try:
            came += box(partner, reader, work, folder).take_all(work, source).counts.get("applied", 0)
        except GatewayError as error:
            failed.append(error)
    if failed:
        raise failed[0]
    return Summary({"answers": came, "awaited": enquiries.awaited(work.connection)})
