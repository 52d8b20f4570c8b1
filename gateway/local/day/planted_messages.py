"""Planted messages: forged, repeated, early and wrongly said ones, and answers that never came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from gateway.local.day.cases import Act, Case, MessageExpected, Reference, ResumeExpected
from gateway.local.day.planted_money import BANK_A, BANK_B, pay
from gateway.local.day.planting import Plant
from gateway.local.day.steps import BAD_MESSAGES, COUNTER, MORNING, OPENING, PAYERS, STATEMENTS
from simulators.province import life

DOSSIER = "dossier"

# act of the dossier simulator, the reason it must be quarantined for, what people are told
_BAD_EVENTS = (
    ("tamper", "wrong-signature", "Thông điệp bị sửa sau khi ký"),
    ("unsigned", "unsigned-message", "Thông điệp không ký (alg none)"),
    ("bare", "unsigned-message", "JSON trần, không có chữ ký"),
    ("poison", "unsigned-message", "Byte rác"),
    ("unknown_signer", "unknown-signer", "Ký bởi chứng thư của CA lạ"),
    ("expired_certificate", "unknown-signer", "Ký bởi chứng thư hết hạn không phải của hệ thống hồ sơ"),
    ("wrong_environment", "wrong-environment", "Thông điệp của môi trường khác"),
    ("wrong_schema", "event-data-invalid", "Có trường không thỏa thuận"),
    ("duplicate_key", "duplicate-key", "Một khóa JSON hai lần"),
    ("decimal_amount", "amount-not-whole", "Số tiền có phần thập phân"),
    ("scientific_amount", "amount-not-whole", "Số tiền viết 1e3"),
    ("foreign_currency", "currency-foreign", "Ngoại tệ"),
)


def message_cases(on: date) -> list[Case]:
    """Every case of a message of the day ``on``."""
    plant = Plant(on, first=7001)
    return [
        _too_early(plant),
        *_repeated(plant),
        *_bad_events(plant),
        _expired_certificate(plant),
        _lost_answer(),
        _cut_connection(plant),
    ]


def _too_early(plant: Plant) -> Case:
    """The fee comes before its dossier: it is parked, and applied when the dossier is known."""
    dossier = plant.dossier("cash", 811_000)
    submitted, accepted, requested = plant.morning(dossier)
    paid = life.counter_payment(dossier, plant.at(time(10, 0)), plant.receipt())
    case = plant.case(
        "too-early", "Sự kiện đến trước hồ sơ của nó: chờ, rồi được áp dụng", dossier, paid=dossier.amount,
        acts=(plant.publish(OPENING, requested), plant.publish(COUNTER, paid)),
        messages=(MessageExpected(DOSSIER, "applied", transport_id=str(requested["id"]), was="parked"),),
    )  # fmt: skip
    return Case(case.name, case.story, (submitted, accepted), case.acts, case.rows, case.messages, case.fees)


def _repeated(plant: Plant) -> list[Case]:
    dossier = plant.dossier("cash", 821_000)
    paid = life.counter_payment(dossier, plant.at(time(10, 0)), plant.receipt())
    first = str(paid["id"])
    resent, other = f"{first}/resent", f"{first}/other-amount"
    changed: dict[str, Any] = {**paid, "id": other, "data": {**paid["data"], "amount": 1}}
    return [
        plant.case(
            "replay", "Gửi lại nguyên văn: trùng, không đổi gì", dossier, paid=dossier.amount,
            acts=(plant.publish(COUNTER, paid), _act("replay", event_id=first)),
            messages=(
                MessageExpected(DOSSIER, "applied", transport_id=first),
                MessageExpected(DOSSIER, "duplicate", transport_id=first),
            ),
        ),
        Case(
            "resend-under-a-new-id", "Gửi lại dưới mã mới: vẫn trùng vì cùng biên lai",
            acts=(_act("resend_under_new_id", event_id=first, id=resent),),
            messages=(MessageExpected(DOSSIER, "duplicate", transport_id=resent),),
        ),
        Case(
            "same-id-other-bytes", "Cùng mã, nội dung khác: từ chối",
            acts=(_act("same_id_other_bytes", event_id=first, data={"amount": 9}),),
            messages=(MessageExpected(DOSSIER, "quarantined", "id-reused", transport_id=first),),
        ),
        Case(
            "same-receipt-other-amount", "Cùng biên lai, số tiền khác: mâu thuẫn",
            acts=(_act("publish", events=[changed]),),
            messages=(MessageExpected(DOSSIER, "quarantined", "transaction-conflict", transport_id=other),),
        ),
    ]  # fmt: skip


def _bad_events(plant: Plant) -> list[Case]:
    """One dossier on which everything is tried; nothing of it changes."""
    dossier = plant.dossier("cash", 823_000)
    hour = plant.at(time(20, 0))
    cases = [plant.case("bad-events-change-nothing", "Hồ sơ bị thử mọi kiểu", dossier, state="due")]
    for act, reason, story in _BAD_EVENTS:
        event = {**life.counter_payment(dossier, hour, plant.receipt()), "id": f"planted/{act}"}
        cases.append(_refused(f"event-{act.replace('_', '-')}", story, act, event, reason))
    step = {**life.step(dossier, hour, 4, "Thẩm định"), "id": "planted/unknown_status"}
    cases.append(
        _refused(
            "event-unknown-status",
            "Trạng thái không có trong danh mục",
            "unknown_status",
            step,
            "dossier-status-unknown",
        )
    )
    negative = {**life.fee_requested(dossier, hour), "id": "planted/negative"}
    negative["data"]["lines"][0] |= {"fee_id": "9", "amount": -5000}
    wrong_code = {**life.withdrawn(dossier, hour, "rút"), "id": "planted/code", "subject": "HO-SO-SO-1"}
    for name, story, bad, reason in (
        ("negative-fee", "Khoản thu âm", negative, "amount-not-positive"),
        ("invalid-dossier-code", "Mã hồ sơ sai quy cách", wrong_code, "dossier-code-invalid"),
    ):
        expected = MessageExpected(DOSSIER, "quarantined", reason, transport_id=str(bad["id"]))
        cases.append(Case(name, story, acts=(plant.publish(BAD_MESSAGES, bad),), messages=(expected,)))
    return cases


def _refused(name: str, story: str, act: str, event: Mapping[str, object], reason: str) -> Case:
    expected = MessageExpected(DOSSIER, "quarantined", reason, transport_id=str(event["id"]))
    return Case(name, story, acts=(_act(act, event=event),), messages=(expected,))


def _act(name: str, **wish: object) -> Act:
    return Act(BAD_MESSAGES, DOSSIER, {"act": name, **wish})


def _expired_certificate(plant: Plant) -> Case:
    """A bank's answer signed by its expired certificate is not believed; asked again, the payment is known."""
    dossier = plant.dossier("qr", 827_000)
    match = {"operation": "QueryPaymentRequest", "reference": Reference(dossier.code)}
    return plant.case(
        "expired-certificate", "Ngân hàng trả lời bằng chứng thư hết hạn: không tin, hỏi lại", dossier,
        acts=(
            Act(PAYERS, BANK_A, {"behaviour": "expired_certificate", "count": 1, "match": match}, misbehave=True),
            pay(PAYERS, BANK_A, dossier.code),
        ),
        rows=(plant.row(BANK_A, "matched", dossier=dossier.code),),
        messages=(MessageExpected(BANK_A, "quarantined", "certificate-expired", kind="payment_status"),),
        paid=dossier.amount,
    )  # fmt: skip


