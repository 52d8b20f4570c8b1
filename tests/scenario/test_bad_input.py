"""Every line of "Bad input": refused with its own code, told, stored, and in nobody's way.

``PROVEN`` names, for each line, the tests that prove it, here or beside the part that refuses it. The tests here go
through the gateway as its DAGs do: a real broker, a real database, real signatures made by another library than ours.
"""

from __future__ import annotations

import ast
import json
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.wire.amqp import Publication, drain, peek, publish
from gateway import bootstrap, settings
from gateway.errors import ConfigurationError, Malformed
from gateway.model import Summary
from gateway.security import development_pki
from simulators import cms
from simulators.dossier import jose
from simulators.sftp_server import ensure_client_key
from tests.dossier.events import CODE, as_bytes, event
from tests.wire.raw_headers import PLAIN, publish_raw

pytestmark = [pytest.mark.scenario, pytest.mark.services]

TESTS = Path(__file__).resolve().parents[1]
QUEUE = "gateway.dossier-events"
HERE = "scenario/test_bad_input.py"
EVENTS = f"{HERE}::test_a_bad_event_is_kept_with_its_reason_and_blocks_nothing"
FILES = f"{HERE}::test_a_bad_statement_file_is_kept_with_its_reason_and_blocks_nothing"
TOLD = f"{HERE}::test_a_statement_that_does_not_add_up_is_loaded_with_its_problem"
ATTACKS = "security/test_soap_attacks.py"

PROVEN: Mapping[str, Sequence[str]] = {
    "malformed or hostile XML": (f"{ATTACKS}::test_hostile_or_broken_xml_is_refused",),
    "entity bombs": (
        "security/test_xml_signature_vectors.py::test_bombs_and_external_entities_are_refused",
        "banking/test_statement_camt.py::test_an_entity_bomb_is_refused_before_it_is_read_even_behind_a_long_prolog",
    ),
    "external entities": (
        "security/test_xml_signature_vectors.py::test_an_external_entity_in_a_saml_response_is_refused",
    ),
    "DTDs": (
        f"{ATTACKS}::test_a_doctype_in_another_encoding_is_found",
        "wire/test_soap.py::test_a_document_type_is_refused_before_anything_is_verified",
    ),
    "wrapping": (f"{ATTACKS}::test_a_wrapped_or_moved_body_is_refused",),
    "wrong schema": (EVENTS, "wire/test_soap.py::test_an_answer_of_another_shape_is_malformed"),
    "wrong namespace": ("wire/test_soap.py::test_an_answer_of_another_shape_is_malformed",),
    "wrong SOAP version": ("wire/test_soap.py::test_an_answer_in_the_other_soap_version_is_malformed",),
    "unknown operation": (EVENTS, "wire/test_soap.py::test_an_unknown_operation_is_a_setting_to_correct"),
    "unsigned": (EVENTS, f"{ATTACKS}::test_an_unsigned_message_is_told_as_such"),
    "wrong signature": (EVENTS, FILES, f"{ATTACKS}::test_a_forged_signature_value_is_refused"),
    "weak algorithm": (f"{ATTACKS}::test_other_algorithms_are_refused", f"{ATTACKS}::test_rsa_with_sha1_is_refused"),
    "stale timestamp of an unknown message": (
        "messages/test_receive.py::test_an_expired_message_that_is_unknown_is_stale_and_one_of_the_future_is_refused",
    ),
    "future timestamp of an unknown message": (
        "security/test_soap_signatures.py::test_freshness_allows_five_minutes_of_skew",
    ),
    "unknown signer": (EVENTS, FILES, f"{ATTACKS}::test_the_certificate_of_another_partner_is_refused"),
    "revoked signer": (FILES, f"{ATTACKS}::test_a_bad_certificate_of_the_bank_is_told_apart"),
    "id reused": (f"{HERE}::test_an_id_used_again_for_other_bytes_is_refused",),
    "transaction conflict": (f"{HERE}::test_a_receipt_number_told_again_with_another_amount_is_a_conflict",),
    "wrong environment": (EVENTS, f"{ATTACKS}::test_another_environment_is_refused"),
    "oversized message": (EVENTS,),
    "bytes that are not text in the configured encoding": (
        FILES,
        "banking/test_statement_encodings.py::test_bytes_that_are_no_text_in_the_encoding_are_refused",
    ),
    "invalid dossier code": (EVENTS, "dossier/test_event_codec.py::test_a_dossier_code_outside_the_grammar_is_refused"),
    "unknown status": (
        EVENTS,
        "postal/test_tracking.py::test_an_unknown_status_code_is_kept_raw_and_means_nothing",
    ),
    "amount with decimals": (EVENTS,),
    "amount in scientific notation": (EVENTS,),
    "negative or zero fee": (EVENTS,),
    "foreign currency": (EVENTS,),
    "trailer count that differs": (
        "banking/test_statement_fixed_width.py::test_a_wrong_trailer_says_which_part_is_wrong",
        "banking_adapter/test_statement_files.py::test_what_does_not_add_up_is_a_problem_and_the_entries_are_there",
    ),
    "empty statement": (TOLD,),
    "statement of another account": (TOLD,),
    "balances that do not continue": (TOLD,),
    "file name that climbs out of its folder": (
        "wire/test_sftp.py::test_a_name_that_climbs_out_of_its_folder_is_malformed",
        f"{HERE}::test_a_file_whose_name_climbs_is_kept_and_never_used_as_a_path",
    ),
    "poison AMQP message": (
        f"{HERE}::test_a_poison_message_is_dead_lettered_after_three_redeliveries_and_kept_by_us",
        f"{HERE}::test_events_whose_headers_nobody_can_read_are_judged_by_what_was_signed",
        "wire/test_amqp_strange_headers.py"
        "::test_a_message_whose_headers_cannot_be_read_comes_with_its_body_and_turns_no_other_back",
    ),
}


