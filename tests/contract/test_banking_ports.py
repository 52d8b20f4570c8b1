"""Both banks and the intermediary keep the promises of the ports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from adapters.banking.adapter import BankPaymentEnquirer, BankSender, BankStatusReader
from adapters.banking.statement_reader import BankStatementReader
from adapters.wire.confirmations import ConfirmationSender
from adapters.wire.enquiry_answers import SignedAnswerReader
from adapters.wire.sftp import SftpAddress
from adapters.wire.signed_files import SftpDocumentSource
from gateway.local.openssh import SshAddress
from gateway.model import Kind, OutboundMessage, RawMessage, SendVerdict
from tests.banking_adapter.test_collection import requested, sent
from tests.banking_adapter.test_confirmations import a_confirmation, laid
from tests.banking_adapter.world import (
    Counterpart,
    a_cancellation,
    a_payment_request,
    a_refund,
    an_enquiry,
    bank_a,
    bank_b,
    banking_pki,
    intermediary,
    parts_of,
    running_partners,
)
from tests.contract.ports import (
    AnswerWorld,
    DocumentSourceContract,
    DocumentWorld,
    EnquiringWorld,
    EnquiryAnswerReaderContract,
    PaymentEnquirerContract,
    Published,
    ReaderContract,
    ReadingWorld,
    SenderContract,
    SendingWorld,
    StatementReaderContract,
)

__all__ = ["bank_a", "bank_b", "banking_pki", "intermediary", "parts_of", "running_partners"]

pytestmark = pytest.mark.contract

BANKS = ["bank-a", "bank-b"]
_days = iter(date(2025, 1, 1) + timedelta(days=number) for number in range(300))
Find = Callable[[str], Counterpart]


class CollectionWorld(SendingWorld):
    """One kind of message to the collection service of one bank."""

    def __init__(self, bank: Counterpart, kind: Kind) -> None:
        self.bank, self.kind = bank, kind
        self.sender = bank.sender(kind)

    def new_message(self) -> OutboundMessage:
        if self.kind is Kind.PAYMENT_REQUEST_CREATE:
            return a_payment_request(self.bank)
        # Made through the well-behaved operation before it, so that planned misbehaviour waits for this one.
        reference = requested(self.bank, 80_000)
        if self.kind is Kind.PAYMENT_REQUEST_CANCEL:
            return a_cancellation(self.bank, reference)
        number = self.bank.simulator.act("pay", reference=reference)["number"]
        return a_refund(self.bank, reference, number, 80_000)

    def behave(self) -> None:
        self.bank.simulator.behave()

    def process_and_lose_the_answer(self) -> None:
        self._misbehave("garbage")

    def lose_the_message(self) -> None:
        self._misbehave("unsigned_fault")

    def refuse(self) -> None:
        self._misbehave("refuse", code="57")

    def holds(self, message: OutboundMessage) -> int:
        # The bank's own answer to the same message again: it is known, and was done once.
        before = self._effects()
        sent(self.bank, message)
        return 1 if before == self._effects() else 0

    def _effects(self) -> dict[str, object]:
        """What the bank did; that it was called once more is no effect."""
        return {name: held for name, held in self.bank.simulator.holds().items() if name != "calls"}

    def _misbehave(self, behaviour: str, **more: object) -> None:
        operation = {
            Kind.PAYMENT_REQUEST_CREATE: "CreatePaymentRequest",
            Kind.PAYMENT_REQUEST_CANCEL: "CancelPaymentRequest",
            Kind.REFUND: "RefundPayment",
        }[self.kind]
        self.bank.simulator.misbehave(behaviour, match={"operation": operation}, **more)


@pytest.mark.parametrize("name", BANKS)
@pytest.mark.parametrize("kind", [Kind.PAYMENT_REQUEST_CREATE, Kind.PAYMENT_REQUEST_CANCEL, Kind.REFUND])
class TestCollectionSender(SenderContract):
    of = (BankSender,)

    @pytest.fixture
    def world(self, parts_of: Find, name: str, kind: Kind) -> SendingWorld:
        return CollectionWorld(parts_of(name), kind)


class ConfirmationWorld(SendingWorld):
    """Settlement confirmations into the inbox of one partner."""

    def __init__(self, partner: Counterpart) -> None:
        self.partner = partner
        self.sender = partner.sender(Kind.SETTLEMENT_CONFIRMATION)

    def new_message(self) -> OutboundMessage:
        message = a_confirmation(self.partner)
        self.last_name = str(message.payload["file_name"])
        return message

    def behave(self) -> None:
        self.partner.simulator.behave()

    def process_and_lose_the_answer(self) -> None:
        # Every message has a name of its own; its signature's upload comes first and must pass.
        self.partner.simulator.misbehave("drop_after_upload", match={"name": self.last_name})

    def lose_the_message(self) -> None:
        self.partner.simulator.misbehave("lose_file")

    def refuse(self) -> None:
        self.partner.simulator.misbehave("refuse_upload")

    def holds(self, message: OutboundMessage) -> int:
        file = laid(self.partner, message)
        return len([found for found in file.parent.iterdir() if found.name == file.name])


@pytest.mark.parametrize("name", [*BANKS, "intermediary"])
class TestConfirmationSender(SenderContract):
    of = (ConfirmationSender,)

    @pytest.fixture
    def world(self, parts_of: Find, name: str) -> SendingWorld:
        return ConfirmationWorld(parts_of(name))


class BankEnquiries(EnquiringWorld):
    """QueryPaymentRequest at one bank."""

    def __init__(self, bank: Counterpart) -> None:
        assert bank.parts.enquirer is not None
        assert bank.parts.status_reader is not None
        self.bank, self.enquirer, self.reader = bank, bank.parts.enquirer, bank.parts.status_reader

    def new_request(self, amount: int) -> str:
        return requested(self.bank, amount)

    def pay(self, reference: str) -> None:
        self.bank.simulator.act("pay", reference=reference)

    def tamper(self) -> None:
        self.bank.simulator.misbehave("tamper")

    def go_away(self) -> None:
        self.bank.simulator.misbehave("unavailable")


@pytest.mark.parametrize("name", BANKS)
class TestBankPaymentEnquirer(PaymentEnquirerContract):
    of = (BankPaymentEnquirer,)

    @pytest.fixture
    def world(self, parts_of: Find, name: str) -> EnquiringWorld:
        return BankEnquiries(parts_of(name))


class BankAnswers(ReadingWorld):
    """A bank's answers to the question what became of a payment."""

    answers_questions = True

    def __init__(self, bank: Counterpart) -> None:
        assert bank.parts.enquirer is not None
        assert bank.parts.status_reader is not None
        self.bank, self.enquirer, self.reader = bank, bank.parts.enquirer, bank.parts.status_reader
        self.reference = requested(bank, 70_000)
        bank.simulator.act("pay", reference=self.reference)

    def honest(self) -> RawMessage:
        return self.enquirer.ask(self.reference, request={})

    def told_again_under_another_id(self, raw: RawMessage) -> RawMessage:
        return self.honest()

    def tampered(self) -> RawMessage:
        return self._spoiled("tamper")

    def unsigned(self) -> RawMessage:
        return self._spoiled("unsigned")

    def of_a_stranger(self) -> RawMessage:
        return self._spoiled("wrong_signer")

    def of_another_environment(self) -> RawMessage:
        return self._spoiled("wrong_environment")

    def wrongly_said(self) -> RawMessage:
        return self._spoiled("wrong_schema")

    def _spoiled(self, behaviour: str) -> RawMessage:
        self.bank.simulator.misbehave(behaviour, match={"operation": "QueryPaymentRequest"})
        return self.honest()


