"""Personal data is sealed with a key per report; who has not the master key, or no key any more, reads nothing."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.changing_secrets import ChangingSecrets
from infra.master_keys import fingerprint, person_secret
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


def rotated(*masters: str) -> Vault:
    """A vault whose current master key is the first of `masters`."""
    secrets = secrets_of(*masters)
    return Vault(lambda: secrets)


def secrets_of(*masters: str) -> dict[str, str]:
    """The secrets file with these master keys, the current one first."""
    return {"master_key": masters[0]} | {f"master_key.{fingerprint(one)}": one for one in masters[1:]}


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=6), st.binary(max_size=200))
def test_what_was_sealed_opens_after_any_number_of_rotations_and_under_the_last_master_key_alone(
    masters: list[str], plain: bytes
) -> None:
    key, (sealed,) = Vault("first").seal("r", plain)

    for earlier, now in zip(["first", *masters], masters, strict=False):
        assert rotated(now, earlier).open("r", key, sealed) == plain
        key = rotated(now, earlier).rewrap("r", key)

    last = masters[-1] if masters else "first"
    assert key.master == fingerprint(last)
    assert Vault(last).open("r", key, sealed) == plain


def test_a_key_is_rewrapped_for_its_own_report_only() -> None:
    key, _ = Vault("old").seal("r", b"x")

    with pytest.raises(CannotOpen):
        rotated("new", "old").rewrap("another", key)
    with pytest.raises(CannotOpen, match="another master key"):
        Vault("new").rewrap("r", key)


def test_a_running_vault_takes_up_a_new_master_key_and_keeps_opening_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_bytes(msgspec.json.encode(secrets_of("old")))
    vault = Vault(ChangingSecrets(file).all)
    key, (sealed,) = vault.seal("r", b"x")

    file.write_bytes(msgspec.json.encode(secrets_of("new", "old")))

    assert vault.fingerprint == fingerprint("new")
    assert vault.open("r", key, sealed) == b"x"
    assert vault.rewrap("r", key).master == fingerprint("new")


@pytest.mark.parametrize("spoilt", [b"", b"{", b"\xff"])
def test_a_secrets_file_that_cannot_be_read_or_is_gone_leaves_the_keys_as_they_were(
    tmp_path: Path, spoilt: bytes
) -> None:
    file = tmp_path / "secrets.json"
    file.write_bytes(msgspec.json.encode(secrets_of("old")))
    vault = Vault(ChangingSecrets(file).all)

    file.write_bytes(spoilt)
    assert vault.fingerprint == fingerprint("old")
    file.unlink()
    assert vault.fingerprint == fingerprint("old")


@pytest.mark.parametrize(
    "written", ["13800000000", "138-0000-0000", "+86 138 0000 0000", "0086 13800000000", "１３８００００００００"]
)
def test_a_person_is_the_same_however_the_number_is_written(written: str) -> None:
    assert VAULT.person_key(written) == VAULT.person_key("13800000000")


def test_people_are_told_apart_by_a_key_that_says_nothing_and_outlives_the_master_key() -> None:
    secrets = secrets_of("old")
    before = Vault(lambda: secrets).person_key("李女士")
    kept = secrets_of("new", "old") | {"person_key": person_secret(secrets)}

    assert Vault(lambda: kept).person_key("李 女士") == before
    assert len(before) == 32
    assert before not in (VAULT.person_key("李女士"), Vault(lambda: secrets).person_key("王女士"))
    assert VAULT.person_key(" ") == ""
