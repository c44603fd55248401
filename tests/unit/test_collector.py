"""What is loaded when a service is ready is looked through by Python's collector no more; what comes later is."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from infra.collector import YOUNG, spare_what_stays


class Knot:
    """Refers to itself: only the collector can take it away."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _collector_as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_is_loaded_is_looked_through_no_more() -> None:
    loaded = Knot()
    spare_what_stays()
    assert gc.get_threshold()[0] == YOUNG
    assert not any(one is loaded for one in gc.get_objects())


def test_what_came_later_and_is_used_no_more_still_goes() -> None:
    spare_what_stays()
    later = weakref.ref(Knot())
    gc.collect()
    assert later() is None
