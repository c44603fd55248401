"""`wenming status` in a flood: how many reports are accepted and not filed, and when the last of them will be."""

import pytest

from cli.unfiled import TRIAGE, unfiled
from infra.local.status import OutboxState, QueueState
from infra.messaging.topology import queues_of
from services.complaints.service import ComplaintsService

BEGIN = "accepted and not yet filed: "


def queue(waiting: int, *, oldest: float | None = None, rate: float | None = None, dead: int = 0) -> QueueState:
    """Triage's queue."""
    return QueueState(TRIAGE, waiting, 0, dead, 1, oldest, rate)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (queue(0), "0 reports"),
        (
            queue(4500, oldest=23, rate=180),
            "4500 reports; the oldest for 23 s, the last filed in about 25 s (180 a second at present)",
        ),
        (
            queue(7, oldest=90),
            "7 reports; the oldest for 90 s, the last filed in 未知 (none was filed in the last minute)",
        ),
        (queue(7, rate=7), "7 reports; the oldest for 未知, the last filed in about 1 s (7 a second at present)"),
        (queue(0, dead=2), "0 reports; 2 given up"),
    ],
)
def test_what_waits_is_told_with_its_time_where_that_is_known(row: QueueState, told: str) -> None:
    assert unfiled([row], {}) == BEGIN + told


def test_what_the_broker_has_not_got_yet_is_told_beside() -> None:
    outboxes = {"complaints": OutboxState(9, 3.0, {"reports": 5, "cases": 4})}
    assert unfiled([queue(0)], outboxes) == BEGIN + "0 reports; 5 not yet sent to be filed"


@pytest.mark.parametrize("queues", [None, []])
def test_without_the_broker_nothing_is_known(queues: list[QueueState] | None) -> None:
    assert unfiled(queues, None) == BEGIN + "未知"


def test_the_queue_is_the_one_from_which_complaints_files() -> None:
    assert TRIAGE in {queue.name for queue in queues_of(ComplaintsService)}