@pytest.mark.parametrize("line", PROVEN)
def test_each_line_of_bad_input_names_tests_that_exist(line: str) -> None:
    for named in PROVEN[line]:
        file, _, name = named.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, named


@dataclass(frozen=True)
class House:
    """The gateway with its database and broker, and the partners' keys."""

    environ: dict[str, str]
    certs: Path

    @property
    def amqp_url(self) -> str:
        return self.environ["GATEWAY_AMQP_URL"]

    def send(self, *bodies: bytes) -> None:
        sent = [Publication("dossier.events", "vn.quangninh.test", body, f"m{n}") for n, body in enumerate(bodies)]
        assert all(outcome.error is None for outcome in publish(self.amqp_url, sent))

    def drain(self) -> Summary:
        with bootstrap.open_gateway(environ=self.environ) as gateway:
            return gateway.drain_dossier_events()

    def load(self, name: str, content: bytes, signature: bytes, folder: Path, partner: str = "bank-b") -> Summary:
        file = folder / name
        file.write_bytes(content)
        seal = folder / "seal.p7s"
        seal.write_bytes(signature)
        with bootstrap.open_gateway(environ=self.environ) as gateway:
            return gateway.load_file(partner, file, seal)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with bootstrap.open_gateway(environ=self.environ) as gateway:
            return gateway.connection.execute(query.encode()).fetchall()

    def kept(self) -> list[tuple[str, str, str, bytes]]:
        """State, reason, detail and original bytes of everything that came, oldest first."""
        return [
            (str(state), str(reason), str(detail), bytes(body))
            for state, reason, detail, body in self.rows(
                "SELECT state, reason, detail, body FROM gateway.message JOIN gateway.message_body USING (message_pk)"
                " WHERE direction = 'in' ORDER BY message_pk"
            )
        ]

    def sign(self, payload: bytes, *, by: str = "dossier", environment: str = "test") -> bytes:
        folder = self.certs / "bad" if by == "wrong-ca" else self.certs
        return jose.sign(payload, jose.signer(folder, by), environment)


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad-input-pki")
    development_pki.create(folder)
    ensure_client_key(folder)
    (folder / "sftp" / "known_hosts").touch()
    return folder


@pytest.fixture
def house(database_url: str, amqp_url: str, certs: Path, tmp_path: Path) -> House:
    environ = {
        "GATEWAY_ENV": "test",
        "GATEWAY_DATABASE_URL": database_url,
        "GATEWAY_AMQP_URL": amqp_url,
        "GATEWAY_CONFIG": str(TESTS.parent / "config"),
        "GATEWAY_CERTS": str(certs),
        "GATEWAY_VAR": str(tmp_path / "var"),
    }
    bootstrap.declare_queues(settings.load(environ))
    return House(environ, certs)


def fee(**more: object) -> bytes:
    line = {"fee_id": "1", "kind": "phi", "name": "Phí thẩm định", "amount": 350000, **more}
    return as_bytes(event("fee.requested.v1", {"lines": [line]}))


