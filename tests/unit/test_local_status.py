"""How old the head of a queue is, by the broker's samples of how many events were published."""

import pytest

from infra.local.status import age_of_head

SAMPLES = [{"timestamp": 1_000_000 - 5_000 * n, "sample": sample} for n, sample in enumerate([90, 90, 80, 40, 40])]


@pytest.mark.parametrize(("depth", "age"), [(1, 10.0), (10, 10.0), (11, 15.0), (50, 15.0)])
def test_the_head_came_when_so_many_had_come_before_it(depth: int, age: float) -> None:
    assert age_of_head(SAMPLES, depth) == age


@pytest.mark.parametrize(("samples", "depth"), [(SAMPLES, 51), ([], 1)])
def test_what_is_older_than_the_samples_has_no_age(samples: list[dict[str, int]], depth: int) -> None:
    assert age_of_head(samples, depth) is None
