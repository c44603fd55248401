"""How old the head of a queue is and when the queue will be empty, by the broker's samples."""

import pytest

from infra.local.queue_history import age_of_head, rate_of
from infra.local.status import QueueState

SAMPLES = [{"timestamp": 1_000_000 - 5_000 * n, "sample": sample} for n, sample in enumerate([90, 90, 80, 40, 40])]


@pytest.mark.parametrize(("depth", "age"), [(1, 10.0), (10, 10.0), (11, 15.0), (50, 15.0)])
def test_the_head_came_when_so_many_had_come_before_it(depth: int, age: float) -> None:
    assert age_of_head(SAMPLES, depth) == age


@pytest.mark.parametrize(("samples", "depth"), [(SAMPLES, 51), ([], 1)])
def test_what_is_older_than_the_samples_has_no_age(samples: list[dict[str, int]], depth: int) -> None:
    assert age_of_head(samples, depth) is None


def finished(*samples: int) -> list[dict[str, int]]:
    """How many had been finished, a sample every five seconds, the newest first."""
    return [{"timestamp": 1_000_000 - 5_000 * n, "sample": sample} for n, sample in enumerate(samples)]


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        (finished(3000, 2000, 1000, 0), 200.0),
        (finished(2000, 1000, 0, 0, 0), 200.0),
        (finished(1000, 1000, 1000, 1000, 0), 50.0),
        (finished(1300, *range(1200, -1, -100)), 20.0),
    ],
    ids=["steady", "idle before the flood", "stands still since", "of the last minute alone"],
)
def test_the_present_rate_is_what_was_finished_since_the_first_of_the_last_minute(
    samples: list[dict[str, int]], rate: float
) -> None:
    assert rate_of(samples) == rate


@pytest.mark.parametrize(
    "samples",
    [[], finished(7), finished(7, 7, 7), finished(*[9] * 13, 0), finished(3, 900)],
    ids=["none", "one alone", "nothing finished", "nothing in the last minute", "the broker began anew"],
)
def test_a_rate_that_the_samples_do_not_tell_is_not_guessed(samples: list[dict[str, int]]) -> None:
    assert rate_of(samples) is None


@pytest.mark.parametrize(("rate", "seconds"), [(180.0, 25.0), (None, None)])
def test_a_queue_is_empty_when_all_that_wait_now_are_finished(rate: float | None, seconds: float | None) -> None:
    assert QueueState("complaints.report_received", 4500, 0, 0, 1, 23.0, rate).empty_in == seconds