def test_a_bad_event_is_kept_with_its_reason_and_blocks_nothing(house: House) -> None:
    payment = as_bytes(event("payment.counter.v1"))
    header, _, seal = house.sign(payment).split(b".")
    forged = house.sign(payment.replace(b"400000", b"900000")).split(b".")[1]
    bad = {
        "unsigned": (payment, "unsigned-message"),
        "poisonous bytes": (b"\x00\xff\xfe", "unsigned-message"),
        "tampered": (b".".join((header, forged, seal)), "wrong-signature"),
        "stranger": (house.sign(payment, by="bank-a"), "unknown-signer"),
        "environment": (house.sign(payment, environment="production"), "wrong-environment"),
        "too large": (house.sign(b" " * 600_000), "message-too-large"),
        "schema": (house.sign(as_bytes(event("payment.counter.v1", {"method": 7}))), "event-data-invalid"),
        "operation": (house.sign(payment.replace(b"payment.counter.v1", b"payment.unknown.v9")), "event-unexpected"),
        "dossier code": (house.sign(payment.replace(CODE.encode(), b"../../x")), "dossier-code-invalid"),
        "decimals": (house.sign(payment.replace(b"400000", b"400000.5")), "amount-not-whole"),
        "exponent": (house.sign(payment.replace(b"400000", b"1e3")), "amount-not-whole"),
        "zero": (house.sign(fee(amount=0)), "amount-not-positive"),
        "negative": (house.sign(fee(amount=-5)), "amount-not-positive"),
        "currency": (house.sign(fee(currency="USD")), "currency-foreign"),
        "status": (house.sign(as_bytes(event("dossier.step.v1", {"status": 99}))), "dossier-status-unknown"),
    }
    good = house.sign(as_bytes(event("dossier.submitted.v1", id="good")))
    house.send(*(body for body, _ in bad.values()), good)
    house.drain()
    kept = house.kept()
    assert [body for *_, body in kept] == [*(body for body, _ in bad.values()), good]
    found = {name: (state, reason) for name, (state, reason, _, _) in zip(bad, kept, strict=False)}
    assert found == {name: ("quarantined", code) for name, (_, code) in bad.items()}
    for state, reason, detail, _ in kept[:-1]:
        assert state == "quarantined"
        assert detail.startswith(f"[{reason}] "), detail
    assert kept[-1][0] == "applied"
    assert peek(house.amqp_url, QUEUE) == 0


def test_events_whose_headers_nobody_can_read_are_judged_by_what_was_signed(house: House) -> None:
    """A time after the year 9999 in a header ended the connection, and with it the run, again and again."""
    year_10000 = b"\x01hT" + (253_402_300_800).to_bytes(8, "big")
    first = house.sign(as_bytes(event("dossier.submitted.v1", id="e1")))
    last = house.sign(as_bytes(event("dossier.accepted.v1", id="e2")))
    bodies = [(first, year_10000), (b"{}", year_10000), (last, PLAIN)]
    publish_raw(house.amqp_url, "dossier.events", "vn.quangninh.test", bodies)
    house.drain()
    assert [(state, reason, body) for state, reason, _, body in house.kept()] == [
        ("applied", "", first),
        ("quarantined", "unsigned-message", b"{}"),
        ("applied", "", last),
    ]
    assert peek(house.amqp_url, QUEUE) == peek(house.amqp_url, f"{QUEUE}.dead") == 0


def test_an_id_used_again_for_other_bytes_is_refused(house: House) -> None:
    first = house.sign(as_bytes(event("dossier.submitted.v1")))
    other = house.sign(as_bytes(event("dossier.submitted.v1", {"summary": "khác"})))
    good = house.sign(as_bytes(event("dossier.accepted.v1", id="good")))
    house.send(first, other, good)
    house.drain()
    kept = house.kept()
    assert [(state, reason) for state, reason, *_ in kept] == [
        ("applied", ""),
        ("quarantined", "id-reused"),
        ("applied", ""),
    ]
    assert kept[1][2]
    assert kept[1][3] == other


def test_a_receipt_number_told_again_with_another_amount_is_a_conflict(house: House) -> None:
    house.send(
        house.sign(as_bytes(event("dossier.submitted.v1", id="e1"))),
        house.sign(as_bytes(event("fee.requested.v1", id="e2"))),
        house.sign(as_bytes(event("payment.counter.v1", id="e3"))),
    )
    house.drain()
    other = house.sign(as_bytes(event("payment.counter.v1", {"amount": 390000}, id="e4")))
    house.send(other, house.sign(as_bytes(event("dossier.accepted.v1", id="e5"))))
    house.drain()
    kept = house.kept()
    assert [(state, reason) for state, reason, *_ in kept] == [
        ("applied", ""),
        ("applied", ""),
        ("applied", ""),
        ("quarantined", "transaction-conflict"),
        ("applied", ""),
    ]
    assert kept[3][3] == other
    assert house.rows("SELECT amount FROM gateway.payment") == [(400000,)]


