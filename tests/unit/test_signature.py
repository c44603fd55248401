"""A push is believed only with the right secret, over the very body, within five minutes."""

import hashlib
import hmac

import pytest

from infra.problem import Unauthenticated
from infra.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, check_form, sign, signed_headers, verify

SECRET = b"a shared secret"
BODY = '{"工单编号":"1"}'.encode()
AT = 1_772_411_400


def test_the_signature_is_hmac_sha256_over_timestamp_dot_body() -> None:
    expected = hmac.new(SECRET, b"1772411400." + BODY, hashlib.sha256).hexdigest()

    assert sign(SECRET, AT, BODY) == expected


def test_the_two_headers_carry_timestamp_and_signature() -> None:
    assert signed_headers(SECRET, AT, BODY) == {
        "X-Wenming-Timestamp": "1772411400",
        "X-Wenming-Signature": sign(SECRET, AT, BODY),
    }


@pytest.mark.parametrize("distance", [-300, 0, 300])
def test_a_right_signature_passes_up_to_five_minutes_away(distance: int) -> None:
    verify(SECRET, str(AT), BODY, sign(SECRET, AT, BODY), now=AT + distance)


def test_the_case_of_the_hex_digits_does_not_matter() -> None:
    verify(SECRET, str(AT), BODY, sign(SECRET, AT, BODY).upper(), now=AT)


@pytest.mark.parametrize("distance", [-301, 300.5, 86400])
def test_a_right_signature_is_refused_outside_the_window(distance: float) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        verify(SECRET, str(AT), BODY, sign(SECRET, AT, BODY), now=AT + distance)

    assert refusal.value.field == TIMESTAMP_HEADER


@pytest.mark.parametrize(
    "timestamp", [None, "", "soon", "-5", "1772411400.5", " 1772411400", "１７７２４１１４００", "9" * 13]
)
def test_a_missing_or_malformed_timestamp_is_refused(timestamp: str | None) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        verify(SECRET, timestamp, BODY, sign(SECRET, AT, BODY), now=AT)

    assert refusal.value.field == TIMESTAMP_HEADER


@pytest.mark.parametrize("signature", [None, "", "0" * 64, "签名", "\udcff"])
def test_a_missing_or_wrong_signature_is_refused(signature: str | None) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        verify(SECRET, str(AT), BODY, signature, now=AT)

    assert refusal.value.field == SIGNATURE_HEADER


@pytest.mark.parametrize(
    ("secret", "timestamp", "body"),
    [(b"another secret", AT, BODY), (SECRET, AT + 1, BODY), (SECRET, AT, BODY + b" ")],
)
def test_a_signature_over_anything_else_is_refused(secret: bytes, timestamp: int, body: bytes) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        verify(SECRET, str(AT), BODY, sign(secret, timestamp, body), now=AT)

    assert refusal.value.status == 401


@pytest.mark.parametrize("signature", [None, "", "0" * 63, "0" * 65, "g" * 64, "\uff10" * 64, "0" * 64 + "\n0"])
def test_what_can_be_no_signature_is_refused_without_the_body(signature: str | None) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        check_form(str(AT), signature, now=AT)

    assert refusal.value.field == SIGNATURE_HEADER
    assert check_form(str(AT), f" {'A' * 64}", now=AT) == (AT, "a" * 64)
