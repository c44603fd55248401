"""Running numbers."""

import threading

import pytest

from infra import mongo
from infra.numbering import Numbering
from infra.settings import Settings
from tests.messaging.conftest import running


@pytest.fixture
def numbering(settings: Settings) -> Numbering:
    return Numbering(mongo.client_of("mill")[settings.db_prefix + "mill"])


def test_each_series_and_year_counts_from_one(numbering: Numbering) -> None:
    def take(session: object) -> list[int]:
        rows = [("notice", 2026), ("notice", 2026), ("order", 2026), ("notice", 2027)]
        return [numbering.next(series, year, session) for series, year in rows]

    assert mongo.in_transaction(mongo.client_of("mill"), take) == [1, 2, 1, 1]


def test_a_transaction_that_fails_leaves_no_gap(numbering: Numbering) -> None:
    def fail(session: object) -> None:
        numbering.next("notice", 2026, session)
        raise ValueError("no")

    client = mongo.client_of("mill")
    with pytest.raises(ValueError, match="no"):
        mongo.in_transaction(client, fail)
    assert mongo.in_transaction(client, lambda session: numbering.next("notice", 2026, session)) == 1


def test_numbers_taken_at_the_same_time_are_all_different_and_without_gap(numbering: Numbering) -> None:
    taken: list[int] = []

    def take() -> None:
        for _ in range(10):
            taken.append(
                mongo.in_transaction(mongo.client_of("mill"), lambda session: numbering.next("n", 2026, session))
            )

    with running(*(threading.Thread(target=take) for _ in range(4))):
        pass
    assert sorted(taken) == list(range(1, 41))


def test_blocks_do_not_overlap(numbering: Numbering) -> None:
    assert numbering.allot("receipt", 2026, 100) == range(1, 101)
    assert numbering.allot("receipt", 2026, 10) == range(101, 111)
    with pytest.raises(ValueError, match="not a count"):
        numbering.allot("receipt", 2026, 0)
