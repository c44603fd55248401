"""What becomes of an event whose handler raised."""

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from infra.messaging.retry import FinalError, RetryPolicy

DELAYS = (2_000, 15_000, 120_000)


@pytest.mark.parametrize(("failures", "wait"), [(1, 2_000), (2, 15_000), (3, 120_000), (4, None)])
def test_an_event_waits_longer_each_time_and_is_given_up_at_last(failures: int, wait: int | None) -> None:
    assert RetryPolicy().wait(failures, ValueError("no"), DELAYS) == wait


def test_a_final_error_gives_an_event_up_at_once() -> None:
    assert RetryPolicy().wait(1, FinalError("never"), DELAYS) is None
    assert RetryPolicy(final=(KeyError,)).wait(1, KeyError("k"), DELAYS) is None


@pytest.mark.parametrize("error", [ServerSelectionTimeoutError("no servers"), ConnectionRefusedError()])
def test_an_event_is_never_given_up_because_the_database_is_away(error: Exception) -> None:
    assert [RetryPolicy().wait(failures, error, DELAYS) for failures in (1, 3, 99)] == [2_000, 120_000, 120_000]
