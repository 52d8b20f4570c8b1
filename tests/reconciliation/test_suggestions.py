"""Free text that means a dossier: as people and banks write it. It only suggests, with a score, a reason, a place."""

from __future__ import annotations

import pytest

from gateway.reconciliation.outcomes import Suggestion
from gateway.reconciliation.suggestions import Owed, squeezed_code, suggest
from tests.reconciliation.plain import RULES

pytestmark = pytest.mark.unit
CODE = "H49.12-20261123-0000001"
HANH = Owed(CODE, "Đặng Thị Hạnh", (150_000,))


def found(
    text: str, amount: int = 1, coded: tuple[Owed, ...] = (HANH,), named: tuple[Owed, ...] = ()
) -> list[Suggestion]:
    suggestions = list(suggest(text, amount, coded, named, RULES.suggestion))
    for one in suggestions:
        assert text[one.start : one.end] == one.found
        assert 0 <= one.score <= 100
    return suggestions


@pytest.mark.parametrize(
    "text",
    [
        "nop phi H49.12-20261123-0000001",
        "NOP PHI HO SO H49 12 20261123 0000001 CAM ON",
        "h4912202611230000001",
        "Nộp phí hồ sơ h49.12.20261123.0000001",
        "phi 000.00.12.H49.12-20261123-0000001",
        "H49.12-2026\n1123-0000001",
    ],
)
def test_a_code_is_found_however_it_is_written(text: str) -> None:
    (one,) = found(text)
    assert (one.dossier_code, one.score) == (CODE, 90)
    assert squeezed_code(one.found) == squeezed_code(CODE)


def test_the_very_amount_makes_it_surer() -> None:
    (one,) = found("H49.12-20261123-0000001", 150_000)
    assert one.score == 98
    assert "đúng số tiền" in one.why


def test_digits_that_follow_the_code_make_it_less_sure() -> None:
    (one,) = found("H49122026112300000011500000")
    assert one.score == 82
    assert one.found == "H4912202611230000001"


@pytest.mark.parametrize("length", [25, 35, 140])
def test_a_code_that_the_bank_cut_is_suggested_by_its_beginning(length: int) -> None:
    text = "x" * (length - 19) + " H49.12-20261123-00"
    assert len(text) == length
    (one,) = found(text)
    assert 60 <= one.score < 90
    assert "bị cắt" in one.why
    assert found(text[1:]) == []  # 24 characters: nobody cut it


def test_a_code_broken_off_in_one_of_several_lines_is_seen() -> None:
    assert len(found("x" * 16 + " H49.12-20261123-00\nDANG THI HANH")) == 1


def test_another_code_is_not_suggested() -> None:
    assert found("H49.12-20261123-0000002") == []
    assert found("so tai khoan 1120000000101 ngay 23/11/2026") == []


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("ĐẶNG THỊ HẠNH nộp phí", 78),
        ("dang thi hanh chuyen tien", 78),
        ("nguoi nop: Dang  Thi-Hanh", 78),
        ("DANG THI HANHH NOP PHI", 70),
        ("DANG THI HUNG NOP PHI", None),
        ("DANGTHIHANG nop", 66),
    ],
)
def test_the_owner_of_a_dossier_that_owes_the_very_amount_is_suggested_by_name(text: str, score: int | None) -> None:
    suggestions = found(text, 150_000, (), (HANH,))
    assert [(one.dossier_code, one.score) for one in suggestions] == ([] if score is None else [(CODE, score)])


@pytest.mark.parametrize(
    ("text", "score"),
    [("TRẦN VĂN BÌNH nộp thay", 78), ("tran van binh nop thay", 78), ("TRAN VAN BINHH NOP", 70), ("TRAN VAN BINN", 66)],
)
def test_the_payer_is_suggested_as_tolerantly_as_the_owner_and_called_the_payer(text: str, score: int) -> None:
    owed = Owed(CODE, "Đặng Thị Hạnh", (150_000,), "Trần Văn Bình")
    (one,) = found(text, 150_000, (), (owed,))
    assert (one.dossier_code, one.score) == (CODE, score)
    assert "người nộp" in one.why
    assert "chủ hồ sơ" not in one.why


def test_a_payer_s_name_cut_at_the_end_is_suggested() -> None:
    text = "NOP PHI HO SO LAN 1 TRAN VAN BI"[-25:].rjust(25, "X")
    (one,) = found(text, 150_000, (), (Owed(CODE, "Đặng Thị Hạnh", (150_000,), "Trần Văn Bình"),))
    assert one.why.startswith("Tên người nộp bị cắt")


@pytest.mark.parametrize("payer", ["Đặng Thị Hạnh", "DANG THI  HANH", ""])
def test_an_owner_who_pays_is_one_suggestion_of_the_owner(payer: str) -> None:
    (one,) = found("dang thi hanh", 150_000, (), (Owed(CODE, "Đặng Thị Hạnh", (150_000,), payer),))
    assert one.why == "Nội dung có tên chủ hồ sơ; đúng số tiền còn phải nộp"


def test_a_text_that_names_both_is_one_suggestion() -> None:
    owed = Owed(CODE, "Đặng Thị Hạnh", (150_000,), "Trần Văn Bình")
    (one,) = found("tran van binh nop cho dang thi hanh", 150_000, (), (owed,))
    assert one.score == 78


def test_a_name_cut_at_the_end_is_suggested() -> None:
    text = "NOP PHI HO SO LAN 1 DANG THI HAN"[-25:].rjust(25, "X")
    (one,) = found(text, 150_000, (), (HANH,))
    assert "bị cắt" in one.why


def test_a_short_name_inside_another_word_is_nobody() -> None:
    assert found("BANG LANG", 1, (), (Owed(CODE, "An Lan", (1,)),)) == []


def test_code_goes_before_name_and_no_more_than_three_are_shown() -> None:
    twins = tuple(Owed(f"H49.12-20261123-000001{n}", "Đặng Thị Hạnh", (150_000,)) for n in range(5))
    suggestions = found("Dang Thi Hanh H49.12-20261123-0000001", 150_000, (HANH,), twins)
    assert [one.dossier_code for one in suggestions] == [CODE, twins[0].dossier_code, twins[1].dossier_code]
