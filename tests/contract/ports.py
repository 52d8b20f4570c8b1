"""The promises of each port as a test class; a subclass says which adapter and simulator must keep them.

Not collected by itself (the file is no ``test_*``): ``test_*_ports.py`` subclasses these, one per implementation.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest

from gateway.errors import GatewayError, Malformed, NotFound, Unavailable, Untrusted
from gateway.model import (
    Incoming,
    Kind,
    Knowledge,
    OutboundMessage,
    PaymentBill,
    RawMessage,
    SendVerdict,
    Statement,
)
from gateway.ports import (
    BillSource,
    DocumentSource,
    EnquiryAnswerReader,
    FetchedDocument,
    PaymentEnquirer,
    Reader,
    Sender,
    StatementReader,
)


class Contract:
    """What the contracts have in common: a subclass names in ``of`` the implementations that it runs on.

    ``reads_with``: the ``Reader`` whose promises are tried together with those of the port that brings its messages.
    """

    of: ClassVar[tuple[type, ...]] = ()
    reads_with: ClassVar[tuple[type, ...]] = ()


class SendingWorld:
    """What a sender's contract needs of a partner, beside the sender itself."""

    sender: Sender
    can_be_asked = True
    """False where nobody can say what became of a message: it is sent again, and must be harmless."""

    def new_message(self) -> OutboundMessage:
        """A message that the partner will accept and has never seen."""
        raise NotImplementedError

    def behave(self) -> None:
        raise NotImplementedError

    def process_and_lose_the_answer(self) -> None:
        """The next message is processed, and no usable answer comes."""
        raise NotImplementedError

    def lose_the_message(self) -> None:
        """The next message is not processed, and no usable answer says so."""
        raise NotImplementedError

    def refuse(self) -> None:
        """The next message is understood and refused."""
        raise NotImplementedError

    def holds(self, message: OutboundMessage) -> int:
        """How many times the partner has it."""
        raise NotImplementedError


class SenderContract(Contract):
    """``Sender``: one outcome each, bad ones as values, the enquiry tells the truth, the same id for ever."""

    @pytest.fixture
    def world(self) -> SendingWorld:
        raise NotImplementedError

    def test_it_runs_on_what_it_names(self, world: SendingWorld) -> None:
        assert isinstance(world.sender, self.of)

    def test_it_says_whom_and_what_it_sends(self, world: SendingWorld) -> None:
        message = world.new_message()
        assert message.partner == world.sender.partner
        assert message.kind in world.sender.kinds

    def test_a_good_message_is_delivered_once(self, world: SendingWorld) -> None:
        message = world.new_message()
        assert outcomes(world, message) == [SendVerdict.DELIVERED]
        assert world.holds(message) == 1

    def test_every_message_of_a_batch_has_exactly_one_outcome(self, world: SendingWorld) -> None:
        batch = [world.new_message() for _ in range(5)]
        found = list(world.sender.send([(message, world.sender.encode(message)) for message in batch]))
        assert sorted(message.message_id for message, _ in found) == sorted(message.message_id for message in batch)
        assert {outcome.verdict for _, outcome in found} == {SendVerdict.DELIVERED}

    def test_an_empty_batch_has_no_outcome(self, world: SendingWorld) -> None:
        assert list(world.sender.send([])) == []

    def test_one_bad_message_does_not_hinder_the_others(self, world: SendingWorld) -> None:
        world.refuse()
        batch = [world.new_message() for _ in range(3)]
        found = [outcome.verdict for _, outcome in world.sender.send([(m, world.sender.encode(m)) for m in batch])]
        assert sorted(found) == [SendVerdict.DELIVERED, SendVerdict.DELIVERED, SendVerdict.REFUSED]

    def test_a_lost_answer_is_in_doubt_and_the_enquiry_finds_it(self, world: SendingWorld) -> None:
        message = world.new_message()
        world.process_and_lose_the_answer()
        assert outcomes(world, message) == [SendVerdict.IN_DOUBT]
        world.behave()
        if world.can_be_asked:
            assert world.sender.enquire(message).knowledge is Knowledge.HAS_IT
        else:
            assert world.sender.enquire(message).knowledge is Knowledge.HAS_IT_NOT
            assert outcomes(world, message) == [SendVerdict.DELIVERED]
        assert world.holds(message) == 1

    def test_a_lost_message_is_found_missing_and_sent_again(self, world: SendingWorld) -> None:
        message = world.new_message()
        world.lose_the_message()
        assert outcomes(world, message) == [SendVerdict.IN_DOUBT]
        world.behave()
        assert world.sender.enquire(message).knowledge is Knowledge.HAS_IT_NOT
        assert outcomes(world, message) == [SendVerdict.DELIVERED]
        assert world.holds(message) == 1

    def test_a_message_sent_twice_is_there_once(self, world: SendingWorld) -> None:
        message = world.new_message()
        assert outcomes(world, message) + outcomes(world, message) == [SendVerdict.DELIVERED] * 2
        assert world.holds(message) == 1

    def test_a_refusal_has_a_code(self, world: SendingWorld) -> None:
        world.refuse()
        message = world.new_message()
        [(_, outcome)] = world.sender.send([(message, world.sender.encode(message))])
        assert outcome.verdict is SendVerdict.REFUSED
        assert outcome.code

    def test_a_payload_that_lacks_everything_is_malformed(self, world: SendingWorld) -> None:
        message = world.new_message()
        empty = OutboundMessage(message.message_pk, message.partner, message.kind, message.message_id, {})
        with pytest.raises(Malformed):
            world.sender.encode(empty)


