"""The short version of `make chaos`: nothing is lost and nothing doubled when processes die and the broker goes."""

import pytest

from tests.chaos.faults import BROKER_RESTART, KILLS, Fault
from tests.chaos.site import Site
from tests.chaos.trial import in_words, run

pytestmark = pytest.mark.slow
RATE = 8.0  # work orders a second, besides the burst: a broker starts long enough for hundreds


@pytest.mark.parametrize("fault", [KILLS["tasks"], BROKER_RESTART], ids=lambda fault: fault.name)
def test_every_acknowledged_report_comes_to_its_end_once(site: Site, fault: Fault) -> None:
    result = run(site, fault, rate=RATE)
    print(in_words(result))
    assert (result.loss, result.duplicates, result.notes) == (0, 0, [])
    assert result.in_flight > 0
    assert result.acknowledged > 100
