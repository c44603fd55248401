"""Tickets: what an officer was allowed to upload or fetch, signed (infra/signature.py), good for ten minutes.

A ticket is `<base64url of its JSON>.<unix seconds of issue>.<signature>`. It names its officer and one task (to upload
to) or one material (to fetch); whoever holds it within its time has what it allows and nothing else.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from infra import rotating_secrets, signature
from infra.organisation.officer import Officer
from infra.problem import Unauthenticated, Unavailable

SECRET = "ticket_key"  # its name in the secrets file
SECONDS = 600
LONGEST = 4_000  # characters


class Upload(msgspec.Struct, frozen=True, tag="upload"):
    """May upload `size` bytes to the task as `name`; `attach`: they belong to it at once."""

    task_id: str
    name: str
    size: int
    attach: bool
    by: Officer
    cause: str


class Fetch(msgspec.Struct, frozen=True, tag="fetch"):
    """May fetch the material and its thumbnail."""

    material_id: str
    by: Officer


T = TypeVar("T", Upload, Fetch)


class Tickets:
    """Issues and reads tickets. `secrets` is asked for what the secrets file says now, `wall` for unix seconds."""

    def __init__(self, secrets: Callable[[], Mapping[str, str]], wall: Callable[[], float]) -> None:
        self._secrets, self._wall = secrets, wall

    def issue(self, what: Upload | Fetch) -> tuple[str, int]:
        """The ticket, and when it ends (unix seconds). Raises Unavailable where there is no secret to sign with."""
        now = int(self._wall())
        known = rotating_secrets.valid(self._secrets(), SECRET, now)
        if not known:
            raise Unavailable(f"the secrets file has no {SECRET}", "未配置材料票据密钥")
        body = msgspec.json.encode(what)
        words = base64.urlsafe_b64encode(body).decode().rstrip("=")
        return f"{words}.{now}.{signature.sign(known[0], now, body)}", now + SECONDS

    def read(self, ticket: str, kind: type[T]) -> T:
        """What the ticket allows. Raises Unauthenticated (ticket) where it is forged, over, or for something else."""
        now = self._wall()
        parts = ticket.split(".") if len(ticket) <= LONGEST else []
        if len(parts) != 3:
            raise _refusal()
        try:
            body = base64.b64decode(parts[0] + "=" * (-len(parts[0]) % 4), altchars=b"-_", validate=True)
            known = rotating_secrets.valid(self._secrets(), SECRET, now)
            signature.verify(known, parts[1], body, parts[2], now=now, window=SECONDS)
            found: Any = msgspec.json.decode(body, type=Upload | Fetch)
        except (binascii.Error, ValueError, Unauthenticated) as error:
            raise _refusal() from error
        if not isinstance(found, kind):
            raise _refusal()
        return found


def _refusal() -> Unauthenticated:
    return Unauthenticated("the ticket is wrong, over, or for something else", "凭证无效或已过期", field="ticket")
