"""What a measurement is."""

from collections.abc import Callable
from typing import NamedTuple


class Measurement(NamedTuple):
    """A title, the names of the figures it yields, and the function that takes them.

    `run(say)` prints remarks through `say` and returns name → number.
    """

    title: str
    names: tuple[str, ...]
    run: Callable[[Callable[[str], None]], dict[str, float]]


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0..1) of `values` lies, by nearest rank. Raises ValueError on an empty list."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
