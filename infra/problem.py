"""Errors that a person is told about, in one shape everywhere (RFC 9457, problem details).

Problem
├── InvalidInput     400  a field is missing or cannot be read
├── Unauthenticated  401  nobody known asks
├── Forbidden        403  known, but not for this unit
├── NotFound         404
├── Refused          409  a rule of the domain says no
├── Stale            409  somebody changed it since the caller looked
├── TooLarge         413
├── TooMany          429  more than may come in this time
├── NotUnderstood    422  authentic, kept, but cannot be understood
└── Unavailable      503  a service that is needed does not answer
"""

from typing import Any, ClassVar

import msgspec

_URN = "urn:wenming:problem:"


class Problem(Exception):
    """A refusal with a text for people in English (`detail`) and Chinese (`detail_zh`).

    `field` is the path of the offending field in the caller's own words ("诉求内容", "seen"), or None.
    `extra` holds further JSON members, e.g. `current_version`. `args` is the JSON text alone, so that the error crosses
    an RPC boundary unharmed (nameko turns numbers inside arguments into text): `Problem.parse(problem.args[0])` is the
    same error again.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "problem"

    def __init__(self, detail: str, detail_zh: str, *, field: str | None = None, **extra: Any) -> None:
        self.detail, self.detail_zh, self.field, self.extra = detail, detail_zh, field, extra
        super().__init__(msgspec.json.encode(self.as_json()).decode())

    def as_json(self) -> dict[str, Any]:
        """The members of an `application/problem+json` body."""
        body: dict[str, Any] = {
            "type": _URN + self.code,
            "code": self.code,
            "status": self.status,
            "detail": self.detail,
            "detail_zh": self.detail_zh,
        }
        if self.field is not None:
            body["field"] = self.field
        return body | self.extra

    @staticmethod
    def from_json(body: dict[str, Any]) -> "Problem":
        """The error that `body` (made by `as_json`, perhaps in another process) describes."""
        known = {kind.code: kind for kind in Problem.__subclasses__()}
        reserved = {"type", "code", "status", "detail", "detail_zh", "field"}
        extra = {name: value for name, value in body.items() if name not in reserved}
        kind = known.get(body["code"], Problem)
        return kind(body["detail"], body["detail_zh"], field=body.get("field"), **extra)

    @staticmethod
    def parse(argument: object) -> "Problem | None":
        """The error whose `args[0]` this is; None where it is something else."""
        if not isinstance(argument, str) or not argument.startswith(f'{{"type":"{_URN}'):
            return None
        return Problem.from_json(msgspec.json.decode(argument))

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" + (f" [{self.field}]" if self.field else "")


class InvalidInput(Problem):
    """A field is missing, of the wrong type or out of range; nothing was done."""

    status, code = 400, "invalid_input"


class Unauthenticated(Problem):
    """The signature or token is missing, wrong or too old; nothing was stored."""

    status, code = 401, "unauthenticated"


class Forbidden(Problem):
    """The caller is known but may not see or do this."""

    status, code = 403, "forbidden"


class NotFound(Problem):
    """There is no such thing, or not for this caller."""

    status, code = 404, "not_found"


class Refused(Problem):
    """A rule of the domain forbids it in the present state; nothing changed."""

    status, code = 409, "refused"


class Stale(Problem):
    """The thing changed after the caller looked; `extra` says the current version and who changed what."""

    status, code = 409, "stale"


class TooLarge(Problem):
    """A body, a batch or a file is over its limit."""

    status, code = 413, "too_large"


class NotUnderstood(Problem):
    """Authentic input that cannot be understood; `extra["kept_as"]` is the id under which it is kept."""

    status, code = 422, "not_understood"


class TooMany(Problem):
    """More came than may come in this time; nothing was stored. `extra["retry_after"]`: whole seconds to wait."""

    status, code = 429, "too_many"


class Unavailable(Problem):
    """Something that is needed does not answer in time; trying later may help."""

    status, code = 503, "unavailable"