def until_waiting(url: str, queue: str, count: int) -> None:
    deadline = time.monotonic() + 15
    turn = threading.Event()
    while peek(url, queue) != count:
        assert time.monotonic() < deadline, f"{queue} never held {count}"
        turn.wait(0.05)


def test_a_poison_message_is_dead_lettered_after_three_redeliveries_and_kept_by_us(house: House) -> None:
    poison = house.sign(as_bytes(event("dossier.accepted.v1", id="poison")))
    house.send(poison)
    times = []
    with drain(house.amqp_url, QUEUE, limit=100, idle=timedelta(milliseconds=500)) as taken:
        for batch in taken.batches():
            for delivery in batch:
                times.append(delivery.delivery_count)
                taken.fail(delivery, "store-crashed")
    assert times == [0, 1, 2, 3]
    until_waiting(house.amqp_url, f"{QUEUE}.dead", 1)
    good = house.sign(as_bytes(event("dossier.submitted.v1", id="good")))
    house.send(good)
    summary = house.drain()
    assert summary.counts["dead_lettered"] == 1
    kept = {body: (state, reason, detail) for state, reason, detail, body in house.kept()}
    assert kept[poison][:2] == ("dead_lettered", "dead-lettered")
    assert kept[poison][2].endswith("too often without an acknowledgement: store-crashed")
    assert kept[good][0] == "applied"
    assert peek(house.amqp_url, f"{QUEUE}.dead") == 0


def mt940(
    *, account: str = "0511000022233", opening: int = 1_000_000, amount: int = 77_000, day: str = "261123"
) -> str:
    entry = f":61:{day}{day[2:]}C{amount},NTRFNONREF//FT{day}\r\n:86:NOP PHI\r\n" if amount else ""
    return (
        f":20:STMT{day}\r\n:25:{account}\r\n:28C:1/1\r\n:60F:C{day}VND{opening},\r\n{entry}"
        f":62F:C{day}VND{opening + amount},\r\n-\r\n"
    )


GOOD = "MT940_20261123_9.sta"


def test_a_bad_statement_file_is_kept_with_its_reason_and_blocks_nothing(house: House, tmp_path: Path) -> None:
    sound = mt940().encode()
    seal = cms.sign(sound, house.certs, "bank-b")
    illegible = sound.replace(b"NOP PHI", b"NOP \xda\xd9\x9d\x8e")
    bad = [
        (sound.replace(b"77000", b"97000"), seal, "digest-mismatch"),
        (b" " + sound, cms.sign(b" " + sound, house.certs, "bank-a"), "unknown-signer"),
        (sound + b"\r\n", cms.sign(sound + b"\r\n", house.certs / "bad", "revoked"), "unknown-signer"),
        (sound + b"\n", b"", "unsigned-message"),
        (sound + b"\n\n", b"not CMS", "malformed-cms"),
        (illegible, cms.sign(illegible, house.certs, "bank-b"), "not-text-in-encoding"),
        (b"", cms.sign(b"", house.certs, "bank-b"), "empty-file"),
    ]
    for number, (content, signature, _) in enumerate(bad):
        house.load(f"MT940_20261123_{number}.sta", content, signature, tmp_path)
    # The revoked certificate carries bank A's name: for bank B it is a stranger's, for bank A its own, taken back.
    revoked = cms.sign(b"<x/>", house.certs / "bad", "revoked")
    house.load("BANKA_STMT_20261123_1.xml", b"<x/>", revoked, tmp_path, "bank-a")
    bad.append((b"<x/>", revoked, "certificate-revoked"))
    assert house.load(GOOD, sound, seal, tmp_path).counts["entries"] == 1
    kept = house.kept()
    assert [body for *_, body in kept] == [*(content for content, *_ in bad), sound]
    assert [(state, reason) for state, reason, *_ in kept[:-1]] == [("quarantined", code) for *_, code in bad]
    assert all(detail.startswith(f"[{reason}] ") for _, reason, detail, _ in kept[:-1])
    assert kept[-1][0] == "applied"


def test_a_statement_that_does_not_add_up_is_loaded_with_its_problem(house: House, tmp_path: Path) -> None:
    files = {
        "MT940_20261123.sta": mt940(),
        "MT940_20261124.sta": mt940(day="261124", opening=5_000_000),
        "MT940_20261125.sta": mt940(day="261125", opening=5_077_000, amount=0),
        "MT940_20261126.sta": mt940(day="261126", opening=5_077_000, account="9511000022233"),
    }
    for name, text in files.items():
        content = text.encode()
        house.load(name, content, cms.sign(content, house.certs, "bank-b"), tmp_path)
    assert [(state, body) for state, _, _, body in house.kept()] == [("applied", t.encode()) for t in files.values()]
    found = house.rows("SELECT problems FROM gateway.statement ORDER BY statement_pk")
    told = [json.dumps(problems) for (problems,) in found]
    for text, code in zip(
        told,
        ("[]", "balances-do-not-continue", "empty-statement", "statement-of-another-account"),
        strict=True,
    ):
        assert code in text


