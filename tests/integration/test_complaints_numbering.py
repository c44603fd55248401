"""The register of cases has no gaps: numbers are given with their cases, also among rivals and after refusals."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.client_session import ClientSession
from pymongo.database import Database

from infra.clock import FixedClock
from infra.messaging.store import Store
from infra.numbering import Numbering
from services.complaints.contracts import SERVICE
from services.complaints.numbers import CaseNumbers, NumbersTaken
from tests.integration.one_service import connected, own_settings
from tests.unit.case_samples import AT


class Given(Exception):
    """The command that wanted the number was refused after all."""


@pytest.fixture(scope="module")
def database(servers: None) -> Iterator[Database[dict[str, Any]]]:
    """A database of this module's own."""
    with connected(own_settings(), SERVICE, []) as found:
        yield found


def register(
    database: Database[dict[str, Any]], numbers: CaseNumbers, count: int, *, refused: bool, read: bool
) -> None:
    """Store `count` rows with their numbers, as filing (`read` ahead) or splitting does, or be refused at the end."""
    while True:
        ahead = numbers.ahead()
        names = [ahead.take() for _ in range(count)]

        def work(session: ClientSession, ahead: Any = ahead, names: Any = names) -> None:
            if read:
                ahead.confirm(session)
            else:
                names = numbers.next(count, session)
            database["registered"].insert_many([{"_id": name} for name in names], session=session)
            if refused:
                raise Given

        try:
            Store(service=SERVICE).in_transaction(work)
            return
        except Given:
            return
        except NumbersTaken:
            continue


@given(
    st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.booleans()), min_size=2, max_size=6),
)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_rivals_and_refusals_leave_no_gap_and_no_number_twice(
    database: Database[dict[str, Any]], wanted: list[tuple[int, bool, bool]]
) -> None:
    database["registered"].delete_many({})
    database["numbers"].delete_many({})
    numbers = CaseNumbers(Numbering(database), FixedClock(AT), "昆明市")

    with ThreadPoolExecutor(3) as rivals:
        list(rivals.map(lambda one: register(database, numbers, one[0], refused=one[1], read=one[2]), wanted))

    expected = sum(count for count, refused, _ in wanted if not refused)
    names = sorted(row["_id"] for row in database["registered"].find())
    assert names == [f"昆创案〔2026〕{n:06}" for n in range(1, expected + 1)]
