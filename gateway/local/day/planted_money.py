"""Planted cases of money at the banks and the intermediary. Amounts are odd on purpose: no two sums are alike."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from gateway.local.day.cases import Act, Case, FeesExpected, Kept, Reference, RowExpected
from gateway.local.day.planting import Plant, code_words
from gateway.local.day.steps import AFTERNOON, COUNTER, EVENING, PAYERS, POST, REFUNDS
from gateway.model import VIETNAM
from simulators.province import life

BANK_A, BANK_B, PLATFORM = "bank-a", "bank-b", "intermediary"
IB, QR, POS, ONLINE = "internet_banking", "qr", "pos", "platform"
BANK_MORE, AGENT_MORE, OURS_MORE = "ngân hàng thừa", "trung gian thừa", "hệ thống thừa"
PAYER_LESS, PAYER_MORE = "người nộp thiếu", "người nộp thừa"
OTHER_ACCOUNT = "1120000000202"


def money_cases(on: date) -> list[Case]:
    """Every case of a bank or the intermediary of the day ``on``."""
    plant = Plant(on, first=5001)
    return [
        *_paid(plant),
        *_not_as_asked(plant),
        *_one_side_only(plant),
        *_day_and_account(plant),
        *_several_for_one(plant),
        *_without_an_answer(plant),
        *_nobody_s_money(plant),
        _refund(plant),
        *_bank_s_own(plant),
    ]


def pay(step: str, partner: str, dossier: str, **more: object) -> Act:
    """The payer of a dossier pays its request."""
    return Act(step, partner, {"act": "pay", "reference": Reference(dossier), **more})


def _paid(plant: Plant) -> list[Case]:
    """Each channel once, paid and matched."""
    cases: list[Case] = []
    for name, partner, channel in (
        ("paid-internet-banking", BANK_A, IB),
        ("paid-qr", BANK_A, QR),
        ("paid-platform", PLATFORM, ONLINE),
    ):
        dossier = plant.dossier(channel, 151_000 + len(cases) * 1_000)
        cases.append(
            plant.case(
                name, f"Nộp đủ qua {channel}: khớp", dossier, acts=(pay(PAYERS, partner, dossier.code),),
                rows=(plant.row(partner, "matched", dossier=dossier.code),), paid=dossier.amount,
            )
        )  # fmt: skip
    card = plant.dossier(POS, 154_000)
    cases.append(
        plant.case(
            "paid-pos", "Quẹt thẻ tại quầy, ngân hàng ghi có: khớp", card,
            acts=plant.by_card(card), rows=(plant.row(BANK_B, "matched", dossier=card.code),), paid=card.amount,
        )
    )  # fmt: skip
    cash = plant.dossier("cash", 155_000)
    event = life.counter_payment(cash, plant.at(time(10, 0)), plant.receipt())
    cases.append(
        plant.case("paid-cash", "Nộp tiền mặt tại quầy", cash, acts=(plant.publish(COUNTER, event),), paid=cash.amount)
    )
    return cases


def _not_as_asked(plant: Plant) -> list[Case]:
    less, topped = plant.dossier(IB, 263_000), plant.dossier(QR, 271_000)
    more, twice, twice_online = plant.dossier(IB, 283_000), plant.dossier(QR, 291_000), plant.dossier(ONLINE, 299_000)
    differs = plant.dossier(POS, 307_000)
    return [
        plant.case(
            "underpaid", "Nộp thiếu, chưa bù", less, acts=(pay(PAYERS, BANK_A, less.code, amount=200_000),),
            rows=(plant.row(BANK_A, "underpaid", PAYER_LESS, less.code),), paid=200_000, state="due",
        ),
        plant.case(
            "topped-up", "Nộp thiếu rồi nộp bù đủ: cả hai lần khớp", topped,
            acts=(
                pay(PAYERS, BANK_A, topped.code, amount=200_000),
                pay(AFTERNOON, BANK_A, topped.code, amount=71_000),
            ),
            rows=(plant.row(BANK_A, "matched", dossier=topped.code, count=2),), paid=topped.amount,
        ),
        plant.case(
            "overpaid", "Nộp thừa", more, acts=(pay(PAYERS, BANK_A, more.code, amount=300_000),),
            rows=(plant.row(BANK_A, "overpaid", PAYER_MORE, more.code),), paid=more.amount,
        ),
        plant.case(
            "paid-twice", "Chuyển hai lần cho một khoản", twice,
            acts=(pay(PAYERS, BANK_A, twice.code), pay(EVENING, BANK_A, twice.code)),
            rows=(
                plant.row(BANK_A, "matched", dossier=twice.code),
                plant.row(BANK_A, "duplicate", BANK_MORE, twice.code),
            ),
            paid=twice.amount,
        ),
        plant.case(
            "paid-twice-platform", "Cổng thanh toán thu hai lần, chỉ báo một lần", twice_online,
            acts=(pay(PAYERS, PLATFORM, twice_online.code, times=2),),
            rows=(
                plant.row(PLATFORM, "matched", dossier=twice_online.code),
                plant.row(PLATFORM, "duplicate", AGENT_MORE, twice_online.code),
            ),
            paid=twice_online.amount,
        ),
        plant.case(
            "card-amount-differs", "Quầy ghi đủ, ngân hàng ghi thiếu", differs,
            acts=plant.by_card(differs, amount=297_000, tell=False),
            rows=(plant.row(BANK_B, "underpaid", OURS_MORE, differs.code),), paid=differs.amount,
        ),
    ]  # fmt: skip


def _one_side_only(plant: Plant) -> list[Case]:
    theirs, ours, agent = plant.dossier(IB, 401_000), plant.dossier(IB, 411_000), plant.dossier(ONLINE, 419_000)
    return [
        plant.case(
            "bank-has-it", "Ngân hàng có, hệ thống không", theirs,
            acts=(pay(PAYERS, BANK_A, theirs.code, tell=False),),
            rows=(plant.row(BANK_A, "missing_with_us", BANK_MORE, theirs.code),), state="due",
        ),
        plant.case(
            "we-have-it", "Hệ thống có, ngân hàng không", ours, acts=(pay(PAYERS, BANK_A, ours.code, book=False),),
            rows=(plant.row(BANK_A, "missing_at_partner", OURS_MORE, ours.code),), paid=ours.amount,
        ),
        plant.case(
            "platform-omits-it", "Cổng báo đã thu, tệp đối soát không có", agent,
            acts=(
                Act(PAYERS, PLATFORM, {"act": "pay", "reference": Reference(agent.code)}, keep="omitted"),
                Act(
                    EVENING, PLATFORM,
                    {"act": "alter_in_file", "number": Kept("omitted", "payments.0.MaGiaoDich"), "omitted": True},
                ),
            ),
            rows=(plant.row(PLATFORM, "missing_at_partner", OURS_MORE, agent.code),), paid=agent.amount,
        ),
    ]  # fmt: skip


def _day_and_account(plant: Plant) -> list[Case]:
    sunday = plant.on - timedelta(days=1)
    day, account = plant.dossier(POS, 503_000), plant.dossier(IB, 509_000)
    return [
        plant.case(
            "wrong-day", "Ngân hàng ghi vào ngày đối soát trước", day,
            acts=plant.by_card(day, tell=False, booked_on=sunday.isoformat()),
            rows=(
                plant.row(BANK_B, "wrong_day", OURS_MORE, day.code),
                RowExpected(BANK_B, sunday, "wrong_day", BANK_MORE, day.code),
            ),
            paid=day.amount,
        ),
        plant.case(
            "wrong-account", "Tiền vào tài khoản khác với tài khoản của thủ tục", account,
            acts=(pay(PAYERS, BANK_A, account.code, account=OTHER_ACCOUNT),),
            rows=(plant.row(BANK_A, "wrong_account", BANK_MORE, account.code),), paid=account.amount,
        ),
    ]  # fmt: skip


def _several_for_one(plant: Plant) -> list[Case]:
    three = [plant.dossier(IB, amount) for amount in (137_000, 241_000, 353_000)]
    one = plant.dossier(IB, 617_000)
    codes = [dossier.code for dossier in three]
    hinted = plant.dossier(IB, 128_700)
    return [
        Case(
            "one-transfer-for-three",
            "Một lần chuyển cho ba hồ sơ",
            events=tuple(event for dossier in three for event in plant.morning(dossier)),
            acts=(
                *(pay(PAYERS, BANK_A, code, book=False) for code in codes),
                Act(PAYERS, BANK_A, {
                    "act": "transfer_in", "amount": 731_000, "text": "nop phi cho ba ho so cua gia dinh",
                }),
            ),
            rows=tuple(plant.row(BANK_A, "matched", dossier=code, amount=731_000) for code in codes),
            fees=tuple(FeesExpected(dossier.code, "settled", dossier.amount) for dossier in three),
        ),
        plant.case(
            "three-transfers-for-one", "Ba lần chuyển cho một khoản", one,
            acts=(
                pay(PAYERS, BANK_A, one.code, book=False),
                *(
                    Act(PAYERS, BANK_A, {"act": "transfer_in", "amount": amount, "text": f"nop phi lan {number}"})
                    for number, amount in enumerate((201_500, 199_300, 216_200), start=1)
                ),
            ),
            rows=(plant.row(BANK_A, "matched", dossier=one.code, amount=617_000),), paid=one.amount,
        ),
        plant.case(
            "only-a-hint", "Nội dung chỉ gợi ý hồ sơ, không tự ghép", hinted,
            acts=(Act(POST, BANK_A, {
                "act": "transfer_in", "amount": 128_700, "text": f"nop phi ho so {code_words(hinted.code)}",
            }),),
            rows=(
                plant.row(BANK_A, "unidentified", BANK_MORE, hinted.code, amount=128_700),
                plant.row(BANK_A, "pending", dossier=hinted.code),
            ),
            state="due",
        ),
    ]  # fmt: skip


def _without_an_answer(plant: Plant) -> list[Case]:
    """Pending is neither success nor failure: it is settled by asking, one way, the other way, or not yet."""
    cases = []
    for number, (name, partner, channel) in enumerate((("bank", BANK_A, IB), ("platform", PLATFORM, ONLINE))):
        wait, fail = ("payment_pending", "payment_failed") if partner == BANK_A else ("pend", "fail")
        paid, failed = plant.dossier(channel, 521_000 + number), plant.dossier(channel, 523_000 + number)
        pend = tuple(Act(PAYERS, partner, {"act": wait, "reference": Reference(d.code)}) for d in (paid, failed))
        cases += [
            plant.case(
                f"time-out-then-paid-{name}", "Hết thời gian chờ; hỏi lại thì đã nộp", paid,
                acts=(pend[0], pay(AFTERNOON, partner, paid.code)),
                rows=(plant.row(partner, "matched", dossier=paid.code),), paid=paid.amount,
            ),
            plant.case(
                f"time-out-then-failed-{name}", "Hết thời gian chờ; hỏi lại thì chưa nộp", failed,
                acts=(pend[1], Act(AFTERNOON, partner, {"act": fail, "reference": Reference(failed.code)})),
                state="due",
            ),
        ]  # fmt: skip
    open_ = plant.dossier(ONLINE, 547_000)
    cases.append(
        plant.case(
            "still-pending", "Chờ kết luận đến hết ngày", open_,
            acts=(Act(PAYERS, PLATFORM, {"act": "pend", "reference": Reference(open_.code)}),),
            rows=(plant.row(PLATFORM, "pending", dossier=open_.code),), state="due",
        )
    )  # fmt: skip
    return cases


def _nobody_s_money(plant: Plant) -> list[Case]:
    cancelled = plant.dossier(IB, 557_000)
    unknown = f"QN{plant.on:%y%m%d}ZZZZZZZ"
    return [
        Case(
            "money-for-an-unknown-dossier",
            "Tiền cho mã tham chiếu không có",
            acts=(
                Act(PAYERS, BANK_A, {
                    "act": "transfer_in", "amount": 563_000, "reference": unknown, "text": f"nop phi {unknown}",
                }),
                Act(PAYERS, PLATFORM, {"act": "record_transaction", "amount": 569_000, "reference": unknown}),
            ),
            rows=(
                plant.row(BANK_A, "unidentified", BANK_MORE, amount=563_000),
                plant.row(PLATFORM, "unidentified", AGENT_MORE, amount=569_000),
            ),
        ),
        plant.case(
            "money-for-a-cancelled-dossier", "Tiền đến sau khi khoản thu đã hủy", cancelled,
            acts=(
                plant.publish(AFTERNOON, life.fee_cancelled(cancelled, plant.at(time(14, 0)), "Được miễn phí")),
                Act(POST, BANK_A, {
                    "act": "transfer_in", "amount": cancelled.amount, "reference": Reference(cancelled.code),
                }),
            ),
            rows=(plant.row(BANK_A, "unidentified", BANK_MORE, cancelled.code),), state="cancelled",
        ),
    ]  # fmt: skip


def _refund(plant: Plant) -> Case:
    dossier = plant.dossier(IB, 571_000)
    refused = life.refused(dossier, plant.at(time(14, 0)), "Hồ sơ không thuộc thẩm quyền giải quyết")
    return plant.case(
        "refund-after-refusal", "Hồ sơ bị từ chối, hoàn phí theo hai người duyệt", dossier,
        acts=(
            pay(PAYERS, BANK_A, dossier.code),
            plant.publish(AFTERNOON, refused),
            Act(REFUNDS, "people", {"act": "refund", "dossier": dossier.code}),
        ),
        rows=(
            plant.row(BANK_A, "matched", dossier=dossier.code),
            plant.row(BANK_A, "expected_difference", amount=-571_000),
        ),
        state="cancelled",
    )  # fmt: skip


def _bank_s_own(plant: Plant) -> list[Case]:
    late = datetime.combine(plant.on, time(21, 30), VIETNAM).isoformat()
    return [
        Case(
            name, story, acts=(Act(EVENING, BANK_A, {"act": act, "amount": abs(amount), "at": late}),),
            rows=(plant.row(BANK_A, outcome, amount=amount),),
        )
        for name, story, act, amount, outcome in (
            ("bank-charge", "Ngân hàng thu phí quản lý tài khoản", "bank_charge", -11_000, "bank_charge"),
            ("interest", "Ngân hàng trả lãi không kỳ hạn", "interest", 4_321, "interest"),
            ("treasury-transfer", "Chuyển nộp Kho bạc Nhà nước", "treasury_transfer", -5_000_000, "treasury_transfer"),
        )
    ]  # fmt: skip