@pytest.mark.parametrize("name", BANKS)
class TestBankStatusReader(ReaderContract):
    of = (BankStatusReader,)

    @pytest.fixture
    def world(self, parts_of: Find, name: str) -> ReadingWorld:
        return BankAnswers(parts_of(name))


class StatementFolder(DocumentWorld):
    """The signed files that one partner offers."""

    def __init__(self, partner: Counterpart) -> None:
        assert isinstance(partner.parts.source, SftpDocumentSource)
        self.partner = partner
        self.source = replace(partner.parts.source, settle_seconds=0.02)
        self.reader = partner.parts.statements

    def publish(self, *amounts: int, fault: str = "") -> Published:
        on = next(_days)
        act = "record_transaction" if self.partner.partner.role == "intermediary" else "transfer_in"
        for amount in amounts:
            self.partner.simulator.act(act, amount=amount, at=f"{on}T10:00:00+07:00", text="nop phi")
        made = self.partner.simulator.act("make_statement", date=on.isoformat(), fault=fault)
        return Published(str(made["name"]), amounts)

    def cut_in_mid_file(self, name: str) -> None:
        self.partner.simulator.misbehave("drop_mid_file", match={"name": name}, after=10_000)


@pytest.mark.parametrize("name", [*BANKS, "intermediary"])
class TestStatementSource(DocumentSourceContract):
    of = (SftpDocumentSource,)

    @pytest.fixture
    def documents(self, parts_of: Find, name: str) -> DocumentWorld:
        return StatementFolder(parts_of(name))


