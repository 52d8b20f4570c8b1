"""The partners' recipes by examples computed by hand, and secrets that never show."""

from __future__ import annotations

import hashlib
import hmac
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ConfigurationError, Untrusted
from gateway.security import recipes
from gateway.security.secret import Secret

pytestmark = pytest.mark.unit
SECRET = Secret(b"s3cret", "env:PLATFORM_SECRET")


def test_ma_xac_thuc_is_a_hash_with_the_secret_last() -> None:
    """The QUERY of the Payment Platform 1.0.6 (domain.md 2.2)."""
    fields = ["QUERY", "1.0.6", "H49", "dvcH49191022000120261124", "20261124131500"]
    joined = "QUERY|1.0.6|H49|dvcH49191022000120261124|20261124131500|s3cret"
    assert recipes.ma_xac_thuc(fields, SECRET) == hashlib.sha256(joined.encode()).hexdigest()


def test_check_sum_is_an_hmac_over_the_joined_fields() -> None:
    """The detail query of the KeyPay generation (domain.md 2.1)."""
    expected = hmac.new(b"s3cret", b"H49|QUERYBILL|T1", hashlib.sha256).hexdigest()
    assert recipes.check_sum(["H49", "QUERYBILL", "T1"], SECRET) == expected


def test_check_sum_of_viettelpay_puts_the_fields_together() -> None:
    expected = hmac.new(b"s3cret", b"ACB1M1O1150000", hashlib.sha1).hexdigest()
    assert recipes.check_sum_sha1(["AC", "B1", "M1", "O1", "150000"], SECRET) == expected


def test_secure_hash_sorts_and_encodes_and_leaves_out_what_is_empty() -> None:
    parameters = {"b": "Nộp phí", "a": "1", "c": ""}
    expected = hmac.new(b"s3cret", b"a=1&b=N%E1%BB%99p+ph%C3%AD", hashlib.sha512).hexdigest()
    assert recipes.secure_hash(parameters, SECRET) == expected


def test_vietnamese_fields_are_hashed_as_utf_8() -> None:
    expected = hashlib.sha256("Nộp lệ phí|s3cret".encode()).hexdigest()
    assert recipes.ma_xac_thuc(["Nộp lệ phí"], SECRET) == expected


@pytest.mark.property
@given(st.lists(st.text(alphabet="abc123", min_size=1), min_size=2, max_size=6), st.integers(0, 5))
def test_any_changed_field_changes_the_code(fields: list[str], position: int) -> None:
    changed = list(fields)
    changed[position % len(fields)] += "x"
    for recipe in (recipes.ma_xac_thuc, recipes.check_sum):
        assert not recipes.equal(recipe(fields, SECRET), recipe(changed, SECRET))


def test_codes_are_equal_in_any_case() -> None:
    assert recipes.equal("ab12", "AB12")
    assert not recipes.equal("ab12", "ab13")
    assert not recipes.equal("", "ab12")
    assert not recipes.equal("é", "ab12")


def test_codes_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """That it takes as long for a wrong beginning cannot be measured here; that nothing else compares can be seen."""
    compared: list[tuple[bytes, bytes]] = []
    verdict = object()

    def compare(a: bytes, b: bytes) -> object:
        compared.append((a, b))
        return verdict

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert recipes.equal("AB12", "ff00") is verdict
    assert compared == [(b"ab12", b"ff00")]


def test_a_wrong_code_is_a_wrong_signature() -> None:
    recipes.require_equal("AB", "ab", where="MaXacThuc")
    with pytest.raises(Untrusted) as caught:
        recipes.require_equal("ac", "ab", where="MaXacThuc")
    assert caught.value.code == "wrong-signature"


def test_a_secret_never_shows() -> None:
    for shown in (repr(SECRET), str(SECRET), f"{SECRET}", repr([SECRET])):
        assert "s3cret" not in shown
        assert "PLATFORM_SECRET" in shown
    assert pickle.loads(pickle.dumps(SECRET)) == SECRET


def test_a_secret_comes_by_reference(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"from a file\n")
    assert Secret.from_reference("env:A", environ={"A": "from outside"}).value == b"from outside"
    assert Secret.from_reference(f"file:{tmp_path / 'secret'}").value == b"from a file"


@pytest.mark.parametrize(
    "reference", ["env:ABSENT", "env:EMPTY", "file:/nowhere/secret", "plain", "", "env:", "vault:x"]
)
def test_a_reference_that_leads_nowhere_is_named(reference: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Secret.from_reference(reference, environ={"EMPTY": ""})
    assert caught.value.code == "secret-unusable"
    assert caught.value.where == reference