def outcomes(world: SendingWorld, message: OutboundMessage) -> list[SendVerdict]:
    return [outcome.verdict for _, outcome in world.sender.send([(message, world.sender.encode(message))])]


class ReadingWorld:
    """What a reader's contract needs of a partner: messages as they arrive, unread.

    ``has_ids``: its messages say their own id; without one the same bytes are the same message. ``answers_questions``:
    an answer is held to the question that the transport names.
    """

    reader: Reader
    has_ids = True
    answers_questions = False

    def honest(self) -> RawMessage:
        """A message about a business transaction, rightly signed and rightly said."""
        raise NotImplementedError

    def told_again_under_another_id(self, raw: RawMessage) -> RawMessage:
        """The same transaction in another message."""
        raise NotImplementedError

    def tampered(self) -> RawMessage:
        """A message whose content was changed after it was signed."""
        raise NotImplementedError

    def unsigned(self) -> RawMessage:
        raise NotImplementedError

    def of_a_stranger(self) -> RawMessage:
        """Signed by somebody whom we do not know."""
        raise NotImplementedError

    def of_another_environment(self) -> RawMessage:
        raise NotImplementedError

    def wrongly_said(self) -> RawMessage:
        """Rightly signed; what it says breaks the contract."""
        raise NotImplementedError


class ReaderContract(Contract):
    """``Reader``: pure; believes what is signed and nothing else; a transaction is one whatever message tells it."""

    @pytest.fixture
    def world(self) -> ReadingWorld:
        raise NotImplementedError

    def test_it_runs_on_what_it_names(self, world: ReadingWorld) -> None:
        assert isinstance(world.reader, self.of)

    def test_an_honest_message_is_read_with_what_the_spine_needs(self, world: ReadingWorld) -> None:
        raw = world.honest()
        found = world.reader.read(raw)
        assert found.kind is raw.kind
        assert found.message_id
        assert found.signer
        assert found.transaction_id

    def test_reading_is_pure(self, world: ReadingWorld) -> None:
        raw = world.honest()
        assert world.reader.read(raw) == world.reader.read(raw)

    def test_a_transaction_is_the_same_in_another_message(self, world: ReadingWorld) -> None:
        raw = world.honest()
        first, again = world.reader.read(raw), world.reader.read(world.told_again_under_another_id(raw))
        assert (first.message_id != again.message_id) or not world.has_ids
        assert (first.transaction_id, first.fingerprint) == (again.transaction_id, again.fingerprint)

    @pytest.mark.parametrize("spoiled", ["tampered", "unsigned", "of_a_stranger", "of_another_environment"])
    def test_what_we_cannot_trust_is_not_believed(self, world: ReadingWorld, spoiled: str) -> None:
        raw: RawMessage = getattr(world, spoiled)()
        with pytest.raises(Untrusted) as raised:
            world.reader.read(raw)
        assert raised.value.code

    def test_a_signed_message_that_breaks_its_contract_is_malformed(self, world: ReadingWorld) -> None:
        with pytest.raises(Malformed) as raised:
            world.reader.read(world.wrongly_said())
        assert raised.value.code

    def test_no_transport_field_is_believed(self, world: ReadingWorld) -> None:
        raw = world.honest()
        assert world.reader.read(replace(raw, content_type="text/plain")) == world.reader.read(raw)
        elsewhere = replace(raw, transport_id="another")
        if not world.answers_questions:
            assert world.reader.read(elsewhere) == world.reader.read(raw)
            return
        with pytest.raises(Untrusted) as raised:
            world.reader.read(elsewhere)
        assert raised.value.code == "answer-to-another-message"


