"""The rule by which a hotline signs what it pushes, written once for both ends.

The signature is HMAC-SHA256, in lower-case hex, with the channel's shared secret, over

    <timestamp> "." <body>

where `timestamp` is wall time in whole seconds since 1970 as decimal digits (header `X-Wenming-Timestamp`) and `body`
is the raw request body; the signature itself travels in `X-Wenming-Signature`. A signature is good for `WINDOW`
seconds on either side of its timestamp, so that a captured push cannot be replayed later.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence

from infra.problem import Unauthenticated

TIMESTAMP_HEADER = "X-Wenming-Timestamp"
SIGNATURE_HEADER = "X-Wenming-Signature"
WINDOW = 300  # seconds
_SECONDS = re.compile(r"[0-9]{1,12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def sign(secret: bytes, timestamp: int, body: bytes) -> str:
    """The signature (64 lower-case hex digits) of `body` sent at `timestamp` (unix seconds)."""
    return hmac.new(secret, b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def signed_headers(secret: bytes, timestamp: int, body: bytes) -> dict[str, str]:
    """The two HTTP headers that a sender adds."""
    return {TIMESTAMP_HEADER: str(timestamp), SIGNATURE_HEADER: sign(secret, timestamp, body)}


def verify(
    secrets: bytes | Sequence[bytes],
    timestamp: str | None,
    body: bytes,
    signature: str | None,
    *,
    now: float,
    window: int = WINDOW,
) -> None:
    """Pass when `signature` fits `body`; `timestamp` and `signature` are header values, None where missing.

    `secrets` is the secret, or those that are good at present (while one is being rotated); each is compared, in
    constant time, so that nothing tells which one fitted. `now` is wall time in unix seconds. Raises Unauthenticated,
    with the header as its `field`, where one is missing or malformed, where the timestamp is more than `window` seconds
    away, or where the signature is another one.
    """
    at, given = check_form(timestamp, signature, now=now, window=window)
    good = [secrets] if isinstance(secrets, bytes) else secrets
    if not sum([hmac.compare_digest(sign(one, at, body), given) for one in good]):
        raise _refusal("the signature does not fit the body", "签名与内容不符", SIGNATURE_HEADER)


def check_form(timestamp: str | None, signature: str | None, *, now: float, window: int = WINDOW) -> tuple[int, str]:
    """What can be said before the body is read: timestamp and signature, where some body could fit them. Raises as
    `verify` does, but where the signature is merely another one."""
    if timestamp is None or not _SECONDS.fullmatch(timestamp):
        raise _refusal(
            "the timestamp is missing or not whole unix seconds", "缺少时间戳或时间戳不是整数秒", TIMESTAMP_HEADER
        )
    if signature is None:
        raise _refusal("the signature is missing", "缺少签名", SIGNATURE_HEADER)
    if abs(now - int(timestamp)) > window:
        raise _refusal(
            f"the timestamp is more than {window} seconds away from now",
            f"时间戳与当前时间相差超过{window}秒",
            TIMESTAMP_HEADER,
        )
    given = signature.strip().lower()
    if not _DIGEST.fullmatch(given):
        raise _refusal("the signature is not 64 hex digits", "签名格式有误", SIGNATURE_HEADER)
    return int(timestamp), given


def _refusal(detail: str, detail_zh: str, header: str) -> Unauthenticated:
    return Unauthenticated(detail, detail_zh, field=header)
