"""Who asks: a token that is missing, old, foreign or inconsistent is refused with 401 and problem details."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from gateway.token import issue, officer_of
from infra.organisation.officer import Officer, Role
from infra.problem import InvalidInput
from tests.unit.gateway_fakes import CITY, HUASHAN, OF_WUHUA, POLICE, SECRET, WUHUA, Town, bearer, officer

NOW = datetime.now(UTC)
DAY = timedelta(days=1)  # longer than any run takes from its collection to its end
GOOD: dict[str, Any] = {
    "sub": "张三",
    "role": "district",
    "unit": WUHUA,
    "aud": "wenming",
    "iat": NOW,
    "exp": NOW + DAY,
}


def signed(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    claims = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return jwt.encode(claims, secret, algorithm=algorithm)


def test_a_token_says_who_asks_and_for_which_unit() -> None:
    header = "Bearer " + issue(SECRET, OF_WUHUA, now=NOW, lifetime=DAY)
    assert officer_of(SECRET, header) == Officer(Role.DISTRICT, WUHUA, "张三")


def test_a_token_carries_exactly_the_claims_that_are_documented() -> None:
    token = issue(SECRET, OF_WUHUA, now=NOW, lifetime=DAY)
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="wenming")
    seconds = int(NOW.timestamp())
    assert claims == GOOD | {"iat": seconds, "exp": seconds + 86_400}


REFUSED = {
    "no header": (None, "a bearer token is needed"),
    "another scheme": ("Basic YTpi", "a bearer token is needed"),
    "an empty token": ("Bearer ", "a bearer token is needed"),
    "no token at all": ("Bearer nonsense", "the token is not one of ours"),
    "expired": ("Bearer " + signed(iat=NOW - 2 * DAY, exp=NOW - DAY), "the token has expired"),
    "issued in the future": ("Bearer " + signed(iat=NOW + DAY), "the token is not one of ours"),
    "another audience": ("Bearer " + signed(aud="elsewhere"), "the token is for another audience"),
    "no audience": ("Bearer " + signed(aud=None), "the token lacks the claim 'aud'"),
    "no expiry": ("Bearer " + signed(exp=None), "the token lacks the claim 'exp'"),
    "another secret": ("Bearer " + signed("another secret that is long enough, too"), "the token is not one of ours"),
    "another algorithm": ("Bearer " + signed(algorithm="HS512"), "the token is not one of ours"),
    "unsigned": ("Bearer " + jwt.encode(GOOD, None, algorithm="none"), "the token is not one of ours"),
    "an unknown role": ("Bearer " + signed(role="mayor"), "the token names an unknown role"),
    "a role above its unit": (
        "Bearer " + signed(role="city_office"),
        "the role city_office cannot belong to the unit '5301/530102'",
    ),
    "no path": ("Bearer " + signed(unit="五华区"), "the role district cannot belong to the unit '五华区'"),
}


@pytest.mark.parametrize(("header", "detail"), REFUSED.values(), ids=REFUSED.keys())
def test_a_request_without_a_good_token_is_401_problem_details_and_asks_no_service(
    header: str | None, detail: str
) -> None:
    town = Town()
    headers = {"Authorization": header} if header is not None else {}
    answer = town.request("POST", "/graphql", json={"query": "{ city { score } }"}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == 'Bearer realm="wenming"'
    assert {name: answer.json()[name] for name in ("code", "status", "detail", "field")} == {
        "code": "unauthenticated",
        "status": 401,
        "detail": detail,
        "field": "Authorization",
    }
    assert not town.services.calls


def test_the_token_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    town, expired = Town(), signed(exp=NOW - DAY)
    town.request("POST", "/graphql", json={"query": "{ me { name } }"}, headers={"Authorization": f"Bearer {expired}"})
    good = bearer(CITY)
    town.request("POST", "/graphql", json={"query": "{ me { name } }"}, headers=good)
    assert "graphql 401" in caplog.text
    assert "city_office of 5301 asks query (unnamed)" in caplog.text
    assert expired not in caplog.text
    assert good["Authorization"].removeprefix("Bearer ") not in caplog.text


@pytest.mark.parametrize(
    ("role", "unit"),
    [
        (Role.CITY_OFFICE, WUHUA),
        (Role.DISTRICT, "5301"),
        (Role.DISTRICT, HUASHAN),
        (Role.STREET, WUHUA),
        (Role.DEPARTMENT, WUHUA),
        (Role.DISTRICT, f"{WUHUA}/~psb"),
        (Role.STREET, "somewhere"),
    ],
)
def test_no_token_is_issued_for_a_role_that_cannot_belong_to_the_unit(role: Role, unit: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        issue(SECRET, officer(role, unit), now=NOW, lifetime=DAY)
    assert refused.value.field == "unit"


@pytest.mark.parametrize(
    ("role", "unit"),
    [
        (Role.CITY_OFFICE, "5301"),
        (Role.CITY_OFFICE, "5301/~office"),
        (Role.DISTRICT, "5301/530102401"),
        (Role.STREET, HUASHAN),
        (Role.DEPARTMENT, POLICE),
        (Role.DEPARTMENT, f"{WUHUA}/~psb"),
        (Role.HOTLINE_DESK, "5301"),
        (Role.OPERATOR, "5301"),
    ],
)
def test_a_token_is_issued_for_a_role_that_fits_the_unit(role: Role, unit: str) -> None:
    header = "Bearer " + issue(SECRET, officer(role, unit), now=NOW, lifetime=DAY)
    assert officer_of(SECRET, header) == officer(role, unit)