class EnquiringWorld:
    """What a payment enquirer's contract needs of a partner."""

    enquirer: PaymentEnquirer
    reader: Reader

    def new_request(self, amount: int) -> str:
        """The reference of a payment request that the partner knows and nobody has paid."""
        raise NotImplementedError

    def pay(self, reference: str) -> None:
        raise NotImplementedError

    def tamper(self) -> None:
        """The next answer is changed after it was sealed."""
        raise NotImplementedError

    def go_away(self) -> None:
        """The next question is not answered."""
        raise NotImplementedError

    def read(self, reference: str) -> Incoming:
        return self.reader.read(self.enquirer.ask(reference, request={}))


class PaymentEnquirerContract(Contract):
    """``PaymentEnquirer`` and its ``Reader``: answers come unread, and only what is sealed is believed."""

    @pytest.fixture
    def world(self) -> EnquiringWorld:
        raise NotImplementedError

    def test_it_runs_on_what_it_names(self, world: EnquiringWorld) -> None:
        assert isinstance(world.enquirer, self.of)

    def test_the_answer_comes_unread(self, world: EnquiringWorld) -> None:
        raw = world.enquirer.ask(world.new_request(50_000), request={})
        assert isinstance(raw, RawMessage)
        assert (raw.partner, raw.kind) == (world.enquirer.partner, Kind.PAYMENT_STATUS)
        assert raw.body

    def test_unpaid_is_pending_and_claims_no_transaction(self, world: EnquiringWorld) -> None:
        found = world.read(world.new_request(50_000))
        assert getattr(found.content, "state", None) == "pending"
        assert found.transaction_id is None

    def test_paid_has_one_transaction_however_often_it_is_asked(self, world: EnquiringWorld) -> None:
        reference = world.new_request(70_000)
        world.pay(reference)
        first, second = world.read(reference), world.read(reference)
        assert (getattr(first.content, "state", None), getattr(first.content, "amount", None)) == ("paid", 70_000)
        assert first.transaction_id
        assert (first.transaction_id, first.fingerprint) == (second.transaction_id, second.fingerprint)

    def test_reading_is_pure(self, world: EnquiringWorld) -> None:
        reference = world.new_request(70_000)
        world.pay(reference)
        raw = world.enquirer.ask(reference, request={})
        assert world.reader.read(raw) == world.reader.read(raw)

    def test_a_tampered_answer_is_not_believed(self, world: EnquiringWorld) -> None:
        reference = world.new_request(70_000)
        world.pay(reference)
        world.tamper()
        with pytest.raises(Untrusted):
            world.read(reference)

    def test_a_question_that_is_not_answered_is_unavailable(self, world: EnquiringWorld) -> None:
        reference = world.new_request(70_000)
        world.go_away()
        with pytest.raises(Unavailable):
            world.enquirer.ask(reference, request={})


class BillWorld:
    """What the contract of a source of bills needs of a partner."""

    source: BillSource
    reader: Reader

    def paid(self) -> str:
        """The reference of a payment that was made."""
        raise NotImplementedError

    def unpaid(self) -> str:
        """The reference of a request that nobody has paid."""
        raise NotImplementedError

    def break_off(self) -> None:
        """The next bill ends in its middle."""
        raise NotImplementedError

    def go_away(self) -> None:
        """The next question is not answered."""
        raise NotImplementedError


class BillSourceContract(Contract):
    """``BillSource`` and its ``Reader``: the whole bill as it came, or none."""

    @pytest.fixture
    def world(self) -> BillWorld:
        raise NotImplementedError

    def test_it_runs_on_what_it_names(self, world: BillWorld) -> None:
        assert isinstance(world.source, self.of)
        assert isinstance(world.reader, self.reads_with)

    def test_the_bill_comes_unread_and_says_whose_it_is(self, world: BillWorld) -> None:
        reference = world.paid()
        raw = world.source.fetch(reference)
        assert (raw.partner, raw.kind, raw.transport_id) == (world.source.partner, Kind.PAYMENT_BILL, reference)
        content = world.reader.read(raw).content
        assert content == PaymentBill(world.source.partner, reference, hashlib.sha256(raw.body).hexdigest())

    def test_the_same_bill_again_is_the_same_message_and_moves_no_money(self, world: BillWorld) -> None:
        reference = world.paid()
        first, again = (world.reader.read(world.source.fetch(reference)) for _ in range(2))
        assert first == again
        assert first.transaction_id is None

    def test_where_there_is_none_yet_it_is_not_found(self, world: BillWorld) -> None:
        with pytest.raises(NotFound):
            world.source.fetch(world.unpaid())

    def test_a_question_that_is_not_answered_is_unavailable(self, world: BillWorld) -> None:
        reference = world.paid()
        world.go_away()
        with pytest.raises(Unavailable):
            world.source.fetch(reference)

    def test_half_a_bill_is_malformed(self, world: BillWorld) -> None:
        reference = world.paid()
        world.break_off()
        raw = world.source.fetch(reference)
        with pytest.raises(Malformed):
            world.reader.read(raw)