class OpenSshFolder(StatementFolder):
    """The same files, offered by a server that we did not write."""

    def __init__(self, partner: Counterpart, server: SshAddress, folder: Path) -> None:
        super().__init__(partner)
        self._writes_to = folder
        address = SftpAddress("127.0.0.1", server.port, server.user, server.user_key, server.known_hosts)
        files = replace(self.source.files, folder=folder.name, archive=f"{folder.name}/done")
        self.source = replace(self.source, files=files, address=address)

    def publish(self, *amounts: int, fault: str = "") -> Published:
        published = super().publish(*amounts, fault=fault)
        for file in (self.partner.files / "out").glob(f"{published.name}*"):
            file.replace(self._writes_to / file.name)
        return published

    def cut_in_mid_file(self, name: str) -> None:
        pytest.skip("a server that we did not write does not cut on demand")


@pytest.mark.services
class TestStatementSourceOnOpenSsh(DocumentSourceContract):
    of = (SftpDocumentSource,)

    @pytest.fixture
    def documents(self, bank_a: Counterpart, ssh_server: SshAddress, ssh_folder: Path) -> DocumentWorld:
        return OpenSshFolder(bank_a, ssh_server, ssh_folder)


@pytest.mark.parametrize("name", [*BANKS, "intermediary"])
class TestStatementReader(StatementReaderContract):
    of = (BankStatementReader,)

    @pytest.fixture
    def documents(self, parts_of: Find, name: str) -> DocumentWorld:
        return StatementFolder(parts_of(name))


class AnswersOfABank(AnswerWorld):
    """The answers of one bank, or of the intermediary."""

    def __init__(self, partner: Counterpart) -> None:
        source, self.reader = partner.parts.answers
        assert isinstance(source, SftpDocumentSource)
        self.partner, self.other_files = partner, partner.parts.source
        self.source = replace(source, settle_seconds=0.02)

    def ask(self) -> str:
        message = an_enquiry(self.partner)
        sender = self.partner.sender(Kind.ENQUIRY)
        [(_, outcome)] = sender.send([(message, sender.encode(message))])
        assert outcome.verdict is SendVerdict.DELIVERED
        return str(message.payload["enquiry_id"])

    def answer(self, enquiry_id: str, *, text: str = "", fault: str = "") -> str:
        told = {"text": text} if text else {}
        made = self.partner.simulator.act("answer_enquiry", enquiry_id=enquiry_id, fault=fault, **told)
        return str(made["name"])


@pytest.mark.parametrize("name", [*BANKS, "intermediary"])
class TestEnquiryAnswerReader(EnquiryAnswerReaderContract):
    of = (SignedAnswerReader,)

    @pytest.fixture
    def answers(self, parts_of: Find, name: str) -> AnswerWorld:
        return AnswersOfABank(parts_of(name))
