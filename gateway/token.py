"""Bearer tokens: who asks, and for which unit (JWT, RFC 7519, HS256).

Claims: `sub` the officer's name for the record, `role` and `unit` (infra/organisation/officer.py), `iat`, `exp`, and
`aud`, which is always "wenming". Tokens use wall time, never the simulated clock. No token is ever logged.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jwt

from infra.organisation import unit_path
from infra.organisation.officer import Officer, Role
from infra.problem import InvalidInput, Problem, Unauthenticated

ALGORITHM = "HS256"
AUDIENCE = "wenming"
CLAIMS = ("sub", "role", "unit", "iat", "exp", "aud")
HEADER = "Authorization"

_UNIT_OF_ROLE: dict[Role, Callable[[str], bool]] = {
    Role.CITY_OFFICE: lambda path: unit_path.tier(path) == 1,
    Role.DEPARTMENT: unit_path.is_department,
    Role.DISTRICT: lambda path: unit_path.tier(path) == 2 and not unit_path.is_department(path),
    Role.STREET: lambda path: unit_path.tier(path) == 3 and not unit_path.is_department(path),
    Role.HOTLINE_DESK: lambda path: not unit_path.is_department(path),
    Role.OPERATOR: lambda path: not unit_path.is_department(path),
}


def issue(secret: str, officer: Officer, *, now: datetime, lifetime: timedelta) -> str:
    """A token for `officer` from `now` (wall time, with zone) for `lifetime`.

    Raises InvalidInput where the role cannot belong to the unit (a street's role for a district).
    """
    _check_unit(officer, InvalidInput)
    claims = {"sub": officer.name, "role": officer.role.value, "unit": officer.unit, "aud": AUDIENCE}
    return jwt.encode(claims | {"iat": now, "exp": now + lifetime}, secret, algorithm=ALGORITHM)


def officer_of(secret: str, authorization: str | None) -> Officer:
    """The officer that the header `Authorization: Bearer <token>` vouches for.

    Raises Unauthenticated, which says what is wrong but never repeats the token: missing, not signed by us, expired,
    for another audience, a claim missing, or a role that cannot belong to the unit.
    """
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _refusal("a bearer token is needed", "请提供访问令牌")
    claims = _claims(secret, token.strip())
    try:
        officer = Officer(Role(claims["role"]), str(claims["unit"]), str(claims["sub"]))
    except ValueError as error:
        raise _refusal("the token names an unknown role", "令牌中的角色无法识别") from error
    _check_unit(officer, Unauthenticated)
    return officer


def _claims(secret: str, token: str) -> dict[str, Any]:
    try:
        return jwt.decode(
            token, secret, algorithms=[ALGORITHM], audience=AUDIENCE, options={"require": list(CLAIMS)}, leeway=5
        )
    except jwt.ExpiredSignatureError as error:
        raise _refusal("the token has expired", "令牌已过期") from error
    except jwt.InvalidAudienceError as error:
        raise _refusal("the token is for another audience", "令牌不适用于本系统") from error
    except jwt.MissingRequiredClaimError as error:
        raise _refusal(f"the token lacks the claim {error.claim!r}", f"令牌缺少{error.claim}") from error
    except jwt.InvalidTokenError as error:
        raise _refusal("the token is not one of ours", "令牌无效") from error


def _check_unit(officer: Officer, kind: type[Problem]) -> None:
    if not unit_path.is_path(officer.unit) or not _UNIT_OF_ROLE[officer.role](officer.unit):
        raise kind(
            f"the role {officer.role.value} cannot belong to the unit {officer.unit!r}",
            f"角色{officer.role.value}与单位{officer.unit}不符",
            field="unit" if kind is InvalidInput else HEADER,
        )


def _refusal(detail: str, detail_zh: str) -> Unauthenticated:
    return Unauthenticated(detail, detail_zh, field=HEADER)