@dataclass(frozen=True)
class Published:
    """A file that the partner put out: its name, and how much money it tells of at our account."""

    name: str
    amounts: tuple[int, ...]


class DocumentWorld:
    """What the contracts of sources and statement readers need of a partner."""

    source: DocumentSource
    reader: StatementReader

    def publish(self, *amounts: int, fault: str = "") -> Published:
        """A new signed file that tells of these amounts; ``fault``: tampered, unsigned, growing."""
        raise NotImplementedError

    def cut_in_mid_file(self, name: str) -> None:
        """The next download of ``name`` breaks off somewhere."""
        raise NotImplementedError

    def offered(self, name: str) -> bool:
        return name in [found.name for found in self.source.list()]


class DocumentSourceContract(Contract):
    """``DocumentSource``: complete files only, fetched whole, put away once."""

    @pytest.fixture
    def documents(self) -> DocumentWorld:
        raise NotImplementedError

    def test_it_runs_on_what_it_names(self, documents: DocumentWorld) -> None:
        assert isinstance(documents.source, self.of)

    def test_a_published_file_is_offered_with_its_signature(self, documents: DocumentWorld) -> None:
        published = documents.publish(1_000)
        found = next(found for found in documents.source.list() if found.name == published.name)
        assert found.size > 0
        assert found.signature_name

    def test_growing_files_are_left_out_and_unsigned_ones_say_so(self, documents: DocumentWorld) -> None:
        assert not documents.offered(documents.publish(1_000, fault="growing").name)
        unsigned = documents.publish(1_000, fault="unsigned")
        [found] = [found for found in documents.source.list() if found.name == unsigned.name]
        assert found.signature_name is None

    def test_a_fetched_file_is_whole(self, documents: DocumentWorld, tmp_path: Path) -> None:
        published = documents.publish(1_000)
        document = next(found for found in documents.source.list() if found.name == published.name)
        fetched = documents.source.fetch(document, tmp_path)
        assert fetched.path.stat().st_size == fetched.size == document.size
        assert fetched.path.parent == tmp_path

    def test_a_cut_is_unavailable_and_the_next_try_brings_the_whole(
        self, documents: DocumentWorld, tmp_path: Path
    ) -> None:
        published = documents.publish(*range(1_000, 300_000, 1_000))
        document = next(found for found in documents.source.list() if found.name == published.name)
        documents.cut_in_mid_file(published.name)
        with pytest.raises(Unavailable):
            documents.source.fetch(document, tmp_path)
        assert documents.source.fetch(document, tmp_path).size == document.size

    def test_archiving_twice_is_harmless(self, documents: DocumentWorld) -> None:
        published = documents.publish(1_000)
        document = next(found for found in documents.source.list() if found.name == published.name)
        documents.source.archive(document)
        documents.source.archive(document)
        assert not documents.offered(published.name)