def test_a_file_whose_name_climbs_is_kept_and_never_used_as_a_path(house: House, tmp_path: Path) -> None:
    from gateway.flows import documents

    content = mt940().encode()
    seal = cms.sign(content, house.certs, "bank-b")
    with bootstrap.open_gateway(environ=house.environ) as gateway:
        partner = gateway.partner("bank-b")
        files = gateway._files_of(partner)
        documents.load_one(gateway._work, partner, files, "../../etc/MT940_20261123.sta", content, seal)
    [(state, reason, detail, body)] = house.kept()
    assert (state, reason, body) == ("quarantined", "file-name-unknown", content)
    assert detail.startswith("[file-name-unknown] ../../etc/MT940_20261123.sta")
    assert house.load(GOOD, content + b"\r\n", cms.sign(content + b"\r\n", house.certs, "bank-b"), tmp_path).keys
    assert not list(tmp_path.rglob("etc"))


def test_a_file_that_a_person_hands_in_is_held_to_the_same_size(house: House, tmp_path: Path) -> None:
    config = Path(shutil.copytree(TESTS.parent / "config", tmp_path / "config"))
    file = config / "partners" / "bank-b.toml"
    file.write_text(file.read_text().replace("[statements]\n", "[statements]\nlargest_megabytes = 1\n", 1))
    strict = replace(house, environ={**house.environ, "GATEWAY_CONFIG": str(config)})
    with pytest.raises(Malformed) as refused:
        strict.load(GOOD, b" " * (1024 * 1024 + 1), b"", tmp_path)
    assert refused.value.code == "message-too-large"
    assert strict.kept() == []


def test_one_partners_missing_certificate_stops_that_partner_alone(house: House, tmp_path: Path) -> None:
    certs = Path(shutil.copytree(house.certs, tmp_path / "certs"))
    (certs / "bank-a.crt").unlink()
    (certs / "sftp" / "known_hosts").write_text("nobody ssh-ed25519 AAAA\n")
    lacking = replace(house, environ={**house.environ, "GATEWAY_CERTS": str(certs)}, certs=certs)
    with (
        bootstrap.open_gateway(environ=lacking.environ) as gateway,
        pytest.raises(ConfigurationError) as after_the_others,
    ):
        gateway.query_payment_requests()
    assert [(one.file, one.key) for one in after_the_others.value.problems] == [("bank-a.toml", "trust.certificates.0")]
    content = mt940().encode()
    seal = cms.sign(content, certs, "bank-b")
    assert lacking.load(GOOD, content, seal, tmp_path).counts["entries"] == 1
    with pytest.raises(ConfigurationError) as refused:
        lacking.load("BANKA_STMT_20261123_1.xml", b"<x/>", seal, tmp_path, "bank-a")
    assert [one.key for one in refused.value.problems] == ["trust.certificates.0"]


def test_people_are_told_of_what_is_wrong_also_where_the_line_to_the_dossier_system_cannot_be_joined(
    house: House, tmp_path: Path
) -> None:
    house.send(b"no event")
    house.drain()
    certs = Path(shutil.copytree(house.certs, tmp_path / "certs"))
    (certs / "gateway-ec.key").unlink()
    with (
        bootstrap.open_gateway(environ={**house.environ, "GATEWAY_CERTS": str(certs)}) as gateway,
        pytest.raises(ConfigurationError) as after_the_others,
    ):
        gateway.check_lateness()
    assert [one.file for one in after_the_others.value.problems] == ["dossier.toml"]
    assert house.rows("SELECT cause FROM gateway.alert WHERE cleared_at IS NULL") == [("messages-quarantined:dossier",)]


def test_without_a_broker_no_run_that_tells_the_dossier_system_is_green(house: House) -> None:
    environ = {name: value for name, value in house.environ.items() if name != "GATEWAY_AMQP_URL"}
    with bootstrap.open_gateway(environ=environ) as gateway, pytest.raises(ConfigurationError) as told:
        gateway.dispatch("dossier")
    assert [(one.file, one.key) for one in told.value.problems] == [("environment", "GATEWAY_AMQP_URL")]
