"""The scanner of terms for facts on a real database; events stay in the outboxes."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from infra.clock import FixedClock
from infra.messaging.store import Store
from infra.set_aside import SetAside
from services.complaints.case import Case
from services.complaints.facts_due import FactsDue
from tests.integration.one_service import connected, own_settings
from tests.unit.case_samples import AT, DESK, case

DUE = AT + timedelta(days=5)
NUMBERS = ("GD1", "GD2", "GD3")


@pytest.fixture
def db(mongodb_url: str) -> Iterator[Database[dict[str, Any]]]:
    with connected(own_settings(), "complaints", []) as database:
        yield database


def test_a_case_that_cannot_be_looked_at_holds_up_no_other_and_is_woken_when_it_can(
    db: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, wall, wake = Store(None, service="complaints"), FixedClock(AT), Case.wake
    for number in NUMBERS:
        waiting = case(number=number)
        waiting.number = number
        waiting.ask_for_facts(DESK, ["门牌号"], due=DUE, at=AT, cause="c/1")
        store.insert(waiting)
    bad = case(number="GD2").pk
    facts_due = FactsDue(store, FixedClock(DUE), SetAside(db, "terms for facts", lambda: wall.now().timestamp()))

    def broken(one: Case, at: datetime, cause: str) -> bool:
        if one.pk == bad:
            raise ValueError("broken")
        return wake(one, at, cause)

    monkeypatch.setattr(Case, "wake", broken)
    assert [facts_due.wake() for _ in range(2)] == [2, 0]
    assert [(row["job"], row["id"]) for row in db["set_aside"].find()] == [("terms for facts", bad)]
    monkeypatch.undo()
    wall.advance(timedelta(seconds=15))
    assert [facts_due.wake() for _ in range(2)] == [1, 0]
    assert db["set_aside"].count_documents({}) == 0
    assert {one.desk_kind for one in Case.objects()} == {"facts_expired"}