class StatementReaderContract(Contract):
    """``StatementReader``: the signer is known before anything is read, and what is read is what was published."""

    @pytest.fixture
    def documents(self) -> DocumentWorld:
        raise NotImplementedError

    def test_it_runs_on_what_it_names(self, documents: DocumentWorld) -> None:
        assert isinstance(documents.reader, self.of)

    def test_a_file_says_who_signed_it_and_what_it_tells(self, documents: DocumentWorld, tmp_path: Path) -> None:
        published = documents.publish(1_000, 25_000)
        document = next(found for found in documents.source.list() if found.name == published.name)
        fetched = documents.source.fetch(document, tmp_path)
        assert len(documents.reader.verify(fetched)) == 64
        told = [entry.amount for statement in documents.reader.read(fetched) for entry in statement.entries]
        assert told == [1_000, 25_000]

    def test_reading_twice_gives_the_same(self, documents: DocumentWorld, tmp_path: Path) -> None:
        published = documents.publish(1_000)
        document = next(found for found in documents.source.list() if found.name == published.name)
        fetched = documents.source.fetch(document, tmp_path)
        first: list[Statement] = list(documents.reader.read(fetched))
        assert first == list(documents.reader.read(fetched))

    def test_a_tampered_file_is_not_believed(self, documents: DocumentWorld, tmp_path: Path) -> None:
        published = documents.publish(1_000, fault="tampered")
        document = next(found for found in documents.source.list() if found.name == published.name)
        fetched = documents.source.fetch(document, tmp_path)
        with pytest.raises(Untrusted):
            documents.reader.verify(fetched)

    def test_a_file_that_is_no_statement_is_malformed(self, documents: DocumentWorld, tmp_path: Path) -> None:
        published = documents.publish(1_000)
        document = next(found for found in documents.source.list() if found.name == published.name)
        fetched = documents.source.fetch(document, tmp_path)
        fetched.path.write_bytes(b"%PDF-1.7 no statement at all")
        with pytest.raises(GatewayError) as raised:
            documents.reader.read(fetched)
        assert isinstance(raised.value, Malformed)

    def test_a_name_without_a_date_says_none(self, documents: DocumentWorld) -> None:
        assert documents.reader.business_on("README.txt") is None
        assert documents.reader.business_on(documents.publish(1_000).name) is not None


class AnswerWorld:
    """What the contract of answers to enquiries (tra soát) needs of a partner."""

    source: DocumentSource
    reader: EnquiryAnswerReader
    other_files: DocumentSource
    """The statements or remittances that lie in the same folder."""

    def ask(self) -> str:
        """Lay a signed enquiry with the partner; its number."""
        raise NotImplementedError

    def answer(self, enquiry_id: str, *, text: str = "", fault: str = "") -> str:
        """The partner answers; the name of its file."""
        raise NotImplementedError

    def fetched(self, folder: Path, *, text: str = "", fault: str = "") -> tuple[str, FetchedDocument]:
        """Asked and answered: the number of the enquiry, and the file as it was fetched."""
        number = self.ask()
        name = self.answer(number, text=text, fault=fault)
        document = next(found for found in self.source.list() if found.name == name)
        return number, self.source.fetch(document, folder)


class EnquiryAnswerReaderContract(Contract):
    """``EnquiryAnswerReader``: the partner's own signature, its own enquiry, whole or not at all."""

    @pytest.fixture
    def answers(self) -> AnswerWorld:
        raise NotImplementedError

    def test_it_runs_on_what_it_names(self, answers: AnswerWorld) -> None:
        assert isinstance(answers.reader, self.of)

    def test_an_answer_says_who_signed_it_and_what_it_is_about(self, answers: AnswerWorld, tmp_path: Path) -> None:
        number, document = answers.fetched(tmp_path, text="Đã hạch toán nhầm.\nSẽ đảo bút toán.")
        assert len(answers.reader.verify(document)) == 64
        told = answers.reader.read(document)
        assert (told.enquiry_id, told.text) == (number, "Đã hạch toán nhầm. Sẽ đảo bút toán.")
        assert told.reference

    def test_statements_and_answers_are_told_apart_in_one_folder(self, answers: AnswerWorld) -> None:
        name = answers.answer(answers.ask())
        assert name in [found.name for found in answers.source.list()]
        assert name not in [found.name for found in answers.other_files.list()]

    @pytest.mark.parametrize("fault", ["tampered", "wrong_signer", "expired_signer"])
    def test_a_signature_that_is_not_the_partners_is_not_believed(
        self, answers: AnswerWorld, tmp_path: Path, fault: str
    ) -> None:
        _, document = answers.fetched(tmp_path, text="Số 100", fault=fault)
        with pytest.raises(Untrusted):
            answers.reader.verify(document)

    @pytest.mark.parametrize(
        ("fault", "code"),
        [
            ("other_partner", "wrong-partner"),
            ("other_environment", "wrong-environment"),
            ("wrong_count", "enquiry-answer-layout"),
        ],
    )
    def test_what_is_signed_and_wrong_has_its_code(
        self, answers: AnswerWorld, tmp_path: Path, fault: str, code: str
    ) -> None:
        _, document = answers.fetched(tmp_path, fault=fault)
        assert answers.reader.verify(document)
        with pytest.raises(GatewayError) as told:
            answers.reader.read(document)
        assert told.value.code == code
