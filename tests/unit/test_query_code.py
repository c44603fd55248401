"""A query code belongs to one report, survives the telephone, and is of no use to whoever has only the database."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.privacy import Vault
from services.complaints.query_code import ALPHABET, LENGTH, code_of, fits, written
from tests.unit.case_samples import VAULT, report, revised


def test_a_code_is_two_groups_of_four_without_look_alikes() -> None:
    code = code_of(report(), VAULT)

    assert code is not None
    assert (len(code), code[4]) == (9, "-")
    assert set(code) - {"-"} <= set(ALPHABET)
    assert [pair for pair in ("0O", "1I", "1L", "2Z", "5S", "8B", "UV") if set(pair) <= set(ALPHABET)] == []


def test_a_report_has_the_same_code_whenever_it_is_asked_also_after_a_revision() -> None:
    one = revised()

    assert code_of(one, VAULT) == code_of(one, VAULT)
    assert fits(str(code_of(one, VAULT)), code_of(one, VAULT))


def test_two_reports_of_the_same_number_have_different_codes() -> None:
    assert code_of(report(), VAULT) != code_of(report(), VAULT)


def test_neither_an_erased_report_nor_one_of_another_master_key_has_a_code() -> None:
    erased = report()
    erased.key = None

    assert code_of(erased, VAULT) is None
    assert code_of(report(), Vault("another")) is None


def test_no_code_fits_nothing_not_even_what_stands_in_for_it() -> None:
    assert not fits(written(0), None)
    assert not fits("", None)


def test_nothing_of_the_code_is_stored_with_the_report() -> None:
    one = report()
    code = str(code_of(one, VAULT))

    stored = repr(one.to_mongo()) + "".join(envelope.data.decode() for envelope in one.outbox)
    assert code not in stored
    assert code.replace("-", "") not in stored


def test_it_is_derived_from_the_key_of_the_report_not_from_the_master_key() -> None:
    key, _ = VAULT.seal("r", b"x")

    assert VAULT.derive("r", key, b"query code") == VAULT.derive("r", key, b"query code")
    assert VAULT.derive("r", key, b"query code") != VAULT.derive("r", key, b"another purpose")
    assert msgspec.json.encode(key).find(VAULT.derive("r", key, b"query code")) == -1


@given(number=st.integers(min_value=0), lower=st.booleans(), gap=st.sampled_from(["", " ", "-", "－", "  - "]))
def test_case_blanks_and_hyphens_do_not_matter(number: int, lower: bool, gap: str) -> None:
    code = written(number)
    said = gap.join(code.split("-"))

    assert fits(said.lower() if lower else said, code)


@given(said=st.text(alphabet=st.characters(max_codepoint=127)), number=st.integers(0, len(ALPHABET) ** LENGTH - 1))
def test_nothing_else_fits(said: str, number: int) -> None:
    code = written(number)
    letters = "".join(character for character in said.upper() if character in ALPHABET)

    assert not fits(said, code) or code.replace("-", "") in letters


def test_full_width_letters_from_a_chinese_keyboard_fit() -> None:
    assert fits("ｋ７ｑｍ－４ｘｔａ", "K7QM-4XTA")


@given(one=st.integers(0, len(ALPHABET) ** LENGTH - 1), other=st.integers(0, len(ALPHABET) ** LENGTH - 1))
def test_different_numbers_have_different_codes(one: int, other: int) -> None:
    assert (written(one) == written(other)) == (one == other)
