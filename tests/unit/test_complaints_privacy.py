"""Personal data is sealed with a key per report; who has not the master key, or no key any more, reads nothing."""

import msgspec
import pytest

from services.complaints.privacy import CannotOpen, Vault
from tests.unit.case_samples import ORDER, VAULT, report


def test_what_was_sealed_opens_under_the_same_name_only() -> None:
    key, (sealed,) = VAULT.seal("hotline_12345:1", b"13800000000")

    assert VAULT.open("hotline_12345:1", key, sealed) == b"13800000000"
    with pytest.raises(CannotOpen):
        VAULT.open("hotline_12345:2", key, sealed)


def test_another_master_key_opens_nothing_and_says_so() -> None:
    key, (sealed,) = VAULT.seal("r", b"13800000000")

    with pytest.raises(CannotOpen, match="wrapped by another master key"):
        Vault("another").open("r", key, sealed)


def test_what_was_damaged_does_not_open() -> None:
    key, (sealed,) = VAULT.seal("r", b"13800000000")

    with pytest.raises(CannotOpen):
        VAULT.open("r", key, sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_more_can_be_sealed_under_the_key_that_a_report_has() -> None:
    key, _ = VAULT.seal("r", b"first")

    (more,) = VAULT.seal_more("r", key, b"second")

    assert VAULT.open("r", key, more) == b"second"


def test_every_report_has_a_key_of_its_own() -> None:
    (one, _), (other, _) = VAULT.seal("r", b"x"), VAULT.seal("r", b"x")

    assert one.sealed != other.sealed


def test_a_stored_report_holds_no_personal_data_in_clear() -> None:
    stored = report().to_mongo()

    assert ORDER.personal == {"来电人": "李女士", "号码": "13800000000"}
    assert "李女士" not in repr(stored)
    assert "13800000000" not in repr(stored)


def test_the_personal_data_of_a_report_can_be_opened_with_the_master_key() -> None:
    one = report()
    assert one.key is not None

    opened = VAULT.open(one.id, one.key, one.latest.sealed_personal)

    assert msgspec.json.decode(opened) == ORDER.personal