def _lost_answer() -> Case:
    """The bank made the payment request, its answer was garbage: in doubt, settled by asking, not made twice."""
    match = {"operation": "CreatePaymentRequest"}
    return Case(
        "lost-answer", "Ngân hàng đã lập yêu cầu nhưng trả lời rác: hỏi lại, không gửi lần hai",
        acts=(Act(MORNING, BANK_A, {"behaviour": "garbage", "count": 1, "match": match}, misbehave=True),),
        messages=(MessageExpected(BANK_A, "delivered", kind="payment_request_create", was="in_doubt"),),
    )  # fmt: skip


def _cut_connection(plant: Plant) -> Case:
    """The line breaks in the middle of bank B's statement; the rest is fetched later and the file is whole."""
    name = f"MT940_{plant.on:%Y%m%d}_1.sta"
    drop = {"behaviour": "drop_mid_file", "count": 1, "match": {"name": name}, "after": 1_200}
    return Case(
        "statement-cut-and-resumed", "Đứt kết nối giữa tệp sao kê, tải tiếp phần còn lại",
        acts=(Act(STATEMENTS, BANK_B, drop, misbehave=True),),
        messages=(MessageExpected(BANK_B, "applied", kind="statement_file", transport_id=name),),
        resumed=(ResumeExpected(BANK_B, name),),
    )  # fmt: skip
