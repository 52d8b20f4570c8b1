"""Vouchers of the treasury: recorded by a maker, matched to the bank's debit, unmatched both ways told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.application import treasury
from gateway.application.access import Person, Role
from gateway.application.desk import Desk
from gateway.application.treasury import Debit, Item, Recorded, Voucher
from gateway.errors import Conflict, Forbidden, Malformed, NotFound
from gateway.ledger.voucher_pairs import pair
from tests.application.money_story import AN, BINH, GUEST, MoneyStory, at_a_desk
from tests.ledger.story import MONDAY
from tests.reconciliation.day_story import ACCOUNT

VOUCHER = Voucher(
    voucher_number="GNT-0012", partner="bank-a", account=ACCOUNT, paid_on=MONDAY, covers_from=date(2026, 11, 16),
    covers_to=date(2026, 11, 20), payer_name="Trung tâm Phục vụ hành chính công", treasury_name="KBNN Quảng Ninh",
    items=(
        Item("phi", "Phí thẩm định", 3_000_000, "426", "2716"),
        Item("le_phi", "Lệ phí cấp giấy phép", 2_000_000, "426", "2852"),
    ),
)  # fmt: skip


@pytest.fixture
def told(database_url: str) -> Iterator[tuple[MoneyStory, Desk]]:
    with at_a_desk(database_url) as pair_:
        yield pair_


def on_record(number: int, amount: int, on: date = MONDAY, **more: str) -> Recorded:
    item = Item("phi", "Phí", amount, "426", "2716")
    fields = {**asdict(VOUCHER), "voucher_number": f"GNT-{number}", "paid_on": on, "items": (item,), **more}
    return Recorded(**fields, voucher_pk=number)


def debit(number: int, amount: int, on: date = MONDAY, keys: str = "", account: str = ACCOUNT) -> Debit:
    return Debit(number, "bank-a", account, on, amount, keys, "NOP NSNN TK 7111")


@pytest.mark.unit
def test_a_debit_that_names_its_voucher_goes_before_an_equal_one() -> None:
    found = pair([on_record(1, 500), on_record(2, 500)], [debit(8, 500, keys="X GNT-2"), debit(9, 500)], 5)
    assert [(one.voucher.voucher_pk, one.debit.entry_pk, one.certain) for one in found.pairs] == [
        (1, 9, True),
        (2, 8, True),
    ]


@pytest.mark.unit
def test_equal_ones_are_paired_in_order_and_said_to_be_uncertain() -> None:
    found = pair([on_record(1, 500), on_record(2, 500)], [debit(9, 500), debit(8, 500)], 5)
    assert [(one.voucher.voucher_pk, one.debit.entry_pk, one.certain) for one in found.pairs] == [
        (1, 8, False),
        (2, 9, False),
    ]


@pytest.mark.unit
@pytest.mark.parametrize(
    "other", [{"amount": 501}, {"account": "0511000022233"}, {"on": MONDAY - timedelta(days=1)},
              {"on": MONDAY + timedelta(days=6)}],
)  # fmt: skip
def test_another_amount_account_or_a_day_outside_the_window_pairs_nothing(other: dict[str, object]) -> None:
    found = pair([on_record(1, 500)], [debit(**{"number": 9, "amount": 500, **other})], 5)  # type: ignore[arg-type]  # the point of the test
    assert (len(found.pairs), len(found.vouchers), len(found.debits)) == (0, 1, 1)


_days = st.integers(0, 12).map(lambda days: MONDAY + timedelta(days=days))
_sides = st.tuples(
    st.lists(st.tuples(st.sampled_from([500, 700]), _days), max_size=8),
    st.lists(st.tuples(st.sampled_from([500, 700]), _days), max_size=8),
)


@pytest.mark.property
@given(_sides, st.randoms(use_true_random=False))
def test_no_money_is_lost_between_vouchers_and_debits_in_any_order(
    sides: tuple[list[tuple[int, date]], list[tuple[int, date]]], random: object
) -> None:
    recorded = [on_record(number, amount, on) for number, (amount, on) in enumerate(sides[0], start=1)]
    paid = [debit(number, amount, on) for number, (amount, on) in enumerate(sides[1], start=1)]
    found = pair(recorded, paid, 3)
    assert sorted([*(one.voucher.voucher_pk for one in found.pairs), *(one.voucher_pk for one in found.vouchers)]) == [
        one.voucher_pk for one in recorded
    ]
    assert sorted([*(one.debit.entry_pk for one in found.pairs), *(one.entry_pk for one in found.debits)]) == [
        one.entry_pk for one in paid
    ]
    for one in found.pairs:
        assert one.voucher.total == one.debit.amount
        assert timedelta() <= one.debit.on - one.voucher.paid_on <= timedelta(days=3)
    for voucher in found.vouchers:  # nothing that could be paired is left on both sides
        assert not any(
            left.amount == voucher.total and timedelta() <= left.on - voucher.paid_on <= timedelta(days=3)
            for left in found.debits
        )
    random.shuffle(recorded)  # type: ignore[attr-defined]  # hypothesis's Random
    random.shuffle(paid)  # type: ignore[attr-defined]  # hypothesis's Random
    assert pair(recorded, paid, 3) == found


@pytest.mark.services
def test_a_recorded_voucher_meets_the_debit_of_the_statement(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    pk = treasury.record(desk, AN, VOUCHER)
    first = treasury.matching(desk, GUEST, MONDAY, MONDAY)
    assert (first.vouchers, [one.voucher_pk for one in first.waiting]) == ((), [pk])
    treasury.confirm(desk, BINH, pk)
    (alone,) = treasury.matching(desk, GUEST, MONDAY, MONDAY).vouchers
    assert (alone.total, alone.items, alone.recorded_by) == (5_000_000, VOUCHER.items, "an")
    story.line(-5_000_000, text="NOP NSNN TK 7111 KHO BAC NHA NUOC QUANG NINH")
    story.line(-1_000_000, text="NOP NSNN TK 7111 KHO BAC NHA NUOC QUANG NINH")
    story.settle_day()
    story.conn.commit()
    found = treasury.matching(desk, GUEST, MONDAY, MONDAY)
    assert [(one.voucher.voucher_number, one.certain) for one in found.pairs] == [("GNT-0012", True)]
    assert (found.vouchers, [one.amount for one in found.debits]) == ((), [1_000_000])
    paid = treasury.pair_of(desk, GUEST, treasury.voucher(desk, GUEST, pk))
    assert paid is not None
    assert paid.debit.amount == 5_000_000


@pytest.mark.services
def test_what_two_people_recorded_only_another_than_the_recorder_takes_back(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    for role in ("finance_maker", "finance_checker"):
        story.employ(chi=role)
    story.conn.commit()
    both = Person("chi", frozenset({Role.MAKER, Role.CHECKER}))
    pk = treasury.record(desk, both, VOUCHER)
    with pytest.raises(Forbidden) as alone:
        treasury.confirm(desk, both, pk)
    assert alone.value.code == "same-person"
    treasury.confirm(desk, BINH, pk)
    with pytest.raises(Conflict) as twice:
        treasury.confirm(desk, BINH, pk)
    assert twice.value.code == "confirmed-already"
    for person, code in ((AN, "act-not-allowed"), (both, "same-person")):
        with pytest.raises(Forbidden) as refused:
            treasury.cancel(desk, person, pk, "không chuyển nữa")
        assert refused.value.code == code
    with pytest.raises(Conflict) as silent:
        treasury.cancel(desk, BINH, pk, " ")
    assert silent.value.code == "reason-missing"
    treasury.cancel(desk, BINH, pk, "không chuyển nữa")
    assert [one.cancelled_by for one in treasury.cancelled(desk, GUEST, MONDAY, MONDAY)] == ["binh"]
    with pytest.raises(NotFound) as gone:
        treasury.confirm(desk, BINH, pk)
    assert gone.value.code == "voucher-unknown"


@pytest.mark.services
def test_a_voucher_is_known_by_number_and_account_until_it_is_cancelled(told: tuple[MoneyStory, Desk]) -> None:
    story, desk = told
    pk = treasury.record(desk, AN, VOUCHER)
    with pytest.raises(Conflict) as known:
        treasury.record(desk, AN, VOUCHER)
    assert known.value.code == "voucher-known"
    treasury.cancel(desk, AN, pk, "nhập sai tiểu mục")
    with pytest.raises(NotFound) as gone:
        treasury.cancel(desk, AN, pk, "lần nữa")
    assert gone.value.code == "voucher-unknown"
    assert treasury.matching(desk, GUEST, MONDAY, MONDAY).waiting == ()
    assert treasury.record(desk, AN, VOUCHER) != pk
    with pytest.raises(psycopg.errors.CheckViolation, match="does not change"):
        story.conn.execute("UPDATE gateway.treasury_voucher SET total = total + 1")


@pytest.mark.services
@pytest.mark.parametrize(
    "wrong",
    [
        {"items": ()}, {"covers_to": MONDAY + timedelta(days=1)}, {"payer_name": ""},
        {"items": (replace(VOUCHER.items[0], chapter="42"),)}, {"items": (replace(VOUCHER.items[0], amount=-5),)},
    ],
)  # fmt: skip
def test_a_voucher_that_cannot_be_right_is_refused(told: tuple[MoneyStory, Desk], wrong: dict[str, object]) -> None:
    with pytest.raises(Malformed) as refused:
        treasury.record(told[1], AN, replace(VOUCHER, **wrong))  # type: ignore[arg-type]  # the point of the test
    assert refused.value.code == "voucher-invalid"


@pytest.mark.services
def test_only_a_maker_records_a_voucher_of_a_known_bank(told: tuple[MoneyStory, Desk]) -> None:
    _, desk = told
    with pytest.raises(Forbidden) as refused:
        treasury.record(desk, BINH, VOUCHER)
    assert refused.value.code == "act-not-allowed"
    with pytest.raises(NotFound) as unknown:
        treasury.record(desk, AN, replace(VOUCHER, partner="bank-z"))
    assert unknown.value.code == "partner-unknown"


@pytest.mark.services
def test_items_that_do_not_add_up_never_reach_the_record(told: tuple[MoneyStory, Desk]) -> None:
    _, desk = told
    treasury.record(desk, AN, VOUCHER)
    with pytest.raises(psycopg.errors.CheckViolation, match="add up to"):
        desk.connection.execute(
            "INSERT INTO gateway.treasury_voucher_item VALUES (1, 3, 'phi', '', '', 'thêm', '426', '2716', 1)"
        )
